// ECDSA on messages: signing with keys in slots, verifying, and counting the signers of a command. One crossing for a batch,
// hashing included.

import { SIGN_DIGESTS, SIGN_JOBS } from "../layout";
import { JOB_BYTES, jobStatus, MAX_JOBS } from "../p521/jobs";
import { signMany } from "../p521/sign";
import { verifyMany } from "../p521/verify";
import { SHA512_BYTES, sha512 } from "../sha2/sha512";
import { Status } from "../status";
import { isKey, keyScalar } from "./key-slots";

// @ts-ignore: decorator
@inline
function digestAt(i: u32): usize {
  return SIGN_DIGESTS + <usize>(i * SHA512_BYTES);
}

// @ts-ignore: decorator
@inline
function setJob(j: u32, a: usize, b: usize, c: usize): void {
  const job = SIGN_JOBS + <usize>j * JOB_BYTES;
  store<u32>(job, a);
  store<u32>(job, b, 4);
  store<u32>(job, c, 8);
}

function wipe(digests: u32, jobs: u32): void {
  memory.fill(SIGN_DIGESTS, 0, digests * SHA512_BYTES);
  memory.fill(SIGN_JOBS, 0, <usize>jobs * JOB_BYTES);
}

// --- sign --------------------------------------------------------------------------------------------------------------------

/**
 * Signs. In: n = 1..64 jobs of 16 bytes, u32 each: key slot, address and length of the message, address of the signature, 132 bytes
 * r || s. hedged: 1 mixes fresh entropy into the nonces of RFC 6979, 0 leaves them as they are.
 * EmptySlot, NeedEntropy (SIGN_ENTROPY for each if hedged): nothing done.
 */
export function sign(n: u32, jobs: usize, hedged: u32): Status {
  if (n > MAX_JOBS) return Status.BadArgument;
  for (let j: u32 = 0; j < n; j++) if (!isKey(load<u32>(jobs + (<usize>j << 4)))) return Status.EmptySlot;
  for (let j: u32 = 0; j < n; j++) {
    const job = jobs + (<usize>j << 4);
    sha512(digestAt(j), load<u32>(job, 4), load<u32>(job, 8));
    setJob(j, keyScalar(load<u32>(job)), digestAt(j), load<u32>(job, 12));
  }
  const status = signMany(n, SIGN_JOBS, hedged);
  wipe(n, n);
  return status;
}

// --- verify ------------------------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline const VERIFY_JOB_BYTES: usize = 20;

/**
 * Verifies. In: n = 1..64 jobs of 20 bytes, u32 each: addresses of the public key (133 bytes) and of the message, its length,
 * address of the signature (132 bytes), the status. Out: each status Ok, BadSignature or BadPoint.
 */
export function verify(n: u32, jobs: usize): Status {
  if (n > MAX_JOBS) return Status.BadArgument;
  for (let j: u32 = 0; j < n; j++) {
    const job = jobs + <usize>j * VERIFY_JOB_BYTES;
    sha512(digestAt(j), load<u32>(job, 4), load<u32>(job, 8));
    setJob(j, digestAt(j), load<u32>(job, 12), load<u32>(job));
  }
  const status = verifyMany(n, SIGN_JOBS);
  for (let j: u32 = 0; j < n; j++) store<u32>(jobs + <usize>j * VERIFY_JOB_BYTES, jobStatus(SIGN_JOBS, j), 16);
  wipe(n, n);
  return status;
}

// --- quorum ------------------------------------------------------------------------------------------------------------------

// A job:    address and length of the message | signers wanted | signers that signed | verdict: met | verdict: distinct; u32 each
// A signer: SKI 32 | public key 133 | signature 132 | verdict u8 | 2 unused | status u32
// A verdict: 0 if the card is to verify; of a signature that is not ECDSA the host's: 1 valid, 2 not
// @ts-ignore: decorator
@inline const QUORUM_JOB_BYTES: usize = 24;
// @ts-ignore: decorator
@inline const SIGNER_BYTES: usize = 304;
// @ts-ignore: decorator
@inline const SKI_BYTES: i32 = 32;
// @ts-ignore: decorator
@inline const SIGNER_POINT: usize = 32;
// @ts-ignore: decorator
@inline const SIGNER_SIGNATURE: usize = 165;
// @ts-ignore: decorator
@inline const SIGNER_VERDICT: usize = 297;
// @ts-ignore: decorator
@inline const SIGNER_STATUS: usize = 300;
// @ts-ignore: decorator
@inline const TO_VERIFY: u8 = 0;
// @ts-ignore: decorator
@inline const VALID: u8 = 1;

