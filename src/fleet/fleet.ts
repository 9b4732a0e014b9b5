// A fleet: hardware in its bays, the units that answer for it, service instances and their key storage.

import { equal, toHex } from "../bytes.ts";
import type { Core, Registers, RootKey } from "../core/api.ts";
import { PreconditionError, UsageError } from "../errors.ts";
import type { Strike } from "../unit/forced.ts";
import { UnitHost, type UnitRequest } from "../unit/host.ts";
import { createModule, createRoot, createUnit, type OaRoot } from "../unit/module.ts";
import { encodeHsmList } from "../wire/hsm-list.ts";
import { checkFailoverCount, failoverProblems, planFailover } from "./failover.ts";
import { KeyStorage, type RewrapJob, type StoredRootKey } from "./key-storage.ts";
import type { Layout, Taken } from "./layout.ts";
import type { SeededRandom } from "./seeded.ts";
import type { FleetStore } from "./store.ts";
import { type Bay, locationOf, type ServiceInstance, type Unit } from "./topology.ts";

export class Fleet {
  /** Where the modules' certificate chains end: what a client is to pin. */
  readonly root: OaRoot;
  readonly #core: Core;
  readonly #store: FleetStore;
  readonly #host: UnitHost;
  readonly #keyStorage: KeyStorage;

  /** A fleet with a root of its own. `core` holds the storage key. */
  static create(core: Core, store: FleetStore): Fleet {
    return new Fleet(core, store, createRoot(core));
  }

  /** `core` holds the storage key and the root's key; it is used, not owned. */
  constructor(core: Core, store: FleetStore, root: OaRoot) {
    this.root = root;
    this.#core = core;
    this.#store = store;
    this.#host = new UnitHost(core, store);
    this.#keyStorage = new KeyStorage(store, this.#host);
  }

