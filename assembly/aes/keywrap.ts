// AES-256 key wrap (RFC 3394, KW of NIST SP 800-38F), eight keys at once. All of it runs on planes (lanes.ts): the low eight bytes
// of each plane of the state are A, the high eight the R[i] under way. At AES_HALVES lie half 0, which is A, and halves 1..n,
// R[1..n]: eight planes each, of which only the high eight bytes count. Half n + 1 is a spare.
//
// A job is 16 bytes, u32 each: a, the KEK's address (32 bytes); b, the input's; c, the output's; the status. Outputs may overlap
// no input but their own. Constant time, the lengths apart. Scratch is wiped before the return.

import { AES_HALVES, AES_KEYS, AES_STATE, AES_WORD } from "../layout";
import { mask64 } from "../lib/ct";
import { Status } from "../status";
import { AES_LANES, AES_PLANES, aesDecrypt, aesEncrypt, aesExpandKeys, transpose } from "./lanes";

/** Longest key data, bytes: 64 halves. */
// @ts-ignore: decorator
@inline export const KEYWRAP_MAX: u32 = 512;
// @ts-ignore: decorator
@inline const JOB_BYTES: usize = 16;
// @ts-ignore: decorator
@inline const HALF_BYTES: usize = AES_PLANES;
/** Each byte of the default initial value (RFC 3394, 2.2.3.1). */
// @ts-ignore: decorator
@inline const IV: u32 = 0xa6;

// @ts-ignore: decorator
@inline function keyOf(job: usize): usize { return load<u32>(job); }
// @ts-ignore: decorator
@inline function input(job: usize): usize { return load<u32>(job, 4); }
// @ts-ignore: decorator
@inline function output(job: usize): usize { return load<u32>(job, 8); }
// @ts-ignore: decorator
@inline function half(i: usize): usize { return AES_HALVES + HALF_BYTES * i; }
// @ts-ignore: decorator
@inline function plane(i: usize, b: u32): v128 { return v128.load(half(i) + 16 * b); }
/** The low eight bytes of x, and the high eight of y. */
// @ts-ignore: decorator
@inline function join(x: v128, y: v128): v128 { return v128.bitselect(x, y, i64x2(-1, 0)); }
/** Low and high eight bytes, swapped. */
// @ts-ignore: decorator
@inline function swap(x: v128): v128 { return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7); }
/** Plane b of the initial value: the same in all lanes. */
// @ts-ignore: decorator
@inline function ivPlane(b: u32): v128 { return i64x2.splat(mask64((IV >>> b) & 1)); }

/** The keys of jobs 0..lanes-1, expanded; the other lanes' keys are zero. */
function loadKeys(jobs: usize, lanes: u32): void {
  memory.fill(AES_KEYS, 0, 2 * AES_PLANES);
  for (let j: usize = 0; j < lanes; j++) {
    const kek = keyOf(jobs + JOB_BYTES * j);
    v128.store(AES_KEYS + 16 * j, v128.load(kek));
    v128.store(AES_KEYS + AES_PLANES + 16 * j, v128.load(kek, 16));
  }
  aesExpandKeys();
}

/** Halves first..first+count-1 := the 8 count bytes at the jobs' b. An odd count also sets the half after them. */
function loadHalves(first: usize, count: usize, jobs: usize, lanes: u32): void {
  for (let i: usize = 0; i < count; i += 2) {
    memory.fill(AES_STATE, 0, AES_PLANES);
    for (let j: usize = 0; j < lanes; j++) {
      const row = AES_STATE + 16 * j, from = input(jobs + JOB_BYTES * j) + 8 * i;
      store<u64>(row, load<u64>(from));
      if (i + 1 < count) store<u64>(row, load<u64>(from, 8), 8);
    }
    transpose(AES_STATE);
    for (let b: usize = 0; b < AES_PLANES; b += 16) {
      const both = v128.load(AES_STATE + b);
      v128.store(half(first + i) + b, swap(both));
      v128.store(half(first + i + 1) + b, both);
    }
  }
}

/** The 8 count bytes at the jobs' c := halves first..first+count-1. */
function storeHalves(first: usize, count: usize, jobs: usize, lanes: u32): void {
  for (let i: usize = 0; i < count; i += 2) {
    for (let b: u32 = 0; b < 8; b++) {
      v128.store(AES_STATE + 16 * b, join(swap(plane(first + i, b)), plane(first + i + 1, b)));
    }
    transpose(AES_STATE);
    for (let j: usize = 0; j < lanes; j++) {
      const row = AES_STATE + 16 * j, to = output(jobs + JOB_BYTES * j) + 8 * i;
      store<u64>(to, load<u64>(row));
      if (i + 1 < count) store<u64>(to, load<u64>(row, 8), 8);
    }
  }
}

