// The units of an update: which of them are still in it, and where the others dropped out.

import type { Outcome } from "../client/outcome.ts";
import type { CryptoUnit } from "../client/units.ts";

export type UpdatePhase = "zeroize" | "administrators" | "thresholds" | "generate" | "transfer";

/** What is about to be done, for the user's eyes: `at` of `of` things. */
export interface UpdateProgress {
  readonly phase: UpdatePhase;
  readonly at: number;
  readonly of: number;
}

export type UnitResult =
  | { readonly unit: CryptoUnit; readonly status: "done" }
  /** `phase` is where it failed. */
  | { readonly unit: CryptoUnit; readonly status: "failed"; readonly phase: UpdatePhase; readonly error: Error };

export class Participants {
  readonly #failed = new Map<string, UnitResult>();

  fail(unit: CryptoUnit, phase: UpdatePhase, error: Error): void {
    this.#failed.set(unit.id, { unit, status: "failed", phase, error });
  }

  /** Notes the units whose job failed. */
  settle(units: readonly CryptoUnit[], outcomes: readonly Outcome<unknown>[], phase: UpdatePhase): void {
    outcomes.forEach((outcome, at) => {
      if (!outcome.ok) this.fail(units[at]!, phase, outcome.error);
    });
  }

  active(unit: CryptoUnit): boolean {
    return !this.#failed.has(unit.id);
  }

  result(unit: CryptoUnit): UnitResult {
    return this.#failed.get(unit.id) ?? { unit, status: "done" };
  }
}
