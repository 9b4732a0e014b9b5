// Eight AES-256 computations at once, each with a key of its own, on bit planes: no tables, no branches on data, and the same
// time for one as for eight.
//
//   rows:    row j is 16 bytes at q + 16 j: block j                             j, b = 0..7
//   planes:  plane b is 16 bytes at q + 16 b; bit j of its byte p is bit b of byte p of block j
//
// Byte p of a block is row p mod 4, column p div 4 of the state of FIPS 197, so that ShiftRows and MixColumns move whole bytes of
// a plane. The idea is Kaesper and Schwabe's ("Faster and timing-attack resistant AES-GCM", 2009), with a key for each lane.

import { AES_KEYS, AES_WORD, AES_ZERO } from "../layout";
import { invSubBytes, subBytes } from "./sbox";

/** Keys, and blocks, at once. */
// @ts-ignore: decorator
@inline export const AES_LANES: u32 = 8;
/** Bytes of eight planes or rows. */
// @ts-ignore: decorator
@inline export const AES_PLANES: usize = 128;
// @ts-ignore: decorator
@inline const ROUNDS: usize = 14;
// @ts-ignore: decorator
@inline const LAST_KEY: usize = AES_KEYS + ROUNDS * AES_PLANES;

// --- rows and planes ---------------------------------------------------------------------------------------------------------

/** Swaps the bits of b under `mask` with the bits of a under `mask << shift`, in the words at q + i and q + j. */
// @ts-ignore: decorator
@inline
function swapBits(q: usize, i: usize, j: usize, shift: i32, mask: v128): void {
  const a = v128.load(q + i);
  const b = v128.load(q + j);
  const t = v128.and(v128.xor(i64x2.shr_u(a, shift), b), mask);
  v128.store(q + i, v128.xor(a, i64x2.shl(t, shift)));
  v128.store(q + j, v128.xor(b, t));
}

/** Rows to planes, and planes to rows: transposes the 8 by 8 bits that the eight words hold at each byte position. */
export function transpose(q: usize): void {
  for (let i: usize = 0; i < 128; i += 32) swapBits(q, i, i + 16, 1, i8x16.splat(0x55));
  for (let i: usize = 0; i < 32; i += 16) {
    swapBits(q, i, i + 32, 2, i8x16.splat(0x33));
    swapBits(q, i + 64, i + 96, 2, i8x16.splat(0x33));
  }
  for (let i: usize = 0; i < 64; i += 16) swapBits(q, i, i + 64, 4, i8x16.splat(0x0f));
}

// --- layers, on planes -------------------------------------------------------------------------------------------------------

// Byte p of the result is byte [p] of the operand; -1 stands for zero.
// @ts-ignore: decorator
@inline function shiftRows(x: v128): v128 { return i8x16.swizzle(x, i8x16(0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11)); }
// @ts-ignore: decorator
@inline function invShiftRows(x: v128): v128 { return i8x16.swizzle(x, i8x16(0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3)); }
/** The next byte of the column. */
// @ts-ignore: decorator
@inline function below(x: v128): v128 { return i8x16.swizzle(x, i8x16(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)); }
/** The byte of the column opposite. */
// @ts-ignore: decorator
@inline function opposite(x: v128): v128 { return i8x16.swizzle(x, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)); }
// @ts-ignore: decorator
@inline function xor3(a: v128, b: v128, c: v128): v128 { return v128.xor(v128.xor(a, b), c); }
// @ts-ignore: decorator
@inline function plane(q: usize, b: usize): v128 { return v128.load(q + 16 * b); }

/** q := q + k, eight planes. */
function addKey(q: usize, k: usize): void {
  for (let i: usize = 0; i < AES_PLANES; i += 16) v128.store(q + i, v128.xor(v128.load(q + i), v128.load(k + i)));
}

/** q := ShiftRows(q) + k. */
function shiftAdd(q: usize, k: usize): void {
  for (let i: usize = 0; i < AES_PLANES; i += 16) v128.store(q + i, v128.xor(shiftRows(v128.load(q + i)), v128.load(k + i)));
}

/** q := InvShiftRows(q) + k. */
function unshiftAdd(q: usize, k: usize): void {
  for (let i: usize = 0; i < AES_PLANES; i += 16) v128.store(q + i, v128.xor(invShiftRows(v128.load(q + i)), v128.load(k + i)));
}

/**
 * q := MixColumns(a) + k, given a's planes.  With s = a + below(a), a column's byte becomes
 * 2 a + 3 below(a) + the two others = 2 s + below(a) + opposite(s).  2 s moves bits up one plane; bit 7 returns at 0, 1, 3, 4.
 */
