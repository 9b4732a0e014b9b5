// What the user reads when a command fails: FAILED, the reason, the codes that scripts look for, the next step; on standard error. The
// same for programs: one JSON object with a stable code.

import { InterruptedError, OpenTkeError, PreconditionError, TransportError, UnitError, UsageError } from "../errors.ts";
import { RotationError } from "../procedures/rotation.ts";
import { describeCodes } from "../wire/codes.ts";
import { errorCodeOf } from "./exit.ts";
import type { Io } from "./io.ts";
import { NEXT_STEP_OF_CODE, nextStepOfUnit } from "./next-step.ts";
import { labels, styleFor, table } from "./style.ts";
import { type FailedUnit, NotSeenError, UnitsFailed } from "./tke/outcomes.ts";

/**
 * `command` is what was run, for the hint at its help; `again` is what goes on where it stopped. A defect shows its stack if
 * OPENTKE_TRACE is set.
 */
export function failureText(
  error: unknown,
  command: string,
  io: Pick<Io, "env" | "errIsTerminal">,
  again?: string,
): string {
  if (error instanceof InterruptedError) return `${error.message}\n${stoppedText(nextStepOf(error, command, again))}`;
  const style = styleFor(io, io.errIsTerminal);
  return `${style.bad("FAILED")}\n${reason(error, command, io.env, again)}\n`;
}

function stoppedText(next: string | null): string {
  return next === null ? "" : `Next step: ${next}.\n`;
}

function reason(error: unknown, command: string, env: Io["env"], again: string | undefined): string {
  if (error instanceof UsageError) return `Incorrect usage. ${error.message}\n${usageStep(command)}`;
  if (error instanceof PreconditionError) return precheck(error, again);
  const next = nextStepOf(error, command, again);
  const step = next === null ? "" : `${next.charAt(0).toUpperCase()}${next.slice(1)}.`;
  if (error instanceof OpenTkeError) {
    const parts = [error.message, codeLines(error).trimEnd(), step && `Next step: ${next}.`];
    return parts.filter((part) => part !== "").join("\n\n");
  }
  const stack = error instanceof Error ? error.stack : undefined;
  if (env["OPENTKE_TRACE"] && stack) return stack;
  return `Defect in OpenTKE: ${messageOf(error)}\n${step}`;
}

function usageStep(command: string): string {
  return `For options and examples, run '${command} --help'.`;
}

function precheck({ problems, code }: PreconditionError, again: string | undefined): string {
  const rows = problems.map(({ unit, problem, nextStep }) => [unit, problem, namingCommand(nextStep, again)]);
  const what = code === "ERR_SIGNATURES_WANTED" ? "More signatures are wanted" : "The pre-check found problems";
  return `${what}; nothing was changed.\n\n${table(["CRYPTO UNIT", "PROBLEM", "NEXT STEP"], rows).trimEnd()}`;
}

/** The lines that scripts look for: of each unit's refusal, or of an HTTP status; none if it was something else. */
export function codeLines(error: unknown): string {
  const failed = error instanceof UnitsFailed ? error.failed : [];
  const refused = failed.filter((one) => unitErrorOf(one.error) !== undefined);
  if (refused.length > 1)
    return refused
      .map(({ number, error: own }) => labels([["Crypto unit", `${number}`], ...codePairs(own)]))
      .join("\n");
  const pairs = codePairs(error);
  return pairs.length > 0 ? labels(pairs) : "";
}

function codePairs(error: unknown): (readonly [string, string])[] {
  const refusal = unitErrorOf(error);
  if (refusal)
    return [
      ["Return code", `${refusal.returnCode}`],
      ["Reason code", `${refusal.reasonCode ?? 0}`],
      ["Error message", meaningOf(refusal)],
    ];
  const refused = causes(error).find(
    (one): one is TransportError => one instanceof TransportError && one.status !== undefined,
  );
  return refused
    ? [
        ["Status code", `${refused.status}`],
        ["Message", saidIn(refused)],
      ]
    : [];
}

/** A unit's refusal: the error, or what caused it. The outermost knows most. */
function unitErrorOf(error: unknown): UnitError | undefined {
  return causes(error).find((one): one is UnitError => one instanceof UnitError);
}

