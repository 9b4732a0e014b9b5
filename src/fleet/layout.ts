// Where the units of new service instances go: a pure function of the counts and the seed.
//
// The k-th unit of a type has bays of its own, so no two units of an instance ever share a module, and losing one module
// costs an instance one unit at most. Availability zones take turns. The first recovery unit is in the instance's region,
// the second in the disaster-recovery region, and so on by turns; failover units are in the disaster-recovery region.

import { UsageError } from "../errors.ts";
import type { SeededRandom } from "./seeded.ts";
import {
  type Bay,
  bayName,
  DOMAINS_PER_MODULE,
  type RegionPair,
  type ServiceInstance,
  type Unit,
  UnitType,
} from "./topology.ts";

/** Units of each instance. */
export interface UnitCounts {
  /** 1..6. */
  readonly operational: number;
  /** 1..6 */
  readonly recovery: number;
  /** 0..operational. */
  readonly failover: number;
}

export interface LayoutRequest extends UnitCounts {
  readonly instances: number;
  readonly regions: RegionPair;
  readonly resourceGroup: string;
}

/** Hardware in its place. */
export interface ModuleInBay {
  readonly bay: Bay;
  /** 8 ASCII characters, different for every module. */
  readonly serial: string;
}

export interface Layout extends LayoutRequest {
  readonly modules: readonly ModuleInBay[];
  readonly serviceInstances: readonly ServiceInstance[];
}

/** Ten thousand units and more; beyond that the counts are taken for a slip of the finger. */
const MAX_INSTANCES = 100_000;
/** Of operational units the documents mention up to 6 (workstation.md 9). */
const MAX_UNITS_OF_A_TYPE = 6;
const WHY_RECOVERY_UNITS = "without one, a lost master key cannot be recovered";
const ZONES = 3;
const MODULES_PER_HOST = 8;
/** No I, O, 0, 1: serial numbers are read aloud. */
const SERIAL_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** The k-th units of a type, of all instances: what is placed together. */
export interface Pool {
  readonly type: UnitType;
  readonly k: number;
  readonly region: string;
}

type Place = Pick<Unit, "bay" | "domain">;

/** What is there already: new modules get other bays and other serial numbers. */
export interface Taken {
  readonly bays: Iterable<Bay>;
  readonly serials: Iterable<string>;
}

/** @throws UsageError if a count is out of bounds. */
export function planLayout(request: LayoutRequest, random: SeededRandom, taken?: Taken): Layout {
  checkCounts(request);
  const ids = random.fork("instances");
  const bays = new Bays(random.fork("modules"), taken);
  const instanceIds = Array.from({ length: request.instances }, () => ids.uuid());
  const units: Unit[][] = instanceIds.map(() => []);
  for (const pool of pools(request)) {
    const places = placePool(pool, request.instances, bays, random.fork(`${pool.type} ${pool.k}`));
    places.forEach((place, at) => {
      units[at]!.push({ id: ids.uuid(), instance: instanceIds[at]!, type: pool.type, ...place });
    });
  }
  const { resourceGroup } = request;
  const serviceInstances = instanceIds.map((id, at) => ({ id, resourceGroup, units: units[at]! }));
  return { ...request, modules: bays.modules, serviceInstances };
}

/** More units of one instance, one of each pool, on new modules. */
export function planUnits(
  instance: string,
  pools: readonly Pool[],
  random: SeededRandom,
  taken: Taken,
): { readonly modules: readonly ModuleInBay[]; readonly units: readonly Unit[] } {
  const ids = random.fork("units");
  const bays = new Bays(random.fork("modules"), taken);
  const units = pools.map((pool) => {
    const [place] = placePool(pool, 1, bays, random.fork(`${pool.type} ${pool.k}`));
    return { id: ids.uuid(), instance, type: pool.type, ...place! };
  });
  return { modules: bays.modules, units };
}

