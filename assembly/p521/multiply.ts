// Multiples of any point, two jobs at once in the lanes: windows of 5 bits from the top, and for each one of the point's odd
// multiples, found by a masked scan if the scalars are secret.
//
// No addition meets equal or opposite points, unless the product is infinity. After window i the multiple is m = (k >> 5 i) | 1, odd
// and not 0; before the next digit d it is 32 m >= 32 > |d|, and below n - 32 until the last window. There, 32 m = d (mod n) would
// mean 32 m = n - |d|; but 32 m = 32 (mod 64) and n = 9 (mod 64), so |d| would be 41. And 32 m = -d (mod n) means k = 0: then the
// mixed addition gives Z = 0, as it should.

import { MUL_DIGITS, MUL_ENTRY, MUL_MULTIPLES, MUL_WORK } from "../layout";
import { affineFromProjective } from "./affine";
import { FE2_BYTES, fe2Mul, fe2SetSmall, fe2Sqr } from "./fe2";
import { AFFINE2_BYTES, POINT2_BYTES, Y, Z, ptAddMixed, ptDouble, ptFromAffine, ptNegate, ptToProjective } from "./point";
import { DIGIT_BYTES, recode } from "./recode";
import { SCAN_BYTES, scan } from "./scan";

// @ts-ignore: decorator
@inline const WINDOW: u32 = 5;
// @ts-ignore: decorator
@inline const ROWS: u32 = 104;
// @ts-ignore: decorator
@inline const MULTIPLES: u32 = 1 << (WINDOW - 1);
// @ts-ignore: decorator
@inline const DIGITS0: usize = MUL_DIGITS;
// @ts-ignore: decorator
@inline const DIGITS1: usize = MUL_DIGITS + <usize>((ROWS + 2) & ~1) * DIGIT_BYTES;

/**
 * product := (words0 times lane 0 of point, words1 times lane 1), projective.  In: point an affine pair of points on the curve,
 * words0 and words1 9 little-endian words below n. product must not overlap point. Constant time if secret; if not, time depends on
 * the words.
 */
export function ptMul(product: usize, point: usize, words0: usize, words1: usize, secret: bool): void {
  recode(DIGITS0, words0, WINDOW, ROWS);
  recode(DIGITS1, words1, WINDOW, ROWS);
  oddMultiples(point);
  // The last two digits come to 2^(5 ROWS), with the sign of the last.
  select(digit(DIGITS0, ROWS + 1), digit(DIGITS1, ROWS + 1), secret);
  ptFromAffine(product, MUL_ENTRY);
  for (let i = <i32>ROWS - 1; i >= 0; i--) {
    for (let bit: u32 = 0; bit < WINDOW; bit++) ptDouble(product);
    select(digit(DIGITS0, i), digit(DIGITS1, i), secret);
    ptAddMixed(product, MUL_ENTRY);
  }
  ptToProjective(product);
  memory.fill(MUL_DIGITS, 0, MUL_ENTRY + POINT2_BYTES - MUL_DIGITS);
}

// @ts-ignore: decorator
@inline
function digit(digits: usize, i: u32): u32 {
  return load<u32>(digits + <usize>i * DIGIT_BYTES);
}

/**
 * MUL_MULTIPLES[j] := (2 j + 1) point, affine, POINT2_BYTES apart, j < MULTIPLES.
 *
 * 2 P = (X, Y, Z) is affine on the curve scaled by Z, where P is (x Z^2, y Z^3); addition formulas do not involve the curve, so all
 * sums are made there with 2 P = (X, Y), and their Z multiplied by that Z at the end.
 */
function oddMultiples(point: usize): void {
  const twoP = MUL_ENTRY;
  ptFromAffine(twoP, point);
  ptDouble(twoP);
  const sum = MUL_MULTIPLES;
  fe2Sqr(sum + Z, twoP + Z);
  fe2Mul(sum, point, sum + Z);
  fe2Mul(sum + Z, sum + Z, twoP + Z);
  fe2Mul(sum + Y, point + Y, sum + Z);
  fe2SetSmall(sum + Z, 1);
  for (let j: u32 = 1; j < MULTIPLES; j++) {
    const next = sum + <usize>j * POINT2_BYTES;
    memory.copy(next, next - POINT2_BYTES, POINT2_BYTES);
    ptAddMixed(next, twoP);
  }
  for (let j: u32 = 0; j < MULTIPLES; j++) {
    const multiple = sum + <usize>j * POINT2_BYTES;
    fe2Mul(multiple + Z, multiple + Z, twoP + Z);
    ptToProjective(multiple);
  }
  affineFromProjective(sum, MULTIPLES, POINT2_BYTES, MUL_WORK);
}

/** MUL_ENTRY := the multiples that the two digits name, with their signs. If they are secret, reads all multiples. */
function select(digit0: u32, digit1: u32, secret: bool): void {
  const index0 = digit0 & 0x7fffffff;
  const index1 = digit1 & 0x7fffffff;
  if (secret) scanMultiples(index0, index1);
  else pickMultiples(index0, index1);
  ptNegate(MUL_ENTRY, digit0, digit1);
}

function scanMultiples(index0: u32, index1: u32): void {
  for (let i: usize = 0; i < AFFINE2_BYTES; i += SCAN_BYTES) {
    scan(MUL_ENTRY + i, MUL_MULTIPLES + i, POINT2_BYTES, MULTIPLES, index0, index1);
  }
}

function pickMultiples(index0: u32, index1: u32): void {
  const from0 = MUL_MULTIPLES + <usize>index0 * POINT2_BYTES;
  const from1 = MUL_MULTIPLES + <usize>index1 * POINT2_BYTES;
  for (let i: usize = 0; i < AFFINE2_BYTES; i += 16) {
    v128.store(MUL_ENTRY + i, v128.shuffle<i64>(v128.load(from0 + i), v128.load(from1 + i), 0, 3));
  }
}
