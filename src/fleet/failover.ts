// Failover units for a service instance that has none (workstation.md 6, 7.4, 9): 2 or 3, at most as many as it has operational
// units, in the disaster-recovery region, on new modules. They begin pristine; administrators give them the master key.

import { type Problem, UsageError } from "../errors.ts";
import { type Layout, planUnits, type Taken } from "./layout.ts";
import type { SeededRandom } from "./seeded.ts";
import { regionPair, type ServiceInstance, type Unit, UnitType } from "./topology.ts";

export const FAILOVER_UNITS = { least: 2, most: 3 } as const;

/** What decides whether an instance can get failover units. */
export interface FailoverCandidate {
  /** Id of the service instance. */
  readonly instance: string;
  readonly types: readonly UnitType[];
  /** Units whose new master key register is not Empty. */
  readonly pending: number;
}

/** Why an instance can't get any now; none if it can. */
export function failoverProblems({ instance, types, pending }: FailoverCandidate): Problem[] {
  const unit = `service instance ${instance}`;
  const count = (wanted: UnitType) => types.filter((type) => type === wanted).length;
  const [operational, failover] = [count(UnitType.Operational), count(UnitType.Failover)];
  const { least } = FAILOVER_UNITS;
  const problems: Problem[] = [];
  if (failover > 0)
    problems.push({
      unit,
      problem: `has ${failover} failover crypto units already`,
      nextStep: "set them up: select them with 'opentke cryptounit-add', or compare with 'opentke cryptounit-compare'",
    });
  if (operational < least)
    problems.push({
      unit,
      problem: `want ${least} operational crypto units at least, got ${operational}: there is one failover unit at most for each`,
      nextStep: "use a service instance with more operational crypto units",
    });
  if (pending > 0)
    problems.push({
      unit,
      problem: `the new master key register of ${pending} of its crypto units is not Empty: a rotation may be under way, and could not end`,
      nextStep:
        "finish it with 'opentke cryptounit-mk-rotate', or clear the registers with 'opentke cryptounit-mk-clrnew'",
    });
  return problems;
}

/** Failover units that an instance can have. */
export function mostFailoverUnits(types: readonly UnitType[]): number {
  return Math.min(FAILOVER_UNITS.most, types.filter((type) => type === UnitType.Operational).length);
}

/** @throws UsageError */
export function checkFailoverCount(types: readonly UnitType[], count: number): void {
  const most = mostFailoverUnits(types);
  if (Number.isInteger(count) && count >= FAILOVER_UNITS.least && count <= most) return;
  const range = most > FAILOVER_UNITS.least ? `${FAILOVER_UNITS.least} to ${most}` : `${FAILOVER_UNITS.least}`;
  throw new UsageError(`number of failover crypto units: want ${range}, got ${count}.`);
}

/** New units of an instance, and the modules that they are on. */
export interface Growth {
  readonly modules: Layout["modules"];
  readonly units: readonly Unit[];
}

/** Where an instance's failover units go. In: what was checked. */
export function planFailover(instance: ServiceInstance, count: number, random: SeededRandom, taken: Taken): Growth {
  const { recoveryRegion } = regionPair(instance.units[0]!.bay.region);
  const pools = Array.from({ length: count }, (_, k) => ({ type: UnitType.Failover, k, region: recoveryRegion }));
  return planUnits(instance.id, pools, random, taken);
}
