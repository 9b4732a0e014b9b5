// AES-256 by vector permutation (Hamburg, "Accelerating AES with Vector Permute Instructions", CHES 2009). A swizzle looks up
// sixteen nibbles at once in a table of sixteen bytes that lies in a register: nothing secret is ever an address or a condition.
//
// The S-box is S(x) = A(1/x) + 63. GF(2^8) is GF(2^4) with a w such that w + w' = 1 and w w' = 1/a, w' the conjugate of w. A byte
// x = i + k w = i w' + j w, with j = i + k, is inverted by five look-ups of nibbles:
//
//   u = 1/(1/i + a/k) + j,   v = 1/(1/j + a/k) + i,   1/x = w^2/u + w'^2/v
//
// for u = M/(k + a i) and v = M/(k + a j), where M = k^2 + a i j = a x x' is 0 for x = 0 alone. 1/0 is infinity, coded as 80: a
// nibble added to it leaves it above 0f, where a swizzle gives 0 = 1/infinity. x = 0 ends in u = v = infinity, whose look-ups give 0.
// Any linear map of 1/x costs two look-ups more, one for u and one for v. So a byte y of the state is kept as the nibbles i, k of
//
//   y        forward form, for encryption: look-ups give A(1/y) and 2 A(1/y), and MixColumns follows
//   A^-1 y   backward form, for decryption: its S-box is 1/A^-1(y + 63); look-ups give this times the factors of InvMixColumns
//
// and the round keys, in the same form, hold the constants (schedule.ts). Byte p of a block is row p mod 4, column p div 4 of the
// state of FIPS 197.
//
// A single block keeps the processor waiting for look-ups; four side by side fill the gaps.

import { A_OVER, INVERSE, SUB, SUB_2, TABLES, UNSUB, UNSUB_MIX } from "./tables.gen";

// @ts-ignore: decorator
@inline const ROUNDS: usize = 14;
/** Bytes of the round keys of one key. */
// @ts-ignore: decorator
@inline export const KEYS_BYTES: usize = 16 * (ROUNDS + 1);
/** Blocks at once. */
// @ts-ignore: decorator
@inline export const LANES: u32 = 4;

// --- nibbles -------------------------------------------------------------------------------------------------------------------

/** The table at this offset. */
// @ts-ignore: decorator
@inline export function table(offset: usize): v128 { return v128.load(TABLES + offset); }
// @ts-ignore: decorator
@inline export function lowNibbles(x: v128): v128 { return v128.and(x, i8x16.splat(0x0f)); }
// @ts-ignore: decorator
@inline export function highNibbles(x: v128): v128 { return v128.and(i16x8.shr_u(x, 4), i8x16.splat(0x0f)); }

/** The linear map of x whose two tables are at this offset. */
// @ts-ignore: decorator
@inline
export function linear(offset: usize, x: v128): v128 {
  return v128.xor(i8x16.swizzle(table(offset), lowNibbles(x)), i8x16.swizzle(table(offset + 16), highNibbles(x)));
}

/** u or v of an inversion: of p = i, q = j or the other way round, and a/k. */
// @ts-ignore: decorator
@inline
export function half(inverse: v128, p: v128, q: v128, aOverK: v128): v128 {
  return v128.xor(i8x16.swizzle(inverse, v128.xor(i8x16.swizzle(inverse, p), aOverK)), q);
}

/** The linear map of 1/x whose tables are t0 and t1. */
// @ts-ignore: decorator
@inline
export function image(t0: v128, t1: v128, u: v128, v: v128): v128 {
  return v128.xor(i8x16.swizzle(t0, u), i8x16.swizzle(t1, v));
}

// --- rows and columns ------------------------------------------------------------------------------------------------------------

