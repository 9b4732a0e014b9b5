// A store's folder, looked at from outside: whether a fleet is there, whether it is ours, whether it was left in order. Nothing here
// changes anything.

import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { readU32 } from "../../bytes.ts";
import { StoreError, StoreFailure } from "./errors.ts";
import { LOCK_FILES } from "./lock.ts";
import { APPLICATION_ID } from "./schema.ts";

const DATABASE = "fleet.db";
const LOG = `${DATABASE}-wal`;

/** Names of all files that a store may have in its folder. */
export const STORE_FILES: readonly string[] = [DATABASE, LOG, `${DATABASE}-shm`, `${DATABASE}-journal`, ...LOCK_FILES];

/** The database file format (sqlite.org/fileformat.html 1.3): 16 bytes of magic, the application id at 68. */
const MAGIC = "SQLite format 3\0";
const HEADER_SIZE = 100;
const APPLICATION_ID_AT = 68;

export function databaseIn(folder: string): string {
  return join(folder, DATABASE);
}

/** Whether there is a file where a store's would be, whatever it is. */
export function isOccupied(folder: string): boolean {
  return existsSync(databaseIn(folder));
}

/** Whether the last one who wrote did not close the store. */
export function isUnclean(folder: string): boolean {
  return (statSync(join(folder, LOG), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** @throws StoreError unless there is a store of this program. */
export function checkIsStore(folder: string): void {
  const path = databaseIn(folder);
  if (!isOccupied(folder))
    throw new StoreError(
      StoreFailure.Missing,
      `fleet ${folder}: there is none; run 'opentke fleet create' to make one`,
    );
  const header = readHeader(path);
  if (header.length === 0) throw unfinished(folder);
  const magic = new TextDecoder().decode(header.subarray(0, MAGIC.length));
  if (header.length < HEADER_SIZE || magic !== MAGIC) throw foreign(path, "a SQLite database", "another file");
  const id = readU32(header, APPLICATION_ID_AT);
  if (id !== APPLICATION_ID)
    throw foreign(path, `application id ${APPLICATION_ID.toString(16)}`, id === 0 ? "none" : id.toString(16));
}

/** @throws StoreError if folder or database can't be written. */
export function checkWritable(folder: string): void {
  for (const path of [folder, databaseIn(folder)].filter((each) => existsSync(each))) {
    try {
      accessSync(path, constants.W_OK);
    } catch (cause) {
      throw new StoreError(
        StoreFailure.ReadOnly,
        `fleet ${folder}: want to write ${path}, got permission to read alone; check its owner and mode, or where it is mounted`,
        { cause },
      );
    }
  }
}

/** A store that `createStore` did not get done with. */
export function unfinished(folder: string): StoreError {
  return new StoreError(
    StoreFailure.Missing,
    `fleet ${folder}: it was being made when that was interrupted; run 'opentke fleet destroy', then 'opentke fleet create'`,
  );
}

function readHeader(path: string): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (cause) {
    throw new StoreError(StoreFailure.Unavailable, `store ${path}: can't be read; check its permissions`, { cause });
  }
  try {
    const header = new Uint8Array(HEADER_SIZE);
    return header.subarray(0, readSync(descriptor, header, 0, HEADER_SIZE, 0));
  } finally {
    closeSync(descriptor);
  }
}

function foreign(path: string, want: string, got: string): StoreError {
  return new StoreError(
    StoreFailure.Foreign,
    `store ${path}: want ${want}, got ${got}: it is no store of OpenTKE and was left as it is; set OPENTKE_HOME to another folder`,
  );
}
