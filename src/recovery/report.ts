// What a recovery came to: data for tables and JSON.

import type { Statistics } from "../client/statistics.ts";
import type { CryptoUnit } from "../client/units.ts";
import { OpenTkeError } from "../errors.ts";
import type { TransferStep } from "../procedures/transfer.ts";

export interface UnitReport {
  readonly unit: CryptoUnit;
  /** Who gave it the key, or was the last that should. */
  readonly source: CryptoUnit;
  /** `already`: it held the key. `waiting`: the run ended before its turn. */
  readonly status: "recovered" | "already" | "failed" | "waiting";
  /** Where it failed. */
  readonly step?: TransferStep;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface RecoveryReport {
  /** In the order of the plan. */
  readonly units: readonly UnitReport[];
  readonly counts: { readonly [status in UnitReport["status"]]: number };
  /** Of the run, without the planning. */
  readonly seconds: number;
  readonly unitsPerSecond: number;
  /** What the client did during the run. */
  readonly statistics: Statistics;
}

export function reportOf(units: readonly UnitReport[], seconds: number, statistics: Statistics): RecoveryReport {
  const counts = { recovered: 0, already: 0, failed: 0, waiting: 0 };
  for (const { status } of units) counts[status]++;
  return { units, counts, seconds, unitsPerSecond: seconds > 0 ? counts.recovered / seconds : 0, statistics };
}

/** An error as a report has it; one that is none of the project's own is a defect. */
export function errorReport(error: Error): { code: string; message: string } {
  return { code: error instanceof OpenTkeError ? error.code : "ERR_INTERNAL", message: error.message };
}
