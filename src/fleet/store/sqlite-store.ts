// A fleet in SQLite. Changes of many units and their audit records are one transaction, durable when the call returns. Units and
// modules that were asked for lately are kept in memory, as many as there is room for: memory does not grow with the fleet.

import type { Core, RootKey } from "../../core/api.ts";
import { Lru } from "../../unit/lru.ts";
import type { AuditEntry, Change, ModuleState, UnitState } from "../../unit/state.ts";
import { Checkpoints } from "../audit/checkpoints.ts";
import { LogDraft, type LogEnd, UNIT_ORIGIN, type UnitEnd } from "../audit/log.ts";
import { type AuditHead, rootSki } from "../audit/records.ts";
import type { RewrapJob, StoredRootKey } from "../key-storage.ts";
import { type FleetStore, type Installation, StoreConflict } from "../store.ts";
import type { Bay, ServiceInstance, Unit } from "../topology.ts";
import { type FleetRow, readFleetRow, setLogEnd } from "./fleet-row.ts";
import { ModuleTable } from "./module-table.ts";
import { PlaceTable } from "./place-table.ts";
import { RootKeyTable } from "./root-key-table.ts";
import type { Database } from "./sqlite.ts";
import { type StoredUnit, UnitTable } from "./unit-table.ts";

export interface SqliteStoreOptions {
  /** Units whose states are kept in memory. */
  readonly hotUnits?: number;
  /** Modules that are kept in memory. */
  readonly hotModules?: number;
  /** Commands of a module between two of its checkpoints. */
  readonly checkpointInterval?: number;
  readonly clock?: () => Date;
}

/** A state is about 1 KiB, since units share their administrators' certificates. */
const HOT_UNITS = 8192;
const HOT_MODULES = 1024;
/** Audit records read at a time. */
const PAGE = 512;

const SQL = {
  addRecord: "INSERT INTO audit (position, record) VALUES (?, ?)",
  records: "SELECT position, record FROM audit WHERE position > ? ORDER BY position LIMIT ?",
  record: "SELECT record FROM audit WHERE position = ?",
  units: "SELECT id FROM units WHERE id > ? ORDER BY id LIMIT ?",
} as const;

export class SqliteStore implements FleetStore {
  /** What is public of the fleet's root. */
  readonly root: Pick<FleetRow, "rootPublicKey" | "rootCertificate">;
  readonly #database: Database;
  readonly #units: UnitTable;
  readonly #modules: ModuleTable;
  readonly #places: PlaceTable;
  readonly #rootKeys: RootKeyTable;
  readonly #checkpoints: Checkpoints | null;
  readonly #clock: () => Date;
  readonly #rootSki: string;
  readonly #hotUnits: Lru<StoredUnit>;
  readonly #hotModules: Lru<ModuleState>;
  /** How each state that was given out is stored. */
  #stored = new WeakMap<UnitState, StoredUnit>();
  readonly #observers = new Set<(entry: AuditEntry) => void>();
  #end: LogEnd;

  /**
   * A store whose tables are there. `core` holds the storage key, and signs checkpoints; without it nothing can be committed.
   * The database is the store's from now on.
   */
  constructor(database: Database, core: Core | null, options: SqliteStoreOptions = {}) {
    this.#database = database;
    this.#units = new UnitTable(database);
    this.#modules = new ModuleTable(database);
    this.#places = new PlaceTable(database);
    this.#rootKeys = new RootKeyTable(database);
    this.#checkpoints = core && new Checkpoints(core, options.checkpointInterval);
    this.#clock = options.clock ?? (() => new Date());
    this.#hotUnits = new Lru(options.hotUnits ?? HOT_UNITS, () => {});
    this.#hotModules = new Lru(options.hotModules ?? HOT_MODULES, () => {});
    const row = readFleetRow(database);
    this.root = row;
    this.#end = row.end;
    this.#rootSki = rootSki(this.root.rootPublicKey);
  }

  // --- units ---------------------------------------------------------------------------------------------------------------------

  unit(id: string): UnitState | undefined {
    return this.#find(id)?.state;
  }