// Byte p of the result is byte [p] of the operand: ShiftRows or its inverse, then each column rotated upwards by so many rows.
// @ts-ignore: decorator
@inline function shift(x: v128): v128 { return i8x16.swizzle(x, i8x16(0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11)); }
// @ts-ignore: decorator
@inline function shift1(x: v128): v128 { return i8x16.swizzle(x, i8x16(5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12)); }
// @ts-ignore: decorator
@inline function shift3(x: v128): v128 { return i8x16.swizzle(x, i8x16(15, 0, 5, 10, 3, 4, 9, 14, 7, 8, 13, 2, 11, 12, 1, 6)); }
// @ts-ignore: decorator
@inline function unshift(x: v128): v128 { return i8x16.swizzle(x, i8x16(0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3)); }
// @ts-ignore: decorator
@inline function unshift1(x: v128): v128 { return i8x16.swizzle(x, i8x16(13, 10, 7, 0, 1, 14, 11, 4, 5, 2, 15, 8, 9, 6, 3, 12)); }
// @ts-ignore: decorator
@inline function unshift2(x: v128): v128 { return i8x16.swizzle(x, i8x16(10, 7, 0, 13, 14, 11, 4, 1, 2, 15, 8, 5, 6, 3, 12, 9)); }
// @ts-ignore: decorator
@inline function unshift3(x: v128): v128 { return i8x16.swizzle(x, i8x16(7, 0, 13, 10, 11, 4, 1, 14, 15, 8, 5, 2, 3, 12, 9, 6)); }
/** Columns rotated upwards by 1, 2, 3 rows. */
// @ts-ignore: decorator
@inline export function rotate1(x: v128): v128 { return i8x16.swizzle(x, i8x16(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)); }
// @ts-ignore: decorator
@inline export function rotate2(x: v128): v128 { return i8x16.swizzle(x, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)); }
// @ts-ignore: decorator
@inline export function rotate3(x: v128): v128 { return i8x16.swizzle(x, i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)); }

// --- encryption ------------------------------------------------------------------------------------------------------------------

/** A round: with s = S and r = 2 s + s rotated, a column's byte 2 s0 + 3 s1 + s2 + s3 is r + r rotated + s3. */
// @ts-ignore: decorator
@inline
export function round(x: v128, key: v128, inverse: v128, aOver: v128, s0: v128, s1: v128, d0: v128, d1: v128): v128 {
  const k = lowNibbles(x), i = highNibbles(x), j = v128.xor(i, k), aOverK = i8x16.swizzle(aOver, k);
  const u = half(inverse, i, j, aOverK), v = half(inverse, j, i, aOverK);
  const s = image(s0, s1, u, v);
  const r = v128.xor(shift(image(d0, d1, u, v)), shift1(s));
  return v128.xor(v128.xor(r, v128.xor(shift3(s), key)), rotate1(r));
}

/** The last round, which has no MixColumns. */
// @ts-ignore: decorator
@inline
export function lastRound(x: v128, key: v128, inverse: v128, aOver: v128, s0: v128, s1: v128): v128 {
  const k = lowNibbles(x), i = highNibbles(x), j = v128.xor(i, k), aOverK = i8x16.swizzle(aOver, k);
  return v128.xor(shift(image(s0, s1, half(inverse, i, j, aOverK), half(inverse, j, i, aOverK))), key);
}

/** The encryption of x, in forward form, under the round keys at `keys` (FIPS 197, 5.1). */
// @ts-ignore: decorator
@inline
export function encryptOne(x: v128, keys: usize): v128 {
  const inverse = table(INVERSE), aOver = table(A_OVER);
  const s0 = table(SUB), s1 = table(SUB + 16), d0 = table(SUB_2), d1 = table(SUB_2 + 16);
  const last = keys + 16 * ROUNDS;
  x = v128.xor(x, v128.load(keys));
  let k = keys + 16;
  do {
    x = round(x, v128.load(k), inverse, aOver, s0, s1, d0, d1);
    k += 16;
  } while (k < last);
  return lastRound(x, v128.load(last), inverse, aOver, s0, s1);
}

/** The LANES blocks at q := their encryptions. Lane j's round keys are at keys + apart j. */
export function encryptFour(q: usize, keys: usize, apart: usize): void {
  const inverse = table(INVERSE), aOver = table(A_OVER);
  const s0 = table(SUB), s1 = table(SUB + 16), d0 = table(SUB_2), d1 = table(SUB_2 + 16);
  const last = keys + 16 * ROUNDS;
  let x = v128.xor(v128.load(q), v128.load(keys));
  let y = v128.xor(v128.load(q, 16), v128.load(keys + apart));
  let z = v128.xor(v128.load(q, 32), v128.load(keys + 2 * apart));
  let w = v128.xor(v128.load(q, 48), v128.load(keys + 3 * apart));
  let k = keys + 16;
  do {
    x = round(x, v128.load(k), inverse, aOver, s0, s1, d0, d1);
    y = round(y, v128.load(k + apart), inverse, aOver, s0, s1, d0, d1);
    z = round(z, v128.load(k + 2 * apart), inverse, aOver, s0, s1, d0, d1);
    w = round(w, v128.load(k + 3 * apart), inverse, aOver, s0, s1, d0, d1);
    k += 16;
  } while (k < last);
  v128.store(q, lastRound(x, v128.load(last), inverse, aOver, s0, s1));
  v128.store(q, lastRound(y, v128.load(last + apart), inverse, aOver, s0, s1), 16);
  v128.store(q, lastRound(z, v128.load(last + 2 * apart), inverse, aOver, s0, s1), 32);
  v128.store(q, lastRound(w, v128.load(last + 3 * apart), inverse, aOver, s0, s1), 48);
}

