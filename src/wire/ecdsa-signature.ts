// ECDSA P-521 signatures: r || s in 132 bytes, and SEQUENCE { INTEGER r, INTEGER s } (RFC 3279, 2.2.3).
//
//   30 81 88 02 42 01.. 02 42 01..      both integers with their top bit, 521, set: the longest, 139 bytes

import { WireError } from "../errors.ts";
import { elementSize, integerLength, Reader, type Rules, Tag, Writer } from "./der.ts";

/** Bytes of a P-521 field element or scalar. */
export const P521_SIZE = 66;

/** Bytes of r || s. */
export const RAW_SIGNATURE_SIZE = 2 * P521_SIZE;

/** The minimal DER of r || s (132 bytes). */
export function encodeEcdsaSignature(raw: Uint8Array): Uint8Array {
  return encodePair("signature", raw);
}

/**
 * r || s (132 bytes, a new array) of a DER signature. Under "ber", integers may have leading zeros.
 * @throws WireError for another structure, negative integers, or integers of more than 66 bytes. Their range is not checked.
 */
export function decodeEcdsaSignature(bytes: Uint8Array, rules: Rules = "der"): Uint8Array {
  return decodePair(SIGNATURE, bytes, rules);
}

/** What a pair of integers is, and what its two members are: for errors. */
export type PairNames = readonly [pair: string, first: string, second: string];

const SIGNATURE: PairNames = ["signature", "r", "s"];

/** The minimal DER of a SEQUENCE of two non-negative INTEGERs, given as 66 bytes each. */
export function encodePair(name: string, raw: Uint8Array): Uint8Array {
  if (raw.length !== RAW_SIGNATURE_SIZE) throw new WireError(name, 0, "132 bytes", `${raw.length}`);
  const first = raw.subarray(0, P521_SIZE);
  const second = raw.subarray(P521_SIZE);
  const size = elementSize(integerLength(first)) + elementSize(integerLength(second));
  return new Writer(elementSize(size)).header(Tag.Sequence, size).unsigned(first).unsigned(second).finish();
}

/** The inverse of {@link encodePair}: 132 bytes, a new array. @throws WireError as {@link decodeEcdsaSignature}. */
export function decodePair([name, first, second]: PairNames, bytes: Uint8Array, rules: Rules = "der"): Uint8Array {
  const outer = new Reader(bytes, rules);
  const pair = outer.sequence(name);
  outer.end(name);
  const raw = new Uint8Array(RAW_SIGNATURE_SIZE);
  place(raw, P521_SIZE, pair.unsigned(first), first);
  place(raw, RAW_SIGNATURE_SIZE, pair.unsigned(second), second);
  pair.end(name);
  return raw;
}

function place(raw: Uint8Array, end: number, magnitude: Uint8Array, field: string): void {
  if (magnitude.length > P521_SIZE) throw new WireError(field, 0, "66 bytes or fewer", `${magnitude.length}`);
  raw.set(magnitude, end - magnitude.length);
}
