// opentke fleet, audit, root, and drills on the fleet: as they are typed.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromHex } from "../../src/bytes.ts";
import { Exit } from "../../src/cli/exit.ts";
import { decodeOaCertificate } from "../../src/wire/oa-certificate.ts";
import { openSignatureKey, parseSignatureKeyFile } from "../../src/workstation/signature-key-file.ts";
import { testCore } from "../support/core.ts";
import { opentke, type Transcript } from "../support/terminal.ts";

let folder: string;
const file = (name: string): string => join(folder, name);
const run = (...args: string[]): Promise<Transcript> => opentke(args, { env: { OPENTKE_HOME: file("home") } });
const json = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { code, out, err } = await run(...args, "--output", "json");
  expect(err).not.toContain("FAILED");
  expect(code).toBe(Exit.Done);
  return JSON.parse(out) as Record<string, unknown>;
};
const small = ["--operational", "1", "--recovery", "1"];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opentke-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function initialized(instances = "1"): Promise<string[]> {
  writeFileSync(file("password"), "correct horse\nsecond line\n");
  const keys = ["--admins-dir", file("admins"), "--password-file", file("password")];
  await json("fleet", "create", "--instances", instances, ...small, "--initialized", ...keys);
  return keys;
}

describe("opentke fleet create", () => {
  it("makes a fleet that list and show tell of", async () => {
    const created = await run("fleet", "create", "--instances", "2", ...small, "--resource-group", "Test");
    expect(created).toMatchObject({ code: Exit.Done });
    expect(created.out).toMatch(/^OK\nFleet: .*home\nStorage key: .*home\.key\n/);
    expect(created.out).toContain("2 service instances, 4 crypto units");
    expect(readdirSync(folder).sort()).toEqual(["home", "home.key"]);
    const { instances } = (await json("fleet", "list")) as { instances: Record<string, unknown>[] };
    expect(instances).toHaveLength(2);
    expect(instances[0]).toMatchObject({ resourceGroup: "Test", region: "us-south", operational: 1, recovery: 1 });
    expect(instances[0]).toMatchObject({ failover: 0, initialized: 0, valid: 0 });
    const { out } = await run("fleet", "list");
    expect(out).toMatch(/^SERVICE INSTANCE {2,}RESOURCE GROUP/);
    expect(out.split("\n")).toHaveLength(4);
    const id = String(instances[1]!["id"]);
    const shown = (await json("fleet", "show", "--instance-id", id)) as { instances: { units: object[] }[] };
    expect(shown.instances).toHaveLength(1);
    expect(shown.instances[0]!.units[1]).toMatchObject({
      type: "recovery",
      imprint: true,
      administrators: [],
      current: { status: "Empty", pattern: null },
      next: { status: "Empty", pattern: null },
    });
    expect((await run("fleet", "show")).out).toContain(`SERVICE INSTANCE: ${id}\nCRYPTO UNIT`);
  });

  it("places the same units in the same way for the same seed, under other keys", async () => {
    const shown = async (): Promise<unknown> => {
      await run("fleet", "create", ...small, "--seed", "again");
      const { instances } = await json("fleet", "show");
      const { ski } = await json("root");
      await run("fleet", "destroy", "--force");
      return [instances, ski];
    };
    const [one, two] = [(await shown()) as [unknown, string], (await shown()) as [unknown, string]];
    expect(one[0]).toEqual(two[0]);
    expect(one[1]).not.toBe(two[1]);
  });

  it.each([
    [
      "yaml",
      "region: us-east\ninstances:\n  - id: 11111111-2222-4333-8444-555555555555\n    operational: 2\n    recovery: 1\n    failover: 1\n  - { count: 2, operational: 1, recovery: 1, resourceGroup: Test, region: us-south }\n",
    ],
    [
      "json",
      JSON.stringify({
        region: "us-east",
        instances: [
          { id: "11111111-2222-4333-8444-555555555555", operational: 2, recovery: 1, failover: 1 },
          { count: 2, operational: 1, recovery: 1, resourceGroup: "Test", region: "us-south" },
        ],
      }),
    ],
  ])("makes the fleet that a file declares: %s", async (ending, text) => {
    writeFileSync(file(`seed.${ending}`), text);
    await json("fleet", "create", "--seed-file", file(`seed.${ending}`));
    const { instances } = (await json("fleet", "list")) as { instances: Record<string, unknown>[] };
    const [first, ...others] = instances;
    expect(first).toMatchObject({
      id: "11111111-2222-4333-8444-555555555555",
      region: "us-east",
      resourceGroup: "Default",
      operational: 2,
      failover: 1,
    });
    expect(others).toHaveLength(2);
    expect(others[1]).toMatchObject({ region: "us-south", resourceGroup: "Test", operational: 1, failover: 0 });
  });

  it("initializes, and writes the administrators' keys for those who know the password", async () => {
    await initialized("2");
    const { instances } = (await json("fleet", "list")) as { instances: Record<string, unknown>[] };
    for (const instance of instances) expect(instance).toMatchObject({ initialized: 2, valid: 2 });
    const shown = (await json("fleet", "show")) as { instances: { units: Record<string, unknown>[] }[] };
    const [units] = shown.instances.map((instance) => instance.units);
    expect(units![0]).toMatchObject({ imprint: false, signatureThreshold: 2, revocationThreshold: 2 });
    expect(units![0]!["current"]).toEqual(units![1]!["current"]);
    const names = readdirSync(file("admins")).sort();
    expect(names).toEqual(["1.sigkey", "2.sigkey", "3.sigkey"]);
    const core = await testCore();
    const skis = [];
    for (const name of names) {
      expect(statSync(join(file("admins"), name)).mode & 0o777).toBe(0o600);
      const key = parseSignatureKeyFile(readFileSync(join(file("admins"), name), "utf8"));
      await openSignatureKey(core, key, new TextEncoder().encode("correct horse"));
      skis.push(Buffer.from(key.ski).toString("hex"));
    }
    core.dispose();
    expect([...(units![0]!["administrators"] as string[])].sort()).toEqual(skis.sort());
  });

  it.each([
    [["--instances", "0"], "service instances: want 1 to"],
    [["--initialized"], "--initialized wants --admins-dir and --password-file"],
    [["--region", "eu-es"], "region: want one with recovery units"],
    [["--seed-file", "nowhere.yaml"], "--seed-file: 'nowhere.yaml' can't be read: ENOENT"],
    [["--storage-key-file", "a", "--storage-key-fd", "3"], "Want --storage-key-file or --storage-key-fd, not both."],
  ])("refuses %j, and leaves nothing", async (args, message) => {
    const { code, err } = await run("fleet", "create", ...args);
    expect(code).toBe(Exit.Usage);
    expect(err).toContain(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["instances: []", "declared fleet: instances:"],
    ["instances:\n  - { operational: 1 }", "declared fleet: instances.0.recovery:"],
    ["instances:\n  - { operational: 1, recovery: 1, colour: red }", "declared fleet: instances.0: Unrecognized key"],
    ["instances:\n  - { operational: 1, recovery: 0 }", "recovery units of an instance: want 1 to 6, got 0"],
    ["instances:\n  - { operational: 1, recovery: 1, id: x }", "declared fleet: instances.0.id:"],
    ["a: [", "can't be read"],
    [
      `instances:\n${"  - { operational: 1, recovery: 1, id: 11111111-2222-4333-8444-555555555555 }\n".repeat(2)}`,
      "is there twice",
    ],
    [
      "instances:\n  - { count: 2, operational: 1, recovery: 1, id: 11111111-2222-4333-8444-555555555555 }",
      "want a count of 1 beside id",
    ],
  ])("refuses a declaration: %j", async (text, message) => {
    writeFileSync(file("seed.yaml"), text);
    const { code, err } = await run("fleet", "create", "--seed-file", file("seed.yaml"));
    expect(code).toBe(Exit.Usage);
    expect(err).toContain(message);
    expect(existsSync(file("home"))).toBe(false);
  });

  it("refuses where there is a fleet", async () => {
    await json("fleet", "create", ...small);
    const { code, err } = await run("fleet", "create", ...small);
    expect(code).toBe(Exit.Failed);
    expect(err).toContain("there is a file 'fleet.db' already");
    await json("fleet", "list");
  });
});

describe("without a fleet", () => {
  it.each([
    ["fleet", "list"],
    ["fleet", "show"],
    ["fleet", "destroy"],
    ["audit", "verify"],
    ["audit", "export"],
    ["audit", "head"],
    ["root"],
    ["drill", "--fleet"],
  ])("opentke %s %s says how to make one", async (...args) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([Exit.Failed, ""]);
    expect(err).toContain("there is none; run 'opentke fleet create' to make one");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("opentke fleet destroy", () => {
  it("says what it removes, and does so with --force alone where nobody can be asked", async () => {
    await json("fleet", "create", ...small);
    const asked = await run("fleet", "destroy");
    expect(asked.code).toBe(Exit.Usage);
    expect(asked.err).toContain(`  ${file("home.key")}\n`);
    expect(existsSync(file("home.key"))).toBe(true);
    expect(await run("fleet", "destroy", "--force")).toMatchObject({ code: Exit.Done, out: "OK\n" });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("opentke root", () => {
  it("prints what the chains of all modules end in", async () => {
    await json("fleet", "create", ...small);
    const { ski, x, y, certificate } = (await json("root")) as Record<string, string>;
    const core = await testCore();
    const publicKey = fromHex(`04${x}${y}`);
    expect(Buffer.from(core.sha512(publicKey).subarray(0, 32)).toString("hex")).toBe(ski);
    const decoded = decodeOaCertificate(fromHex(certificate!));
    expect([decoded.subjectSki, decoded.signerSki].map((each) => Buffer.from(each).toString("hex"))).toEqual([
      ski,
      ski,
    ]);
    expect(core.verify([{ publicKey, message: decoded.body, signature: decoded.signature }])).toEqual([true]);
    core.dispose();
    expect((await run("root")).out).toContain(`Subject key identifier:   ${ski}\nX: `);
  });
});

describe("opentke audit", () => {
  it("exports a log that verifies offline, and finds what was changed or cut off", async () => {
    const keys = await initialized();
    writeFileSync(file("head"), (await run("audit", "head")).out);
    const report = await json("audit", "verify", "--head", file("head"));
    expect(report["commands"]).toBeGreaterThan(10);
    expect(report["unsigned"]).toBe(0);
    expect(await run("audit", "export", "--output-file", file("log"))).toMatchObject({ code: Exit.Done, out: "" });
    const text = readFileSync(file("log"), "utf8");
    expect((await run("audit", "export")).out).toBe(text);
    expect(await json("audit", "verify", "--file", file("log"), "--head", file("head"))).toEqual(report);
    expect((await run("audit", "verify", "--file", file("log"))).out).toMatch(/^OK\nRecords: /);

    writeFileSync(file("changed"), text.replace("CommitPendingWk", "CommitPendingWK"));
    const changed = await run("audit", "verify", "--file", file("changed"));
    expect(changed.code).toBe(Exit.Failed);
    expect(changed.err).toMatch(/FAILED\naudit record \d+: its hash is not that of its text: it was changed/);

    await run("fleet", "destroy", "--force");
    rmSync(file("admins"), { recursive: true });
    await json("fleet", "create", ...small, "--initialized", ...keys);
    const another = await run("audit", "verify", "--head", file("head"));
    expect(another.code).toBe(Exit.Failed);
  });

  it("writes over no file", async () => {
    await json("fleet", "create", ...small);
    writeFileSync(file("log"), "mine");
    const { code, err } = await run("audit", "export", "--output-file", file("log"));
    expect(code).toBe(Exit.Usage);
    expect(err).toContain("is there already; name a new file");
    expect(readFileSync(file("log"), "utf8")).toBe("mine");
    expect(readdirSync(folder).sort()).toEqual(["home", "home.key", "log"]);
  });

  it.each([
    ["--file", "nowhere"],
    ["--head", "nowhere"],
  ])("says that a file can't be read: %s", async (option, name) => {
    await json("fleet", "create", ...small);
    const { code, err } = await run("audit", "verify", option, name);
    expect(code).toBe(Exit.Usage);
    expect(err).toContain(`${option}: 'nowhere' can't be read: ENOENT.`);
  });
});

describe("opentke drill --fleet", () => {
  it("strikes and recovers the fleet that is there, with its administrators' keys", async () => {
    const keys = await initialized("2");
    const before = (await json("audit", "verify"))["records"] as number;
    const report = await json("drill", "--fleet", ...keys);
    expect(report).toMatchObject({ ok: true, instances: 2, units: 4, admins: 3, threshold: 2 });
    const { instances } = (await json("fleet", "list")) as { instances: Record<string, unknown>[] };
    for (const instance of instances) expect(instance).toMatchObject({ initialized: 2, valid: 2 });
    expect((await json("audit", "verify"))["records"]).toBeGreaterThan(before);
  });

  it("sets up a pristine one first", async () => {
    await json("fleet", "create", "--instances", "2", ...small);
    expect(await json("drill", "--fleet")).toMatchObject({ ok: true, units: 4 });
  });

  it("wants the keys of an initialized one", async () => {
    await initialized("1");
    const { code, err } = await run("drill", "--fleet");
    expect(code).toBe(Exit.Precheck);
    expect(err).toContain("is initialized, and no keys were given");
  });
});

describe("a drill", () => {
  it("leaves nothing of its throw-away fleet", async () => {
    vi.stubEnv("TMPDIR", folder);
    await json("drill", "--instances", "2", ...small);
    vi.unstubAllEnvs();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("groups of commands", () => {
  it.each([
    [["fleet"], "Want a command: fleet create or fleet list or fleet show or fleet destroy."],
    [["fleet", "lst"], "Unknown command 'lst'. Did you mean 'list'?"],
    [["audit", "verfy"], "Unknown command 'verfy'. Did you mean 'verify'?"],
    [["fleet", "list", "--outptu", "json"], "Unknown option '--outptu'. Did you mean '--output'?"],
  ])("%j", async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(Exit.Usage);
    expect(err).toContain(message);
  });

  it("show their own commands and examples", async () => {
    const { out } = await run("audit", "--help");
    expect(out).toContain("opentke audit verify --head head.json");
    expect(out).not.toContain("opentke fleet");
  });
});
