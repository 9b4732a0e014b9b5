// Verification patterns (unit-behaviour.md 6.2): SHA-256 of 01 and a key, the last four bytes zero. Public, though made of secrets.

import { PATTERN_INPUT, PATTERN_VALUE } from "../layout";
import { equalBytes } from "../lib/ct";
import { sha256 } from "../sha2/sha256";

// @ts-ignore: decorator
@inline export const KEY_BYTES: u32 = 32;
// @ts-ignore: decorator
@inline export const PATTERN_BYTES: u32 = 32;
/** Older modules do not clear the last four bytes, so nobody compares them. */
// @ts-ignore: decorator
@inline const COMPARED_BYTES: u32 = 28;

/** out := the pattern of the 32-byte key at `key`. `out` may overlap key. Scratch is wiped. */
export function pattern(out: usize, key: usize): void {
  store<u8>(PATTERN_INPUT, 1);
  memory.copy(PATTERN_INPUT + 1, key, KEY_BYTES);
  sha256(out, PATTERN_INPUT, 1 + KEY_BYTES);
  store<u32>(out, 0, COMPARED_BYTES);
  memory.fill(PATTERN_INPUT, 0, 1 + KEY_BYTES);
}

/** 1 if the 32-byte pattern at `wanted` is that of the key at `key` in its first 28 bytes, else 0. */
export function hasPattern(key: usize, wanted: usize): u32 {
  pattern(PATTERN_VALUE, key);
  const equal = equalBytes(PATTERN_VALUE, wanted, COMPARED_BYTES);
  memory.fill(PATTERN_VALUE, 0, PATTERN_BYTES);
  return equal;
}
