// failover-enable: failover units for a service instance, and the documented way to set them up.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../../support/tke-desk.ts";

interface Units {
  readonly instances: readonly {
    readonly id: string;
    readonly units: readonly { readonly number: number; readonly type: string; readonly selected: boolean }[];
  }[];
}

const typesOf = async (desk: Desk) =>
  (await desk.json<Units>("cryptounits")).instances.map(({ units }) => units.map(({ type }) => type));

const firstLines = (prompts: readonly string[]) => prompts.map((prompt) => prompt.trim().split("\n")[0]);

describe("failover-enable", () => {
  const desk = new Desk();
  let password: string;
  beforeAll(async () => {
    await desk.fleet("--instances 2 --operational 3 --recovery 2");
    password = desk.write("pw", "a\n");
    for (const name of ["A", "B"]) await desk.ok("sigkey-add", { answers: [name, "a", "a"] });
    const keys = `--keynum '1 2' --password-file ${password}`;
    await desk.ok(`auto-init --instance 1 --signature-threshold 2 --revocation-threshold 2 --admins 2 ${keys}`);
    await desk.ok(`sigkey-sel ${keys}`);
    await desk.ok(`keystore generate --count 2 --instance-id ${await instanceAt(0)}`);
    await desk.ok("cryptounit-add --units 6");
  });
  afterAll(() => desk.close());
  const instanceAt = async (at: number) => (await desk.json<Units>("cryptounits")).instances[at]!.id;

  it("asks for the instance, the number and a y; n changes nothing", async () => {
    const before = await typesOf(desk);
    const { prompts, screen } = await desk.ok("failover-enable", { answers: ["1", "2", "n"] });
    expect(firstLines(prompts)).toEqual([
      "Enter the INSTANCE NUM of the service instance you want to enable failover for.",
      "Enter the number of failover crypto units you want to add:",
      "Failover crypto units are charged in addition to the operational ones.",
    ]);
    expect(prompts[1]).toContain("Enter 2 or 3: one at most for each operational crypto unit.");
    expect(screen).toMatch(/\nNothing was changed\.\n$/);
    expect(await typesOf(desk)).toEqual(before);
  });

  it("says with --dry-run what it would do, after the same checks", async () => {
    const before = await typesOf(desk);
    const { out } = await desk.ok("failover-enable --instance 1 --units 3 --dry-run");
    expect(out).toMatch(/^Dry run: nothing was changed\.\nWithout --dry-run: add 3 failover crypto units to service/);
    expect(await typesOf(desk)).toEqual(before);
    expect((await desk.run("failover-enable --instance 1 --units 4 --dry-run")).code).toBe(2);
  });

  it.each([
    ["--instance 1 --units 1", 2, "number of failover crypto units: want 2 to 3, got 1"],
    ["--instance 1 --units 4", 2, "want 2 to 3, got 4"],
    ["--instance 1 --units two", 2, "--units: want a whole number, got 'two'"],
    ["--instance 3 --units 2", 2, "INSTANCE NUM: want 1 to 2, got 3"],
    ["--instance 1", 2, "There is nobody to ask, so --units is wanted"],
    ["--instance 1 --units 2", 2, "There is nobody to ask, so --force is wanted"],
  ])("%s: exit %i", async (options, code, reason) => {
    const run = await desk.run(`failover-enable ${options}`);
    expect([run.code, run.err.includes(reason) ? reason : run.err]).toEqual([code, reason]);
  });

  it("adds them, shows them, and names what comes next; selected units stay selected", async () => {
    const { out } = await desk.ok("failover-enable", { answers: ["1", "2", "y"] });
    expect(out).toContain("OK\n2 failover crypto units were added: CRYPTO UNIT NUM 6 7.\n\nSERVICE INSTANCE: ");
    expect(out).toMatch(
      /\n6 {17}false {6}FAILOVER {6}\[us-east\]\.\[AZ1-CS\d\]\.\[\d\d\]\.\[\d\d\]\n7 {17}false {6}FAILOVER/,
    );
    const commands = [...out.matchAll(/'opentke ([a-z-]+)[^']*'/g)].map(([, command]) => command);
    expect(commands).toEqual([
      "cryptounit-rm",
      "cryptounit-add",
      "cryptounit-admin-add",
      "cryptounit-thrhld-set",
      "auto-mk-recover",
      "cryptounit-compare",
    ]);
    const { instances } = await desk.json<Units>("cryptounits");
    expect(instances[0]!.units.slice(-2).map(({ type }) => type)).toEqual(["failover", "failover"]);
    const selected = instances.flatMap(({ units }) =>
      units.filter((unit) => unit.selected).map(({ number }) => number),
    );
    expect(selected).toEqual([1, 2, 3, 4, 5, 8]);
    const domains = JSON.parse(desk.read("DOMAINS")) as { domain_num: number; public_key: string; type: string }[];
    expect(domains.map(({ domain_num }) => domain_num)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
    const added = domains.filter(({ type }) => type === "failover");
    expect(added.map(({ public_key }) => public_key.length)).toEqual([266, 266]);
  });

  it("is refused where there are some already", async () => {
    const { code, err, prompts } = await desk.run("failover-enable --instance 1", { answers: [] });
    expect([code, prompts]).toEqual([5, []]);
    expect(err).toContain("has 2 failover crypto units already");
  });

  it("leaves units that the documented steps bring up to the others", async () => {
    expect((await desk.run(`keystore check --instance-id ${await instanceAt(0)}`)).code).toBe(1);
    await desk.ok("cryptounit-rm --all");
    await desk.ok("cryptounit-add --units '6 7'");
    for (const keynum of [1, 2]) await desk.ok(`cryptounit-admin-add --keynum ${keynum} --password-file ${password}`);
    const thresholds = "--signature-threshold 2 --revocation-threshold 2";
    await desk.ok(`cryptounit-thrhld-set ${thresholds} --password-file ${password}`);
    await desk.ok(`auto-mk-recover --source 4 --targets '6 7' --password-file ${password}`);
    await desk.ok("cryptounit-add --units '1 2 3 4 5 6 7'");
    expect(await desk.json("cryptounit-compare")).toMatchObject({ alike: true });
    const { out } = await desk.ok(`keystore check --instance-id ${await instanceAt(0)}`);
    expect(out.match(/2 of 2/g)).toHaveLength(7);
    expect((await desk.ok("audit verify")).code).toBe(0);
  });

  it("is refused while a rotation may be under way", async () => {
    await desk.ok("cryptounit-rm --all");
    for (const name of ["x", "y"]) await desk.ok("mk-add --random", { answers: [name, "p", "p"] });
    await desk.ok("cryptounit-add --units '8'");
    for (const keynum of [1, 2]) await desk.ok(`cryptounit-admin-add --keynum ${keynum} --password-file ${password}`);
    await desk.ok(`cryptounit-thrhld-set --signature-threshold 1 --revocation-threshold 1 --password-file ${password}`);
    await desk.ok("cryptounit-mk-load", { answers: ["1 2", "a", "p", "p"] });
    const { code, err } = await desk.run("failover-enable --instance 2 --units 2 --force");
    expect(code).toBe(5);
    expect(err).toContain("the new master key register of 1 of its crypto units is not Empty");
    await desk.ok("cryptounit-mk-clrnew --force", { answers: ["a"] });
    expect(await desk.json("failover-enable --instance 2 --units 3 --force")).toMatchObject({
      added: [{ number: 13 }, { number: 14 }, { number: 15 }],
      nextSteps: expect.arrayContaining([expect.stringContaining("auto-mk-recover")]),
    });
  });

  it("wants two operational crypto units at least", async () => {
    const small = new Desk();
    await small.fleet("--instances 1 --operational 1 --recovery 1");
    const { code, err } = await small.run("failover-enable --units 2 --force");
    expect([code, err]).toEqual([5, expect.stringContaining("want 2 operational crypto units at least, got 1")]);
    small.close();
  });
});

describe("failover-enable at an endpoint", () => {
  const desk = new Desk();
  const TOKEN = "control-token-of-enough-characters";
  const stop = new AbortController();
  let server: Promise<unknown>;
  let url: string;
  let target: string;
  beforeAll(async () => {
    await desk.fleet("--instances 1 --operational 2 --recovery 2");
    const root = desk.write("root.json", (await desk.ok("root --output json")).out);
    const hash = createHash("sha256").update(TOKEN).digest("hex");
    const tokens = desk.write("control-tokens", `sha256:${hash}\n`);
    const portFile = join(desk.root, "url");
    const socket = join(desk.root, "control.sock");
    server = desk.run(
      `serve --no-auth --log-level error --port-file ${portFile} --control-socket ${socket} --control-token-file ${tokens}`,
      { signal: stop.signal },
    );
    while (!existsSync(portFile)) await new Promise((resolve) => setTimeout(resolve, 10));
    url = readFileSync(portFile, "utf8").trim();
    target = `--endpoint ${url} --root-file ${root}`;
  });
  afterAll(async () => {
    stop.abort();
    await server;
    desk.close();
  });

  it("is refused without its control interface, and says what that is", async () => {
    const { code, err } = await desk.run(`failover-enable --units 2 --force ${target}`);
    expect(code).toBe(2);
    expect(err).toContain("name its control interface with --control and --control-token-file");
    expect(err).toContain("'ibmcloud tke failover-enable'");
  });

  it("is refused with another token: exit 4", async () => {
    const wrong = desk.write("wrong", "another-token-of-enough-characters");
    const control = `--control unix:${join(desk.root, "control.sock")} --control-token-file ${wrong}`;
    const { code, err } = await desk.run(`failover-enable --units 2 --force ${target} ${control}`);
    expect(code).toBe(4);
    expect(err).toContain(`put a new one into '${wrong}'`);
    expect(err).not.toContain("another-token");
  });

  it("adds them through the control interface, a Unix socket here", async () => {
    const token = desk.write("control-token", `${TOKEN}\n`);
    const control = `--control unix:${join(desk.root, "control.sock")} --control-token-file ${token}`;
    const { added } = await desk.json<{ added: { type: string; number: number }[] }>(
      `failover-enable --units 2 --force ${target} ${control}`,
    );
    expect(added.map(({ type, number }) => [type, number])).toEqual([
      ["failover", 5],
      ["failover", 6],
    ]);
    const { instances } = await desk.json<Units>(`cryptounits ${target}`);
    expect(instances[0]!.units).toHaveLength(6);
    const again = await desk.run(`failover-enable --units 2 --force ${target} ${control}`);
    expect([again.code, again.err]).toEqual([5, expect.stringContaining("has 2 failover crypto units already")]);
  });
});
