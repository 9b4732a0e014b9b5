// Where a fleet is kept: units and modules (the unit tower's UnitStore), what stands in which bay, service instances, and the
// blobs of their key storage. Values go in and come out; whoever keeps them in files or tables implements this interface.

import { OpenTkeError } from "../errors.ts";
import type { AuditEntry, ModuleState, UnitState, UnitStore } from "../unit/state.ts";
import type { KeyStorageStore } from "./key-storage.ts";
import type { Bay, ServiceInstance, Unit } from "./topology.ts";

/** Hardware and where it stands. */
export interface Installation {
  readonly bay: Bay;
  readonly module: ModuleState;
  /** All units of the module, pristine. */
  readonly units: readonly UnitState[];
}

export interface FleetStore extends UnitStore, KeyStorageStore {
  /** Runs `work` so that all it changes becomes durable at once or, if it throws, nothing. */
  together<T>(work: () => T): T;
  /** From now on `observe` is told each audit entry once it is durable. The result ends that. */
  observe(observe: (entry: AuditEntry) => void): () => void;

  /** Puts a module in a bay, in place of what stood there, with its units; all or nothing. */
  install(installation: Installation): void;
  /** Serial number of the module in a bay. */
  serialIn(bay: Bay): string | undefined;
  serials(): Iterable<string>;

  /** Adds service instances and the places of their units. */
  addInstances(instances: readonly ServiceInstance[]): void;
  /** Adds units to a service instance, behind those that it has. @throws StoreConflict if there is no such instance. */
  addUnits(instance: string, units: readonly Unit[]): void;
  instances(): Iterable<ServiceInstance>;
  instance(id: string): ServiceInstance | undefined;
  /** Units of instances whose place is in a bay. */
  unitsIn(bay: Bay): readonly Unit[];
}

/** Somebody else changed a unit between reading and writing it. Nothing was written. */
export class StoreConflict extends OpenTkeError {
  readonly code: string = "ERR_STORE_CONFLICT";
}
