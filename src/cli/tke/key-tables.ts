// Lists of signature keys and of key parts, as scripts read them.

import { toHex } from "../../bytes.ts";
import { KeyType } from "../../wire/ids.ts";
import type { Numbered } from "../../workstation/key-files.ts";
import type { KeyPartFile } from "../../workstation/key-part-file.ts";
import type { SignatureKeyFile } from "../../workstation/signature-key-file.ts";
import { table } from "../style.ts";

const SKI_SHOWN = 30;

/** The first digits of an SKI, as the plug-in shows them. */
export function shortSki(ski: Uint8Array): string {
  return `${toHex(ski).slice(0, SKI_SHOWN)}...`;
}

/** A pattern's 64 digits in two rows of 32. */
export function patternRows(pattern: Uint8Array): [string, string] {
  const digits = toHex(pattern);
  return [digits.slice(0, 32), digits.slice(32)];
}

/** One empty line, the table, then a line for each selected key. In: SKIs selected. */
export function signatureKeyTable(keys: readonly Numbered<SignatureKeyFile>[], selected: readonly string[]): string {
  const rows = keys.map(({ keynum, file }) => [keynum, file.description, shortSki(file.ski)]);
  const lines = keys
    .filter(({ file }) => selected.includes(toHex(file.ski)))
    .map(({ keynum }) => `KEYNUM ${keynum} is selected as the current signature key.\n`);
  return `\n${table(["KEYNUM", "DESCRIPTION", "SUBJECT KEY IDENTIFIER"], rows)}${lines.join("")}`;
}

export function signatureKeyJson(keys: readonly Numbered<SignatureKeyFile>[], selected: readonly string[]) {
  return keys.map(({ keynum, file }) => {
    const ski = toHex(file.ski);
    const type = file.keyType === KeyType.P521 ? "P-521" : "RSA-2048";
    return { keynum, description: file.description, ski, type, selected: selected.includes(ski) };
  });
}

/** One empty line, the table. */
export function keyPartTable(parts: readonly Numbered<KeyPartFile>[]): string {
  const rows = parts.flatMap(({ keynum, file }) => {
    const [first, second] = patternRows(file.pattern);
    return [
      [keynum, file.description, first],
      ["", "", second],
    ];
  });
  return `\n${table(["KEYNUM", "DESCRIPTION", "VERIFICATION PATTERN"], rows)}`;
}

export function keyPartJson(parts: readonly Numbered<KeyPartFile>[]) {
  return parts.map(({ keynum, file }) => ({
    keynum,
    description: file.description,
    verificationPattern: toHex(file.pattern),
  }));
}
