import { describe, expect, it } from "vitest";
import { Exit, exitCodeOf } from "../../src/cli/exit.ts";
import { failureText } from "../../src/cli/failure.ts";
import {
  CheckError,
  InterruptedError,
  OpenTkeError,
  PreconditionError,
  TransportError,
  UsageError,
  WireError,
} from "../../src/errors.ts";

class Coded extends OpenTkeError {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

describe("exit codes", () => {
  it.each([
    [new Error("defect"), 1],
    ["not even an error", 1],
    [new WireError("field", 0, "a", "b"), 1],
    [new CheckError("answer", "no"), 1],
    [new TransportError("gone", { retryable: true }), 1],
    [new UsageError("no"), 2],
    [new Coded("ERR_PARTIAL"), 3],
    [new TransportError("Unauthorized", { retryable: false, status: 401 }), 4],
    [new Coded("ERR_AUTHENTICATION"), 4],
    [new PreconditionError([]), 5],
    [new Coded("ERR_SIGNATURES_WANTED"), 6],
    [new InterruptedError("stop"), 130],
  ])("%o", (error, code) => expect(exitCodeOf(error)).toBe(code));

  it("are the documented ones", () => expect(Object.values(Exit)).toEqual([0, 1, 2, 3, 4, 5, 6, 130]));
});

describe("failures", () => {
  const io = { env: {}, errIsTerminal: false };

  it("of a pre-check list units, problems and next steps", () => {
    const error = new PreconditionError([
      { unit: "[us-south].[AZ1-CS1].[00].[07]", problem: "is in imprint mode", nextStep: "set thresholds" },
    ]);
    expect(failureText(error, "opentke drill", io)).toBe(
      [
        "FAILED",
        "The pre-check found problems; nothing was changed.",
        "",
        "CRYPTO UNIT                      PROBLEM              NEXT STEP",
        "[us-south].[AZ1-CS1].[00].[07]   is in imprint mode   set thresholds",
        "",
      ].join("\n"),
    );
  });

  it("that are defects say so, and show the stack only on demand", () => {
    const error = new TypeError("x is not a function");
    expect(failureText(error, "opentke", io)).toMatch(
      /^FAILED\nDefect in OpenTKE: x is not a function\n.*OPENTKE_TRACE=1/,
    );
    expect(failureText(error, "opentke", { ...io, env: { OPENTKE_TRACE: "1" } })).toContain(" at ");
  });

  it("are red on a terminal", () => {
    const text = failureText(new UsageError("no"), "opentke", { env: {}, errIsTerminal: true });
    expect(text.startsWith("\u001b[1;31mFAILED\u001b[0m\n")).toBe(true);
  });
});
