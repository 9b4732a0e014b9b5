// Canaries: root keys of an instance's key storage, wrapped under its master key. They unwrap where that key is, and nowhere else.

import type { Fleet } from "../fleet/fleet.ts";
import type { ServiceInstance } from "../fleet/topology.ts";
import type { Canaries } from "./report.ts";
import type { Strike, StrikePlan, Takeover } from "./strikes.ts";

/** Canaries of each instance. */
export const CANARIES = 4;

/** Stores canaries in every instance but the one that is to take over another's key. All units must hold their keys. */
export function storeCanaries(fleet: Fleet, instances: readonly ServiceInstance[], takeover: Takeover | null): void {
  for (const instance of instances)
    if (instance !== takeover?.taker) fleet.storeRootKeys(instance.id, instance.units[0]!.id, CANARIES);
}

/** The instance whose key, and canaries, an instance's units are to hold in the end. */
export function keyOwner(instance: string, takeover: Takeover | null): string {
  return instance === takeover?.taker.id ? takeover.giver.id : instance;
}

/** For each struck unit, in the order of the plan: how many canaries there are, and how many of them unwrap in it. */
export function tryCanaries(fleet: Fleet, { strikes, takeover }: StrikePlan): CanaryTrial[] {
  return strikes.map((strike) => {
    const owner = keyOwner(strike.unit.instance, takeover);
    const unwrapping = fleet.unwrap(strike.unit.id, owner);
    return { strike, checked: unwrapping.length, alive: unwrapping.filter(Boolean).length };
  });
}

export interface CanaryTrial {
  readonly strike: Strike;
  readonly checked: number;
  readonly alive: number;
}

/** Sums over struck units. In: trials of the same units, after the strike and at the end. */
export function countCanaries(after: readonly CanaryTrial[], end: readonly CanaryTrial[]): Canaries {
  const sum = (trials: readonly CanaryTrial[], of: (trial: CanaryTrial) => number): number =>
    trials.reduce((total, trial) => total + of(trial), 0);
  return {
    checked: sum(after, ({ checked }) => checked),
    lost: sum(after, ({ checked, alive }) => checked - alive),
    intact: sum(end, ({ alive }) => alive),
  };
}
