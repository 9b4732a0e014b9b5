// What is told when a command was done in some crypto units and not in others.
import { describe, expect, it } from "vitest";
import { Exit, exitCodeOf } from "../../../src/cli/exit.ts";
import { failureJson, failureText } from "../../../src/cli/failure.ts";
import { allDone, PartialFailure, unitErrorLines } from "../../../src/cli/tke/outcomes.ts";
import { PasswordLines } from "../../../src/cli/tke/passwords.ts";
import { failure, success } from "../../../src/client/outcome.ts";
import { type CryptoUnit, UnitType } from "../../../src/client/units.ts";
import { TransportError, UsageError } from "../../../src/errors.ts";
import { unitError } from "../../../src/wire/codes.ts";

const unit: CryptoUnit = {
  id: "a",
  instance: "b",
  type: UnitType.Operational,
  location: "[us-south].[AZ1-CS1].[00].[01]",
  moduleIndex: 0,
  domainIndex: 1,
  serial: "93AA0001",
};
const units = [1, 2, 3].map((number) => ({ number, unit, selected: true }));
const refusal = failure(unitError("unit", 209, 66));
const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};
const io = { env: {}, errIsTerminal: false };

describe("outcomes", () => {
  it("are the results where every unit has one", () => {
    expect(allDone(units, [success(1), success(2), success(3)])).toEqual([1, 2, 3]);
  });

  it("are the first reason where nothing was done", () => {
    const error = thrown(() =>
      allDone(units, [refusal, failure(new TransportError("x", { retryable: true })), refusal]),
    );
    expect(error).toBe(refusal.error);
    expect(exitCodeOf(error)).toBe(Exit.Failed);
  });

  it("are a partial failure where something was: exit 3, what was done, what not, why, the unit's codes", () => {
    const error = thrown(() => allDone(units, [success(1), refusal, success(3)])) as PartialFailure;
    expect(error).toBeInstanceOf(PartialFailure);
    expect([exitCodeOf(error), error.done, error.failed.map(({ number }) => number)]).toEqual([
      Exit.Partial,
      [1, 3],
      [2],
    ]);
    const text = failureText(error, "opentke x", io);
    expect(text).toMatch(/^FAILED\nDone in CRYPTO UNIT NUM 1 3; not done in 2\.\nCRYPTO UNIT NUM 2: /);
    expect(text).toMatch(/\n\nReturn code: +209\nReason code: +66\nError message: +too few administrators/);
    expect(JSON.parse(failureJson(error))).toMatchObject({
      error: {
        code: "ERR_PARTIAL",
        done: [1, 3],
        failed: [{ number: 2 }],
        returnCode: 209,
        symbol: expect.any(String),
      },
    });
  });

  it("name codes of units alone", () => {
    expect(unitErrorLines(new UsageError("x"))).toBe("");
    expect(JSON.parse(failureJson(new TypeError("x")))).toEqual({ error: { code: "ERR_DEFECT", message: "x" } });
  });
});

describe("password files", () => {
  const lines = (text: string) => new PasswordLines(new TextEncoder().encode(text), "--password-file");
  const texts = (from: PasswordLines, count: number) =>
    Array.from({ length: count }, () => new TextDecoder().decode(from.next()));

  it("of one line serve for every prompt", () => {
    for (const text of ["pw", "pw\n", "pw\r\n"]) expect(texts(lines(text), 3)).toEqual(["pw", "pw", "pw"]);
  });

  it("of several lines serve one prompt each; an empty line is an empty password", () => {
    const from = lines("a\n\nc d \r\n");
    expect(texts(from, 3)).toEqual(["a", "", "c d "]);
    expect(() => from.next()).toThrow(/want a password for each prompt, one a line .*, got 3/);
  });

  it("may not be empty", () => expect(() => lines("").next()).toThrow(UsageError));

  it("are wiped; what was handed out is the command's own copy", () => {
    const content = new TextEncoder().encode("secret\n");
    const from = new PasswordLines(content, "x");
    const password = from.next();
    from.wipe();
    expect(content).toEqual(new Uint8Array(7));
    expect(new TextDecoder().decode(password)).toBe("secret");
  });
});
