// Files that options name.

import { readFileSync } from "node:fs";
import { UsageError } from "../../errors.ts";

/** What is in the file that an option names. @throws UsageError */
export function readOptionFile(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--${option}: '${file}' cannot be read (${code}).`, { cause });
  }
}
