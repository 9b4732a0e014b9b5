// The vectors of test/vectors, by file name.

import { readFileSync } from "node:fs";
import { fromHex } from "../../src/bytes.ts";

/** A file of cases. */
export interface VectorFile<Case> {
  readonly source: string;
  readonly note: string;
  readonly cases: readonly Case[];
}

/** Parses test/vectors/`file`; the caller says what it looks like. */
export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8")) as T;
}

/** Reads test/vectors/`file`; the caller says what its cases look like. */
export function readVectors<Case>(file: string): VectorFile<Case> {
  return readJson<VectorFile<Case>>(file);
}

/** Bytes from hexadecimal text, in which blanks are free. */
export function hex(text: string): Uint8Array {
  return fromHex(text.replace(/\s+/g, ""));
}
