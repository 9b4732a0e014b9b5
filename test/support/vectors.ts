// The vectors of test/vectors, by file name.

import { readFileSync } from "node:fs";
import { fromHex } from "../../src/bytes.ts";

/** A file of cases. */
export interface VectorFile<Case> {
  readonly source: string;
  readonly note: string;
  readonly cases: readonly Case[];
}

/** Reads test/vectors/`file`; the caller says what its cases look like. */
export function readVectors<Case>(file: string): VectorFile<Case> {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8")) as VectorFile<Case>;
}

/** Bytes from hexadecimal text, in which blanks are free. */
export function hex(text: string): Uint8Array {
  return fromHex(text.replace(/\s+/g, ""));
}
