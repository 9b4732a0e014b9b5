// What the workstation remembers of crypto units (workstation.md 2): DOMAINS, the known units and which are selected;
// CRYPTOMODULES, the modules and their OA keys. JSON arrays, one entry a line.

import { z } from "zod";
import { WorkstationError } from "./errors.ts";
import type { WorkstationFolder } from "./folder.ts";
import { parseJson } from "./json-members.ts";

const domainEntry = z.object({
  /** CRYPTO UNIT NUM when the list was last shown. */
  domain_num: z.number().int(),
  hsm_id: z.string(),
  crypto_instance_id: z.string(),
  location: z.string(),
  serial_num: z.string(),
  /** OA public key, hexadecimal; empty until the module was asked. */
  public_key: z.string(),
  /** Absent in older files. */
  type: z.string().optional(),
  selected: z.boolean(),
});
const moduleEntry = z.object({ serial_num: z.string(), public_key: z.string() });

export type DomainEntry = z.infer<typeof domainEntry>;
export type ModuleEntry = z.infer<typeof moduleEntry>;

const DOMAINS = "DOMAINS";
const CRYPTOMODULES = "CRYPTOMODULES";

/** @throws WorkstationError if the file is no such list. */
export function readDomains(folder: WorkstationFolder): DomainEntry[] {
  return readList(folder, DOMAINS, domainEntry);
}

export function writeDomains(folder: WorkstationFolder, entries: readonly DomainEntry[]): void {
  writeList(folder, DOMAINS, entries);
}

/** @throws WorkstationError if the file is no such list. */
export function readModules(folder: WorkstationFolder): ModuleEntry[] {
  return readList(folder, CRYPTOMODULES, moduleEntry);
}

export function writeModules(folder: WorkstationFolder, entries: readonly ModuleEntry[]): void {
  writeList(folder, CRYPTOMODULES, entries);
}

/** The entries of a file that is a JSON array; none if there is no file. @throws WorkstationError */
export function readList<T>(folder: WorkstationFolder, name: string, entry: z.ZodType<T>): T[] {
  const text = folder.read(name);
  if (text === null) return [];
  const parsed = z.array(entry).safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new WorkstationError(
    `'${name}' in ${folder.path}: at ${issue!.path.join(".") || "its top"}: ${issue!.message}`,
  );
}

export function writeList(folder: WorkstationFolder, name: string, entries: readonly unknown[]): void {
  const lines = entries.map((entry) => JSON.stringify(entry)).join(",\n");
  folder.replace(name, `[${lines && `\n${lines}\n`}]\n`);
}
