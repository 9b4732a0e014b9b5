// What a drill is asked to do.

import { UsageError } from "../errors.ts";
import { checkCounts, type UnitCounts, within } from "../fleet/layout.ts";

export interface FleetOptions extends UnitCounts {
  /** 1.. */
  readonly instances: number;
  /** Administrators of every unit, 1..8. */
  readonly admins: number;
  /** Signature threshold of every unit, 1..admins. */
  readonly threshold: number;
  /** Fixes what lies where and what breaks; never keys. 1..64 characters. */
  readonly seed: string;
}

export const DRILL_DEFAULTS = {
  instances: 16,
  operational: 3,
  recovery: 2,
  failover: 0,
  admins: 3,
  threshold: 2,
} as const satisfies Omit<FleetOptions, "seed">;

const MAX_ADMINISTRATORS = 8;
const MAX_SEED_LENGTH = 64;

/** @throws UsageError for the first option that is out of bounds. */
export function checkFleetOptions(options: FleetOptions): void {
  checkCounts(options);
  within("administrators", options.admins, 1, MAX_ADMINISTRATORS);
  within("signature threshold", options.threshold, 1, options.admins, "every signer must be an administrator");
  const { length } = options.seed;
  if (length < 1 || length > MAX_SEED_LENGTH)
    throw new UsageError(`seed: want 1 to ${MAX_SEED_LENGTH} characters, got ${length}`);
}
