// auto-mk-rotate, cryptounit-mk-rotate and key storage from the command line.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../../support/tke-desk.ts";

const desk = new Desk();
let passwords: string;

interface Registers {
  readonly units: readonly { readonly currentRegister: { readonly verificationPattern: string } }[];
}

const patterns = async () =>
  (await desk.json<Registers>("cryptounit-mk")).units.map(({ currentRegister }) => currentRegister.verificationPattern);

beforeAll(async () => {
  await desk.fleet();
  for (const name of ["A", "B"]) await desk.ok("sigkey-add", { answers: [name, "pw", "pw"] });
  await desk.ok("sigkey-sel", { answers: ["1 2", "pw", "pw"] });
  passwords = desk.write("pw", "pw\n");
  const thresholds = "--signature-threshold 2 --revocation-threshold 2 --admins 2";
  await desk.ok(`auto-init ${thresholds} --keynum '1 2' --password-file ${passwords}`);
  await desk.ok("keystore generate --count 3");
});
afterAll(() => desk.close());

describe("auto-mk-rotate", () => {
  it("asks for the administrators' passwords, tells M1 and M2, and rotates", async () => {
    const [old] = await patterns();
    const { prompts, screen } = await desk.ok("auto-mk-rotate --delay 0", { answers: ["pw", "pw"] });
    expect(prompts.map((prompt) => prompt.trim().split("\n")[0])).toEqual(
      Array(2).fill("Enter the password for the signature key identified by:"),
    );
    const lines = [
      "Generating a random master key value....",
      "Transferring the master key value to the other crypto units....",
      "Committing the new master key registers....",
      "A delay of 0 seconds is needed so that the server can discover the new master key values....",
      "Re-encrypting key storage....",
      "KMS CRK rewrap successful. Waiting for set immediate....",
      "Activating the new master key....",
      "OK\nThe master key was rotated.",
    ];
    const found = lines.map((line) => screen.indexOf(`${line}\n`));
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found).not.toContain(-1);
    const now = await patterns();
    expect(new Set(now).size).toBe(1);
    expect(now[0]).not.toBe(old);
    expect((await desk.ok("keystore check")).out.match(/3 of 3/g)).toHaveLength(4);
  });

  it("asks nothing where flags say it all; the result is JSON alone", async () => {
    const { out } = await desk.ok(`auto-mk-rotate --delay 0 --password-file ${passwords} --no-input --output json`);
    const result = JSON.parse(out) as { units: number[]; verificationPattern: string };
    expect(result.units).toEqual([1, 2, 3, 4]);
    expect(await patterns()).toEqual(Array(4).fill(result.verificationPattern));
    expect((await desk.ok("auto-mk-rotate --dry-run")).out).toContain("nothing was changed");
  });

  it("names what is not as it should be, and changes nothing", async () => {
    const before = await patterns();
    const { code, err, prompts } = await desk.run("auto-mk-rotate --sign-with 1", { answers: [] });
    expect([code, prompts]).toEqual([6, []]);
    expect(err).toContain("sigkey-sel");
    expect(await patterns()).toEqual(before);
    const { code: usage } = await desk.run(`auto-mk-rotate --delay soon --password-file ${passwords}`);
    expect(usage).toBe(2);
  });
});

describe("cryptounit-mk-rotate", () => {
  it("says what it wants when there is no new master key", async () => {
    const { code, err, prompts } = await desk.run("cryptounit-mk-rotate", { answers: ["y"] });
    expect([code, prompts.length]).toEqual([5, 1]);
    expect(err.match(/new master key register is Empty, want Full Committed/g)).toHaveLength(4);
    expect((await desk.ok("cryptounit-mk-rotate", { answers: ["n"] })).out).toContain("Nothing was changed");
    expect((await desk.run("cryptounit-mk-rotate --dry-run")).code).toBe(5);
  });

  it("rotates to a key of parts, and auto-mk-rotate is refused until it has", async () => {
    for (const name of ["a", "b"]) await desk.ok("mk-add --random", { answers: [name, "pw", "pw"] });
    await desk.ok("cryptounit-mk-load", { answers: ["1 2", "pw", "pw", "pw"] });
    await desk.ok("cryptounit-mk-commit", { answers: ["pw", "pw"] });
    const dangerous = await desk.run(`auto-mk-rotate --delay 0 --password-file ${passwords}`);
    expect(dangerous.code).toBe(5);
    expect(dangerous.err).toMatch(/committed in all crypto units.*'cryptounit-mk-rotate'/s);
    const [old] = await patterns();
    const { screen } = await desk.ok("cryptounit-mk-rotate", { answers: ["y", "pw"] });
    expect(screen).toContain("KMS CRK rewrap successful. Waiting for set immediate....\n");
    expect((await patterns())[0]).not.toBe(old);
    expect((await desk.ok("keystore check")).out.match(/3 of 3/g)).toHaveLength(4);
  });
});

describe("keystore", () => {
  it("lists root keys, their master key and the last re-encryption", async () => {
    const { instances } = await desk.json<{
      instances: { instance: string; job: unknown; keys: { pattern: string; masterKey: string }[] }[];
    }>("keystore list");
    const [pattern] = await patterns();
    expect(instances[0]!.job).toEqual({ status: "complete", message: "3 of 3 root keys" });
    expect(instances[0]!.keys.map(({ masterKey }) => masterKey)).toEqual(Array(3).fill(pattern!.slice(0, 32)));
    const { out } = await desk.ok(`keystore list --instance-id ${instances[0]!.instance}`);
    for (const key of instances[0]!.keys) expect(out).toContain(key.pattern);
    expect((await desk.run("keystore list --instance-id nobody")).code).toBe(2);
    expect((await desk.run("keystore generate --count 0")).code).toBe(2);
  });

  it("tells that root keys are lost", async () => {
    await desk.ok("cryptounit-rm", { answers: ["2 3 4"] });
    await desk.ok("cryptounit-mk-clrcur", { answers: ["y", "pw"] });
    const { code, out, err } = await desk.run("keystore check");
    expect(code).toBe(1);
    expect(out).toContain("0 of 3");
    expect(err).toContain("1 of 4 crypto units don't unwrap all root keys");
    expect((await desk.run("keystore generate")).err).toContain("want a Valid current master key register");
  });
});
