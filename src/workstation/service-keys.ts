// SIGNSERVKEYS (workstation.md 2): the keys of a signing service that are allowed to sign.
//
//   [ { "key": "alice", "token": "f3a9.." }, { "key": "bob" } ]          without a token, somebody is asked for it

import { z } from "zod";
import { isKeyId } from "../wire/signing-service.ts";
import { WorkstationError } from "./errors.ts";
import type { WorkstationFolder } from "./folder.ts";

export const SIGNSERVKEYS = "SIGNSERVKEYS";

const entry = z.object({
  key: z.string().refine(isKeyId, { message: "want letters, digits and the characters - . _ ~ alone" }),
  token: z
    .string()
    .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, { message: "want printable ASCII characters" })
    .optional(),
});

export interface ServiceKeyEntry {
  readonly id: string;
  /** null: to be asked for. */
  readonly token: Uint8Array | null;
}

/** The keys in the order of the file; null if there is no file. @throws WorkstationError, which repeats no token */
export function readServiceKeys(folder: WorkstationFolder): ServiceKeyEntry[] | null {
  const text = folder.read(SIGNSERVKEYS);
  if (text === null) return null;
  const where = `'${SIGNSERVKEYS}' in ${folder.path}`;
  const parsed = z.array(entry).safeParse(jsonOf(text, where));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new WorkstationError(`${where}: at ${issue!.path.join(".") || "its top"}: ${issue!.message}`);
  }
  const ids = parsed.data.map(({ key }) => key);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new WorkstationError(`${where}: want each key once, got '${twice}' twice`);
  return parsed.data.map(({ key, token }) => {
    return { id: key, token: token === undefined ? null : new TextEncoder().encode(token) };
  });
}

/** The text of such a file. */
export function formatServiceKeys(keys: readonly { readonly id: string; readonly token: string }[]): string {
  return `[\n${keys.map(({ id, token }) => JSON.stringify({ key: id, token })).join(",\n")}\n]\n`;
}

/** Without a cause: the parser's error would repeat a piece of the text. */
function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WorkstationError(`${where}: want JSON, got something else`);
  }
}
