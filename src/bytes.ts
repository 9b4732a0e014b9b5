// Byte strings: hexadecimal, big-endian integers, joining and comparing. No secrets pass through here.

import { WireError } from "./errors.ts";

/** The empty byte string. */
export const EMPTY: Uint8Array = new Uint8Array(0);

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Value of a character code as a hexadecimal digit, -1 for any other. */
const DIGIT_VALUE: Int8Array = Int8Array.from({ length: 128 }, (_, code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
  return digit;
});

/** Lower-case hexadecimal text of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += HEX_OF_BYTE[bytes[i]!];
  return text;
}

/**
 * The bytes that `text` spells in hexadecimal, either case.
 * @throws WireError naming `field` if the number of digits is odd or a character is not a digit.
 */
export function fromHex(text: string, field = "hex"): Uint8Array {
  if (text.length % 2 !== 0) throw new WireError(field, text.length, "an even number of digits", `${text.length}`);
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitAt(text, 2 * i);
    const low = digitAt(text, 2 * i + 1);
    if (high < 0 || low < 0) throw new WireError(field, 2 * i, "hexadecimal digits", "another character");
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

function digitAt(text: string, at: number): number {
  return DIGIT_VALUE[text.charCodeAt(at)] ?? -1;
}

/** The parts one after the other, in a new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether both hold the same bytes. Not constant time: public values only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether every byte is zero. Not constant time: public values only. */
export function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Big-endian u16 at `at`; the caller has checked that 2 bytes are there. */
export function readU16(bytes: Uint8Array, at = 0): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Big-endian u32 at `at`; the caller has checked that 4 bytes are there. */
export function readU32(bytes: Uint8Array, at = 0): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Stores the low 16 bits of `value` big-endian at `at`. */
export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Stores the low 32 bits of `value` big-endian at `at`. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** The 4 bytes of a big-endian u32. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytes;
}

/**
 * Zeros that stay where they are until they are freed. V8 moves arrays of up to 64 bytes about in its heap, and leaves what was in them
 * where they were: a secret of that size that is to be wiped does not belong into `new Uint8Array(size)`.
 */
export function unmoved(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(size));
}
