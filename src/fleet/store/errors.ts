// What can be wrong with a store on disk. Nothing was overwritten, whatever it is.

import { OpenTkeError } from "../../errors.ts";

export const StoreFailure = {
  /** There is no fleet where one was expected. */
  Missing: "missing",
  /** There is something where a new fleet or a new key was to be. */
  Exists: "exists",
  /** A file that is not a store of this program. */
  Foreign: "foreign",
  /** A store of a later version of this program. */
  Newer: "newer",
  Damaged: "damaged",
  /** The storage key is missing, malformed, open to others or that of another store. */
  Key: "key",
  /** Another process has the fleet. */
  Locked: "locked",
  Full: "full",
  ReadOnly: "read-only",
  /** The system refused to read or write. */
  Unavailable: "unavailable",
} as const;
export type StoreFailure = (typeof StoreFailure)[keyof typeof StoreFailure];

export class StoreError extends OpenTkeError {
  readonly code: string = "ERR_STORE";
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Result codes of SQLite (sqlite.org/rescode.html); extended codes have these in their low byte. */
const FAILURE_OF_CODE: ReadonlyMap<number, readonly [StoreFailure, string]> = new Map([
  [3, [StoreFailure.ReadOnly, "access was denied; check the permissions of folder and files"]],
  [5, [StoreFailure.Locked, "another process is writing; try again when it is done"]],
  [6, [StoreFailure.Locked, "another connection is writing; try again when it is done"]],
  [8, [StoreFailure.ReadOnly, "it can't be written; check the permissions of folder and files"]],
  [10, [StoreFailure.Unavailable, "the system failed to read or write; check the disk, then open the fleet again"]],
  [11, [StoreFailure.Damaged, "the file is damaged; restore it from a backup"]],
  [13, [StoreFailure.Full, "the disk is full; make room and try again"]],
  [14, [StoreFailure.Unavailable, "the file can't be opened; check that its folder exists and can be written"]],
  [22, [StoreFailure.Unavailable, "the file system does not take files of this size"]],
  [26, [StoreFailure.Foreign, "the file is not a database; restore the store from a backup"]],
]);

/** The StoreError for what an SQLite engine threw, if its code is one of a store on disk; anything else is a defect. */
export function storeErrorOf(path: string, code: number | null, cause: unknown): StoreError | null {
  const known = code === null ? undefined : FAILURE_OF_CODE.get(code & 0xff);
  return known ? new StoreError(known[0], `store ${path}: ${known[1]}`, { cause }) : null;
}
