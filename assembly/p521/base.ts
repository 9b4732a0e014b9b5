// Multiples of the base point G by secret scalars. A job is its 88 digits: 44 pairs of table entries, the low half of the digits
// in lane 0 and the high half in lane 1.
//
// No two points that meet within a lane are equal or opposite. In a sum of d(i) 2^(6 i) over some windows, all d(i) odd, the first
// window decides which power of 2 divides it; so sums over different windows, as integers, are neither equal nor opposite. Nor
// are they mod n: lane 0 adds up to less than n / 2 in all; in lane 1 all terms are multiples of 2^264, below 2^530 in all, and
// no multiple of n but 0 is both. Where the lanes meet, the addition is complete.

import {
  BASE_DEGENERATE, BASE_DIGITS, BASE_ENTRIES, BASE_POINTS, BASE_SUMS, BASE_TABLE, BASE_TABLE_WIDE, BASE_WORK, FE2_B, FE2_ORDER,
  GENERATOR,
} from "../layout";
import { AFFINE_WORK_BYTES } from "./affine";
import { BASE_X, BASE_Y, CURVE_B, ORDER } from "./curve";
import { fe2FromWords } from "./fe2-bytes";
import { AFFINE2_BYTES, POINT2_BYTES, Y } from "./point";
import { DIGIT_BYTES, recode } from "./recode";
import { addAcross, sumMany } from "./sum";
import { ENTRY_BYTES, entryLoad, entryScan, tableBuild, tableInit } from "./table";

// @ts-ignore: decorator
@inline const WINDOW: u32 = 6;
// @ts-ignore: decorator
@inline const ROWS: u32 = 87;
// @ts-ignore: decorator
@inline const DIGITS: u32 = (ROWS + 2) & ~1;
// @ts-ignore: decorator
@inline const PAIRS: u32 = DIGITS / 2;
// @ts-ignore: decorator
@inline const ROW_ENTRIES: u32 = 1 << (WINDOW - 1);
/** Jobs that are summed together. */
// @ts-ignore: decorator
@inline const JOBS: u32 = 8;

/** Window and rows of BASE_TABLE_WIDE. */
// @ts-ignore: decorator
@inline export const WIDE_WINDOW: u32 = 10;
// @ts-ignore: decorator
@inline export const WIDE_ROWS: u32 = 52;

let ready = false;
let wideReady = false;

/** Fills the constants and BASE_TABLE at first use. Whoever computes with points has called this. */
export function baseInit(): void {
  if (ready) return;
  fe2FromWords(FE2_B, CURVE_B);
  fe2FromWords(FE2_ORDER, ORDER);
  fe2FromWords(GENERATOR, BASE_X);
  fe2FromWords(GENERATOR + Y, BASE_Y);
  tableInit();
  tableBuild(BASE_TABLE, GENERATOR, WINDOW, ROWS);
  ready = true;
}

/** Fills BASE_TABLE_WIDE too, which takes ten times as long. Whoever verifies has called this. */
export function baseInitWide(): void {
  if (wideReady) return;
  baseInit();
  tableBuild(BASE_TABLE_WIDE, GENERATOR, WIDE_WINDOW, WIDE_ROWS);
  wideReady = true;
}

/**
 * products: jobs j and j + 1 := the lanes of the projective pair j / 2; k G for n scalars of 9 little-endian words below n,
 * `stride` bytes apart. If n is odd the last pair holds its job twice. Constant time.
 */
export function baseMulMany(products: usize, words: usize, n: u32, stride: usize): void {
  for (let first: u32 = 0; first < n; first += JOBS) {
    const jobs = min(JOBS, n - first);
    mulSome(products, words, jobs, stride);
    products += <usize>(JOBS / 2) * POINT2_BYTES;
    words += <usize>JOBS * stride;
  }
  memory.fill(BASE_ENTRIES, 0, 2 * ENTRY_BYTES);
  const jobs = <usize>min(JOBS, n);
  memory.fill(BASE_DIGITS, 0, jobs * DIGITS * DIGIT_BYTES);
  memory.fill(BASE_SUMS, 0, jobs * POINT2_BYTES);
  memory.fill(BASE_POINTS, 0, jobs * PAIRS * AFFINE2_BYTES);
  memory.fill(BASE_WORK, 0, jobs * (PAIRS / 2) * AFFINE_WORK_BYTES);
}

function mulSome(products: usize, words: usize, jobs: u32, stride: usize): void {
  for (let j: u32 = 0; j < jobs; j++) {
    recode(BASE_DIGITS + <usize>(j * DIGITS) * DIGIT_BYTES, words + <usize>j * stride, WINDOW, ROWS);
  }
  for (let e: u32 = 0; e < PAIRS; e++) {
    for (let j: u32 = 0; j < jobs; j++) loadPair(BASE_POINTS + <usize>(e * jobs + j) * AFFINE2_BYTES, j, e);
  }
  sumMany(BASE_SUMS, BASE_POINTS, PAIRS, jobs, BASE_DEGENERATE, BASE_WORK);
  for (let j: u32 = 0; j < jobs; j += 2) {
    const a = BASE_SUMS + <usize>j * POINT2_BYTES;
    addAcross(products + <usize>(j >> 1) * POINT2_BYTES, a, j + 1 < jobs ? a + POINT2_BYTES : a);
  }
}

/** z := digits e and e + PAIRS of job j times their powers of 2^6 G. */
function loadPair(z: usize, j: u32, e: u32): void {
  const digits = BASE_DIGITS + <usize>(j * DIGITS) * DIGIT_BYTES;
  const low = load<u32>(digits + <usize>e * DIGIT_BYTES);
  const high = load<u32>(digits + <usize>(e + PAIRS) * DIGIT_BYTES);
  scanRow(BASE_ENTRIES, e, low);
  scanRow(BASE_ENTRIES + ENTRY_BYTES, e + PAIRS, high);
  entryLoad(z, BASE_ENTRIES, low, BASE_ENTRIES + ENTRY_BYTES, high);
}

/** The last row has one entry. */
function scanRow(to: usize, row: u32, digit: u32): void {
  const n: u32 = row < ROWS ? ROW_ENTRIES : 1;
  entryScan(to, BASE_TABLE + <usize>(row * ROW_ENTRIES) * ENTRY_BYTES, n, digit & 0x7fffffff);
}
