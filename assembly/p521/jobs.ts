// A call works on 1..MAX_JOBS jobs, records of JOB_BYTES: three addresses a, b, c and the job's status, u32 each. What stands at
// the addresses is said at each entry point. A call returns BadArgument for a wrong number of jobs, or NeedEntropy, and has done
// nothing; or else Ok: then each job has a status of its own, and has written its results only if that is Ok.

import { JOB_POINTS, JOB_WORDS, JOB_WORK, P521_SCRATCH, P521_SCRATCH_BYTES } from "../layout";
import { Status } from "../status";
import { affineFromProjective } from "./affine";
import { FE2_BYTES } from "./fe2";
import { POINT2_BYTES } from "./point";
import { SC_BYTES, scFromBytes, scIsZero, scSetOne, scToWords } from "./sc";

// @ts-ignore: decorator
@inline export const MAX_JOBS: u32 = 64;
// @ts-ignore: decorator
@inline export const JOB_BYTES: usize = 16;

// @ts-ignore: decorator
@inline
export function jobA(jobs: usize, j: u32): usize {
  return load<u32>(jobs + <usize>j * JOB_BYTES);
}

// @ts-ignore: decorator
@inline
export function jobB(jobs: usize, j: u32): usize {
  return load<u32>(jobs + <usize>j * JOB_BYTES, 4);
}

// @ts-ignore: decorator
@inline
export function jobC(jobs: usize, j: u32): usize {
  return load<u32>(jobs + <usize>j * JOB_BYTES, 8);
}

// @ts-ignore: decorator
@inline
export function jobStatus(jobs: usize, j: u32): Status {
  return load<u32>(jobs + <usize>j * JOB_BYTES, 12);
}

// @ts-ignore: decorator
@inline
export function setJobStatus(jobs: usize, j: u32, status: Status): void {
  store<u32>(jobs + <usize>j * JOB_BYTES, status, 12);
}

// @ts-ignore: decorator
@inline
export function jobCountIsBad(n: u32): bool {
  return n - 1 >= MAX_JOBS;
}

// @ts-ignore: decorator
@inline
export function jobWords(j: u32): usize {
  return JOB_WORDS + <usize>j * SC_BYTES;
}

/** The pair of points that holds job j in lane j & 1. */
// @ts-ignore: decorator
@inline
export function jobPoint(j: u32): usize {
  return JOB_POINTS + <usize>(j >>> 1) * POINT2_BYTES;
}

/** JOB_WORDS[j] := the private scalar in the 66 octets at a. Returns 1; or 0 and the scalar 1, if it is not in 1..n-1. */
export function loadPrivate(j: u32, octets: usize): u32 {
  const words = jobWords(j);
  const good = scFromBytes(words, octets) & (scIsZero(words) ^ 1);
  if (!good) scSetOne(words); // that it is out of range is no secret: the status says so
  scToWords(words, words);
  return good;
}

/** The points of n jobs := affine.  In: projective, none infinite. */
export function jobPointsToAffine(n: u32): void {
  affineFromProjective(JOB_POINTS, (n + 1) >>> 1, POINT2_BYTES, JOB_WORK);
}

/** Clears what n jobs have left in the scratch and in the JOB regions. */
export function wipeJobs(n: u32): void {
  const pairs = <usize>(n + 1) >>> 1;
  memory.fill(P521_SCRATCH, 0, P521_SCRATCH_BYTES);
  memory.fill(JOB_WORDS, 0, <usize>n * SC_BYTES);
  memory.fill(JOB_POINTS, 0, pairs * POINT2_BYTES);
  memory.fill(JOB_WORK, 0, pairs * FE2_BYTES);
}
