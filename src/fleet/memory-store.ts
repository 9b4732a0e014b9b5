// A fleet in memory, for as long as the process lives.

import type { RootKey } from "../core/api.ts";
import type { AuditEntry, Change, ModuleState, UnitState } from "../unit/state.ts";
import type { RewrapJob, StoredRootKey } from "./key-storage.ts";
import { type FleetStore, type Installation, StoreConflict } from "./store.ts";
import { type Bay, bayName, type ServiceInstance, type Unit } from "./topology.ts";

export class MemoryStore implements FleetStore {
  readonly #units = new Map<string, UnitState>();
  readonly #modules = new Map<string, ModuleState>();
  readonly #bays = new Map<string, string>();
  readonly #instances = new Map<string, ServiceInstance>();
  readonly #residents = new Map<string, Unit[]>();
  readonly #rootKeys = new Map<string, RootKey[]>();
  readonly #rewrapJobs = new Map<string, RewrapJob>();
  readonly #observers = new Set<(entry: AuditEntry) => void>();

  /** `audit` is told each entry once its change is in; entries are not kept. */
  constructor(audit?: (entry: AuditEntry) => void) {
    if (audit) this.#observers.add(audit);
  }

  unit(id: string): UnitState | undefined {
    return this.#units.get(id);
  }

  module(serial: string): ModuleState | undefined {
    return this.#modules.get(serial);
  }

  /**
   * All changes or none.
   * @throws StoreConflict if a unit is not in the state that its change replaces, or changes twice.
   */
  commit(changes: readonly Change[]): void {
    const staged = new Map<string, UnitState>();
    for (const { previous, next } of changes) {
      if (next.id !== previous.id) throw new StoreConflict(`unit: want ${previous.id}, got ${next.id}`);
      if (staged.has(next.id)) throw new StoreConflict(`unit ${next.id}: want one change in a commit, got two`);
      if (this.#units.get(next.id) !== previous)
        throw new StoreConflict(`unit ${next.id} is not in the state that the change replaces; read it again`);
      staged.set(next.id, next);
    }
    for (const [id, state] of staged) this.#units.set(id, state);
    for (const { audit } of changes) for (const entry of audit) for (const observe of this.#observers) observe(entry);
  }

  observe(observe: (entry: AuditEntry) => void): () => void {
    this.#observers.add(observe);
    return () => this.#observers.delete(observe);
  }

  /** What `work` has changed before it throws stays: there is no crash to survive. */
  together<T>(work: () => T): T {
    return work();
  }

  install({ bay, module, units }: Installation): void {
    if (this.#modules.has(module.serial)) throw new StoreConflict(`module ${module.serial} is installed already`);
    const replaced = this.#bays.get(bayName(bay));
    if (replaced !== undefined) this.#modules.delete(replaced);
    this.#bays.set(bayName(bay), module.serial);
    this.#modules.set(module.serial, module);
    for (const unit of units) this.#units.set(unit.id, unit);
  }

  serialIn(bay: Bay): string | undefined {
    return this.#bays.get(bayName(bay));
  }

  serials(): Iterable<string> {
    return this.#modules.keys();
  }

  addInstances(instances: readonly ServiceInstance[]): void {
    for (const instance of instances) {
      this.#instances.set(instance.id, instance);
      this.#house(instance.units);
    }
  }

  addUnits(id: string, units: readonly Unit[]): void {
    const instance = this.#instances.get(id);
    if (!instance) throw new StoreConflict(`service instance ${id} is not there`);
    this.#instances.set(id, { ...instance, units: [...instance.units, ...units] });
    this.#house(units);
  }

  #house(units: readonly Unit[]): void {
    for (const unit of units) {
      const residents = this.#residents.get(bayName(unit.bay));
      if (residents) residents.push(unit);
      else this.#residents.set(bayName(unit.bay), [unit]);
    }
  }

  instances(): Iterable<ServiceInstance> {
    return this.#instances.values();
  }

  instance(id: string): ServiceInstance | undefined {
    return this.#instances.get(id);
  }

  unitsIn(bay: Bay): readonly Unit[] {
    return this.#residents.get(bayName(bay)) ?? [];
  }

  addRootKeys(instance: string, keys: readonly RootKey[]): void {
    this.#rootKeys.set(instance, [...this.rootKeys(instance), ...keys]);
  }

  rootKeys(instance: string): readonly RootKey[] {
    return this.#rootKeys.get(instance) ?? [];
  }

  rootKeysAfter(instance: string, position: number, limit: number): StoredRootKey[] {
    const page = this.rootKeys(instance).slice(position, position + limit);
    return page.map((key, at) => ({ ...key, position: position + at + 1 }));
  }

  rewrapRootKeys(instance: string, keys: readonly StoredRootKey[], job: RewrapJob): void {
    const all = [...this.rootKeys(instance)];
    for (const { position, blob, pattern } of keys) {
      if (!all[position - 1]) throw new StoreConflict(`root key ${position} of ${instance} is not there`);
      all[position - 1] = { blob, pattern };
    }
    this.#rootKeys.set(instance, all);
    this.#rewrapJobs.set(instance, job);
  }

  rewrapJob(instance: string): RewrapJob | undefined {
    return this.#rewrapJobs.get(instance);
  }
}
