// What became of a command that went to several crypto units: where it was done, where not, and where nobody knows, since a command was
// sent and no answer came that is to be believed.

import type { Outcome } from "../../client/outcome.ts";
import { AuthenticationError, CheckError, OpenTkeError, TransportError } from "../../errors.ts";
import type { ListedUnit } from "./units.ts";

/** A unit where a command was not done, as far as is known. */
export interface FailedUnit extends Pick<ListedUnit, "number" | "unit"> {
  readonly error: Error;
}

const AGAIN =
  "find out why; then deselect the crypto units where it is done ('opentke cryptounit-rm'), and run the command again";

/** Some units, or all of them, did not do what was asked. */
export class UnitsFailed extends OpenTkeError {
  /** `ERR_PARTIAL` if some did it, else the code of the first reason. */
  readonly code: string;
  /** CRYPTO UNIT NUM values. */
  readonly done: readonly number[];
  readonly notDone: readonly number[];
  /** Where a command may or may not have been executed. */
  readonly unknown: readonly number[];
  readonly failed: readonly FailedUnit[];
  readonly nextStep: string | undefined;

  /** @param goOn how to do the rest */
  constructor(done: readonly number[], failed: readonly FailedUnit[], goOn: string = AGAIN) {
    const reasons = failed.map(({ number, error }) => `CRYPTO UNIT NUM ${number}: ${error.message}`);
    const numbers = (known: boolean) => failed.flatMap((one) => (isKnown(one.error) === known ? [one.number] : []));
    const first = failed.find(({ error }) => error instanceof AuthenticationError) ?? failed[0];
    super([whereText(done, numbers(true), numbers(false)), ...reasons].join("\n"), { cause: first?.error });
    this.code = done.length > 0 ? "ERR_PARTIAL" : codeOf(first?.error);
    this.done = done;
    this.notDone = numbers(true);
    this.unknown = numbers(false);
    this.failed = failed;
    const look = this.unknown.length > 0 ? "look at the crypto units where it is not known; " : "";
    this.nextStep = done.length + this.unknown.length > 0 ? `${look}${goOn}` : undefined;
  }
}

/** Whether it is certain that the unit did nothing: it, or somebody before it, has said no. */
function isKnown(error: Error): boolean {
  if (error instanceof CheckError) return false;
  return !(error instanceof TransportError) || (error.status !== undefined && error.status < 500);
}

function codeOf(error: Error | undefined): string {
  return error instanceof OpenTkeError ? error.code : "ERR_DEFECT";
}

function whereText(done: readonly number[], notDone: readonly number[], unknown: readonly number[]): string {
  const parts = [
    done.length > 0 && `done in CRYPTO UNIT NUM ${done.join(" ")}`,
    notDone.length > 0 && `not done in CRYPTO UNIT NUM ${notDone.join(" ")}`,
    unknown.length > 0 && `not known whether done in CRYPTO UNIT NUM ${unknown.join(" ")}`,
  ];
  const text = parts.filter((part) => part !== false).join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** All units did what was asked, and could not be looked at afterwards. */
export class NotSeenError extends OpenTkeError {
  readonly code: string = "ERR_NOT_SEEN";
  readonly nextStep: string = "run 'opentke cryptounit-mk' to see the registers";

  constructor(units: readonly ListedUnit[], cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const numbers = units.map(({ number }) => number).join(" ");
    super(`Done in CRYPTO UNIT NUM ${numbers}, but they could not be looked at afterwards: ${why}`, { cause });
  }
}

/** The results, if every unit has one. In: how to do the rest if not. @throws UnitsFailed */
export function allDone<T>(units: readonly ListedUnit[], outcomes: readonly Outcome<T>[], goOn?: string): T[] {
  const failed = outcomes.flatMap((outcome, at) => {
    const { number, unit } = units[at]!;
    return outcome.ok ? [] : [{ number, unit, error: outcome.error }];
  });
  const done = units.filter((_, at) => outcomes[at]!.ok).map(({ number }) => number);
  if (failed.length > 0) throw new UnitsFailed(done, failed, goOn);
  return outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
}
