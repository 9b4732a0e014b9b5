// Passwords from files.

import { readFileSync } from "node:fs";
import { UsageError } from "../errors.ts";

/** The first line of a file. The caller wipes it. @throws UsageError if there is none. */
export function readPassword(file: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new UsageError(`--password-file: '${file}' can't be read: ${(cause as NodeJS.ErrnoException).code}.`, {
      cause,
    });
  }
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  // A copy: slice of a Buffer would be a view of what is wiped here.
  const password = new Uint8Array(bytes.subarray(0, end < 0 ? bytes.length : end));
  bytes.fill(0);
  if (password.length === 0) throw new UsageError(`--password-file: want a password in the first line of '${file}'.`);
  return password;
}
