// Key storages of service instances: wrapped root keys, and the last job of each that re-encrypted them.

import type { RootKey } from "../../core/api.ts";
import type { RewrapJob, RewrapState, StoredRootKey } from "../key-storage.ts";
import type { Database, Row } from "./sqlite.ts";

const SQL = {
  instance: "SELECT key FROM instances WHERE id = ?",
  add: "INSERT INTO root_keys (instance, pattern, wrapped_key) VALUES (?, ?, ?)",
  all: "SELECT key, pattern, wrapped_key FROM root_keys WHERE instance = ? ORDER BY key",
  after: "SELECT key, pattern, wrapped_key FROM root_keys WHERE instance = ? AND key > ? ORDER BY key LIMIT ?",
  rewrap: "UPDATE root_keys SET wrapped_key = ? WHERE instance = ? AND key = ? AND pattern = ?",
  job: "SELECT status, message, pattern FROM rewrap_jobs WHERE instance = ?",
  setJob: "INSERT OR REPLACE INTO rewrap_jobs (instance, status, message, pattern) VALUES (?, ?, ?, ?)",
} as const;

export class RootKeyTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False if there is no such instance. */
  add(instance: string, keys: readonly RootKey[]): boolean {
    const key = this.#keyOf(instance);
    const add = this.#database.prepare(SQL.add);
    if (key !== undefined) for (const { pattern, blob } of keys) add.run(key, pattern, blob);
    return key !== undefined;
  }

  all(instance: string): RootKey[] {
    const key = this.#keyOf(instance);
    return key === undefined ? [] : this.#database.prepare(SQL.all).all(key).map(rootKeyOf);
  }

  after(instance: string, position: number, limit: number): StoredRootKey[] {
    const key = this.#keyOf(instance);
    if (key === undefined) return [];
    const rows = this.#database.prepare(SQL.after).all(key, position, limit);
    return rows.map((row) => ({ ...rootKeyOf(row), position: row.integer("key") }));
  }

  /** False if there is no such instance, or a key is not where it was; then the transaction is to be ended. */
  rewrap(instance: string, keys: readonly StoredRootKey[], { status, message, pattern }: RewrapJob): boolean {
    const key = this.#keyOf(instance);
    if (key === undefined) return false;
    const rewrap = this.#database.prepare(SQL.rewrap);
    for (const one of keys) if (rewrap.run(one.blob, key, one.position, one.pattern) !== 1) return false;
    this.#database.prepare(SQL.setJob).run(key, status, message, pattern);
    return true;
  }

  job(instance: string): RewrapJob | undefined {
    const key = this.#keyOf(instance);
    const row = key === undefined ? undefined : this.#database.prepare(SQL.job).get(key);
    return (
      row && {
        status: row.text("status") as RewrapState,
        message: row.text("message"),
        pattern: row.blob("pattern", 32),
      }
    );
  }

  #keyOf(instance: string): number | undefined {
    return this.#database.prepare(SQL.instance).get(instance)?.integer("key");
  }
}

function rootKeyOf(row: Row): RootKey {
  return { pattern: row.blob("pattern"), blob: row.blob("wrapped_key") };
}
