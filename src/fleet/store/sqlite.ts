// SQLite as the store uses it: statements prepared once, parameters counted and checked, rows read by type, transactions. An
// engine alone would bind what is missing as NULL, cut text at a NUL and round large integers without a word.

import {
  type Columns,
  chooseEngine,
  type Engine,
  type EngineStatement,
  type OpenEngine,
  sqliteCodeOf,
  type Value,
} from "./engines.ts";
import { StoreError, StoreFailure, storeErrorOf } from "./errors.ts";

export type { Value };

/** Pages of 4,096 bytes in the log before they are moved to the database: 16 MiB. */
const WAL_PAGES = 4096;
const CACHE_KIB = 16_384;
const BUSY_MS = 5000;

export interface OpenOptions {
  /** Every write is refused. */
  readonly readOnly?: boolean;
  /** Pages that the file may have; beyond that it is as if the disk were full. */
  readonly maxPages?: number;
  /** Written into the header of a new file before anything else. */
  readonly applicationId?: number;
  /** The engine; by default that of this Node. */
  readonly engine?: OpenEngine;
}

/**
 * Opens a file, which is made if it is not there, with a write-ahead log, synced at every commit.
 * @throws StoreError
 */
export async function openDatabase(path: string, options: OpenOptions = {}): Promise<Database> {
  const open = options.engine ?? (await chooseEngine());
  const engine = guarded(path, () => open(path, options.readOnly === true));
  const database = new Database(engine, path, options.readOnly);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    if (options.applicationId !== undefined) database.exec(`PRAGMA application_id = ${options.applicationId}`);
    if (!options.readOnly) database.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = ${WAL_PAGES}`);
    database.exec(`PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON`);
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`);
    if (options.maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${options.maxPages}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeErrorOf(path, sqliteCodeOf(error), error) ?? error;
  }
}

export class Database {
  readonly path: string;
  readonly #engine: Engine;
  readonly #readOnly: boolean;
  readonly #statements = new Map<string, Statement>();
  #inTransaction = false;
  #lost: StoreError | null = null;

  constructor(engine: Engine, path: string, readOnly = false) {
    this.#engine = engine;
    this.#readOnly = readOnly;
    this.path = path;
  }

  /** Name of the engine. */
  get engine(): Engine["name"] {
    return this.#engine.name;
  }

  /** The statement of this text, prepared at the first call. Parameters are `?`; the text holds no other question mark. */
  prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = this.#guard(() => this.#engine.prepare(sql));
    const statement = new Statement(prepared, sql, this.path, (work) => this.#guard(work));
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Statements without parameters or results. */
  exec(sql: string): void {
    this.#guard(() => this.#engine.exec(sql));
  }

  /** The one value of a pragma that tells something. */
  pragma(name: string): Value {
    const row = this.#guard(() => this.#engine.prepare(`PRAGMA ${name}`).all([]))[0];
    const value = row && Object.entries(row).find(([column]) => column !== "_metadata")?.[1];
    return (value ?? null) as Value;
  }

  /**
   * Runs `work` in a transaction: durable when this returns, and if it throws nothing was changed. One within another is part of
   * that one, and an error of it is to end that one too.
   */
  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    if (this.#readOnly)
      throw new StoreError(StoreFailure.ReadOnly, `store ${this.path}: it was opened to be read, not to be changed`);
    this.exec("BEGIN IMMEDIATE");
    this.#inTransaction = true;
    let result: T;
    try {
      result = work();
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
    this.#commit();
    return result;
  }

  #commit(): void {
    try {
      this.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      // A failed sync leaves it open what is on the disk: only opening the file anew can tell.
      if (error instanceof StoreError && error.failure === StoreFailure.Unavailable) this.#lost = error;
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#engine.exec("ROLLBACK");
    } catch {
      // SQLite rolls back by itself after some errors, and then there is nothing left to do.
    }
  }

  /** Ends a transaction that is under way, moves the log into the database and closes both. */
  close(): void {
    this.#rollBack();
    try {
      this.#engine.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // The log is as durable as the database: whoever opens it next takes it over.
    }
    this.#statements.clear();
    this.#engine.close();
  }

  #guard<T>(work: () => T): T {
    if (this.#lost) throw this.#lost;
    return guarded(this.path, work);
  }
}

export class Statement {
  readonly #prepared: EngineStatement;
  readonly #sql: string;
  readonly #path: string;
  readonly #guard: <T>(work: () => T) => T;
  readonly #count: number;

  constructor(prepared: EngineStatement, sql: string, path: string, guard: <T>(work: () => T) => T) {
    this.#prepared = prepared;
    this.#sql = sql;
    this.#path = path;
    this.#guard = guard;
    this.#count = sql.split("?").length - 1;
  }

  /** Rows changed. */
  run(...values: readonly Value[]): number {
    const checked = this.#check(values);
    return this.#guard(() => this.#prepared.run(checked));
  }

  /** The first row. */
  get(...values: readonly Value[]): Row | undefined {
    const checked = this.#check(values);
    const columns = this.#guard(() => this.#prepared.get(checked));
    return columns && new Row(columns, this.#path);
  }

  /** All rows: for results that are known to be few. */
  all(...values: readonly Value[]): Row[] {
    const checked = this.#check(values);
    return this.#guard(() => this.#prepared.all(checked)).map((columns) => new Row(columns, this.#path));
  }

  /** @throws TypeError if the parameters are not those of the statement: a defect of the caller. */
  #check(values: readonly Value[]): Value[] {
    if (values.length !== this.#count)
      throw new TypeError(`want ${this.#count} parameters, got ${values.length}: ${this.#sql}`);
    for (const [at, value] of values.entries())
      if (!isValue(value)) throw new TypeError(`parameter ${at + 1}: want a value for SQLite: ${this.#sql}`);
    return [...values];
  }
}

/** Text with a NUL would be cut there, and half of a surrogate pair replaced. */
const UNFIT_TEXT = /[\0\ud800-\udfff]/u;

function isValue(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value === "string") return !UNFIT_TEXT.test(value);
  return value === null || value instanceof Uint8Array;
}

/** Reads columns by name. What is of another type or size than the schema says is a damaged store. */
export class Row {
  readonly #columns: Columns;
  readonly #path: string;

  constructor(columns: Columns, path: string) {
    this.#columns = columns;
    this.#path = path;
  }

  isNull(name: string): boolean {
    return this.#columns[name] === null;
  }

  text(name: string): string {
    const value = this.#columns[name];
    return typeof value === "string" ? value : this.#damaged(name, "text");
  }

  integer(name: string): number {
    const value = this.#columns[name];
    return Number.isSafeInteger(value) ? (value as number) : this.#damaged(name, "an integer");
  }

  /** A copy, of exactly `size` bytes if that is given. */
  blob(name: string, size?: number): Uint8Array {
    const value = this.#columns[name];
    const isBlob = value instanceof Uint8Array && (size === undefined || value.length === size);
    return isBlob
      ? new Uint8Array(value)
      : this.#damaged(name, size === undefined ? "a blob" : `a blob of ${size} bytes`);
  }

  #damaged(name: string, want: string): never {
    throw new StoreError(
      StoreFailure.Damaged,
      `store ${this.#path}: column ${name}: want ${want}, got another value; restore the store from a backup`,
    );
  }
}
