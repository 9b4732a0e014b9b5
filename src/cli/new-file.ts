// Files that commands make: whole or not there, never in place of another.

import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from "node:fs";
import { UsageError } from "../errors.ts";

/** Writes the pieces to a new file. @throws UsageError if there is such a file, or it can't be made. */
export function writeNewFile(file: string, pieces: Iterable<string>): void {
  const draft = `${file}.${process.pid}.new`;
  try {
    const descriptor = openSync(draft, "wx", 0o600);
    try {
      for (const piece of pieces) writeAll(descriptor, Buffer.from(piece));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    linkSync(draft, file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || code.startsWith("ERR_")) throw cause;
    throw new UsageError(
      code === "EEXIST" ? `'${file}' is there already; name a new file.` : `'${file}' can't be written: ${code}.`,
      { cause },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