/** The error, what caused it, what caused that. */
function causes(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

/** What the endpoint said; if that was nothing, the error as it was first thrown: before units' names were put in front. */
function saidIn(error: TransportError): string {
  const refusals = causes(error).filter((one): one is TransportError => one instanceof TransportError);
  return refusals.find(({ said }) => said)?.said ?? (refusals.at(-1) ?? error).message;
}

function meaningOf({ source, returnCode, reasonCode, codeName }: UnitError): string {
  if (source === "cprb") return codeName;
  const { meaning, reason: reasonText } = describeCodes(returnCode, reasonCode);
  return meaning ?? reasonText ?? codeName;
}

/**
 * What the user can do now; null where there is nothing to say. In: the command line that was run, as `opentke fleet list`, and the one
 * that goes on where it stopped.
 */
function nextStepOf(error: unknown, command: string, again?: string): string | null {
  if (error instanceof UsageError) return `run '${command} --help' for options and examples`;
  if (error instanceof PreconditionError) return namingCommand(error.problems[0]?.nextStep ?? null, again);
  const goOn = goOnFrom(error instanceof InterruptedError ? error.cause : error);
  const code = errorCodeOf(error);
  const known = NEXT_STEP_OF_CODE[code] ?? null;
  if (code === "ERR_AUTHENTICATION")
    return [known, goOn ?? (again && `run '${again}'`)].filter(Boolean).join("; then ");
  if (goOn !== null) return goOn;
  const refusal = unitErrorOf(error);
  if (code === "ERR_INTERRUPTED") return again === undefined ? null : `to go on, run '${again}'`;
  if (refusal) return nextStepOfUnit(refusal);
  return namingCommand(known, again);
}

/** A next step that speaks of the command, with its name. */
function namingCommand<T extends string | null>(nextStep: T, again: string | undefined): T | string {
  return again === undefined || nextStep === null
    ? nextStep
    : nextStep.replace("run the command again", `run '${again}'`);
}

/** What the error itself says about the rest. */
function goOnFrom(error: unknown): string | null {
  if (error instanceof UnitsFailed || error instanceof NotSeenError) return error.nextStep ?? null;
  return error instanceof RotationError ? `run 'opentke ${error.nextCommand}'` : null;
}

/** The same for programs. */
export function failureJson(error: unknown, command: string, again?: string): string {
  return `${JSON.stringify({ error: errorJson(error, command, again) }, null, 2)}\n`;
}

function errorJson(error: unknown, command: string, again: string | undefined) {
  const partial = error instanceof UnitsFailed;
  return {
    code: errorCodeOf(error),
    message: messageOf(error),
    ...codesJson(error),
    ...(error instanceof PreconditionError ? { problems: error.problems.map(problemJson) } : {}),
    ...(partial ? { done: error.done, notDone: error.notDone, unknown: error.unknown } : {}),
    ...(partial ? { failed: error.failed.map(failedJson) } : {}),
    nextStep: nextStepOf(error, command, again),
  };
}

function problemJson({ unit, problem, nextStep }: PreconditionError["problems"][number]) {
  return { unit, problem, nextStep };
}

function failedJson({ number, unit, error }: FailedUnit) {
  const { id, location, serial, domainIndex } = unit;
  const about = { number, id, location, serialNumber: serial, domain: domainIndex };
  const next = nextStepOf(error, "opentke");
  return { ...about, code: errorCodeOf(error), message: messageOf(error), ...codesJson(error), nextStep: next };
}

/** Codes of a unit or of HTTP, and the unit and the command where they are known. */
function codesJson(error: unknown) {
  const refusal = unitErrorOf(error);
  const status = causes(error).flatMap((one) => (one instanceof TransportError ? (one.status ?? []) : []))[0];
  if (!refusal) return status === undefined ? {} : { statusCode: status };
  const { unit, command, returnCode, reasonCode, codeName } = refusal;
  const about = unit && {
    id: unit.id,
    location: unit.location,
    serialNumber: unit.serial,
    domain: unit.domainIndex,
  };
  return {
    ...(about ? { unit: about } : {}),
    ...(command === undefined ? {} : { command }),
    returnCode,
    reasonCode: reasonCode ?? null,
    symbol: codeName,
    meaning: meaningOf(refusal),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
