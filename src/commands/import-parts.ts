// The key parts of an import WK as a unit reads them, with the reason codes of unit-behaviour.md 6.4, in its order:
//
//   2 no parts; then for each part: 3 not DER, 4 not four fields, 8 no block, 5 block not five fields, 65 and 6 function id,
//   7 domain, 9 no signature, 10 block not DER, 11 command id, 20 administrative domain, 17 module id, 19 counter;
//   then 75 too many parts. All with return code 32. The first faulty part is reported.

import { equal, readU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { Reader, Tag } from "../wire/der.ts";
import { CommandId, FunctionId } from "../wire/ids.ts";
import type { ImportTarget } from "./import-wk.ts";

/** Most parts in one import. */
export const MAX_IMPORT_PARTS = 20;

/** One part, its envelope checked; its signatures and its RecipientInfo are not. */
export interface ImportPart {
  /** The encoded block: the bytes that are signed. */
  readonly block: Uint8Array;
  /** SignerInfos, at least one byte. */
  readonly signatures: Uint8Array;
  /** The block's input: an encoded RecipientInfo, it is hoped. */
  readonly recipientInfo: Uint8Array;
}

/** The first thing that is wrong with the parts. */
export interface ImportFault {
  /** Reason code; the return code is 32. */
  readonly reason: number;
  /** Number of the faulty part from 0; undefined if it is none in particular. */
  readonly part: number | undefined;
}

export type ImportParts =
  | { readonly ok: true; readonly parts: readonly ImportPart[] }
  | { readonly ok: false; readonly fault: ImportFault };

/** Fields of the outer request that every part repeats. */
export interface ImportContext extends ImportTarget {
  readonly domain: number;
}

/** Reads and checks the input of an import WK against the outer request. Views on `input`. Never throws. */
export function decodeImportParts(input: Uint8Array, context: ImportContext): ImportParts {
  const reader = new Reader(input);
  const parts: ImportPart[] = [];
  if (!reader.more) return failed(2, undefined);
  while (reader.more) {
    const fields = fieldsOf(reader);
    const part = fields === undefined ? 3 : checkPart(fields, context);
    if (typeof part === "number") return failed(part, parts.length);
    parts.push(part);
  }
  return parts.length > MAX_IMPORT_PARTS ? failed(75, undefined) : { ok: true, parts };
}

function failed(reason: number, part: number | undefined): ImportParts {
  return { ok: false, fault: { reason, part } };
}

/** The part, or the reason why not. */
function checkPart(fields: readonly Uint8Array[], context: ImportContext): ImportPart | number {
  if (fields.length !== 4) return 4;
  const [functionId, domain, block, signatures] = fields as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  if (block.length === 0) return 8;
  const inner = wholeFieldsOf(block);
  if (inner !== undefined && inner.length !== 5) return 5;
  if (functionId.length !== 4) return 65;
  if (readU32(functionId) !== FunctionId.Admin) return 6;
  if (domain.length !== 4 || readU32(domain) !== context.domain) return 7;
  if (signatures.length === 0) return 9;
  if (inner === undefined) return 10;
  const [commandId, adminDomain, moduleId, counter, recipientInfo] = inner as Five;
  if (commandId.length !== 4 || readU32(commandId) !== CommandId.ImportWk) return 11;
  if (!equal(adminDomain, context.adminDomain)) return 20;
  if (!equal(moduleId, context.moduleId)) return 17;
  if (!equal(counter, context.counter)) return 19;
  return { block, signatures, recipientInfo };
}

type Five = [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** The OCTET STRINGs in the next SEQUENCE, however many; undefined if it is anything else. */
function fieldsOf(reader: Reader): Uint8Array[] | undefined {
  try {
    const sequence = reader.sequence("key part");
    const fields: Uint8Array[] = [];
    while (sequence.more) fields.push(sequence.take(Tag.OctetString, "field"));
    return fields;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** As {@link fieldsOf}, for bytes that are this SEQUENCE and nothing else. */
function wholeFieldsOf(bytes: Uint8Array): Uint8Array[] | undefined {
  const reader = new Reader(bytes);
  const fields = fieldsOf(reader);
  return reader.more ? undefined : fields;
}