// @ts-ignore: decorator
@inline
function mixAdd(q: usize, k: usize, a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, a5: v128, a6: v128, a7: v128): void {
  const r0 = below(a0), s0 = v128.xor(a0, r0);
  const r1 = below(a1), s1 = v128.xor(a1, r1);
  const r2 = below(a2), s2 = v128.xor(a2, r2);
  const r3 = below(a3), s3 = v128.xor(a3, r3);
  const r4 = below(a4), s4 = v128.xor(a4, r4);
  const r5 = below(a5), s5 = v128.xor(a5, r5);
  const r6 = below(a6), s6 = v128.xor(a6, r6);
  const r7 = below(a7), s7 = v128.xor(a7, r7);
  v128.store(q, xor3(s7, r0, v128.xor(opposite(s0), plane(k, 0))));
  v128.store(q, xor3(v128.xor(s0, s7), r1, v128.xor(opposite(s1), plane(k, 1))), 16);
  v128.store(q, xor3(s1, r2, v128.xor(opposite(s2), plane(k, 2))), 32);
  v128.store(q, xor3(v128.xor(s2, s7), r3, v128.xor(opposite(s3), plane(k, 3))), 48);
  v128.store(q, xor3(v128.xor(s3, s7), r4, v128.xor(opposite(s4), plane(k, 4))), 64);
  v128.store(q, xor3(s4, r5, v128.xor(opposite(s5), plane(k, 5))), 80);
  v128.store(q, xor3(s5, r6, v128.xor(opposite(s6), plane(k, 6))), 96);
  v128.store(q, xor3(s6, r7, v128.xor(opposite(s7), plane(k, 7))), 112);
}

/** q := MixColumns(ShiftRows(q)) + k. */
function shiftMixAdd(q: usize, k: usize): void {
  mixAdd(
    q, k,
    shiftRows(plane(q, 0)), shiftRows(plane(q, 1)), shiftRows(plane(q, 2)), shiftRows(plane(q, 3)),
    shiftRows(plane(q, 4)), shiftRows(plane(q, 5)), shiftRows(plane(q, 6)), shiftRows(plane(q, 7)),
  );
}

/**
 * q := InvMixColumns(q) = MixColumns(q + 4 v) with v = q + opposite(q), for the two matrices differ by the factor
 * 5 + 4 x^2 (FIPS 197, 5.3.3).  4 v moves bits up two planes; bit 6 returns at 0, 1, 3, 4, bit 7 at 1, 2, 4, 5.
 */
function invMix(q: usize): void {
  const a0 = plane(q, 0), a1 = plane(q, 1), a2 = plane(q, 2), a3 = plane(q, 3);
  const a4 = plane(q, 4), a5 = plane(q, 5), a6 = plane(q, 6), a7 = plane(q, 7);
  const v6 = v128.xor(a6, opposite(a6)), v7 = v128.xor(a7, opposite(a7)), v67 = v128.xor(v6, v7);
  mixAdd(
    q, AES_ZERO,
    v128.xor(a0, v6),
    v128.xor(a1, v67),
    v128.xor(xor3(a2, a0, opposite(a0)), v7),
    v128.xor(xor3(a3, a1, opposite(a1)), v6),
    v128.xor(xor3(a4, a2, opposite(a2)), v67),
    v128.xor(xor3(a5, a3, opposite(a3)), v7),
    xor3(a6, a4, opposite(a4)),
    xor3(a7, a5, opposite(a5)),
  );
}

// --- keys --------------------------------------------------------------------------------------------------------------------

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

/**
 * Expands the keys of all lanes (FIPS 197, 5.2).  In: at AES_KEYS eight rows, the keys' first halves, then eight rows, their
 * second halves.  Out: the 15 round keys in planes at AES_KEYS.
 */
export function aesExpandKeys(): void {
  transpose(AES_KEYS);
  transpose(AES_KEYS + AES_PLANES);
  for (let k = AES_KEYS + 2 * AES_PLANES, rcon: usize = 0; k <= LAST_KEY; k += AES_PLANES) {
    const even = ((k - AES_KEYS) & AES_PLANES) == 0;
    memory.copy(AES_WORD, k - AES_PLANES, AES_PLANES);
    subBytes(AES_WORD);
    for (let i: usize = 0; i < AES_PLANES; i += 16) {
      const word = v128.load(AES_WORD + i);
      const sums = columnSums(v128.load(k - 2 * AES_PLANES + i));
      v128.store(k + i, v128.xor(sums, even ? lastColumnRotated(word) : lastColumn(word)));
    }
    if (even) {
      v128.store(k + rcon, v128.xor(v128.load(k + rcon), i32x4.splat(0xff))); // Rcon is x^0 .. x^6: one plane
      rcon += 16;
    }
  }
}

// --- ciphers -----------------------------------------------------------------------------------------------------------------

/** q := AES-256 of q under the expanded keys, in planes (FIPS 197, 5.1). */
export function aesEncrypt(q: usize): void {
  addKey(q, AES_KEYS);
  for (let k = AES_KEYS + AES_PLANES; k < LAST_KEY; k += AES_PLANES) {
    subBytes(q);
    shiftMixAdd(q, k);
  }
  subBytes(q);
  shiftAdd(q, LAST_KEY);
}

/** q := the inverse of aesEncrypt (FIPS 197, 5.3). */
export function aesDecrypt(q: usize): void {
  addKey(q, LAST_KEY);
  for (let k = LAST_KEY - AES_PLANES; k > AES_KEYS; k -= AES_PLANES) {
    invSubBytes(q);
    unshiftAdd(q, k);
    invMix(q);
  }
  invSubBytes(q);
  unshiftAdd(q, AES_KEYS);
}
