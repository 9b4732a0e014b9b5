import type { Io } from "./io.ts";
import { VERSION } from "./version.ts";

/** Says on standard error what this is not. */
export function banner(io: Io, quiet: boolean): void {
  if (quiet) return;
  io.err(`OpenTKE ${VERSION}: crypto units in software. This is not an HSM. Do not put real keys here.\n`);
}