// --- decryption ------------------------------------------------------------------------------------------------------------------

/** A round of the equivalent inverse cipher (FIPS 197, 5.3.5): 14 x0 + 11 x1 + 13 x2 + 9 x3 of the inverses x. */
// @ts-ignore: decorator
@inline
export function unround(x: v128, key: v128, inverse: v128, aOver: v128): v128 {
  const k = lowNibbles(x), i = highNibbles(x), j = v128.xor(i, k), aOverK = i8x16.swizzle(aOver, k);
  const u = half(inverse, i, j, aOverK), v = half(inverse, j, i, aOverK);
  const x0 = unshift(image(table(UNSUB_MIX), table(UNSUB_MIX + 16), u, v));
  const x1 = unshift1(image(table(UNSUB_MIX + 32), table(UNSUB_MIX + 48), u, v));
  const x2 = unshift2(image(table(UNSUB_MIX + 64), table(UNSUB_MIX + 80), u, v));
  const x3 = unshift3(image(table(UNSUB_MIX + 96), table(UNSUB_MIX + 112), u, v));
  return v128.xor(v128.xor(v128.xor(x0, key), x1), v128.xor(x2, x3));
}

// @ts-ignore: decorator
@inline
export function lastUnround(x: v128, key: v128, inverse: v128, aOver: v128): v128 {
  const k = lowNibbles(x), i = highNibbles(x), j = v128.xor(i, k), aOverK = i8x16.swizzle(aOver, k);
  const u = half(inverse, i, j, aOverK), v = half(inverse, j, i, aOverK);
  return v128.xor(unshift(image(table(UNSUB), table(UNSUB + 16), u, v)), key);
}

/** The decryption of x, in backward form, under the round keys at `keys` (FIPS 197, 5.3). */
// @ts-ignore: decorator
@inline
export function decryptOne(x: v128, keys: usize): v128 {
  const inverse = table(INVERSE), aOver = table(A_OVER);
  let k = keys + 16 * ROUNDS;
  x = v128.xor(x, v128.load(k));
  k -= 16;
  do {
    x = unround(x, v128.load(k), inverse, aOver);
    k -= 16;
  } while (k > keys);
  return lastUnround(x, v128.load(keys), inverse, aOver);
}

/** The LANES blocks at q := their decryptions. Lane j's round keys are at keys + apart j. */
export function decryptFour(q: usize, keys: usize, apart: usize): void {
  const inverse = table(INVERSE), aOver = table(A_OVER);
  let k = keys + 16 * ROUNDS;
  let x = v128.xor(v128.load(q), v128.load(k));
  let y = v128.xor(v128.load(q, 16), v128.load(k + apart));
  let z = v128.xor(v128.load(q, 32), v128.load(k + 2 * apart));
  let w = v128.xor(v128.load(q, 48), v128.load(k + 3 * apart));
  k -= 16;
  do {
    x = unround(x, v128.load(k), inverse, aOver);
    y = unround(y, v128.load(k + apart), inverse, aOver);
    z = unround(z, v128.load(k + 2 * apart), inverse, aOver);
    w = unround(w, v128.load(k + 3 * apart), inverse, aOver);
    k -= 16;
  } while (k > keys);
  v128.store(q, lastUnround(x, v128.load(keys), inverse, aOver));
  v128.store(q, lastUnround(y, v128.load(keys + apart), inverse, aOver), 16);
  v128.store(q, lastUnround(z, v128.load(keys + 2 * apart), inverse, aOver), 32);
  v128.store(q, lastUnround(w, v128.load(keys + 3 * apart), inverse, aOver), 48);
}
