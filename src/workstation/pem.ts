// PEM (RFC 7468) of private keys, in bytes from end to end: what is in it never becomes text.

import { WorkstationError } from "./errors.ts";

const text = new TextEncoder();
const BEGIN = text.encode("-----BEGIN PRIVATE KEY-----");
const END = text.encode("-----END PRIVATE KEY-----");
const LINE = 64;
const LF = 0x0a;
const PAD = 0x3d;

/**
 * The content of one PEM block with the label PRIVATE KEY, in a buffer that the caller wipes. Line ends may be LF or CRLF; nothing
 * may come before the block, and white space alone after it.
 * @throws WorkstationError
 */
export function decodePem(pem: Uint8Array): Uint8Array {
  const from = BEGIN.length;
  const to = indexOf(pem, END, from);
  const rest = to < 0 ? pem : pem.subarray(to + END.length);
  if (indexOf(pem.subarray(0, from), BEGIN, 0) !== 0 || to < 0 || !rest.every(isSpace))
    throw new WorkstationError("private key: want a PEM block with the label PRIVATE KEY, got something else");
  return decodeBase64(pem.subarray(from, to));
}

/** A PEM block with the label PRIVATE KEY, lines of 64 characters. The caller wipes it. */
export function encodePem(der: Uint8Array): Uint8Array {
  const digits = 4 * Math.ceil(der.length / 3);
  const lines = Math.ceil(digits / LINE);
  const pem = new Uint8Array(BEGIN.length + 1 + digits + lines + END.length + 1);
  pem.set(BEGIN);
  let at = BEGIN.length;
  pem[at++] = LF;
  for (let digit = 0; digit < digits; digit++) {
    pem[at++] = digitAt(der, digit);
    if (digit % LINE === LINE - 1 || digit === digits - 1) pem[at++] = LF;
  }
  pem.set(END, at);
  pem[at + END.length] = LF;
  return pem;
}

/** Base64 (RFC 4648, 4) with white space in it. @throws WorkstationError */
function decodeBase64(digits: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.floor((3 * digits.length) / 4));
  let size = 0;
  let bits = 0;
  let held = 0;
  let count = 0;
  let pads = 0;
  let bad = 0;
  for (const digit of digits) {
    if (isSpace(digit)) continue;
    count++;
    if (digit === PAD) {
      pads++;
      continue;
    }
    const value = digitValue(digit);
    bad |= value >> 31;
    bad |= -pads;
    bits = ((bits << 6) | (value & 63)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[size++] = bits >> held;
  }
  const unused = bits & ((1 << held) - 1);
  if (bad === 0 && unused === 0 && pads <= 2 && count % 4 === 0) {
    const decoded = out.slice(0, size);
    out.fill(0);
    return decoded;
  }
  out.fill(0);
  throw new WorkstationError("private key: want base64 in the PEM block, got something else");
}

/** Value of a base64 digit, -1 if it is none; no branch and no index depends on it. */
function digitValue(c: number): number {
  let value = -1;
  value += (((0x40 - c) & (c - 0x5b)) >> 8) & (c - 0x40);
  value += (((0x60 - c) & (c - 0x7b)) >> 8) & (c - 0x46);
  value += (((0x2f - c) & (c - 0x3a)) >> 8) & (c + 5);
  value += (((0x2a - c) & (c - 0x2c)) >> 8) & 63;
  value += (((0x2e - c) & (c - 0x30)) >> 8) & 64;
  return value;
}

/** The base64 digit at a place; `=` beyond the last byte. */
function digitAt(der: Uint8Array, digit: number): number {
  const bit = 6 * digit;
  const byte = bit >> 3;
  if (byte >= der.length) return PAD;
  const pair = (der[byte]! << 8) | (der[byte + 1] ?? 0);
  return digitOf((pair >> (10 - (bit & 7))) & 63);
}

/** The base64 digit of 0..63; no branch and no index depends on it. */
function digitOf(value: number): number {
  let digit = value + 0x41;
  digit += ((25 - value) >> 8) & 6;
  digit -= ((51 - value) >> 8) & 75;
  digit -= ((61 - value) >> 8) & 15;
  digit += ((62 - value) >> 8) & 3;
  return digit;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = from; at + wanted.length <= bytes.length; at++)
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
}
