// ECDSA verification (FIPS 186-5, 6.4.2) of many signatures at once. All data is public: variable time.
//
// Keys with a table: u1 G + u2 Q is a sum of 120 table entries, two at a time in the lanes, and the jobs share the inversions of
// sumMany. Other keys: u2 Q two jobs at once, by ptMul. A job for which sumMany meets equal or opposite points, which a
// signer can bring about, is done again that way, which has no exceptions.

import {
  BASE_TABLE_WIDE, FE2_ORDER, FE2_ZERO, MUL_POINT, TABLE_POINTS, TABLE_WORK, VERIFY_DIGITS, VERIFY_KEYS, VERIFY_LISTS,
  VERIFY_POINTS, VERIFY_S, VERIFY_SUMS, VERIFY_T, VERIFY_TOUCHED, VERIFY_U1, VERIFY_U2,
} from "../layout";
import { Status } from "../status";
import { WIDE_ROWS, WIDE_WINDOW, baseInitWide } from "./base";
import { KEY_ROWS, KEY_WINDOW, cacheCount, cacheFind, cacheNextBatch } from "./cache";
import { FE2_BYTES, fe2Carry, fe2MulSub, fe2Sub } from "./fe2";
import { FE_OCTETS, feFromBytes, feIsZero } from "./fe2-bytes";
import { jobA, jobB, jobC, jobCountIsBad, jobStatus, setJobStatus, wipeJobs } from "./jobs";
import { ptMul } from "./multiply";
import { ptMulOne } from "./multiply-one";
import { AFFINE2_BYTES, POINT2_BYTES, Y, Z, ptAdd } from "./point";
import { ptFromBytes, ptIsUncompressed, ptOnCurve } from "./point-bytes";
import { DIGIT_BYTES, recode } from "./recode";
import { SC_BYTES, scClear, scFromBytes, scFromDigest, scInvertManyVarTime, scIsZero, scMul, scToWords } from "./sc";
import { addAcross, sumMany } from "./sum";
import { ENTRY_BYTES, entryLoad } from "./table";

/** Jobs that are summed together. */
// @ts-ignore: decorator
@inline const TOGETHER: u32 = 16;
/** Pairs of table entries for u1 G, and for u2 Q. */
// @ts-ignore: decorator
@inline const BASE_PAIRS: u32 = (WIDE_ROWS + 2) >> 1;
// @ts-ignore: decorator
@inline const KEY_PAIRS: u32 = (KEY_ROWS + 2) >> 1;

// Lists of job numbers, a byte each; and sumMany's marks.
// @ts-ignore: decorator
@inline const FAST: usize = VERIFY_LISTS;
// @ts-ignore: decorator
@inline const SLOW: usize = VERIFY_LISTS + 64;
// @ts-ignore: decorator
@inline const DEGENERATE: usize = VERIFY_LISTS + 128;

/** p - n, 66 octets: an r below it may be the residue of x = r + n. */
// @ts-ignore: decorator
@lazy const P_MINUS_N: usize = memory.data<u8>([
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x05, 0xae, 0x79, 0x78, 0x7c, 0x40, 0xd0, 0x69, 0x94, 0x80, 0x33, 0xfe, 0xb7, 0x08, 0xf6,
  0x5a, 0x2f, 0xc4, 0x4a, 0x36, 0x47, 0x76, 0x63, 0xb8, 0x51, 0x44, 0x90, 0x48, 0xe1, 0x6e, 0xc7,
  0x9b, 0xf6,
], 16);

/**
 * a: 64 octets, a SHA-512 digest. b: 132 octets, r and s. c: 133 octets, the public key.
 * Ok: the signature is valid. BadPoint: c is not an uncompressed point of the curve. BadSignature: all else.
 */
export function verifyMany(n: u32, jobs: usize): Status {
  if (jobCountIsBad(n)) return Status.BadArgument;
  baseInitWide();
  cacheNextBatch();
  let fast: u32 = 0;
  let slow: u32 = 0;
  for (let j: u32 = 0; j < n; j++) setJobStatus(jobs, j, prepare(j, jobs));
  multipliers(n, jobs);
  for (let j: u32 = 0; j < n; j++) {
    if (jobStatus(jobs, j) != Status.Ok) continue;
    if (load<u32>(tableOf(j))) store<u8>(FAST + fast++, <u8>j);
    else store<u8>(SLOW + slow++, <u8>j);
  }
  for (let i: u32 = 0; i < fast; i += TOGETHER) slow = verifyFast(jobs, FAST + i, min(TOGETHER, fast - i), slow);
  for (let i: u32 = 0; i < slow; i += TOGETHER) verifySlow(jobs, SLOW + i, min(TOGETHER, slow - i));
  memory.fill(MUL_POINT, 0, AFFINE2_BYTES);
  wipeJobs(0);
  return Status.Ok;
}