  /** Puts new modules in the bays of a layout, with a pristine unit for each of its units, and adds its service instances. */
  build({ modules, serviceInstances }: Pick<Layout, "modules" | "serviceInstances">): void {
    this.#store.together(() => {
      this.#store.addInstances(serviceInstances);
      for (const { bay, serial } of modules) this.install(bay, serial);
    });
  }

  /**
   * A new module in a bay, in place of what stands there: another serial number, module instance and OA key, and all units of
   * the bay pristine. What the old module held is gone.
   */
  install(bay: Bay, serial: string): void {
    const module = createModule(this.#core, this.root, { serial, instance: moduleInstance() });
    const units = this.unitsIn(bay).map(({ id, domain }) =>
      createUnit({ id, serial, domain, counterSeed: crypto.getRandomValues(new Uint8Array(8)) }),
    );
    this.#store.install({ bay, module, units });
  }

  /**
   * Adds failover units to an instance that has none: all of them, or none.
   * @throws UsageError if the number is not one that it can have, or there is no such instance; PreconditionError if it can have
   * none now.
   */
  addFailoverUnits(id: string, count: number, random: SeededRandom): readonly Unit[] {
    const instance = this.#instanceOf(id);
    const types = instance.units.map(({ type }) => type);
    const pending = instance.units.filter((unit) => this.registers(unit.id)?.next != null).length;
    const problems = failoverProblems({ instance: id, types, pending });
    if (problems.length > 0) throw new PreconditionError(problems);
    checkFailoverCount(types, count);
    const { modules, units } = planFailover(instance, count, random, this.taken());
    this.#store.together(() => {
      this.#store.addUnits(id, units);
      for (const { bay, serial } of modules) this.install(bay, serial);
    });
    return units;
  }

  /** Bays and serial numbers that new modules can't have. */
  taken(): Taken {
    const bays = Array.from(this.instances(), ({ units }) => units.map(({ bay }) => bay)).flat();
    return { bays, serials: this.serials() };
  }

  unitsIn(bay: Bay): readonly Unit[] {
    return this.#store.unitsIn(bay);
  }

  /** Serial numbers of the modules that stand now. */
  serials(): Iterable<string> {
    return this.#store.serials();
  }

  instances(): Iterable<ServiceInstance> {
    return this.#store.instances();
  }

  instance(id: string): ServiceInstance | undefined {
    return this.#store.instance(id);
  }

  /** What a unit's registers hold: their patterns; undefined if there is no such unit. */
  registers(unit: string): Registers | undefined {
    return this.#store.unit(unit)?.registers;
  }

  /** A unit's transaction counter, 16 bytes; undefined if there is no such unit. */
  counter(unit: string): Uint8Array | undefined {
    return this.#store.unit(unit)?.counter;
  }

  /** Serial number of the module that stands in a bay now. */
  serialIn(bay: Bay): string | undefined {
    return this.#store.serialIn(bay);
  }

  /** The key storage of an instance: wrapped root keys. */
  rootKeys(instance: string): readonly RootKey[] {
    return this.#store.rootKeys(instance);
  }

  /** Does to a unit what nobody has signed. @throws UnknownUnitError */
  strike(unit: string, strike: Strike): void {
    this.#host.strike(unit, strike);
  }

  /** Request CPRBs in, response CPRBs out: the units' wire. */
  readonly handleMany = (batch: readonly UnitRequest[]): (Uint8Array | Error)[] => this.#host.handleMany(batch);

  /** Body of GET /hsms for an instance (ep11-wire.md 1.3). @throws UsageError if there is no such instance. */
  readonly listHsms = (id: string): string => {
    return encodeHsmList(
      this.#instanceOf(id).units.map((unit) => ({
        hsmId: unit.id,
        location: locationOf(unit),
        serialNumber: this.#store.serialIn(unit.bay)!,
        type: unit.type,
      })),
    );
  };

  /**
   * Fresh root keys in the key storage of an instance, wrapped under the current master key of a unit.
   * @throws KeyStorageError if that unit has none, or a rotation is under way.
   */
  storeRootKeys(instance: string, unit: string, count: number): void {
    this.#keyStorage.generate(instance, unit, count);
  }

  /**
   * Fresh root keys under the current master key of an instance. Out: how many there are now.
   * @throws KeyStorageError as {@link storeRootKeys}; UsageError if there is no such instance.
   */
  generateRootKeys(id: string, count: number): number {
    this.storeRootKeys(id, this.#instanceOf(id).units[0]!.id, count);
    return this.rootKeys(id).length;
  }

  /** How many of an instance's root keys each of its units unwraps. @throws UsageError if there is no such instance. */
  checkRootKeys(id: string) {
    const units = this.#instanceOf(id).units.map((unit) => ({
      id: unit.id,
      type: unit.type,
      location: locationOf(unit),
      unwraps: this.unwrap(unit.id, id).filter(Boolean).length,
    }));
    return { keys: this.rootKeys(id).length, units };
  }

  /** Up to `limit` root keys of an instance behind a position. */
  rootKeysAfter(instance: string, position: number, limit: number): readonly StoredRootKey[] {
    return this.#store.rootKeysAfter(instance, position, limit);
  }

  /**
   * Asks for the re-encryption of an instance's key storage for the new master key of its units.
   * @throws KeyStorageError if its units are not ready for that; UsageError if there is no such instance.
   */
  rewrapRootKeys(instance: string): RewrapJob {
    return this.#keyStorage.rewrap(this.#instanceOf(instance));
  }

  /** The last re-encryption that was asked for. @throws UsageError if there is no such instance. */
  rewrapJob(instance: string): RewrapJob | undefined {
    return this.#keyStorage.status(this.#instanceOf(instance));
  }

  /** For each root key of the instance: whether the unit's current master key unwraps it to what it was. */
  unwrap(unit: string, instance: string): boolean[] {
    const keys = this.#store.rootKeys(instance);
    const patterns = this.#host.rootKeyPatterns(
      unit,
      keys.map(({ blob }) => blob),
    );
    return keys.map(({ pattern }, at) => {
      const found = patterns[at];
      return found != null && equal(found, pattern);
    });
  }

  #instanceOf(id: string): ServiceInstance {
    const instance = this.instance(id);
    if (!instance) throw new UsageError(`service instance: want one of this fleet, got '${id}'`);
    return instance;
  }

  /** Wipes the fleet's secrets from the card, the root's key included: no hardware can be installed from then on. */
  close(): void {
    this.#keyStorage.close();
    this.#host.close();
    this.#core.keyFree(this.root.key);
  }
}

/** Eight ASCII characters, others for each module that is made. */
function moduleInstance(): Uint8Array {
  return new TextEncoder().encode(toHex(crypto.getRandomValues(new Uint8Array(4))));
}
