// ECDSA signatures (FIPS 186-5, 6.4.1) on SHA-512 digests, with nonces of RFC 6979.

import { JOB_POINTS, JOB_WORDS, SIGN_EXTRA, SIGN_NONCES, SIGN_OCTETS, SIGN_PRODUCTS, SIGN_T } from "../layout";
import { entropyLeft, entropyTake } from "../lib/entropy";
import { Status } from "../status";
import { baseInit, baseMulMany } from "./base";
import { feToBytes } from "./fe2-bytes";
import {
  JOB_BYTES, jobA, jobB, jobC, jobCountIsBad, jobPoint, jobPointsToAffine, jobStatus, jobWords, setJobStatus, wipeJobs,
} from "./jobs";
import { nonce } from "./nonce";
import {
  SC_BYTES, SC_OCTETS, scAdd, scCopy, scFromBytes, scFromCoordinate, scFromDigest, scInvert, scIsZero, scMul, scToBytes, scToWords,
} from "./sc";

/** Entropy that a hedged signature takes. */
// @ts-ignore: decorator
@inline export const SIGN_ENTROPY: u32 = 64;

/** Status of a job while r or s is 0: another nonce is wanted. */
// @ts-ignore: decorator
@inline const AGAIN: u32 = u32.MAX_VALUE;

// @ts-ignore: decorator
@inline const R: usize = SIGN_T;
// @ts-ignore: decorator
@inline const S: usize = SIGN_T + SC_BYTES;
// @ts-ignore: decorator
@inline const PRIVATE: usize = SIGN_T + 2 * SC_BYTES;
// @ts-ignore: decorator
@inline const INVERSE: usize = SIGN_T + 3 * SC_BYTES;

/**
 * a: 66 octets, a private scalar. b: 64 octets, a SHA-512 digest. c: 132 octets, receives r and s, 66 octets each.
 * hedged: 1 mixes SIGN_ENTROPY fresh bytes into each nonce; with 0 the signature depends on key and digest alone.
 * BadScalar: a is 0, or not below n.
 */
export function signMany(n: u32, jobs: usize, hedged: u32): Status {
  if (jobCountIsBad(n)) return Status.BadArgument;
  if (hedged && entropyLeft() < n * SIGN_ENTROPY) return Status.NeedEntropy;
  baseInit();
  signAttempt(n, jobs, hedged, 0);
  return Status.Ok;
}

function signAttempt(n: u32, jobs: usize, hedged: u32, attempt: u32): void {
  for (let j: u32 = 0; j < n; j++) drawNonce(j, jobs, hedged, attempt);
  baseMulMany(JOB_POINTS, JOB_WORDS, n, SC_BYTES);
  jobPointsToAffine(n);
  invertNonces(n);
  for (let j: u32 = 0; j < n; j++) setJobStatus(jobs, j, finish(j, jobs));
  wipe(n);
  for (let j: u32 = 0; j < n; j++) {
    if (jobStatus(jobs, j) == AGAIN) signAttempt(1, jobs + <usize>j * JOB_BYTES, 0, attempt + 1);
  }
}

function wipe(n: u32): void {
  wipeJobs(n);
  memory.fill(SIGN_NONCES, 0, <usize>n * SC_BYTES);
  memory.fill(SIGN_PRODUCTS, 0, <usize>n * SC_BYTES);
  memory.fill(SIGN_T, 0, 4 * SC_BYTES);
  memory.fill(SIGN_OCTETS, 0, SC_OCTETS);
  memory.fill(SIGN_EXTRA, 0, SIGN_ENTROPY);
}

// @ts-ignore: decorator
@inline
function nonceOf(j: u32): usize {
  return SIGN_NONCES + <usize>j * SC_BYTES;
}

// @ts-ignore: decorator
@inline
function productOf(j: u32): usize {
  return SIGN_PRODUCTS + <usize>j * SC_BYTES;
}

function drawNonce(j: u32, jobs: usize, hedged: u32, attempt: u32): void {
  if (hedged) entropyTake(SIGN_EXTRA, SIGN_ENTROPY);
  nonce(SIGN_OCTETS, jobA(jobs, j), jobB(jobs, j), SIGN_EXTRA, hedged ? SIGN_ENTROPY : 0, attempt);
  scFromBytes(nonceOf(j), SIGN_OCTETS);
  scToWords(jobWords(j), nonceOf(j));
}

/** SIGN_PRODUCTS[j] := 1 / SIGN_NONCES[j], none of them 0 (Montgomery). */
function invertNonces(n: u32): void {
  scCopy(productOf(0), nonceOf(0));
  for (let j: u32 = 1; j < n; j++) scMul(productOf(j), productOf(j - 1), nonceOf(j));
  scInvert(INVERSE, productOf(n - 1));
  for (let j = n - 1; j > 0; j--) {
    scMul(productOf(j), productOf(j - 1), INVERSE);
    scMul(INVERSE, INVERSE, nonceOf(j));
  }
  scCopy(productOf(0), INVERSE);
}

/** The signature of job j, from k G and 1/k. */
function finish(j: u32, jobs: usize): Status {
  if (!(scFromBytes(PRIVATE, jobA(jobs, j)) & (scIsZero(PRIVATE) ^ 1))) return Status.BadScalar;
  feToBytes(SIGN_OCTETS, jobPoint(j), j & 1);
  scFromCoordinate(R, SIGN_OCTETS);
  scMul(S, R, PRIVATE);
  scFromDigest(PRIVATE, jobB(jobs, j));
  scAdd(S, S, PRIVATE);
  scMul(S, S, productOf(j)); // s = (e + r d) / k
  if (scIsZero(R) | scIsZero(S)) return AGAIN;
  const to = jobC(jobs, j);
  scToBytes(to, R);
  scToBytes(to + SC_OCTETS, S);
  return Status.Ok;
}
