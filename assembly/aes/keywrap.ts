// AES-256 key wrap (RFC 3394, KW of NIST SP 800-38F): one job, or four side by side. Of a block under way, A is the low eight bytes
// and R[i] the high eight; the other R lie where the output will have its key data. From the first step to the last all of it is in
// the cipher's form (cipher.ts).
//
// A job is 16 bytes, u32 each: a, the KEK's address (32 bytes); b, the input's; c, the output's; the status. Outputs may overlap
// no input but their own. Constant time, the lengths apart. Scratch is wiped before the return.

import { AES_KEYS, AES_STATE } from "../layout";
import { isZero64, mask64 } from "../lib/ct";
import { Status } from "../status";
import { decryptFour, decryptOne, encryptFour, encryptOne, KEYS_BYTES, LANES, linear } from "./cipher";
import { expandBackward, expandForward, loadKey } from "./schedule";
import { FROM_BACKWARD, FROM_FORWARD, TO_BACKWARD, TO_FORWARD } from "./tables.gen";

/** Longest key data, bytes: 64 halves. */
// @ts-ignore: decorator
@inline export const KEYWRAP_MAX: u32 = 512;
// @ts-ignore: decorator
@inline const JOB_BYTES: usize = 16;
/** Each byte of the default initial value (RFC 3394, 2.2.3.1). */
// @ts-ignore: decorator
@inline const IV: u8 = 0xa6;

// @ts-ignore: decorator
@inline function keyOf(job: usize): usize { return load<u32>(job); }
// @ts-ignore: decorator
@inline function input(job: usize): usize { return load<u32>(job, 4); }
// @ts-ignore: decorator
@inline function output(job: usize): usize { return load<u32>(job, 8); }
// @ts-ignore: decorator
@inline function jobAt(jobs: usize, j: u32): usize { return jobs + JOB_BYTES * j; }
// @ts-ignore: decorator
@inline function keysAt(j: u32): usize { return AES_KEYS + KEYS_BYTES * j; }
// @ts-ignore: decorator
@inline function stateAt(j: u32): usize { return AES_STATE + 16 * j; }
/** Bytes that hold t in A, in the form whose tables are at `form`.  In: t < 2^16. */
// @ts-ignore: decorator
@inline
function counter(form: usize, t: u32): v128 {
  return linear(form, i64x2(bswap<u64>(<u64>t), 0));
}

/** The n halves at `at` := their images under the linear map whose tables are at `form`. */
function convert(form: usize, at: usize, n: u32): void {
  for (const end = at + 8 * n; at < end; at += 8) v128.store64_lane(at, linear(form, v128.load64_zero(at)), 0);
}

/** R[i] := the high half of x, at `put`; returns A xor t beside the half at `take`. */
// @ts-ignore: decorator
@inline
function step(x: v128, put: usize, t: v128, take: usize): v128 {
  v128.store64_lane(put, x, 1);
  return v128.load64_lane(take, v128.xor(x, t), 1);
}

// --- wrap ----------------------------------------------------------------------------------------------------------------------

/** R := the key data, at c + 8. Returns the first block to encrypt. */
function startWrap(job: usize, n: u32): v128 {
  const first = output(job) + 8;
  memory.copy(first, input(job), 8 * n);
  convert(TO_FORWARD, first, n);
  return v128.load64_lane(first, linear(TO_FORWARD, i8x16.splat(IV)), 1);
}

/** Output := A, the low half of x, and R. */
function endWrap(job: usize, x: v128, n: u32): void {
  v128.store64_lane(output(job), x, 0);
  convert(FROM_FORWARD, output(job), n + 1);
  store<u32>(job, Status.Ok, 12);
}

/** RFC 3394, 2.2.1, index based. */
function wrapOne(job: usize, n: u32): void {
  const c = output(job);
  loadKey(AES_KEYS, keyOf(job));
  expandForward(AES_KEYS, 1);
  let x = startWrap(job, n);
  for (let t: u32 = 1, i: u32 = 1; t <= 6 * n; t++) {
    const next = i == n ? 1 : i + 1;
    x = step(encryptOne(x, AES_KEYS), c + 8 * i, counter(TO_FORWARD, t), c + 8 * next);
    i = next;
  }
  endWrap(job, x, n);
}

/** The same for 2..LANES jobs. */
function wrapFour(jobs: usize, lanes: u32, n: u32): void {
  for (let j: u32 = 0; j < lanes; j++) loadKey(keysAt(j), keyOf(jobAt(jobs, j)));
  expandForward(AES_KEYS, lanes);
  for (let j: u32 = 0; j < lanes; j++) v128.store(stateAt(j), startWrap(jobAt(jobs, j), n));
  for (let t: u32 = 1, i: u32 = 1; t <= 6 * n; t++) {
    const next = i == n ? 1 : i + 1;
    const count = counter(TO_FORWARD, t);
    encryptFour(AES_STATE, AES_KEYS, KEYS_BYTES);
    for (let j: u32 = 0; j < lanes; j++) {
      const q = stateAt(j), c = output(jobAt(jobs, j));
      v128.store(q, step(v128.load(q), c + 8 * i, count, c + 8 * next));
    }
    i = next;
  }
  for (let j: u32 = 0; j < lanes; j++) endWrap(jobAt(jobs, j), v128.load(stateAt(j)), n);
}

