// Every exit code of the contract, produced by a real command; with --output json the error's stable code, and what else it says.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ERROR_KINDS, Exit } from "../../src/cli/exit.ts";
import { type Canned, cannedServer } from "../support/canned.ts";
import { Desk, type RunOptions } from "../support/tke-desk.ts";

const desk = new Desk();
let server: Canned;
let pw: string;
const produced = new Set<number>();

beforeAll(async () => {
  server = await cannedServer();
  await desk.fleet();
  pw = `--password-file ${desk.write("pw", "pw\n")}`;
  for (const name of ["A", "B"]) await desk.ok(`sigkey-add --name ${name} ${pw}`);
  await desk.ok(`sigkey-sel --keynum '1 2' ${pw}`);
  await desk.ok(`auto-init --signature-threshold 2 --revocation-threshold 2 --admins 2 --keynum '1 2' ${pw}`);
});
afterAll(async () => {
  await server.close();
  desk.close();
});

interface Told {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string | null;
  readonly [name: string]: unknown;
}

/** The error that a command tells programs, after people have been told the same. */
async function failed(exit: Exit, line: string, options: RunOptions = {}): Promise<{ error: Told; text: string }> {
  const text = await desk.run(line, options);
  const json = await desk.run(`${line} --output json`, options);
  expect([text.code, json.code, json.out]).toEqual([exit, exit, ""]);
  produced.add(exit);
  const { error } = JSON.parse(json.err.slice(json.err.indexOf("{"))) as { error: Told };
  expect(Object.keys(ERROR_KINDS)).toContain(error.code);
  expect(ERROR_KINDS[error.code]!.exit).toBe(exit);
  return { error, text: text.err };
}

describe("exit code", () => {
  it("0: done", async () => {
    produced.add((await desk.ok("cryptounits")).code);
  });

  it("3: partly done: where, where not, why, and how to go on", async () => {
    await desk.ok("cryptounit-rm --units '2 3 4'");
    await desk.ok(`cryptounit-thrhld-set --signature-threshold 1 --revocation-threshold 1 ${pw}`);
    await desk.ok("cryptounit-add --units 2");
    const { code, out, err } = await desk.run(`cryptounit-admin-rm --admin B --output json ${pw}`);
    produced.add(code);
    expect([code, out]).toEqual([Exit.Partial, ""]);
    const { error } = JSON.parse(err) as { error: Told };
    const refusal = {
      command: "remove-domain-administrator",
      returnCode: 209,
      reasonCode: 66,
      symbol: "TEMPLATE_INCONSISTENT",
      meaning: expect.stringContaining("too few administrators would be left"),
      unit: {
        id: expect.any(String),
        location: expect.stringMatching(/^\[us-/),
        serialNumber: expect.any(String),
        domain: expect.any(Number),
      },
    };
    expect(error).toMatchObject({ code: "ERR_PARTIAL", done: [1], notDone: [2], unknown: [], ...refusal });
    expect(error["failed"]).toMatchObject([
      { number: 2, code: "ERR_UNIT", ...refusal, nextStep: expect.stringContaining("'opentke cryptounit-thrhld-set'") },
    ]);
    expect(error.nextStep).toContain(
      "deselect the crypto units where it is done ('opentke cryptounit-rm'), and run the command again",
    );
  });

  it("1: failed; a unit's refusal names unit, command, codes, what is not done, and the next step", async () => {
    await desk.ok("cryptounit-rm --units 1");
    const { error, text } = await failed(Exit.Failed, `cryptounit-admin-rm --admin B ${pw}`);
    expect(error).toMatchObject({
      code: "ERR_UNIT",
      done: [],
      notDone: [2],
      unknown: [],
      returnCode: 209,
      reasonCode: 66,
    });
    expect(text).toMatch(
      /^FAILED\nNot done in CRYPTO UNIT NUM 2\.\nCRYPTO UNIT NUM 2: \[us-\S+: remove-domain-administrator: the unit answered with return code 209 TEMPLATE_INCONSISTENT, reason 66 \(/,
    );
    expect(text).toMatch(
      /\n\nReturn code: +209\nReason code: +66\nError message: +too few administrators .*\n\nNext step: lower the thresholds first with 'opentke cryptounit-thrhld-set'\.\n$/,
    );
  });

  it("1: a file that is not there", async () => {
    const { error, text } = await failed(Exit.Failed, "sigkey-rm --keynum 7 --force");
    expect(error).toMatchObject({ code: "ERR_WORKSTATION", nextStep: expect.stringContaining("'opentke sigkeys'") });
    expect(text).toMatch(/^FAILED\n.*\n\nNext step: .*'opentke sigkeys'.*\.\n$/s);
  });

  it("2: usage", async () => {
    const { error } = await failed(Exit.Usage, "cryptounit-add --units 99");
    expect(error).toEqual({
      code: "ERR_USAGE",
      message: "CRYPTO UNIT NUM: want 1 to 4, got 99.",
      nextStep: "run 'opentke cryptounit-add --help' for options and examples",
    });
  });

  it("4: authentication", async () => {
    server.say(401, "Unauthorized");
    const token = desk.write("token", "expired\n");
    const line = `cryptounits --endpoint ${server.url} --root ibm --retries 0 --instance-id i --token-file ${token}`;
    const { error, text } = await failed(Exit.Authentication, line);
    expect(error).toMatchObject({ code: "ERR_AUTHENTICATION", statusCode: 401 });
    expect(text).toMatch(/\nStatus code: +401\nMessage: +Unauthorized\n/);
  });

  it("5: the pre-check, with every problem, unit and next step", async () => {
    const { error, text } = await failed(Exit.Precheck, `cryptounit-mk-commit ${pw}`);
    expect(error.code).toBe("ERR_PRECONDITION");
    expect(error["problems"]).toEqual([
      {
        unit: expect.stringMatching(/^\[us-/),
        problem: "its new master key register is Empty, want Full Uncommitted or Full Committed",
        nextStep: "load it with 'opentke cryptounit-mk-load'",
      },
    ]);
    expect(text).toContain("The pre-check found problems; nothing was changed.");
  });

  it("6: more signatures are wanted than keys are selected", async () => {
    const { error, text } = await failed(Exit.Waiting, `cryptounit-cp-btc --sign-with 1 ${pw}`);
    expect(error).toMatchObject({ code: "ERR_SIGNATURES_WANTED", nextStep: expect.stringContaining("sigkey-sel") });
    expect(text).toContain("More signatures are wanted; nothing was changed.");
  });

  it("130: interrupted", async () => {
    const stop = new AbortController();
    stop.abort();
    const { error } = await failed(Exit.Interrupted, "drill --instances 1", { signal: stop.signal });
    expect(error.code).toBe("ERR_INTERRUPTED");
  });

  it("all of them were produced", () =>
    expect([...produced].sort((a, b) => a - b)).toEqual(Object.values(Exit).sort((a, b) => a - b)));
});
