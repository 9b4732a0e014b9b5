// Tables of odd multiples of a point P, for windows of w bits: entry i 2^(w - 1) + j is (2 j + 1) 2^(w i) P, i < rows, and two
// more entries are 2^(w rows) P and 2^(w rows + 1) P, as recode.ts wants them (the second is there only if rows is even).
//
// An entry is 44 signed 32-bit integers, the limbs of x and of y without their weights: 176 bytes.

import { FE2_WEIGHTS, TABLE_DOUBLES, TABLE_FOUND, TABLE_POINTS, TABLE_WORK } from "../layout";
import { affineAddMany, affineFromProjective } from "./affine";
import { FE2_BYTES, FE2_LIMBS } from "./fe2";
import { feCopyLane, feWeight, power } from "./fe2-bytes";
import { AFFINE2_BYTES, POINT2_BYTES, Y, ptDouble, ptFromAffine, ptNegate, ptToProjective } from "./point";
import { scan } from "./scan";

// @ts-ignore: decorator
@inline export const ENTRY_BYTES: usize = 176;
// @ts-ignore: decorator
@inline const SKIP: usize = 0;

/** Fills FE2_WEIGHTS: the weights of the limbs of x, then of y, in both lanes. */
export function tableInit(): void {
  for (let i: u32 = 0; i < 2 * FE2_LIMBS; i++) {
    v128.store(FE2_WEIGHTS + (<usize>i << 4), f64x2.splat(power(feWeight(i % FE2_LIMBS))));
  }
}

/** (entry0, entry1) := the affine pair p. Either may be SKIP. */
function entryStore(entry0: usize, entry1: usize, p: usize): void {
  for (let i: usize = 0; i < AFFINE2_BYTES; i += 16) {
    const limbs = i32x4.trunc_sat_f64x2_s_zero(f64x2.div(v128.load(p + i), v128.load(FE2_WEIGHTS + i)));
    if (entry0 != SKIP) store<i32>(entry0 + (i >> 2), i32x4.extract_lane(limbs, 0));
    if (entry1 != SKIP) store<i32>(entry1 + (i >> 2), i32x4.extract_lane(limbs, 1));
  }
}

/** The affine pair z := (entry0, entry1), each with its y negated if bit 31 of its digit is set. */
export function entryLoad(z: usize, entry0: usize, digit0: u32, entry1: usize, digit1: u32): void {
  for (let i: usize = 0; i < ENTRY_BYTES; i += 16) {
    const a = v128.load(entry0 + i);
    const b = v128.load(entry1 + i);
    const low = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const high = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    storeWeighted(z, i, 0, low);
    storeWeighted(z, i, 16, v128.shuffle<i64>(low, low, 1, 1));
    storeWeighted(z, i, 32, high);
    storeWeighted(z, i, 48, v128.shuffle<i64>(high, high, 1, 1));
  }
  ptNegate(z, digit0, digit1);
}

// @ts-ignore: decorator
@inline
function storeWeighted(z: usize, group: usize, limb: usize, integers: v128): void {
  const at = (group << 2) + limb;
  v128.store(z + at, f64x2.mul(f64x2.convert_low_i32x4_s(integers), v128.load(FE2_WEIGHTS + at)));
}

/** to := entry number `index` of the n at `row`. Constant time. */
export function entryScan(to: usize, row: usize, n: u32, index: u32): void {
  scan(to, row, ENTRY_BYTES, n, index, index);
}

// --- building -----------------------------------------------------------------------------------------------------------------

/** Affine pairs that TABLE_POINTS holds: 4 rows of 512 entries, or 16 of 128. */
// @ts-ignore: decorator
@inline const BUILD_PAIRS: u32 = 1024;

/** Fills the table of P, lane 0 of the affine pair `point`: a public point, on the curve, not infinity. */
export function tableBuild(table: usize, point: usize, w: u32, rows: u32): void {
  const half = <u32>1 << (w - 1);
  powersOfTwo(point, w * rows + 2);
  const atOnce = BUILD_PAIRS >> (w - 1);
  for (let row: u32 = 0; row < rows; row += 2 * atOnce) {
    const left = (rows - row + 1) >> 1;
    buildRows(table, row, left < atOnce ? left : atOnce, w, rows);
  }
  const last = table + <usize>(rows * half) * ENTRY_BYTES;
  storePower(last, w * rows);
  if (!(rows & 1)) storePower(last + ENTRY_BYTES, w * rows + 1);
}

/** The entry := 2^t P. */
function storePower(entry: usize, t: u32): void {
  entryStore(t & 1 ? SKIP : entry, t & 1 ? entry : SKIP, power2(t));
}

/** The affine pair that holds 2^t P, in lane t & 1. */
// @ts-ignore: decorator
@inline
function power2(t: u32): usize {
  return TABLE_DOUBLES + <usize>(t >>> 1) * POINT2_BYTES;
}

/** 2^t P for t < n, n even, affine: see power2. */
function powersOfTwo(point: usize, n: u32): void {
  const p = TABLE_FOUND;
  ptFromAffine(p, point);
  for (let t: u32 = 0; t < n; t++) {
    if (t) ptDouble(p);
    for (let c: usize = 0; c < POINT2_BYTES; c += FE2_BYTES) feCopyLane(power2(t) + c, t & 1, p + c, 0);
  }
  for (let t: u32 = 0; t < n; t += 2) ptToProjective(power2(t));
  affineFromProjective(TABLE_DOUBLES, n >> 1, POINT2_BYTES, TABLE_WORK);
}

/** The rows `row` .. row + 2 pairs - 1, two in the lanes of a pair. A last row that the table does not have is not stored. */
function buildRows(table: usize, row: u32, pairs: u32, w: u32, rows: u32): void {
  // TABLE_POINTS[j pairs + r] = (2 j + 1) 2^(w i) P, i = row + 2 r in lane 0, i + 1 in lane 1.
  gather(TABLE_POINTS, row, pairs, w, rows, 0);
  for (let level: u32 = 1; level < w; level++) {
    const have = pairs << (level - 1);
    gather(TABLE_FOUND, row, pairs, w, rows, level);
    affineAddMany(TABLE_POINTS + <usize>have * AFFINE2_BYTES, TABLE_POINTS, TABLE_FOUND, have, pairs, TABLE_WORK);
  }
  const half = <u32>1 << (w - 1);
  for (let j: u32 = 0; j < half; j++) {
    for (let r: u32 = 0; r < pairs; r++) {
      const i = row + 2 * r;
      const entry = table + <usize>(i * half + j) * ENTRY_BYTES;
      const next = i + 1 < rows ? entry + <usize>half * ENTRY_BYTES : SKIP;
      entryStore(entry, next, TABLE_POINTS + <usize>(j * pairs + r) * AFFINE2_BYTES);
    }
  }
}

/** to[r] := 2^(w i + shift) P for the rows i of buildRows. */
function gather(to: usize, row: u32, pairs: u32, w: u32, rows: u32, shift: u32): void {
  for (let r: u32 = 0; r < 2 * pairs; r++) {
    const i = min(row + r, rows - 1);
    const t = w * i + shift;
    const at = to + <usize>(r >> 1) * AFFINE2_BYTES;
    feCopyLane(at, r & 1, power2(t), t & 1);
    feCopyLane(at + Y, r & 1, power2(t) + Y, t & 1);
  }
}
