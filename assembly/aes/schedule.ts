// Round keys of AES-256 (FIPS 197, 5.2), in the forms of cipher.ts, for several keys side by side: those of lane j are at
// keys + KEYS_BYTES j. Each key that a round ends with also holds the S-box's constant 63, which MixColumns and its inverse leave as
// it is, for their factors add up to 1.

import { half, highNibbles, image, KEYS_BYTES, linear, lowNibbles, rotate1, rotate2, rotate3, table } from "./cipher";
import { A_OVER, CONSTANT, INVERSE, SUB, TO_FORWARD, TURN, TURN_MIX } from "./tables.gen";

/** All columns := the last column. */
// @ts-ignore: decorator
@inline
function lastColumn(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15));
}

/** All columns := RotWord of the last column. */
// @ts-ignore: decorator
@inline
function lastColumnRotated(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12));
}

/** Column c := the sum of columns 0 to c. */
// @ts-ignore: decorator
@inline
function columnSums(x: v128): v128 {
  const y = v128.xor(x, i8x16.swizzle(x, i8x16(-1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)));
  return v128.xor(y, i8x16.swizzle(y, i8x16(-1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7)));
}

/** SubBytes, forward form. */
// @ts-ignore: decorator
@inline
function subBytes(x: v128): v128 {
  const inverse = table(INVERSE);
  const k = lowNibbles(x), i = highNibbles(x), j = v128.xor(i, k), aOverK = i8x16.swizzle(table(A_OVER), k);
  const linearPart = image(table(SUB), table(SUB + 16), half(inverse, i, j, aOverK), half(inverse, j, i, aOverK));
  return v128.xor(linearPart, i8x16.splat(CONSTANT));
}

/** The first two round keys at `keys` := the 32 bytes at `key`. */
export function loadKey(keys: usize, key: usize): void {
  v128.store(keys, linear(TO_FORWARD, v128.load(key)));
  v128.store(keys, linear(TO_FORWARD, v128.load(key, 16)), 16);
}

/** All round keys in forward form, for encryption.  In: loadKey of each lane. */
export function expandForward(keys: usize, lanes: u32): void {
  const end = keys + KEYS_BYTES * lanes;
  for (let k: usize = 32, rcon: u32 = 1; k < KEYS_BYTES; k += 32, rcon <<= 1) {
    const constant = linear(TO_FORWARD, i32x4.splat(rcon));
    for (let at = keys + k; at < end; at += KEYS_BYTES) {
      const word = v128.xor(lastColumnRotated(subBytes(v128.load(at - 16))), constant);
      v128.store(at, v128.xor(columnSums(v128.load(at - 32)), word));
    }
    if (k + 16 == KEYS_BYTES) break;
    for (let at = keys + k + 16; at < end; at += KEYS_BYTES) {
      v128.store(at, v128.xor(columnSums(v128.load(at - 32)), lastColumn(subBytes(v128.load(at - 16)))));
    }
  }
  for (let from = keys; from < end; from += KEYS_BYTES) {
    for (let k = from + 16; k < from + KEYS_BYTES; k += 16) v128.store(k, v128.xor(v128.load(k), i8x16.splat(CONSTANT)));
  }
}

/** All round keys in backward form, for the equivalent inverse cipher.  In: loadKey of each lane. */
export function expandBackward(keys: usize, lanes: u32): void {
  expandForward(keys, lanes);
  for (const end = keys + KEYS_BYTES * lanes; keys < end; keys += KEYS_BYTES) {
    const last = keys + KEYS_BYTES - 16;
    v128.store(keys, linear(TURN, v128.load(keys)));
    v128.store(last, linear(TURN, v128.load(last)));
    for (let k = keys + 16; k < last; k += 16) v128.store(k, turnMixed(v128.load(k)));
  }
}

/** InvMixColumns of x, turned from forward to backward form. */
// @ts-ignore: decorator
@inline
function turnMixed(x: v128): v128 {
  const x0 = linear(TURN_MIX, x), x1 = rotate1(linear(TURN_MIX + 32, x));
  return v128.xor(v128.xor(x0, x1), v128.xor(rotate2(linear(TURN_MIX + 64, x)), rotate3(linear(TURN_MIX + 96, x))));
}
