// A server: while it serves, master keys and the storage key are in its card and nowhere else; when it has stopped, they are nowhere. Its
// log tells none.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileChildren } from "../support/children.ts";
import { Hunt } from "../support/hunt.ts";
import { masterKeysOf } from "../support/master-keys.ts";
import { kept } from "../support/searched.ts";
import { Desk } from "../support/tke-desk.ts";

const PASSWORD = `pw-${randomBytes(18).toString("hex")}`;
const isLinux = process.platform === "linux" && existsSync("/proc/self/mem");

let children: string;
const desk = new Desk();
let passwords: string;
beforeAll(async () => {
  children = compileChildren();
  await desk.fleet();
  passwords = `--password-file ${desk.write("pw", `${PASSWORD}\n`)}`;
  for (const name of ["Ada", "Ben"]) await desk.ok(`sigkey-add --name ${name} ${passwords}`);
  await desk.ok(`sigkey-sel --keynum '1 2' ${passwords}`);
  const thresholds = "--signature-threshold 2 --revocation-threshold 2 --admins 2";
  await desk.ok(`auto-init ${thresholds} --keynum '1 2' ${passwords}`);
  await desk.ok("keystore generate --count 3");
});
afterAll(() => desk.close());

describe.runIf(isLinux)("a server", () => {
  it("has secrets in its card alone, and after its end nowhere", async () => {
    const before = await masterKeysOf(desk);
    const storageKey = readFileSync(`${desk.home}.key`);
    const root = desk.write("root.json", (await desk.ok("root --output json")).out);
    const portFile = join(desk.root, "url");
    const server = kept(children, desk, `serve --no-auth --log-level debug --port-file ${portFile}`);
    try {
      await expect.poll(() => existsSync(portFile), { timeout: 20_000 }).toBe(true);
      const there = `--endpoint ${readFileSync(portFile, "utf8").trim()} --root-file ${root}`;
      await desk.ok(`cryptounit-rm --units '3 4' ${there}`);
      await desk.ok(`cryptounit-mk-clrcur --force ${there} ${passwords}`);
      await desk.ok(`auto-mk-recover --source 3 --targets '1 2' ${there} ${passwords}`);
      const [old] = before;
      const hunt = new Hunt([
        { name: "master key", bytes: old!.bytes },
        { name: "storage key", bytes: storageKey },
        { name: "password", bytes: Buffer.from(PASSWORD) },
      ]);
      const living = hunt.inProcess(server.pid);
      expect(new Set(living.map(({ secret }) => secret))).toEqual(new Set(["master key", "storage key"]));
      expect(living.filter(({ where }) => where !== "card")).toEqual([]);
      server.interrupt();
      expect(await server.done).toBe(0);
      expect(hunt.inProcess(server.pid)).toEqual([]);
      expect(hunt.inText(server.output(), "log")).toEqual([]);
      expect(server.output()).toContain("/v1/tke/");
    } finally {
      server.kill();
    }
  });
});
