// What is told when a command was done in some crypto units and not in others.
import { describe, expect, it } from "vitest";
import { Exit, exitCodeOf } from "../../../src/cli/exit.ts";
import { codeLines, failureJson, failureText } from "../../../src/cli/failure.ts";
import { allDone, UnitsFailed } from "../../../src/cli/tke/outcomes.ts";
import { PasswordLines } from "../../../src/cli/tke/passwords.ts";
import { failure, success } from "../../../src/client/outcome.ts";
import { type CryptoUnit, UnitType } from "../../../src/client/units.ts";
import { AuthenticationError, CheckError, TransportError, UnitError, UsageError } from "../../../src/errors.ts";
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

const refusedBy = (unitOf: CryptoUnit, command: string) =>
  failure(
    new UnitError("x", {
      source: "unit",
      returnCode: 209,
      reasonCode: 66,
      codeName: "TEMPLATE_INCONSISTENT",
      unit: unitOf,
      command,
    }),
  );
const silent = failure(new TransportError("no answer", { retryable: true }));
const json = (error: unknown) => JSON.parse(failureJson(error, "opentke x")).error;

describe("outcomes", () => {
  it("are the results where every unit has one", () => {
    expect(allDone(units, [success(1), success(2), success(3)])).toEqual([1, 2, 3]);
  });

  it("are a failure with the first reason's code where nothing was done: exit 1, nothing to go on with", () => {
    const error = thrown(() => allDone(units, [refusal, refusal, refusal])) as UnitsFailed;
    expect([exitCodeOf(error), error.code, error.done, error.notDone]).toEqual([
      Exit.Failed,
      "ERR_UNIT",
      [],
      [1, 2, 3],
    ]);
    expect(failureText(error, "opentke x", io)).toMatch(
      /^FAILED\nNot done in CRYPTO UNIT NUM 1 2 3\.\nCRYPTO UNIT NUM 1: /,
    );
  });

  it("tell a unit that refused from one whose answer was lost", () => {
    const refused = failure(new TransportError("no", { retryable: false, status: 403 }));
    const unsure = failure(new TransportError("bad gateway", { retryable: true, status: 502 }));
    const unbelieved = failure(new CheckError("answer", "odd"));
    const where = (outcomes: Parameters<typeof allDone>[1]) => {
      const { done, notDone, unknown } = thrown(() => allDone(units, outcomes)) as UnitsFailed;
      return [done, notDone, unknown];
    };
    expect(where([silent, refused, refusal])).toEqual([[], [2, 3], [1]]);
    expect(where([success(1), unsure, unbelieved])).toEqual([[1], [], [2, 3]]);
    const text = failureText(
      thrown(() => allDone(units, [success(1), silent, refusal])),
      "opentke x",
      io,
    );
    expect(text).toContain(
      "Done in CRYPTO UNIT NUM 1; not done in CRYPTO UNIT NUM 3; not known whether done in CRYPTO UNIT NUM 2.",
    );
    expect(text).toContain("Next step: look at the crypto units where it is not known; find out why; then deselect");
  });

  it("are an authentication failure if nothing was done and a token was refused", () => {
    const unauthorized = failure(new AuthenticationError("401", { retryable: false, status: 401 }));
    const error = thrown(() => allDone(units, [refusal, unauthorized, unauthorized]));
    expect([exitCodeOf(error), json(error).code]).toEqual([Exit.Authentication, "ERR_AUTHENTICATION"]);
  });

  it("are a partial failure where something was: exit 3, what was done, what not, why, the unit's codes", () => {
    const error = thrown(() => allDone(units, [success(1), refusal, success(3)])) as UnitsFailed;
    expect(error).toBeInstanceOf(UnitsFailed);
    expect([exitCodeOf(error), error.done, error.failed.map(({ number }) => number)]).toEqual([
      Exit.Partial,
      [1, 3],
      [2],
    ]);
    const text = failureText(error, "opentke x", io);
    expect(text).toMatch(/^FAILED\nDone in CRYPTO UNIT NUM 1 3; not done in CRYPTO UNIT NUM 2\.\nCRYPTO UNIT NUM 2: /);
    expect(text).toMatch(/\n\nReturn code: +209\nReason code: +66\nError message: +too few administrators/);
    expect(text).toMatch(/\n\nNext step: find out why; .*'opentke cryptounit-rm'.* run the command again\.\n$/);
  });

  it("for programs: the same, with unit, command, codes and next step of each that failed", () => {
    const outcome = refusedBy(unit, "remove-domain-administrator");
    expect(json(thrown(() => allDone(units, [success(1), outcome, success(3)], "go on so")))).toEqual({
      code: "ERR_PARTIAL",
      message: "Done in CRYPTO UNIT NUM 1 3; not done in CRYPTO UNIT NUM 2.\nCRYPTO UNIT NUM 2: x",
      unit: { id: "a", location: unit.location, serialNumber: "93AA0001", domain: 1 },
      command: "remove-domain-administrator",
      returnCode: 209,
      reasonCode: 66,
      symbol: "TEMPLATE_INCONSISTENT",
      meaning: expect.stringContaining("too few administrators"),
      done: [1, 3],
      notDone: [2],
      unknown: [],
      failed: [
        {
          number: 2,
          id: "a",
          location: unit.location,
          serialNumber: "93AA0001",
          domain: 1,
          code: "ERR_UNIT",
          message: "x",
          unit: { id: "a", location: unit.location, serialNumber: "93AA0001", domain: 1 },
          command: "remove-domain-administrator",
          returnCode: 209,
          reasonCode: 66,
          symbol: "TEMPLATE_INCONSISTENT",
          meaning: expect.stringContaining("too few administrators"),
          nextStep: expect.stringContaining("'opentke cryptounit-thrhld-set'"),
        },
      ],
      nextStep: "go on so",
    });
  });

  it("of several refusals have the documented lines for each", () => {
    const other = failure(unitError("unit", 208, 21));
    const lines = codeLines(thrown(() => allDone(units, [success(1), refusal, other])));
    expect(lines.match(/^Crypto unit: +\d+$/gm)).toEqual(["Crypto unit:     2", "Crypto unit:     3"]);
    expect(lines.match(/^Return code: +\d+$/gm)).toEqual(["Return code:     209", "Return code:     208"]);
  });

  it("name codes of units and of HTTP alone", () => {
    expect(codeLines(new UsageError("x"))).toBe("");
    const named = new TransportError(
      "[here]: the endpoint answered 503: busy",
      { retryable: true, status: 503 },
      {
        cause: new TransportError("the endpoint answered 503: busy", { retryable: true, status: 503 }),
      },
    );
    expect(codeLines(named)).toBe("Status code:   503\nMessage:       the endpoint answered 503: busy\n");
    expect(json(named)).toMatchObject({ code: "ERR_TRANSPORT", statusCode: 503 });
    expect(json(new TypeError("x"))).toEqual({
      code: "ERR_DEFECT",
      message: "x",
      nextStep: expect.stringContaining("OPENTKE_TRACE=1"),
    });
  });

  it("do not explain a CPRB's codes as a unit's", () =>
    expect(codeLines(unitError("cprb", 12, 1))).toBe(
      "Return code:     12\nReason code:     1\nError message:   CPRB_ERROR\n",
    ));
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
