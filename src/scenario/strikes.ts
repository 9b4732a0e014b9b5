// What breaks in a drill: a pure function of the layout and the seed.
//
// Whatever the seed, every instance keeps a recovery unit that nothing strikes: its spared unit, the source of its recovery.
// One instance takes over another's key (if there is another): all its units are to be recovered, from the giver's spared unit.

import type { Layout } from "../fleet/layout.ts";
import type { SeededRandom } from "../fleet/seeded.ts";
import { type Bay, bayName, recoveryUnitsOf, type ServiceInstance, type Unit, UnitType } from "../fleet/topology.ts";

export const StrikeKind = {
  /** Zeroized: no administrators, no key, imprint mode. */
  Zeroized: "zeroized",
  /** The current register was cleared; administrators and attributes are as before. */
  Cleared: "cleared",
  /** The module is another one: new serial number, OA key and module instance, all its units pristine. */
  Replaced: "replaced",
  /** Still Valid with its own instance's key, which is to give way to the giver's. */
  TakenOver: "taken-over",
} as const;
export type StrikeKind = (typeof StrikeKind)[keyof typeof StrikeKind];

export interface Strike {
  readonly unit: Unit;
  readonly kind: StrikeKind;
}

export interface Takeover {
  /** Gets the giver's key and has no canaries of its own. */
  readonly taker: ServiceInstance;
  readonly giver: ServiceInstance;
}

export interface StrikePlan {
  /** Whose modules are replaced. */
  readonly bays: readonly Bay[];
  /** One for each unit to be recovered, in the order of instances and units. */
  readonly strikes: readonly Strike[];
  /** null in a fleet of one instance. */
  readonly takeover: Takeover | null;
  /** Instance id -> its recovery unit that nothing strikes. */
  readonly spared: ReadonlyMap<string, Unit>;
}

/** One module in so many is replaced, at least one if any may be. */
const MODULES_PER_REPLACEMENT = 10;
/** Shares of the units on sound modules that are zeroized or cleared. */
const SHARE = { workload: 2 / 3, recovery: 1 / 3 } as const;

export function planStrikes(layout: Layout, random: SeededRandom): StrikePlan {
  const bays = chooseBays(layout, random.fork("bays"));
  const lost = new Set(bays.map(bayName));
  const spared = spareOne(layout, lost, random.fork("spared"));
  const takeover = chooseTakeover(layout, random.fork("takeover"));
  const kinds = chooseKinds(layout, lost, spared, random.fork("units"));
  const strikes: Strike[] = [];
  for (const instance of layout.serviceInstances)
    for (const unit of instance.units) {
      const kind = kinds.get(unit.id) ?? (instance === takeover?.taker ? StrikeKind.TakenOver : undefined);
      if (kind) strikes.push({ unit, kind });
    }
  return { bays, strikes, takeover, spared };
}

/** Bays whose loss leaves every instance a recovery unit elsewhere. */
function chooseBays(layout: Layout, random: SeededRandom): Bay[] {
  const residents = new Map<string, Unit[]>(layout.modules.map(({ bay }) => [bayName(bay), []]));
  for (const unit of layout.serviceInstances.flatMap(recoveryUnitsOf)) residents.get(bayName(unit.bay))!.push(unit);
  const left = new Map(layout.serviceInstances.map((instance) => [instance.id, recoveryUnitsOf(instance).length]));
  const wanted = Math.ceil(layout.modules.length / MODULES_PER_REPLACEMENT);
  const chosen: Bay[] = [];
  for (const { bay } of random.shuffle(layout.modules)) {
    if (chosen.length === wanted) break;
    const losers = residents.get(bayName(bay))!;
    if (losers.some((unit) => left.get(unit.instance)! < 2)) continue;
    for (const unit of losers) left.set(unit.instance, left.get(unit.instance)! - 1);
    chosen.push(bay);
  }
  return chosen;
}

function spareOne(layout: Layout, lost: ReadonlySet<string>, random: SeededRandom): Map<string, Unit> {
  const sound = (instance: ServiceInstance): Unit[] =>
    recoveryUnitsOf(instance).filter((unit) => !lost.has(bayName(unit.bay)));
  return new Map(layout.serviceInstances.map((instance) => [instance.id, random.pick(sound(instance))]));
}

function chooseTakeover(layout: Layout, random: SeededRandom): Takeover | null {
  const [taker, giver] = random.shuffle(layout.serviceInstances);
  return taker && giver ? { taker, giver } : null;
}

/** Units on lost modules are replaced; of the others a share of the workload's and of the recovery units breaks. */
function chooseKinds(
  layout: Layout,
  lost: ReadonlySet<string>,
  spared: ReadonlyMap<string, Unit>,
  random: SeededRandom,
): Map<string, StrikeKind> {
  const units = layout.serviceInstances.flatMap((instance) => instance.units);
  const [replaced, sound] = partition(units, (unit) => lost.has(bayName(unit.bay)));
  const [recovery, workload] = partition(sound, (unit) => unit.type === UnitType.Recovery);
  const breakable = recovery.filter((unit) => spared.get(unit.instance) !== unit);
  const broken = random.shuffle([
    ...some(workload, SHARE.workload, random),
    ...some(breakable, SHARE.recovery, random),
  ]);
  return new Map([
    ...replaced.map((unit) => [unit.id, StrikeKind.Replaced] as const),
    ...broken.map((unit, at) => [unit.id, at % 2 === 0 ? StrikeKind.Zeroized : StrikeKind.Cleared] as const),
  ]);
}

/** That share of the items, rounded up: one at least, if there are any. */
function some<T>(items: readonly T[], share: number, random: SeededRandom): T[] {
  return random.shuffle(items).slice(0, Math.ceil(items.length * share));
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