// @ts-ignore: decorator
@inline
function scalarOf(list: usize, j: u32): usize {
  return list + <usize>j * SC_BYTES;
}

// @ts-ignore: decorator
@inline
function tableOf(j: u32): usize {
  return VERIFY_KEYS + (<usize>j << 2);
}

/** The key's table, if it has one, else a check of the key and one more use of it; r and s. */
function prepare(j: u32, jobs: usize): Status {
  const key = jobC(jobs, j);
  let table = cacheFind(key);
  if (!table) {
    ptFromBytes(MUL_POINT, 0, key);
    ptFromBytes(MUL_POINT, 1, key);
    if (!(ptIsUncompressed(key) && ptOnCurve(MUL_POINT))) {
      scClear(scalarOf(VERIFY_S, j));
      return Status.BadPoint;
    }
    table = cacheCount(key, MUL_POINT);
  }
  store<u32>(tableOf(j), <u32>table);
  const r = scalarOf(VERIFY_U2, j);
  const s = scalarOf(VERIFY_S, j);
  const inRange = scFromBytes(r, jobB(jobs, j)) & scFromBytes(s, jobB(jobs, j) + FE_OCTETS);
  if (!inRange || scIsZero(r) || scIsZero(s)) return Status.BadSignature;
  return Status.Ok;
}

/** VERIFY_U1, VERIFY_U2 := the words of e/s and r/s, for the jobs that are Ok. */
function multipliers(n: u32, jobs: usize): void {
  scInvertManyVarTime(VERIFY_U1, VERIFY_S, n, SC_BYTES);
  for (let j: u32 = 0; j < n; j++) {
    if (jobStatus(jobs, j) != Status.Ok) continue;
    const u1 = scalarOf(VERIFY_U1, j);
    const u2 = scalarOf(VERIFY_U2, j);
    const e = scalarOf(VERIFY_S, j);
    scMul(u2, u2, u1);
    scFromDigest(e, jobA(jobs, j));
    scMul(u1, u1, e);
    scToWords(u1, u1);
    scToWords(u2, u2);
  }
}

// --- keys with a table ---------------------------------------------------------------------------------------------------------

/**
 * Verifies the n <= TOGETHER jobs of a list. Appends those to be done again to SLOW, which holds `slow` jobs; returns how many it
 * holds then.
 */
function verifyFast(jobs: usize, list: usize, n: u32, slow: u32): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const j = load<u8>(list + i);
    loadEntries(TABLE_POINTS, n, i, scalarOf(VERIFY_U1, j), BASE_TABLE_WIDE, WIDE_WINDOW, WIDE_ROWS);
    const rest = TABLE_POINTS + <usize>(BASE_PAIRS * n) * AFFINE2_BYTES;
    loadEntries(rest, n, i, scalarOf(VERIFY_U2, j), load<u32>(tableOf(j)), KEY_WINDOW, KEY_ROWS);
  }
  memory.fill(DEGENERATE, 0, n);
  sumMany(VERIFY_SUMS, TABLE_POINTS, BASE_PAIRS + KEY_PAIRS, n, DEGENERATE, TABLE_WORK);
  for (let i: u32 = 0; i < n; i += 2) {
    const other = min(i + 1, n - 1);
    const sum = VERIFY_POINTS;
    addAcross(sum, VERIFY_SUMS + <usize>i * POINT2_BYTES, VERIFY_SUMS + <usize>other * POINT2_BYTES);
    compare(jobs, load<u8>(list + i), load<u8>(list + other), sum);
  }
  for (let i: u32 = 0; i < n; i++) {
    if (load<u8>(DEGENERATE + i)) store<u8>(SLOW + slow++, load<u8>(list + i));
  }
  return slow;
}