/** Between two encryptions: half `put` := R[i]; A := A xor t, t as a big-endian number; R[i] := half `take`.  In: t < 2^16. */
function step(put: usize, t: u32, take: usize): void {
  for (let b: u32 = 0; b < 8; b++) {
    const state = v128.load(AES_STATE + 16 * b);
    const bits = (mask64((t >>> b) & 1) << 56) | ((mask64((t >>> (8 + b)) & 1) & 0xff) << 48);
    v128.store(half(put) + 16 * b, state);
    v128.store(AES_STATE + 16 * b, join(v128.xor(state, i64x2.splat(bits)), plane(take, b)));
  }
}

/** RFC 3394, 2.2.1, index based. */
function wrapLanes(jobs: usize, lanes: u32, n: u32): void {
  loadKeys(jobs, lanes);
  loadHalves(1, n, jobs, lanes);
  for (let b: u32 = 0; b < 8; b++) v128.store(AES_STATE + 16 * b, join(ivPlane(b), plane(1, b)));
  for (let t: u32 = 1, i: u32 = 1; t <= 6 * n; t++) {
    const next = i == n ? 1 : i + 1;
    aesEncrypt(AES_STATE);
    step(i, t, next);
    i = next;
  }
  for (let b: usize = 0; b < AES_PLANES; b += 16) v128.store(half(0) + b, swap(v128.load(AES_STATE + b)));
  storeHalves(0, n + 1, jobs, lanes);
  for (let j: usize = 0; j < lanes; j++) store<u32>(jobs + JOB_BYTES * j, Status.Ok, 12);
}

/** RFC 3394, 2.2.2, index based. Output bytes of a lane that fails its check become zero. */
function unwrapLanes(jobs: usize, lanes: u32, n: u32): void {
  loadKeys(jobs, lanes);
  loadHalves(0, n + 1, jobs, lanes);
  for (let b: u32 = 0; b < 8; b++) v128.store(AES_STATE + 16 * b, swap(plane(0, b)));
  step(n + 1, 6 * n, n);
  for (let t = 6 * n, i = n; t > 0; t--) {
    const next = i == 1 ? n : i - 1;
    aesDecrypt(AES_STATE);
    step(i, t - 1, next);
    i = next;
  }
  const wrong = badLanes();
  storeHalves(1, n, jobs, lanes);
  for (let j: u32 = 0; j < lanes; j++) {
    const job = jobs + JOB_BYTES * j;
    const bad = (wrong >>> j) & 1;
    for (let i: usize = 0; i < n; i++) {
      const at = output(job) + 8 * i;
      store<u64>(at, load<u64>(at) & ~mask64(bad));
    }
    store<u32>(job, bad * Status.BadWrap, 12);
  }
}

/** Bit j is 1 if A of lane j is not the initial value. */
function badLanes(): u32 {
  let difference = i64x2.splat(0);
  for (let b: u32 = 0; b < 8; b++) {
    difference = v128.or(difference, v128.xor(v128.load(AES_STATE + 16 * b), ivPlane(b)));
  }
  let wrong = i64x2.extract_lane(difference, 0);
  wrong |= wrong >>> 32;
  wrong |= wrong >>> 16;
  wrong |= wrong >>> 8;
  return <u32>wrong & 0xff;
}

/** True for 16 to KEYWRAP_MAX bytes in whole halves: the only lengths that KW has (SP 800-38F, 5.3.1), up to ours. */
// @ts-ignore: decorator
@inline
function isKeyData(bytes: u32): bool {
  return bytes >= 16 && bytes <= KEYWRAP_MAX && (bytes & 7) == 0;
}

function wipe(n: usize): void {
  memory.fill(AES_STATE, 0, AES_PLANES);
  memory.fill(AES_WORD, 0, AES_PLANES);
  memory.fill(AES_KEYS, 0, 15 * AES_PLANES);
  memory.fill(AES_HALVES, 0, HALF_BYTES * (n + 2));
}

/**
 * Wraps n keys. In: jobs of `bytes` bytes of key data at b; out: bytes + 8 at c, each status Ok.
 * BadArgument, and nothing done, unless bytes is a multiple of 8 in 16..KEYWRAP_MAX.
 */
export function keyWrapMany(n: u32, jobs: usize, bytes: u32): Status {
  if (!isKeyData(bytes)) return Status.BadArgument;
  for (let done: u32 = 0; done < n; done += AES_LANES) {
    wrapLanes(jobs + JOB_BYTES * done, min(AES_LANES, n - done), bytes >>> 3);
  }
  wipe(bytes >>> 3);
  return Status.Ok;
}

/**
 * Unwraps n keys. In: jobs of bytes + 8 wrapped bytes at b; out: `bytes` bytes of key data at c and Ok, or zeros and BadWrap.
 * BadArgument, and nothing done, unless bytes is a multiple of 8 in 16..KEYWRAP_MAX.
 */
export function keyUnwrapMany(n: u32, jobs: usize, bytes: u32): Status {
  if (!isKeyData(bytes)) return Status.BadArgument;
  for (let done: u32 = 0; done < n; done += AES_LANES) {
    unwrapLanes(jobs + JOB_BYTES * done, min(AES_LANES, n - done), bytes >>> 3);
  }
  wipe(bytes >>> 3);
  return Status.Ok;
}
