// Base64 (RFC 4648, 4) of public bytes: padded, nothing in between, one text for one value.

import { WireError } from "../errors.ts";

const DIGITS = /^[A-Za-z0-9+/]*={0,2}$/;

export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @throws WireError naming `field` unless it is the text that {@link encodeBase64} makes of some bytes. */
export function decodeBase64(text: string, field: string): Uint8Array {
  if (text.length % 4 !== 0 || !DIGITS.test(text)) throw new WireError(field, 0, "base64", "other text");
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (encodeBase64(bytes) !== text) throw new WireError(field, text.length, "base64 without stray bits", "other text");
  return bytes;
}
