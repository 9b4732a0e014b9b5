// auto-init --dry-run: the checks of the real run, all of them, and none of what it does.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../../support/tke-desk.ts";

describe("auto-init --dry-run", () => {
  const desk = new Desk();
  let password: string;
  const LINE = "auto-init --signature-threshold 2 --revocation-threshold 1";
  beforeAll(async () => {
    await desk.fleet("--instances 1 --operational 2 --recovery 2");
    password = desk.write("pw", "a\n");
    await desk.ok("sigkey-add", { answers: ["A", "a", "a"] });
    await desk.ok("cryptounits");
  });
  afterAll(() => desk.close());

  const state = async () => [desk.list(), await desk.json("cryptounits"), (await desk.ok("audit head")).out];

  it("asks what the real run asks, checks it, prints the steps, and changes nothing", async () => {
    const before = await state();
    const answers = ["2", "1", "2", "1", "a", "B", "b", "b"];
    const { prompts, out } = await desk.ok("auto-init --dry-run", { answers });
    expect(prompts).toHaveLength(answers.length);
    expect(out.slice(out.indexOf("Dry run"))).toBe(
      [
        "Dry run: all checks passed, nothing was changed.",
        "Without --dry-run:",
        "1. Create signature key files for B.",
        "2. Zeroize, and select, CRYPTO UNIT NUM 1 2 3 4.",
        "3. Install the administrators A, B in CRYPTO UNIT NUM 1 2 3 4.",
        "4. Set the signature threshold to 2, and the revocation signature threshold to 1, in CRYPTO UNIT NUM 1 2 3 4.",
        "5. Generate a random master key value in CRYPTO UNIT NUM 3.",
        "6. Transfer the master key value from CRYPTO UNIT NUM 3 to 1 2 4.",
        "",
      ].join("\n"),
    );
    expect(await state()).toEqual(before);
  });

  it("says the same to programs", async () => {
    const options = `--admins 2 --keynum 1 --name B --password-file ${password} --no-input --dry-run`;
    const result = await desk.json<{ steps: string[]; units: number[] }>(`${LINE} ${options}`);
    expect(result).toMatchObject({ dryRun: true, units: [1, 2, 3, 4] });
    expect(result.steps).toHaveLength(6);
  });

  it.each([
    ["a wrong password", "--admins 2 --keynum 1 --name B", "wrong", 1, "KEYNUM 1 (A): the password"],
    ["an empty new password", "--admins 2 --keynum '' --name B,C", "", 2, "password: want at least one character"],
    ["a name that is too long", `--admins 2 --keynum 1 --name ${"x".repeat(31)}`, "a", 2, "want 1 to 30 bytes, got 31"],
    ["too few names", "--admins 3 --keynum 1 --name B", "a", 2, "--name: want 2 names, got 1"],
    ["a key file that is not there", "--admins 2 --keynum 7 --name B", "a", 1, "KEYNUM 7: there is no file"],
    ["too few administrators", "--admins 1 --keynum 1", "a", 2, "number of administrators: want 2 to 8, got 1"],
  ])(
    "fails for %s as the real run does, before which nothing is changed",
    async (_name, options, secret, code, reason) => {
      const before = await state();
      const file = desk.write("secret", `${secret}\n`);
      const line = `${LINE} ${options} --password-file ${file}`;
      for (const each of [`${line} --dry-run`, line]) {
        const run = await desk.run(each);
        expect([run.code, run.err.includes(reason) ? reason : run.err]).toEqual([code, reason]);
      }
      expect(await state()).toEqual(before);
    },
  );

  it("fails for one key twice", async () => {
    desk.write("files/2.sigkey", desk.read("1.sigkey"));
    const line = `${LINE} --admins 2 --keynum '1 2' --password-file ${password}`;
    const dry = await desk.run(`${line} --dry-run`);
    expect([dry.code, dry.err]).toEqual([5, expect.stringContaining("the signature key of 'A' is listed twice")]);
    const real = await desk.run(line);
    expect([real.code, real.err]).toEqual([5, expect.stringContaining("the signature key of 'A' is listed twice")]);
    await desk.ok("sigkey-rm --keynum 2 --force");
  });

  it("fails where the real run would: units out of imprint mode; with --resume only what is left is told", async () => {
    await desk.ok(`${LINE} --admins 2 --keynum 1 --name B --password-file ${password}`);
    await desk.ok(`sigkey-sel --keynum '1 2' --password-file ${password}`);
    const line = `${LINE} --admins 2 --keynum '1 2' --password-file ${password} --dry-run`;
    const { code, err } = await desk.run(line);
    expect(code).toBe(5);
    expect(err.match(/is not in imprint mode/g)).toHaveLength(4);
    const { steps: none } = await desk.json<{ steps: string[] }>(`${line} --resume`);
    expect(none).toEqual([]);
    await desk.ok("cryptounit-rm --units '2 3 4'");
    await desk.ok(`cryptounit-zeroize --force --password-file ${password}`);
    const { steps } = await desk.json<{ steps: string[] }>(`${line} --resume`);
    expect(steps).toEqual([
      "Zeroize, and select, CRYPTO UNIT NUM 1.",
      "Install the administrators A, B in CRYPTO UNIT NUM 1.",
      "Set the signature threshold to 2, and the revocation signature threshold to 1, in CRYPTO UNIT NUM 1.",
      "Transfer the master key value from CRYPTO UNIT NUM 3 to 1.",
    ]);
  });
});
