// Who gives the key to whom.

import { Permission } from "../client/attributes.ts";
import { groupBy } from "../client/groups.ts";
import { samePattern } from "../client/registers.ts";
import { type CryptoUnit, UnitType } from "../client/units.ts";
import type { RecoveryCheck, Seen } from "../procedures/recovery-check.ts";
import { sourceProblems } from "../procedures/recovery-problems.ts";
import { commonSigners } from "../procedures/signers.ts";
import type { UnitView } from "../procedures/view.ts";
import type { PlannedTarget } from "./plan.ts";

export interface FanOut {
  /** Units that hold the key and can give it, the order's source first. */
  readonly holders: readonly CryptoUnit[];
  readonly targets: readonly PlannedTarget[];
}

/** In: the checked order, and what its targets and helpers said of themselves. */
export function fanOut(check: RecoveryCheck, targets: readonly Seen[], helpers: readonly Seen[]): FanOut {
  const holders = [check.source, ...givers(check, [...targets, ...helpers])];
  const ready = groupBy(holders, instanceOf);
  const later = groupBy(
    targets.flatMap(({ unit, view }) => (view.ok && canExport(view.value) ? [unit] : [])),
    instanceOf,
  );
  const planned = check.targets.map(({ unit, found }, at): PlannedTarget => {
    const stage = unit.type === UnitType.Recovery ? 1 : 2;
    const own = ready.get(unit.instance) ?? (stage === 2 ? later.get(unit.instance) : undefined) ?? [];
    return { unit, found, stage, sources: inTurn(own, at, check.source) };
  });
  return { holders, targets: planned };
}

function instanceOf({ instance }: CryptoUnit): string {
  return instance;
}

/** Units that hold the key already, with the threshold and the signers of the rest. */
function givers(check: RecoveryCheck, seen: readonly Seen[]): CryptoUnit[] {
  return seen.flatMap(({ unit, view }) => {
    if (!view.ok || unit.id === check.source.id || sourceProblems(view.value).length > 0) return [];
    const { attributes, registers } = view.value;
    if (attributes.signatureThreshold !== check.threshold) return [];
    if (!samePattern(registers.current.pattern, check.pattern)) return [];
    return commonSigners([view.value], check.signers).length === check.signers.length ? [unit] : [];
  });
}

/** A recovery unit that can give the key once it has got it. */
function canExport({ unit, attributes }: UnitView): boolean {
  return unit.type === UnitType.Recovery && (attributes.permissions & Permission.WkExport) !== 0;
}

/** The candidates, each target beginning with another one; last the source that certainly holds the key. */
function inTurn(candidates: readonly CryptoUnit[], turn: number, source: CryptoUnit): CryptoUnit[] {
  const from = candidates.length > 0 ? turn % candidates.length : 0;
  const rotated = [...candidates.slice(from), ...candidates.slice(0, from)];
  return [...rotated.filter(({ id }) => id !== source.id), source];
}