// --- unwrap ----------------------------------------------------------------------------------------------------------------------

/** R := all but the first half of the input, at c. Returns the first block to decrypt. */
function startUnwrap(job: usize, n: u32): v128 {
  const c = output(job);
  const a = v128.xor(linear(TO_BACKWARD, v128.load64_zero(input(job))), counter(TO_BACKWARD, 6 * n));
  memory.copy(c, input(job) + 8, 8 * n);
  convert(TO_BACKWARD, c, n);
  return v128.load64_lane(c + 8 * n - 8, a, 1);
}

/** Output := R and Ok if A, the low half of x, is the initial value; else zeros and BadWrap. */
function endUnwrap(job: usize, x: v128, n: u32): void {
  const c = output(job);
  const good = isZero64(i64x2.extract_lane(v128.xor(x, linear(TO_BACKWARD, i8x16.splat(IV))), 0));
  convert(FROM_BACKWARD, c, n);
  for (let at = c; at < c + 8 * n; at += 8) store<u64>(at, load<u64>(at) & mask64(good));
  store<u32>(job, (good ^ 1) * Status.BadWrap, 12);
}

/** RFC 3394, 2.2.2, index based. */
function unwrapOne(job: usize, n: u32): void {
  const r = output(job) - 8;
  loadKey(AES_KEYS, keyOf(job));
  expandBackward(AES_KEYS, 1);
  let x = startUnwrap(job, n);
  for (let t = 6 * n, i = n; t > 0; t--) {
    const next = i == 1 ? n : i - 1;
    x = step(decryptOne(x, AES_KEYS), r + 8 * i, counter(TO_BACKWARD, t - 1), r + 8 * next);
    i = next;
  }
  endUnwrap(job, x, n);
}

/** The same for 2..LANES jobs. */
function unwrapFour(jobs: usize, lanes: u32, n: u32): void {
  for (let j: u32 = 0; j < lanes; j++) loadKey(keysAt(j), keyOf(jobAt(jobs, j)));
  expandBackward(AES_KEYS, lanes);
  for (let j: u32 = 0; j < lanes; j++) v128.store(stateAt(j), startUnwrap(jobAt(jobs, j), n));
  for (let t = 6 * n, i = n; t > 0; t--) {
    const next = i == 1 ? n : i - 1;
    const count = counter(TO_BACKWARD, t - 1);
    decryptFour(AES_STATE, AES_KEYS, KEYS_BYTES);
    for (let j: u32 = 0; j < lanes; j++) {
      const q = stateAt(j), r = output(jobAt(jobs, j)) - 8;
      v128.store(q, step(v128.load(q), r + 8 * i, count, r + 8 * next));
    }
    i = next;
  }
  for (let j: u32 = 0; j < lanes; j++) endUnwrap(jobAt(jobs, j), v128.load(stateAt(j)), n);
}

// --- batches ---------------------------------------------------------------------------------------------------------------------

/** True for 16 to KEYWRAP_MAX bytes in whole halves: the only lengths that KW has (SP 800-38F, 5.3.1), up to ours. */
// @ts-ignore: decorator
@inline
function isKeyData(bytes: u32): bool {
  return bytes >= 16 && bytes <= KEYWRAP_MAX && (bytes & 7) == 0;
}

/** Clears what `lanes` blocks at once have left. */
function wipe(lanes: u32): void {
  memory.fill(AES_STATE, 0, 16 * LANES);
  memory.fill(AES_KEYS, 0, KEYS_BYTES * lanes);
}

/**
 * Wraps n keys. In: jobs of `bytes` bytes of key data at b; out: bytes + 8 at c, each status Ok.
 * BadArgument, and nothing done, unless bytes is a multiple of 8 in 16..KEYWRAP_MAX.
 */
export function keyWrapMany(n: u32, jobs: usize, bytes: u32): Status {
  if (!isKeyData(bytes)) return Status.BadArgument;
  for (let done: u32 = 0; done < n; done += LANES) {
    const job = jobAt(jobs, done);
    if (n - done == 1) wrapOne(job, bytes >>> 3);
    else wrapFour(job, min(LANES, n - done), bytes >>> 3);
  }
  wipe(min(LANES, n));
  return Status.Ok;
}

/**
 * Unwraps n keys. In: jobs of bytes + 8 wrapped bytes at b; out: `bytes` bytes of key data at c and Ok, or zeros and BadWrap.
 * BadArgument, and nothing done, unless bytes is a multiple of 8 in 16..KEYWRAP_MAX.
 */
export function keyUnwrapMany(n: u32, jobs: usize, bytes: u32): Status {
  if (!isKeyData(bytes)) return Status.BadArgument;
  for (let done: u32 = 0; done < n; done += LANES) {
    const job = jobAt(jobs, done);
    if (n - done == 1) unwrapOne(job, bytes >>> 3);
    else unwrapFour(job, min(LANES, n - done), bytes >>> 3);
  }
  wipe(min(LANES, n));
  return Status.Ok;
}