  module(serial: string): ModuleState | undefined {
    const known = this.#hotModules.get(serial);
    if (known) return known;
    const module = this.#modules.find(serial);
    if (module) this.#hotModules.set(serial, module);
    return module;
  }

  /**
   * All changes and their audit records, or none.
   * @throws StoreConflict if a unit is not in the state that its change replaces, or changes twice; StoreError
   */
  commit(changes: readonly Change[]): void {
    const draft = this.#draft();
    const stored = changes.map(({ previous, next }) => this.#check(previous, next));
    if (new Set(changes.map(({ next }) => next.id)).size !== changes.length)
      throw new StoreConflict("want one change of a unit in a commit, got two");
    const ends = changes.map(({ audit }, at) =>
      audit.reduce<UnitEnd>((end, entry) => draft.command(entry, end), stored[at]!.end),
    );
    const settle = this.#checkpoints!.append(draft, commandsByModule(changes), (serial) => this.module(serial)!);
    this.#write(draft, () => {
      for (const [at, { next }] of changes.entries())
        if (!this.#units.update(stored[at]!, next, ends[at]!)) throw stale(next.id);
    });
    settle();
    for (const [at, { next }] of changes.entries()) this.#keep({ key: stored[at]!.key, state: next, end: ends[at]! });
    for (const { audit } of changes) for (const entry of audit) for (const observe of this.#observers) observe(entry);
  }

  observe(observe: (entry: AuditEntry) => void): () => void {
    this.#observers.add(observe);
    return () => this.#observers.delete(observe);
  }

  #find(id: string): StoredUnit | undefined {
    const known = this.#hotUnits.get(id);
    if (known) return known;
    const stored = this.#units.find(id);
    if (stored) this.#keep(stored);
    return stored;
  }

