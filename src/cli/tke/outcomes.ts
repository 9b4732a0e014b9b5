// What became of a command that went to several crypto units. All done: nothing to say. None: the first reason. Some: which, and that
// the command can be run again.

import type { Outcome } from "../../client/outcome.ts";
import { OpenTkeError, UnitError } from "../../errors.ts";
import { describeCodes } from "../../wire/codes.ts";
import { labels } from "../style.ts";
import type { ListedUnit } from "./units.ts";

/** Some units did what was asked, others did not. */
export class PartialFailure extends OpenTkeError {
  readonly code: string = "ERR_PARTIAL";
  readonly done: readonly number[];
  readonly failed: readonly { readonly number: number; readonly error: Error }[];

  constructor(done: readonly number[], failed: readonly { readonly number: number; readonly error: Error }[]) {
    const reasons = failed.map(({ number, error }) => `CRYPTO UNIT NUM ${number}: ${error.message}`).join("\n");
    super(
      `Done in CRYPTO UNIT NUM ${done.join(" ")}; not done in ${failed.map(({ number }) => number).join(" ")}.\n${reasons}\n` +
        "Find out why, then select the crypto units where it is not done, and run the command again.",
      { cause: failed[0]?.error },
    );
    this.done = done;
    this.failed = failed;
  }
}

/** The results, if every unit has one. @throws PartialFailure, or the only kind of error there is */
export function allDone<T>(units: readonly ListedUnit[], outcomes: readonly Outcome<T>[]): T[] {
  const failed = outcomes.flatMap((outcome, at) =>
    outcome.ok ? [] : [{ number: units[at]!.number, error: outcome.error }],
  );
  const done = units.filter((_, at) => outcomes[at]!.ok).map(({ number }) => number);
  const [first] = failed;
  if (first && done.length === 0) throw first.error;
  if (first) throw new PartialFailure(done, failed);
  return outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
}

/** A unit's refusal: the error, or what caused it. */
export function unitErrorOf(error: unknown): UnitError | undefined {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof UnitError) return each;
  return undefined;
}

/** The lines that scripts look for, of a unit's refusal; none if it was something else. */
export function unitErrorLines(error: unknown): string {
  const refusal = unitErrorOf(error);
  if (!refusal) return "";
  const { returnCode, reasonCode, codeName } = refusal;
  const { meaning, reason } = describeCodes(returnCode, reasonCode);
  return labels([
    ["Return code", `${returnCode}`],
    ["Reason code", `${reasonCode ?? 0}`],
    ["Error message", meaning ?? reason ?? codeName],
  ]);
}