/**
 * Threshold verification (unit-behaviour.md 4.2). In: n = 1..64 jobs of 24 bytes, and their signers, 304 bytes each, one job's
 * after the other's, 64 at most. Out: each signer's status: Ok, Duplicate (valid, and its SKI is that of a valid signer before),
 * BadSignature or BadPoint; each job's distinct valid signers; and 1 for met if none was rejected and they are enough.
 * Public data only: neither time nor addresses hide anything.
 */
export function quorum(n: u32, jobs: usize, signers: usize): Status {
  if (n > MAX_JOBS) return Status.BadArgument;
  let total: u32 = 0;
  for (let j: u32 = 0; j < n; j++) {
    const count = load<u32>(jobs + <usize>j * QUORUM_JOB_BYTES, 12);
    if (count > MAX_JOBS - total) return Status.BadArgument;
    total += count;
  }
  const verified = gather(n, jobs, signers);
  if (verified > 0) verifyMany(verified, SIGN_JOBS);
  for (let i: u32 = 0, k: u32 = 0; i < total; i++) {
    const signer = signers + <usize>i * SIGNER_BYTES;
    const verdict = load<u8>(signer, SIGNER_VERDICT);
    let status = verdict == VALID ? Status.Ok : Status.BadSignature;
    if (verdict == TO_VERIFY) status = jobStatus(SIGN_JOBS, k++);
    store<u32>(signer, status, SIGNER_STATUS);
  }
  for (let j: u32 = 0, own = signers; j < n; j++) {
    const job = jobs + <usize>j * QUORUM_JOB_BYTES;
    judge(job, own);
    own += <usize>load<u32>(job, 12) * SIGNER_BYTES;
  }
  wipe(n, verified);
  return Status.Ok;
}

/** The signatures that are to be verified, as jobs for verifyMany; how many they are. */
function gather(n: u32, jobs: usize, signers: usize): u32 {
  let k: u32 = 0;
  for (let j: u32 = 0, signer = signers; j < n; j++) {
    const job = jobs + <usize>j * QUORUM_JOB_BYTES;
    const end = signer + <usize>load<u32>(job, 12) * SIGNER_BYTES;
    if (signer < end) sha512(digestAt(j), load<u32>(job), load<u32>(job, 4));
    for (; signer < end; signer += SIGNER_BYTES) {
      if (load<u8>(signer, SIGNER_VERDICT) != TO_VERIFY) continue;
      setJob(k++, digestAt(j), signer + SIGNER_SIGNATURE, signer + SIGNER_POINT);
    }
  }
  return k;
}

/** The verdict of one job, whose signers stand at `own` with the statuses of their signatures. */
function judge(job: usize, own: usize): void {
  const count = load<u32>(job, 12);
  let distinct: u32 = 0, rejected: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const signer = own + <usize>i * SIGNER_BYTES;
    if (load<u32>(signer, SIGNER_STATUS) != Status.Ok) rejected++;
    else if (isSeen(own, i)) store<u32>(signer, Status.Duplicate, SIGNER_STATUS);
    else distinct++;
  }
  store<u32>(job, <u32>(rejected == 0 && distinct >= load<u32>(job, 8)), 16);
  store<u32>(job, distinct, 20);
}

/** True if one of the signers before signer i, at `own`, is valid and has its SKI. */
function isSeen(own: usize, i: u32): bool {
  const signer = own + <usize>i * SIGNER_BYTES;
  for (let other = own; other < signer; other += SIGNER_BYTES) {
    if (load<u32>(other, SIGNER_STATUS) == Status.Ok && memory.compare(other, signer, SKI_BYTES) == 0) return true;
  }
  return false;
}
