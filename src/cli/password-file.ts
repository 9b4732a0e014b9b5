// One password for all keys, from a file or an open descriptor: for commands that make or open several keys at once.

import { unmoved } from "../bytes.ts";
import { UsageError } from "../errors.ts";
import type { Arguments } from "./command.ts";
import { readSecret } from "./tke/passwords.ts";

/**
 * The first line of what --password-file or --password-fd names; null if neither is given. The caller wipes it.
 * @throws UsageError if there is none
 */
export function readPassword(argv: Arguments): Uint8Array | null {
  const bytes = readSecret(argv, "password");
  if (bytes === null) return null;
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  const line = bytes.subarray(0, end < 0 ? bytes.length : end);
  const password = unmoved(line.length);
  password.set(line);
  bytes.fill(0);
  const option = argv["password-file"] === undefined ? "--password-fd" : `--password-file '${argv["password-file"]}'`;
  if (password.length === 0) throw new UsageError(`${option}: want a password in the first line.`);
  return password;
}
