import type { Outcome } from "../client/outcome.ts";
import type { CryptoUnit } from "../client/units.ts";
import { OpenTkeError } from "../errors.ts";
import type { UnitResult } from "../procedures/participants.ts";

/** A step that only prepares a scenario did not work, so there is nothing to show or to measure. */
export class ScenarioError extends OpenTkeError {
  readonly code: string = "ERR_SCENARIO";
}

/** @throws ScenarioError with the first unit's error if a unit failed. */
export function requireDone(step: string, results: readonly UnitResult[]): void {
  for (const result of results) if (result.status === "failed") throw failed(step, result.unit, result.error);
}

/** @throws ScenarioError with the first error if a job failed. In: the units of the jobs, in order. */
export function requireSuccess(
  step: string,
  units: readonly CryptoUnit[],
  outcomes: readonly Outcome<unknown>[],
): void {
  outcomes.forEach((outcome, at) => {
    if (!outcome.ok) throw failed(step, units[at]!, outcome.error);
  });
}

function failed(step: string, unit: CryptoUnit, error: Error): ScenarioError {
  return new ScenarioError(`${step} failed in ${unit.location}: ${error.message}`, { cause: error });
}
