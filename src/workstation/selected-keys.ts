// Which signature keys sign from now on: SELECTEDKEYS, a JSON array of their SKIs in hexadecimal, in the order of selection. No
// passwords.

import { z } from "zod";
import { readList, writeList } from "./domains.ts";
import type { WorkstationFolder } from "./folder.ts";

const SELECTEDKEYS = "SELECTEDKEYS";
const ski = z.string().regex(/^[0-9a-f]{64}$/);

/** @throws WorkstationError if the file is no such list. */
export function readSelectedKeys(folder: WorkstationFolder): string[] {
  return readList(folder, SELECTEDKEYS, ski);
}

export function writeSelectedKeys(folder: WorkstationFolder, skis: readonly string[]): void {
  writeList(folder, SELECTEDKEYS, skis);
}
