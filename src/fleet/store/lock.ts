// One writer for each fleet. The lock is an exclusive transaction on a database of its own: the system takes it away from a process
// that dies, however it dies. Who holds it stands in a file beside it, which says nothing by itself.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { chooseEngine, type Engine, sqliteCodeOf } from "./engines.ts";
import { StoreError, StoreFailure, storeErrorOf } from "./errors.ts";

const LOCK_FILE = "fleet.lock";
const HOLDER_FILE = "fleet.holder";
const SQLITE_BUSY = 5;

/** Names in a store's folder that are the lock's. */
export const LOCK_FILES: readonly string[] = [LOCK_FILE, `${LOCK_FILE}-journal`, HOLDER_FILE];

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO time. */
  readonly since: string;
}

export class FleetLock {
  readonly #engine: Engine;
  readonly #holder: string;

  /** @throws StoreError that says who has it, if another process has. In: a folder that is there. */
  static async acquire(folder: string): Promise<FleetLock> {
    const path = join(folder, LOCK_FILE);
    const open = await chooseEngine();
    let engine: Engine | undefined;
    try {
      engine = open(path, false);
      // No statement is prepared here: libsql would keep the file locked until that is garbage.
      engine.exec("BEGIN EXCLUSIVE");
      return new FleetLock(engine, join(folder, HOLDER_FILE));
    } catch (error) {
      engine?.close();
      const code = sqliteCodeOf(error);
      throw code === SQLITE_BUSY ? inUse(folder, error) : (storeErrorOf(path, code, error) ?? error);
    }
  }

  constructor(engine: Engine, holder: string) {
    this.#engine = engine;
    this.#holder = holder;
    const self: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    writeFileSync(holder, `${JSON.stringify(self)}\n`, { mode: 0o600 });
  }

  release(): void {
    rmSync(this.#holder, { force: true });
    this.#engine.exec("ROLLBACK");
    this.#engine.close();
  }
}

function inUse(folder: string, cause: unknown): StoreError {
  const holder = readHolder(join(folder, HOLDER_FILE));
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : "another process";
  return new StoreError(
    StoreFailure.Locked,
    `fleet ${folder}: in use by ${who}. Only one process at a time can change a fleet: end that one, or set OPENTKE_HOME to another fleet`,
    { cause },
  );
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return null;
  }
}
