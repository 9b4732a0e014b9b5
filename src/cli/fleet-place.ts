// Which fleet a command works on: the one in OPENTKE_HOME, under the storage key that the options name.

import { UsageError } from "../errors.ts";
import type { StorePlace } from "../fleet/store/open.ts";
import { type Arguments, wholeNumber } from "./command.ts";
import { opentkeHome } from "./home.ts";
import type { Io } from "./io.ts";

export const KEY_OPTIONS = {
  "storage-key-file": {
    describe: "File with the storage key of the fleet; by default beside OPENTKE_HOME",
    requiresArg: true,
  },
  "storage-key-fd": { describe: "Open descriptor to read the storage key from", requiresArg: true },
} as const;

/** @throws UsageError if both options are given. */
export function placeOf(argv: Arguments, io: Io): StorePlace {
  const folder = opentkeHome(io.env);
  const [file, descriptor] = [argv["storage-key-file"], argv["storage-key-fd"]];
  if (file !== undefined && descriptor !== undefined)
    throw new UsageError("Want --storage-key-file or --storage-key-fd, not both.");
  if (file !== undefined) return { folder, key: { file: `${file}` } };
  return descriptor === undefined ? { folder } : { folder, key: { descriptor: wholeNumber(argv, "storage-key-fd") } };
}
