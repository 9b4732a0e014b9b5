// Multiples of the base point G by secret scalars. A job is its 88 digits: 44 pairs of table entries, the low half of the digits
// in lane 0 and the high half in lane 1.
//
// No two points that meet within a lane are equal or opposite. In a sum of d(i) 2^(6 i) over some windows, all d(i) odd, the first
// window decides which power of 2 divides it; so sums over different windows, as integers, are neither equal nor opposite. Nor
// are they mod n: lane 0 adds up to less than n / 2 in all; in lane 1 all terms are multiples of 2^264, below 2^530 in all, and
// no multiple of n but 0 is both. Where the lanes meet, the addition is complete.

import {
  BASE_DEGENERATE, BASE_DIGITS, BASE_ENTRIES, BASE_POINTS, BASE_SUMS, BASE_TABLE, BASE_TABLE_WIDE, BASE_WORK, FE2_B, FE2_ORDER, GENERATOR,
} from "../layout";
import { AFFINE_WORK_BYTES } from "./affine";
import { fe2Carry } from "./fe2";
import { feFromBytes } from "./fe2-bytes";
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

/** b, Gx, Gy and n (SP 800-186, 3.2.1.5), 66 octets each. */
// @ts-ignore: decorator
@lazy const CURVE: usize = memory.data<u8>([
  0x00, 0x51, 0x95, 0x3e, 0xb9, 0x61, 0x8e, 0x1c, 0x9a, 0x1f, 0x92, 0x9a, 0x21, 0xa0, 0xb6, 0x85, 0x40, 0xee, 0xa2, 0xda, 0x72, 0x5b,
  0x99, 0xb3, 0x15, 0xf3, 0xb8, 0xb4, 0x89, 0x91, 0x8e, 0xf1, 0x09, 0xe1, 0x56, 0x19, 0x39, 0x51, 0xec, 0x7e, 0x93, 0x7b, 0x16, 0x52,
  0xc0, 0xbd, 0x3b, 0xb1, 0xbf, 0x07, 0x35, 0x73, 0xdf, 0x88, 0x3d, 0x2c, 0x34, 0xf1, 0xef, 0x45, 0x1f, 0xd4, 0x6b, 0x50, 0x3f, 0x00,
  0x00, 0xc6, 0x85, 0x8e, 0x06, 0xb7, 0x04, 0x04, 0xe9, 0xcd, 0x9e, 0x3e, 0xcb, 0x66, 0x23, 0x95, 0xb4, 0x42, 0x9c, 0x64, 0x81, 0x39,
  0x05, 0x3f, 0xb5, 0x21, 0xf8, 0x28, 0xaf, 0x60, 0x6b, 0x4d, 0x3d, 0xba, 0xa1, 0x4b, 0x5e, 0x77, 0xef, 0xe7, 0x59, 0x28, 0xfe, 0x1d,
  0xc1, 0x27, 0xa2, 0xff, 0xa8, 0xde, 0x33, 0x48, 0xb3, 0xc1, 0x85, 0x6a, 0x42, 0x9b, 0xf9, 0x7e, 0x7e, 0x31, 0xc2, 0xe5, 0xbd, 0x66,
  0x01, 0x18, 0x39, 0x29, 0x6a, 0x78, 0x9a, 0x3b, 0xc0, 0x04, 0x5c, 0x8a, 0x5f, 0xb4, 0x2c, 0x7d, 0x1b, 0xd9, 0x98, 0xf5, 0x44, 0x49,
  0x57, 0x9b, 0x44, 0x68, 0x17, 0xaf, 0xbd, 0x17, 0x27, 0x3e, 0x66, 0x2c, 0x97, 0xee, 0x72, 0x99, 0x5e, 0xf4, 0x26, 0x40, 0xc5, 0x50,
  0xb9, 0x01, 0x3f, 0xad, 0x07, 0x61, 0x35, 0x3c, 0x70, 0x86, 0xa2, 0x72, 0xc2, 0x40, 0x88, 0xbe, 0x94, 0x76, 0x9f, 0xd1, 0x66, 0x50,
  0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc,
  0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
], 16);

let ready = false;

/** Fills the constants and the tables of G at first use. Whoever computes with points has called this. */
export function baseInit(): void {
  if (ready) return;
  for (let lane: u32 = 0; lane < 2; lane++) {
    feFromBytes(FE2_B, lane, CURVE);
    feFromBytes(GENERATOR, lane, CURVE + 66);
    feFromBytes(GENERATOR + Y, lane, CURVE + 132);
    feFromBytes(FE2_ORDER, lane, CURVE + 198);
  }
  fe2Carry(FE2_ORDER, FE2_ORDER);
  fe2Carry(FE2_B, FE2_B);
  fe2Carry(GENERATOR, GENERATOR);
  fe2Carry(GENERATOR + Y, GENERATOR + Y);
  tableInit();
  tableBuild(BASE_TABLE, GENERATOR, WINDOW, ROWS);
  tableBuild(BASE_TABLE_WIDE, GENERATOR, WIDE_WINDOW, WIDE_ROWS);
  ready = true;
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