/** @throws UsageError for the first count that is out of bounds. */
export function checkCounts(counts: UnitCounts & { readonly instances: number }): void {
  const { instances, operational, recovery, failover } = counts;
  within("service instances", instances, 1, MAX_INSTANCES);
  within("operational units of an instance", operational, 1, MAX_UNITS_OF_A_TYPE);
  within("recovery units of an instance", recovery, 1, MAX_UNITS_OF_A_TYPE, WHY_RECOVERY_UNITS);
  within("failover units of an instance", failover, 0, operational, "there is one at most for each operational unit");
}

/** @throws UsageError if a number is not whole or out of bounds. */
export function within(what: string, value: number, least: number, most: number, why = ""): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UsageError(`${what}: want ${least} to ${most}, got ${value}${why && `; ${why}`}`);
}

/** In the order of GET /hsms. */
function pools(request: LayoutRequest): Pool[] {
  const { region, recoveryRegion } = request.regions;
  const of = (type: UnitType, count: number, regionOf: (k: number) => string): Pool[] =>
    Array.from({ length: count }, (_, k) => ({ type, k, region: regionOf(k) }));
  return [
    ...of(UnitType.Operational, request.operational, () => region),
    ...of(UnitType.Recovery, request.recovery, (k) => (k % 2 === 0 ? region : recoveryRegion)),
    ...of(UnitType.Failover, request.failover, () => recoveryRegion),
  ];
}

/**
 * One place for each instance, module after module, so that instances that follow each other share modules; two modules at
 * least, so that a module's loss never takes a whole pool.
 */
function placePool(pool: Pool, instances: number, bays: Bays, random: SeededRandom): Place[] {
  const count = Math.max(Math.min(2, instances), Math.ceil(instances / DOMAINS_PER_MODULE));
  const domains = Array.from({ length: DOMAINS_PER_MODULE }, (_, domain) => domain);
  const modules = Array.from({ length: count }, () => ({ bay: bays.open(pool), free: random.shuffle(domains) }));
  return Array.from({ length: instances }, (_, at) => {
    const { bay, free } = modules[Math.floor((at * count) / instances)]!;
    return { bay, domain: free.pop()! };
  });
}

/** Bays and their modules, opened host by host. */
class Bays {
  readonly modules: ModuleInBay[] = [];
  readonly #opened = new Map<string, number>();
  readonly #taken: ReadonlySet<string>;
  readonly #serials: SerialNumbers;

  constructor(random: SeededRandom, { bays, serials }: Taken = { bays: [], serials: [] }) {
    this.#taken = new Set(Array.from(bays, bayName));
    this.#serials = new SerialNumbers(random, serials);
  }

  open(pool: Pool): Bay {
    const zone = `AZ${(pool.k % ZONES) + 1}`;
    let bay = this.#next(pool.region, zone);
    while (this.#taken.has(bayName(bay))) bay = this.#next(pool.region, zone);
    this.modules.push({ bay, serial: this.#serials.next() });
    return bay;
  }

  #next(region: string, zone: string): Bay {
    const before = this.#opened.get(region + zone) ?? 0;
    this.#opened.set(region + zone, before + 1);
    const host = `${zone}-CS${Math.floor(before / MODULES_PER_HOST) + 1}`;
    return { region, host, module: before % MODULES_PER_HOST };
  }
}

/** Serial numbers that do not repeat. */
export class SerialNumbers {
  readonly #random: SeededRandom;
  readonly #taken: Set<string>;

  constructor(random: SeededRandom, taken: Iterable<string> = []) {
    this.#random = random;
    this.#taken = new Set(taken);
  }

  /** 8 characters that were not given out before. */
  next(): string {
    for (;;) {
      const serial = `93${this.#random.text(6, SERIAL_ALPHABET)}`;
      if (this.#taken.has(serial)) continue;
      this.#taken.add(serial);
      return serial;
    }
  }
}
