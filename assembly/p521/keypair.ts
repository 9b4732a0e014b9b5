// Key pairs.

import { JOB_POINTS, JOB_WORDS } from "../layout";
import { entropyLeft, entropyTake } from "../lib/entropy";
import { Status } from "../status";
import { baseInit, baseMulMany } from "./base";
import {
  jobA, jobB, jobCountIsBad, jobPoint, jobPointsToAffine, jobStatus, jobWords, loadPrivate, setJobStatus, wipeJobs,
} from "./jobs";
import { ptToBytes } from "./point-bytes";
import { SC_BYTES, SC_RANDOM_OCTETS, scRandom, scToBytes, scToWords } from "./sc";

/** Entropy that a key pair takes: 135 bits more than n has, so that the scalar is uniform within 2^-134 (FIPS 186-5, A.2.1). */
// @ts-ignore: decorator
@inline export const KEYPAIR_ENTROPY: u32 = SC_RANDOM_OCTETS;

/** a: 66 octets, receives a private scalar, uniform in 1..n-1. b: 133 octets, receives the public key. */
export function keypairMany(n: u32, jobs: usize): Status {
  if (jobCountIsBad(n)) return Status.BadArgument;
  if (entropyLeft() < n * KEYPAIR_ENTROPY) return Status.NeedEntropy;
  for (let j: u32 = 0; j < n; j++) {
    const words = jobWords(j);
    entropyTake(JOB_POINTS, KEYPAIR_ENTROPY);
    scRandom(words, JOB_POINTS);
    scToBytes(jobA(jobs, j), words);
    scToWords(words, words);
    setJobStatus(jobs, j, Status.Ok);
  }
  publicKeys(n, jobs);
  return Status.Ok;
}

/** a: 66 octets, a private scalar. b: 133 octets, receives the public key. BadScalar: a is 0, or not below n. */
export function publicKeyMany(n: u32, jobs: usize): Status {
  if (jobCountIsBad(n)) return Status.BadArgument;
  for (let j: u32 = 0; j < n; j++) {
    setJobStatus(jobs, j, loadPrivate(j, jobA(jobs, j)) ? Status.Ok : Status.BadScalar);
  }
  publicKeys(n, jobs);
  return Status.Ok;
}

/** b := JOB_WORDS[j] G for the jobs that are Ok; wipes. */
function publicKeys(n: u32, jobs: usize): void {
  baseInit();
  baseMulMany(JOB_POINTS, JOB_WORDS, n, SC_BYTES);
  jobPointsToAffine(n);
  for (let j: u32 = 0; j < n; j++) {
    if (jobStatus(jobs, j) == Status.Ok) ptToBytes(jobB(jobs, j), jobPoint(j), j & 1);
  }
  wipeJobs(n);
}
