// opentke keystore where commands go: the fleet at hand and the same fleet behind an endpoint say the same.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../../support/tke-desk.ts";

describe("keystore", () => {
  const desk = new Desk();
  let root: string;
  beforeAll(async () => {
    await desk.fleet("--instances 2 --operational 1 --recovery 1");
    const password = desk.write("pw", "a\n");
    root = desk.write("root.json", (await desk.ok("root --output json")).out);
    const options = "--signature-threshold 1 --revocation-threshold 1 --admins 1 --name A";
    await desk.ok(`auto-init --instance 1 ${options} --password-file ${password}`);
  });
  afterAll(() => desk.close());
  const instances = async () =>
    (await desk.json<{ instances: { id: string }[] }>("cryptounits")).instances.map(({ id }) => id);

  async function serving(work: (target: string) => Promise<void>): Promise<void> {
    const stop = new AbortController();
    const portFile = join(desk.root, "url");
    const server = desk.run(`serve --no-auth --log-level error --port-file ${portFile}`, { signal: stop.signal });
    try {
      while (!existsSync(portFile)) await new Promise((resolve) => setTimeout(resolve, 10));
      await work(`--endpoint ${readFileSync(portFile, "utf8").trim()} --root-file ${root}`);
    } finally {
      stop.abort();
      await server;
    }
  }

  it("generates, lists and checks, here and through an endpoint alike", async () => {
    const [first, second] = await instances();
    await desk.ok(`keystore generate --count 2 --instance-id ${first}`);
    const here = { list: await desk.json("keystore list"), check: (await desk.ok("keystore check")).out };
    await serving(async (target) => {
      expect(await desk.json(`keystore list ${target}`)).toEqual(here.list);
      expect((await desk.ok(`keystore check ${target}`)).out).toBe(here.check);
      const made = await desk.json(`keystore generate --count 3 --instance-id ${first} ${target}`);
      expect(made).toEqual({ instances: [{ instance: first, generated: 3, keys: 5 }] });
      const refused = await desk.run(`keystore generate --instance-id ${second} ${target}`);
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("want a Valid current master key")]);
    });
    const { instances: lists } = await desk.json<{ instances: { keys: unknown[] }[] }>("keystore list");
    expect(lists.map(({ keys }) => keys.length)).toEqual([5, 0]);
  });

  it("says through an endpoint too that root keys are lost: the result, and exit 1", async () => {
    const [first] = await instances();
    await desk.ok(`sigkey-sel --keynum 1 --password-file ${desk.write("pw", "a\n")}`);
    await desk.ok("cryptounit-rm --all");
    await desk.ok("cryptounit-add --units 1");
    await desk.ok("cryptounit-mk-clrcur --force", { answers: ["a"] });
    await serving(async (target) => {
      const { code, out, err } = await desk.run(`keystore check --instance-id ${first} --output json ${target}`);
      expect(code).toBe(1);
      const { units } = JSON.parse(out) as { units: { unwraps: number; keys: number; instance: string }[] };
      expect(units.map(({ unwraps, keys }) => [unwraps, keys])).toEqual([
        [0, 5],
        [5, 5],
      ]);
      expect(err).toContain("1 of 2 crypto units don't unwrap all root keys");
    });
  });

  it.each(["list", "check", "generate"])("%s: unknown instances and groups are refused", async (command) => {
    const unknown = await desk.run(`keystore ${command} --instance-id nobody`);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("want one of this fleet, got 'nobody'")]);
    const group = await desk.run(`keystore ${command} --resource-group None`);
    expect([group.code, group.err]).toEqual([5, expect.stringContaining("--resource-group")]);
    await serving(async (target) => {
      const there = await desk.run(`keystore ${command} --instance-id nobody ${target}`);
      expect([there.code, there.err]).toEqual([2, expect.stringContaining("shows no key storage of this service")]);
    });
  });
});
