// What the user reads when a command fails: FAILED, the reason, the next step; on standard error.

import { InterruptedError, OpenTkeError, PreconditionError, UsageError } from "../errors.ts";
import type { Io } from "./io.ts";
import { styleFor, table } from "./style.ts";
import { PartialFailure, unitErrorLines, unitErrorOf } from "./tke/outcomes.ts";

/** `command` is what was run, for the hint at its help. A defect shows its stack if OPENTKE_TRACE is set. */
export function failureText(error: unknown, command: string, io: Pick<Io, "env" | "errIsTerminal">): string {
  if (error instanceof InterruptedError) return `${error.message}\n`;
  const style = styleFor(io, io.errIsTerminal);
  return `${style.bad("FAILED")}\n${reason(error, command, io.env)}\n`;
}

function reason(error: unknown, command: string, env: Io["env"]): string {
  if (error instanceof UsageError)
    return `Incorrect usage. ${error.message}\nFor options and examples, run '${command} --help'.`;
  if (error instanceof PreconditionError) return precheck(error);
  if (error instanceof OpenTkeError) return `${error.message}${codeLines(error)}`;
  const stack = error instanceof Error ? error.stack : undefined;
  if (env["OPENTKE_TRACE"] && stack) return stack;
  const message = error instanceof Error ? error.message : String(error);
  return `Defect in OpenTKE: ${message}\nTo see where, set OPENTKE_TRACE=1 and run the command again.`;
}

function codeLines(error: OpenTkeError): string {
  const lines = unitErrorLines(error).trimEnd();
  return lines && `\n\n${lines}`;
}

/** The same for programs: one JSON object with a stable code. */
export function failureJson(error: unknown): string {
  const code = error instanceof OpenTkeError ? error.code : "ERR_DEFECT";
  const message = error instanceof Error ? error.message : String(error);
  const unit = unitErrorOf(error);
  const codes = unit && {
    returnCode: unit.returnCode,
    reasonCode: unit.reasonCode ?? null,
    symbol: unit.codeName,
  };
  const problems = error instanceof PreconditionError ? { problems: error.problems } : {};
  const partial = error instanceof PartialFailure ? { done: error.done, failed: error.failed.map(failedUnit) } : {};
  return `${JSON.stringify({ error: { code, message, ...codes, ...problems, ...partial } }, null, 2)}\n`;
}

function failedUnit({ number, error }: PartialFailure["failed"][number]) {
  return { number, message: error.message };
}

function precheck({ problems }: PreconditionError): string {
  const rows = problems.map(({ unit, problem, nextStep }) => [unit, problem, nextStep]);
  return `The pre-check found problems; nothing was changed.\n\n${table(["CRYPTO UNIT", "PROBLEM", "NEXT STEP"], rows).trimEnd()}`;
}
