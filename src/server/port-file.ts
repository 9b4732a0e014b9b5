// The file that tells where a server listens: its URL and a newline. Readers see all of it or none.

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { UsageError } from "../errors.ts";

/** @throws UsageError if the file cannot be written. */
export function writePortFile(file: string, url: string): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${url}\n`);
    renameSync(draft, file);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new UsageError(`port file '${file}': cannot be written (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}

/** Removes the file unless another server has written it since. */
export function removePortFile(file: string, url: string): void {
  try {
    if (readFileSync(file, "utf8") === `${url}\n`) rmSync(file);
  } catch {
    // Somebody took it away: that is what was wanted.
  }
}
