// The storage key: 32 bytes in a file of its own outside the store's folder, or from a file descriptor. They pass between the file
// and the card's memory, and nowhere else.

import { closeSync, fstatSync, fsyncSync, linkSync, mkdirSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import type { Core } from "../../core/api.ts";
import { StoreError, StoreFailure } from "./errors.ts";

export const STORAGE_KEY_SIZE = 32;

/** Where the key is: a file, or an open descriptor (a pipe, for instance) that is read to its end. */
export type KeySource = { readonly file: string } | { readonly descriptor: number };

/** The key file that belongs to a store's folder unless the user says otherwise: beside it, not in it. */
export function defaultKeyFile(folder: string): string {
  return `${resolve(folder)}.key`;
}

/** @throws StoreError if the key lies in the folder that it is to protect. */
export function checkKeyPlace(folder: string, source: KeySource): void {
  if (!("file" in source)) return;
  const inside = resolve(source.file).startsWith(resolve(folder) + sep);
  if (inside)
    throw keyError(
      `storage key ${source.file}: want a place outside the store's folder ${folder}; a copy of the folder would be a copy of the key`,
    );
}

/**
 * Makes a key, loads it into the card and keeps it in a new file that its owner alone can read. The file appears whole or not
 * at all, and never in place of another.
 * @throws StoreError
 */
export function createStorageKey(core: Core, file: string): void {
  const draft = `${file}.${process.pid}.new`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openKey(draft, "wx");
  try {
    core.setStorageKey((view) => {
      crypto.getRandomValues(view as Uint8Array<ArrayBuffer>);
      if (writeSync(descriptor, view) !== view.length)
        throw keyError(`storage key ${file}: could not be written whole`);
      fsyncSync(descriptor);
    });
    linkSync(draft, file);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? occupied(file, error) : error;
  } finally {
    closeSync(descriptor);
    rmSync(draft, { force: true });
  }
  syncFolder(dirname(file));
}

/** Loads a key into the card. @throws StoreError if it is not there, not 32 bytes, or can be read by others. */
export function loadStorageKey(core: Core, source: KeySource): void {
  if ("descriptor" in source) {
    readKey(core, source.descriptor, `descriptor ${source.descriptor}`);
    return;
  }
  const descriptor = openKey(source.file, "r");
  try {
    const { mode } = fstatSync(descriptor);
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw keyError(
        `storage key ${source.file}: want a file for its owner alone, got mode ${(mode & 0o777).toString(8)}; run 'chmod 600 ${source.file}'`,
      );
    readKey(core, descriptor, source.file);
  } finally {
    closeSync(descriptor);
  }
}

function readKey(core: Core, descriptor: number, name: string): void {
  core.setStorageKey((view) => {
    let size = 0;
    for (let got = -1; got !== 0 && size < view.length; size += got)
      got = readSync(descriptor, view, size, view.length - size, null);
    const rest = size < view.length ? 0 : readSync(descriptor, new Uint8Array(1), 0, 1, null);
    if (size !== view.length || rest !== 0)
      throw keyError(`storage key ${name}: want ${STORAGE_KEY_SIZE} bytes, got ${rest > 0 ? "more" : size}`);
  });
}

function openKey(file: string, flags: "r" | "wx"): number {
  try {
    return openSync(file, flags, 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw keyError(
        `storage key ${file}: there is no such file; without the key the store can't be opened. Name the right file, or bring it back from a backup`,
        { cause },
      );
    throw keyError(`storage key ${file}: ${code}; check the permissions of folder and file`, { cause });
  }
}

/** Makes what was linked, renamed or removed in a folder durable. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function occupied(file: string, cause: unknown): StoreError {
  return new StoreError(
    StoreFailure.Exists,
    `storage key ${file}: there is one already, and it may be the only key to another store; move it away, or name another file`,
    { cause },
  );
}

function keyError(message: string, options?: ErrorOptions): StoreError {
  return new StoreError(StoreFailure.Key, message, options);
}