/** points[e n + i] := the table entries of digits e (lane 0) and e + half (lane 1) of the scalar, for e < half their number. */
function loadEntries(points: usize, n: u32, i: u32, words: usize, table: usize, w: u32, rows: u32): void {
  recode(VERIFY_DIGITS, words, w, rows);
  const half = (rows + 2) >>> 1;
  touchEntries(2 * half, table, w, rows);
  for (let e: u32 = 0; e < half; e++) {
    const low = digit(e);
    const high = digit(e + half);
    const at = points + <usize>(e * n + i) * AFFINE2_BYTES;
    entryLoad(at, entryOf(table, e, low, w, rows), low, entryOf(table, e + half, high, w, rows), high);
  }
}

/** Reads a little of every entry that is wanted: entries are far apart, and their cache misses should overlap. */
function touchEntries(n: u32, table: usize, w: u32, rows: u32): void {
  let sum: u32 = 0;
  for (let e: u32 = 0; e < n; e++) {
    const entry = entryOf(table, e, digit(e), w, rows);
    sum += load<u32>(entry) + load<u32>(entry, 64) + load<u32>(entry, 128) + load<u32>(entry, ENTRY_BYTES - 4);
  }
  store<u32>(VERIFY_TOUCHED, sum); // so that the reads count as used
}

// @ts-ignore: decorator
@inline
function digit(e: u32): u32 {
  return load<u32>(VERIFY_DIGITS + <usize>e * DIGIT_BYTES);
}

/** The entry of a digit's magnitude. The rows after the last full one have one entry each. */
// @ts-ignore: decorator
@inline
function entryOf(table: usize, i: u32, digit: u32, w: u32, rows: u32): usize {
  const start = i < rows ? i << (w - 1) : (rows << (w - 1)) + i - rows;
  return table + <usize>(start + (digit & 0x7fffffff)) * ENTRY_BYTES;
}

// --- other keys ----------------------------------------------------------------------------------------------------------------

/** Verifies the n <= TOGETHER jobs of a list. */
function verifySlow(jobs: usize, list: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    loadEntries(TABLE_POINTS, n, i, scalarOf(VERIFY_U1, load<u8>(list + i)), BASE_TABLE_WIDE, WIDE_WINDOW, WIDE_ROWS);
  }
  sumMany(VERIFY_SUMS, TABLE_POINTS, BASE_PAIRS, n, DEGENERATE, TABLE_WORK);
  for (let i: u32 = 0; i < n; i += 2) {
    const other = min(i + 1, n - 1);
    const a = load<u8>(list + i);
    const b = load<u8>(list + other);
    const sum = VERIFY_POINTS;
    const product = VERIFY_POINTS + POINT2_BYTES;
    ptFromBytes(MUL_POINT, 0, jobC(jobs, a));
    ptFromBytes(MUL_POINT, 1, jobC(jobs, b));
    fe2Carry(MUL_POINT, MUL_POINT);
    fe2Carry(MUL_POINT + Y, MUL_POINT + Y);
    if (other == i) ptMulOne(product, MUL_POINT, scalarOf(VERIFY_U2, a), false);
    else ptMul(product, MUL_POINT, scalarOf(VERIFY_U2, a), scalarOf(VERIFY_U2, b), false);
    addAcross(sum, VERIFY_SUMS + <usize>i * POINT2_BYTES, VERIFY_SUMS + <usize>other * POINT2_BYTES);
    ptAdd(sum, product);
    compare(jobs, a, b, sum);
  }
}

/** Sets the verdicts of jobs a and b: whether x = r mod n for the lanes of the projective pair p. */
function compare(jobs: usize, a: u32, b: u32, p: usize): void {
  const r = VERIFY_T;
  const difference = VERIFY_T + FE2_BYTES;
  feFromBytes(r, 0, jobB(jobs, a));
  feFromBytes(r, 1, jobB(jobs, b));
  fe2MulSub(difference, r, p + Z, p); // r Z - X
  setJobStatus(jobs, a, verdict(0, jobB(jobs, a), p, difference));
  if (b != a) setJobStatus(jobs, b, verdict(1, jobB(jobs, b), p, difference));
}

function verdict(lane: u32, r: usize, p: usize, difference: usize): Status {
  if (feIsZero(p + Z, lane)) return Status.BadSignature; // infinity
  if (feIsZero(difference, lane)) return Status.Ok;
  if (memory.compare(r, P_MINUS_N, FE_OCTETS) >= 0) return Status.BadSignature;
  const later = difference + FE2_BYTES;
  fe2Sub(later, FE2_ZERO, difference);
  fe2MulSub(later, FE2_ORDER, p + Z, later); // (r + n) Z - X
  return feIsZero(later, lane) ? Status.Ok : Status.BadSignature;
}