  #keep(stored: StoredUnit): void {
    this.#hotUnits.set(stored.state.id, stored);
    this.#stored.set(stored.state, stored);
  }

  #check(previous: UnitState, next: UnitState): StoredUnit {
    if (next.id !== previous.id) throw new StoreConflict(`unit: want ${previous.id}, got ${next.id}`);
    const stored = this.#stored.get(previous);
    if (!stored) throw stale(next.id);
    return stored;
  }

  // --- hardware and instances ----------------------------------------------------------------------------------------------------

  install({ bay, module, units }: Installation): void {
    if (this.module(module.serial)) throw new StoreConflict(`module ${module.serial} is installed already`);
    const replaced = this.serialIn(bay) ?? null;
    const draft = this.#draft();
    draft.module(module, bay, replaced);
    const found = units.map(({ id }) => this.#find(id));
    const ends = units.map((unit, at) => draft.unit(unit, found[at]?.end ?? UNIT_ORIGIN));
    this.#write(draft, () => {
      if (replaced !== null) this.#modules.remove(replaced);
      this.#modules.add(module, bay);
      for (const [at, unit] of units.entries()) {
        const before = found[at];
        if (!before) this.#units.insert(unit, ends[at]!);
        else if (!this.#units.update(before, unit, ends[at]!)) throw stale(unit.id);
      }
    });
    if (replaced !== null) this.#hotModules.delete(replaced);
    for (const { id } of units) this.#hotUnits.delete(id);
  }

  together<T>(work: () => T): T {
    const end = this.#end;
    try {
      return this.#database.transaction(work);
    } catch (error) {
      this.#forget(end);
      throw error;
    }
  }

  serialIn(bay: Bay): string | undefined {
    return this.#modules.serialIn(bay);
  }

  serials(): Iterable<string> {
    return this.#modules.serials();
  }

  addInstances(instances: readonly ServiceInstance[]): void {
    this.#database.transaction(() => {
      for (const instance of instances) this.#places.add(instance);
    });
  }

  addUnits(instance: string, units: readonly Unit[]): void {
    const added = this.#database.transaction(() => this.#places.addUnits(instance, units));
    if (!added) throw new StoreConflict(`service instance ${instance} is not there`);
  }

  instances(): Iterable<ServiceInstance> {
    return this.#places.all();
  }

  instance(id: string): ServiceInstance | undefined {
    return this.#places.find(id);
  }

  unitsIn(bay: Bay): readonly Unit[] {
    return this.#places.unitsIn(bay);
  }

  addRootKeys(instance: string, keys: readonly RootKey[]): void {
    const added = this.#database.transaction(() => this.#rootKeys.add(instance, keys));
    if (!added) throw new StoreConflict(`service instance ${instance} is not there`);
  }

  rootKeys(instance: string): readonly RootKey[] {
    return this.#rootKeys.all(instance);
  }

  rootKeysAfter(instance: string, position: number, limit: number): readonly StoredRootKey[] {
    return this.#rootKeys.after(instance, position, limit);
  }

  rewrapRootKeys(instance: string, keys: readonly StoredRootKey[], job: RewrapJob): void {
    this.#database.transaction(() => {
      if (!this.#rootKeys.rewrap(instance, keys, job))
        throw new StoreConflict(`key storage of ${instance} is not what is to be re-encrypted; read it again`);
    });
  }

  rewrapJob(instance: string): RewrapJob | undefined {
    return this.#rootKeys.job(instance);
  }

  // --- audit log -----------------------------------------------------------------------------------------------------------------

  /** Where the log ends now. */
  head(): AuditHead {
    return { type: "head", records: this.#end.position, hash: this.#end.hash, root: this.#rootSki };
  }

  /** The lines of the log, as far as it went when this was called. */
  *auditLines(): Generator<string> {
    const { position: last } = this.#end;
    const page = this.#database.prepare(SQL.records);
    for (let at = 0; at < last; ) {
      const rows = page.all(at, Math.min(PAGE, last - at));
      for (const row of rows) yield row.text("record");
      if (rows.length === 0) return;
      at = rows.at(-1)!.integer("position");
    }
  }

  /** A line of the log. */
  auditLine(position: number): string | undefined {
    return this.#database.prepare(SQL.record).get(position)?.text("record");
  }

  /** Each unit and its last audit record, as they are stored. */
  *ends(): Generator<StoredUnit> {
    const page = this.#database.prepare(SQL.units);
    for (let rows = page.all("", PAGE); rows.length > 0; rows = page.all(rows.at(-1)!.text("id"), PAGE))
      for (const row of rows) yield this.#units.find(row.text("id"))!;
  }

  /** Every module that has done something since its last checkpoint signs the log. */
  checkpoint(): void {
    const draft = this.#draft();
    const settle = this.#checkpoints?.appendAll(draft, (serial) => this.module(serial));
    if (draft.lines.length > 0) this.#write(draft, () => {});
    settle?.();
  }

  // --- life ----------------------------------------------------------------------------------------------------------------------

  /** Name of the SQLite engine. */
  get engine(): string {
    return this.#database.engine;
  }

  /** Signs the log and closes the database. */
  close(): void {
    try {
      this.checkpoint();
    } finally {
      this.#checkpoints?.close();
      this.#database.close();
    }
  }

  #draft(): LogDraft {
    return new LogDraft(this.#end, this.#clock());
  }

  /** A transaction: what `work` does, and the records. */
  #write(draft: LogDraft, work: () => void): void {
    const end = this.#end;
    try {
      this.#database.transaction(() => {
        work();
        const add = this.#database.prepare(SQL.addRecord);
        for (const { position, line } of draft.lines) add.run(position, line);
        setLogEnd(this.#database, draft.end);
      });
      this.#end = draft.end;
    } catch (error) {
      this.#forget(end);
      throw error;
    }
  }

  /** Whatever is in memory may be of a transaction that was rolled back. */
  #forget(end: LogEnd): void {
    this.#end = end;
    this.#hotUnits.clear();
    this.#hotModules.clear();
    this.#stored = new WeakMap();
  }
}

function commandsByModule(changes: readonly Change[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { next, audit } of changes) counts.set(next.serial, (counts.get(next.serial) ?? 0) + audit.length);
  return counts;
}

function stale(id: string): StoreConflict {
  return new StoreConflict(`unit ${id} is not in the state that the change replaces; read it again`);
}
