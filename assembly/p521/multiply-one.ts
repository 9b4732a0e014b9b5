// Multiples of one point by one scalar, with both lanes at work for it: multiply.ts has the method, and why no addition meets equal
// or opposite points.

import { MUL_DIGITS, MUL_ENTRY, MUL_MULTIPLES, MUL_WORK } from "../layout";
import { affineFromProjective } from "./affine";
import { fe2HighLanes, fe2LowLanes, fe2Mul, fe2SetSmall, fe2Sqr } from "./fe2";
import { feCopyLane } from "./fe2-bytes";
import { POINT2_BYTES, Y, Z, ptAddMixed, ptDouble, ptFromAffine, ptToProjective } from "./point";
import { AFFINE1_BYTES, POINT1_BYTES, pt1AddMixed, pt1Double, pt1FromAffine, pt1Negate, pt1ToPair } from "./point-one";
import { DIGIT_BYTES, recode } from "./recode";
import { SCAN_BYTES, scan } from "./scan";

// @ts-ignore: decorator
@inline const WINDOW: u32 = 5;
// @ts-ignore: decorator
@inline const ROWS: u32 = 104;
// @ts-ignore: decorator
@inline const MULTIPLES: u32 = 1 << (WINDOW - 1);
/** Pairs of multiples while they are computed: the first half in lane 0, the second half in lane 1. */
// @ts-ignore: decorator
@inline const PAIRS: u32 = MULTIPLES / 2;
/** MULTIPLES affine points, after those pairs. */
// @ts-ignore: decorator
@inline const TABLE: usize = MUL_MULTIPLES + <usize>PAIRS * POINT2_BYTES;
/** The product so far, after the entry. */
// @ts-ignore: decorator
@inline const SUM: usize = MUL_ENTRY + AFFINE1_BYTES;

/**
 * product := k times the point that stands in both lanes of the affine pair `point`, in both lanes, projective.  In: a point on the
 * curve; k at `words`, 9 little-endian words below n. product must not overlap point. Constant time if secret; if not, time
 * depends on k.
 */
export function ptMulOne(product: usize, point: usize, words: usize, secret: bool): void {
  recode(MUL_DIGITS, words, WINDOW, ROWS);
  oddMultiples(point);
  // The last two digits come to 2^(5 ROWS), with the sign of the last.
  select(ROWS + 1, secret);
  pt1FromAffine(SUM, MUL_ENTRY);
  for (let i = <i32>ROWS - 1; i >= 0; i--) {
    for (let bit: u32 = 0; bit < WINDOW; bit++) pt1Double(SUM);
    select(i, secret);
    pt1AddMixed(SUM, MUL_ENTRY);
  }
  pt1ToPair(product, SUM);
  ptToProjective(product);
  memory.fill(MUL_DIGITS, 0, SUM + POINT1_BYTES - MUL_DIGITS);
}

/**
 * TABLE[j] := (2 j + 1) P, j < MULTIPLES.
 *
 * As in multiply.ts all sums are made on the curve scaled by Z, where 2 P = (X, Y, Z) is affine, and their Z multiplied by that Z
 * at the end. Lane 0 starts at P, lane 1 at 17 P, which comes from 16 P + P on the curve itself.
 */
function oddMultiples(point: usize): void {
  const twoP = MUL_ENTRY;
  const sum = MUL_MULTIPLES;
  const factor = MUL_WORK;
  ptFromAffine(twoP, point);
  ptDouble(twoP);
  memory.copy(sum, twoP, POINT2_BYTES);
  for (let m: u32 = 2; m < MULTIPLES; m <<= 1) ptDouble(sum);
  ptAddMixed(sum, point);
  fe2SetSmall(factor, 1);
  feCopyLane(sum, 0, point, 0);
  feCopyLane(sum + Y, 0, point + Y, 0);
  feCopyLane(sum + Z, 0, factor, 0);
  fe2Sqr(factor, twoP + Z);
  fe2Mul(sum, sum, factor);
  fe2Mul(factor, factor, twoP + Z);
  fe2Mul(sum + Y, sum + Y, factor);
  for (let j: u32 = 1; j < PAIRS; j++) {
    const next = sum + <usize>j * POINT2_BYTES;
    memory.copy(next, next - POINT2_BYTES, POINT2_BYTES);
    ptAddMixed(next, twoP);
  }
  for (let j: u32 = 0; j < PAIRS; j++) {
    const multiple = sum + <usize>j * POINT2_BYTES;
    fe2Mul(multiple + Z, multiple + Z, twoP + Z);
    ptToProjective(multiple);
  }
  affineFromProjective(sum, PAIRS, POINT2_BYTES, MUL_WORK);
  for (let j: u32 = 0; j < PAIRS; j++) {
    const multiple = sum + <usize>j * POINT2_BYTES;
    fe2LowLanes(TABLE + <usize>j * AFFINE1_BYTES, multiple, multiple + Y);
    fe2HighLanes(TABLE + <usize>(PAIRS + j) * AFFINE1_BYTES, multiple, multiple + Y);
  }
}

/** MUL_ENTRY := the multiple that digit i names, with its sign. If it is secret, reads all multiples. */
function select(i: u32, secret: bool): void {
  const digit = load<u32>(MUL_DIGITS + <usize>i * DIGIT_BYTES);
  const index = digit & 0x7fffffff;
  if (secret) {
    for (let at: usize = 0; at < AFFINE1_BYTES; at += SCAN_BYTES) {
      scan(MUL_ENTRY + at, TABLE + at, AFFINE1_BYTES, MULTIPLES, index, index);
    }
  } else {
    memory.copy(MUL_ENTRY, TABLE + <usize>index * AFFINE1_BYTES, AFFINE1_BYTES);
  }
  pt1Negate(MUL_ENTRY, digit);
}
