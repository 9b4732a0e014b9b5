// What the user reads when a command fails: FAILED, the reason, the next step; on standard error.

import { InterruptedError, OpenTkeError, PreconditionError, UsageError } from "../errors.ts";
import type { Io } from "./io.ts";
import { styleFor, table } from "./style.ts";

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
  if (error instanceof OpenTkeError) return error.message;
  const stack = error instanceof Error ? error.stack : undefined;
  if (env["OPENTKE_TRACE"] && stack) return stack;
  const message = error instanceof Error ? error.message : String(error);
  return `Defect in OpenTKE: ${message}\nTo see where, set OPENTKE_TRACE=1 and run the command again.`;
}

function precheck({ problems }: PreconditionError): string {
  const rows = problems.map(({ unit, problem, nextStep }) => [unit, problem, nextStep]);
  return `The pre-check found problems; nothing was changed.\n\n${table(["CRYPTO UNIT", "PROBLEM", "NEXT STEP"], rows).trimEnd()}`;
}
