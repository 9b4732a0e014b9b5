// AES-256 key wrap (RFC 3394, KW of NIST SP 800-38F), eight keys at once. All of it runs on planes (lanes.ts): the state's low
// eight bytes are A, its high eight bytes the R[i] under way; half 0 at AES_HALVES is A, halves 1..n are R[1..n], eight planes
// of eight bytes each.
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
@inline const HALF_BYTES: usize = 64;
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
/** The eight bytes of plane b of the initial value: the same in all lanes. */
// @ts-ignore: decorator
@inline function ivPlane(b: u32): u64 { return mask64((IV >>> b) & 1); }

/** The keys of jobs 0..lanes-1, expanded; the other lanes' keys are zero. */
function loadKeys(jobs: usize, lanes: u32): void {
  memory.fill(AES_KEYS, 0, 2 * AES_PLANES);
  for (let j: usize = 0; j < lanes; j++) {
    const kek = keyOf(jobs + JOB_BYTES * j);
    memory.copy(AES_KEYS + 16 * j, kek, 16);
    memory.copy(AES_KEYS + AES_PLANES + 16 * j, kek + 16, 16);
  }
  aesExpandKeys();
}

/** Halves first..first+count-1 := the 8 count bytes at the jobs' b. An odd count also clears the half after them. */
function loadHalves(first: usize, count: usize, jobs: usize, lanes: u32): void {
  for (let i: usize = 0; i < count; i += 2) {
    memory.fill(AES_STATE, 0, AES_PLANES);
    for (let j: usize = 0; j < lanes; j++) {
      memory.copy(AES_STATE + 16 * j, input(jobs + JOB_BYTES * j) + 8 * i, i + 1 < count ? 16 : 8);
    }
    transpose(AES_STATE);
    for (let b: usize = 0; b < 8; b++) {
      store<u64>(half(first + i) + 8 * b, load<u64>(AES_STATE + 16 * b));
      store<u64>(half(first + i + 1) + 8 * b, load<u64>(AES_STATE + 16 * b, 8));
    }
  }
}

/** The 8 count bytes at the jobs' c := halves first..first+count-1. */
function storeHalves(first: usize, count: usize, jobs: usize, lanes: u32): void {
  for (let i: usize = 0; i < count; i += 2) {
    for (let b: usize = 0; b < 8; b++) {
      store<u64>(AES_STATE + 16 * b, load<u64>(half(first + i) + 8 * b));
      store<u64>(AES_STATE + 16 * b, load<u64>(half(first + i + 1) + 8 * b), 8);
    }
    transpose(AES_STATE);
    for (let j: usize = 0; j < lanes; j++) {
      memory.copy(output(jobs + JOB_BYTES * j) + 8 * i, AES_STATE + 16 * j, i + 1 < count ? 16 : 8);
    }
  }
}

// @ts-ignore: decorator
@inline
function takeHalf(i: usize): void {
  for (let b: usize = 0; b < 8; b++) store<u64>(AES_STATE + 16 * b, load<u64>(half(i) + 8 * b), 8);
}

// @ts-ignore: decorator
@inline
function putHalf(i: usize): void {
  for (let b: usize = 0; b < 8; b++) store<u64>(half(i) + 8 * b, load<u64>(AES_STATE + 16 * b, 8));
}

/** A := A xor t, t as a big-endian number of 64 bits.  In: t < 2^16. */
function xorStep(t: u32): void {
  for (let b: u32 = 0; b < 8; b++) {
    const at = AES_STATE + 16 * b;
    const bits = (mask64((t >>> b) & 1) << 56) | ((mask64((t >>> (8 + b)) & 1) & 0xff) << 48);
    store<u64>(at, load<u64>(at) ^ bits);
  }
}

/** RFC 3394, 2.2.1, index based. */
function wrapLanes(jobs: usize, lanes: u32, n: u32): void {
  loadKeys(jobs, lanes);
  loadHalves(1, n, jobs, lanes);
  for (let b: u32 = 0; b < 8; b++) store<u64>(AES_STATE + 16 * b, ivPlane(b));
  for (let t: u32 = 1, i: u32 = 1; t <= 6 * n; t++) {
    takeHalf(i);
    aesEncrypt(AES_STATE);
    putHalf(i);
    xorStep(t);
    i = i == n ? 1 : i + 1;
  }
  for (let b: usize = 0; b < 8; b++) store<u64>(half(0) + 8 * b, load<u64>(AES_STATE + 16 * b));
  storeHalves(0, n + 1, jobs, lanes);
  for (let j: usize = 0; j < lanes; j++) store<u32>(jobs + JOB_BYTES * j, Status.Ok, 12);
}

/** RFC 3394, 2.2.2, index based. Output bytes of a lane that fails its check become zero. */
function unwrapLanes(jobs: usize, lanes: u32, n: u32): void {
  loadKeys(jobs, lanes);
  loadHalves(0, n + 1, jobs, lanes);
  for (let b: usize = 0; b < 8; b++) store<u64>(AES_STATE + 16 * b, load<u64>(half(0) + 8 * b));
  for (let t = 6 * n, i = n; t > 0; t--) {
    xorStep(t);
    takeHalf(i);
    aesDecrypt(AES_STATE);
    putHalf(i);
    i = i == 1 ? n : i - 1;
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
  let wrong: u64 = 0;
  for (let b: u32 = 0; b < 8; b++) wrong |= load<u64>(AES_STATE + 16 * b) ^ ivPlane(b);
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
