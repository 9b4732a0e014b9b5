// Making, opening and removing the store of a fleet. Everything that can be wrong is found before anything is changed.

import { closeSync, mkdirSync, openSync, rmdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { equal } from "../../bytes.ts";
import type { Core } from "../../core/api.ts";
import { createRoot, type OaRoot, openRoot, rootCertificate, sealRoot } from "../../unit/module.ts";
import { LOG_ORIGIN, LogDraft } from "../audit/log.ts";
import { StoreError, StoreFailure } from "./errors.ts";
import { addFleetRow, completeFleetRow, type FleetRow, readFleetRow } from "./fleet-row.ts";
import { checkIsStore, checkWritable, databaseIn, isOccupied, isUnclean, STORE_FILES, unfinished } from "./folder.ts";
import { FleetLock } from "./lock.ts";
import { APPLICATION_ID, checkSchema, migrate } from "./schema.ts";
import { type Database, openDatabase } from "./sqlite.ts";
import { SqliteStore, type SqliteStoreOptions } from "./sqlite-store.ts";
import { checkKeyPlace, createStorageKey, defaultKeyFile, type KeySource, loadStorageKey } from "./storage-key.ts";

export interface StorePlace {
  readonly folder: string;
  /** Where the storage key is; by default a file beside the folder. */
  readonly key?: KeySource;
}

export interface OpenOptions extends SqliteStoreOptions {
  /** Pages that the database may have; beyond that it is as if the disk were full. */
  readonly maxPages?: number;
}

/** A store, and the root that its fleet is to be opened with. */
export interface OpenStore {
  readonly store: SqliteStore;
  readonly root: OaRoot;
  /** Closes the store and lets others have it. The root's key stays in the card. */
  readonly close: () => void;
}

/**
 * Makes a store in a folder where there is none, under a key that is made for it (or, given by descriptor, read). Until
 * `populate` is done the store is not one; if that throws, nothing is left.
 * @throws StoreError
 */
export async function createStore(
  core: Core,
  place: StorePlace,
  options: OpenOptions = {},
  populate: (opened: OpenStore) => void | Promise<void> = () => {},
): Promise<OpenStore> {
  const { folder, key } = resolved(place);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkWritable(folder);
  const lock = await FleetLock.acquire(folder);
  let made = false;
  try {
    if (isOccupied(folder)) throw occupied(folder);
    if ("file" in key) createStorageKey(core, key.file);
    else loadStorageKey(core, key);
    made = true;
    return await newStore(core, folder, lock, options, populate);
  } catch (error) {
    lock.release();
    if (made) removeFiles({ folder, key });
    throw error;
  }
}

async function newStore(
  core: Core,
  folder: string,
  lock: FleetLock,
  options: OpenOptions,
  populate: (opened: OpenStore) => void | Promise<void>,
): Promise<OpenStore> {
  const { maxPages } = options;
  // SQLite gives its other files the permissions of the first.
  closeSync(openSync(databaseIn(folder), "wx", 0o600));
  const database = await openDatabase(databaseIn(folder), {
    applicationId: APPLICATION_ID,
    ...(maxPages === undefined ? {} : { maxPages }),
  });
  try {
    migrate(database);
    const root = createRoot(core);
    database.transaction(() => addRoot(database, core, root));
    const opened = openedWith(database, core, root, lock, options);
    await populate(opened);
    completeFleetRow(database);
    return opened;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The fleet's row and the log's first record. */
function addRoot(database: Database, core: Core, root: OaRoot): void {
  const draft = new LogDraft(LOG_ORIGIN, new Date());
  draft.root(root.publicKey);
  addFleetRow(database, {
    rootPublicKey: root.publicKey,
    sealedRootKey: sealRoot(core, root),
    rootCertificate: rootCertificate(core, root),
    end: draft.end,
  });
  for (const { position, line } of draft.lines)
    database.prepare("INSERT INTO audit (position, record) VALUES (?, ?)").run(position, line);
}

/**
 * Opens the store of a fleet to change it, its storage key going into the card.
 * @throws StoreError; nothing was changed then.
 */
export async function openStore(core: Core, place: StorePlace, options: OpenOptions = {}): Promise<OpenStore> {
  const { folder, key } = resolved(place);
  checkIsStore(folder);
  checkWritable(folder);
  const lock = await FleetLock.acquire(folder);
  try {
    const root = await examined(core, folder, key);
    const { maxPages } = options;
    const database = await openDatabase(databaseIn(folder), maxPages === undefined ? {} : { maxPages });
    try {
      migrate(database);
      return openedWith(database, core, root, lock, options);
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** All checks of a store, over a connection that can't change it; the root, which its storage key opens. */
async function examined(core: Core, folder: string, key: KeySource): Promise<OaRoot> {
  const unclean = isUnclean(folder);
  const database = await openDatabase(databaseIn(folder), { readOnly: true });
  try {
    checkSchema(database);
    const row = readFleetRow(database);
    if (!row.complete) throw unfinished(folder);
    if (unclean) checkPages(database);
    return rootWith(core, key, row);
  } finally {
    database.close();
  }
}

/** Opens the store of a fleet to read it, beside whoever changes it. Needs no key. @throws StoreError */
export async function readStore(folder: string, options: SqliteStoreOptions = {}): Promise<SqliteStore> {
  checkIsStore(folder);
  const database = await openDatabase(databaseIn(folder), { readOnly: true });
  try {
    // All that is read is of one moment, whatever is written meanwhile.
    database.exec("BEGIN");
    checkSchema(database);
    if (!readFleetRow(database).complete) throw unfinished(folder);
    return new SqliteStore(database, null, options);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What {@link destroyStore} would remove. @throws StoreError if there is no store of this program. */
export function filesOfStore(place: StorePlace): string[] {
  const { folder, key } = resolved(place);
  checkOurs(folder);
  return [join(folder, "fleet.*"), ...("file" in key ? [key.file] : [])];
}

/** Whether a store can be made in the folder. @throws StoreError if there is one already */
export function requireVacant(place: StorePlace): void {
  const { folder } = resolved(place);
  if (isOccupied(folder)) throw occupied(folder);
}

/** Removes a store and its key file. @throws StoreError if somebody uses it, or it is not ours. */
export async function destroyStore(place: StorePlace): Promise<void> {
  const { folder, key } = resolved(place);
  checkOurs(folder);
  checkWritable(folder);
  const lock = await FleetLock.acquire(folder);
  lock.release();
  removeFiles({ folder, key });
}

/** As checkIsStore, but for one that was never finished, which is ours to remove. */
function checkOurs(folder: string): void {
  try {
    checkIsStore(folder);
  } catch (error) {
    if (!(error instanceof StoreError && error.failure === StoreFailure.Missing && isOccupied(folder))) throw error;
  }
}

function removeFiles({ folder, key }: Required<StorePlace>): void {
  for (const name of STORE_FILES) rmSync(join(folder, name), { force: true });
  if ("file" in key) rmSync(key.file, { force: true });
  try {
    rmdirSync(folder);
  } catch {
    // Something else is in there, which is none of our business.
  }
}

function resolved({ folder, key }: StorePlace): Required<StorePlace> {
  const source = key ?? { file: defaultKeyFile(folder) };
  checkKeyPlace(folder, source);
  return { folder: resolve(folder), key: source };
}

function openedWith(database: Database, core: Core, root: OaRoot, lock: FleetLock, options: OpenOptions): OpenStore {
  const store = new SqliteStore(database, core, options);
  const close = (): void => {
    try {
      store.close();
    } finally {
      lock.release();
    }
  };
  return { store, root, close };
}

/** Loads the key and opens the root with it: a wrong key does not. */
function rootWith(core: Core, key: KeySource, { sealedRootKey, rootPublicKey }: FleetRow): OaRoot {
  loadStorageKey(core, key);
  const root = openRoot(core, sealedRootKey);
  const name = "file" in key ? key.file : `descriptor ${key.descriptor}`;
  if (root === null)
    throw new StoreError(
      StoreFailure.Key,
      `storage key ${name}: want the key that this store was made with, got another; name the right one with --storage-key-file`,
    );
  if (!equal(root.publicKey, rootPublicKey)) {
    core.keyFree(root.key);
    throw new StoreError(
      StoreFailure.Damaged,
      "store: the root's key is not the one that its public key says; restore it",
    );
  }
  return root;
}

/** After a crash: SQLite's log has brought the file in order, if the disk kept its word. */
function checkPages(database: Database): void {
  const verdict = database.pragma("quick_check(1)");
  if (verdict === "ok") return;
  throw new StoreError(
    StoreFailure.Damaged,
    `store ${database.path}: the file is damaged (${String(verdict).split("\n")[0]}); restore it from a backup`,
  );
}

function occupied(folder: string): StoreError {
  return new StoreError(
    StoreFailure.Exists,
    `fleet ${folder}: there is a file 'fleet.db' already; run 'opentke fleet destroy' if it is a fleet that you can do without, or set OPENTKE_HOME to another folder`,
  );
}
