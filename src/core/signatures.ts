// Batches of ECDSA: signing, verifying, counting signers. Messages go in whole; the card hashes them.

import { MAX_BATCH, RECORD, SIZE } from "./abi.ts";
import type { QuorumJob, QuorumSigner, QuorumVerdict, SignJob, VerifyJob } from "./api.ts";
import { type Card, expectOk, runEnd } from "./card.ts";
import { fixed, inRange } from "./checks.ts";
import { Status } from "./status.ts";

const MAX_SIGNERS = 8;
/** Where a verifying job has its status, a signer his, a quorum's job its verdict. */
const VERIFY_STATUS = 16;
const SIGNER = { ski: 0, publicKey: 32, signature: 165, verdict: 297, status: 300 } as const;
/** The host's word on a signature; without one the card verifies. */
const VERDICT = { valid: 1, invalid: 2 } as const;
const QUORUM = { required: 8, count: 12, met: 16, distinct: 20 } as const;

const one = () => 1;

// --- sign ---

const signSize = (job: SignJob) => job.message.length + 4 + SIZE.signature + RECORD.sign;

/** In: jobs whose keys are in use. hedged: 1 or 0. */
export function signAll(card: Card, jobs: readonly SignJob[], hedged: 0 | 1): Uint8Array[] {
  const signatures: Uint8Array[] = [];
  while (signatures.length < jobs.length) {
    const from = signatures.length;
    signRun(card, jobs, from, runEnd(jobs, from, MAX_BATCH, one, card.room, signSize), hedged, signatures);
  }
  return signatures;
}

function signRun(
  card: Card,
  jobs: readonly SignJob[],
  from: number,
  to: number,
  hedged: 0 | 1,
  into: Uint8Array[],
): void {
  const mark = card.mark();
  try {
    const n = to - from;
    const records = card.reserve(n * RECORD.sign);
    const signatures = card.reserve(n * SIZE.signature);
    for (let i = 0; i < n; i++) {
      const { key, message } = jobs[from + i]!;
      card.setJob(records + i * RECORD.sign, key, card.put(message), message.length, signatures + i * SIZE.signature);
    }
    if (hedged) card.needEntropy();
    expectOk(card.run.sign(n, records, hedged));
    for (let i = 0; i < n; i++) into.push(card.take(signatures + i * SIZE.signature, SIZE.signature));
  } finally {
    card.release(mark);
  }
}

// --- verify ---

const verifySize = (job: VerifyJob) => job.message.length + 12 + SIZE.point + SIZE.signature + RECORD.verify;

export function verifyAll(card: Card, jobs: readonly VerifyJob[]): boolean[] {
  for (const job of jobs) checkSigned(job);
  const verdicts: boolean[] = [];
  while (verdicts.length < jobs.length) {
    const from = verdicts.length;
    verifyRun(card, jobs, from, runEnd(jobs, from, MAX_BATCH, one, card.room, verifySize), verdicts);
  }
  return verdicts;
}

function checkSigned(item: { readonly publicKey: Uint8Array; readonly signature: Uint8Array }): void {
  fixed("publicKey", item.publicKey, SIZE.point);
  fixed("signature", item.signature, SIZE.signature);
}

function verifyRun(card: Card, jobs: readonly VerifyJob[], from: number, to: number, into: boolean[]): void {
  const mark = card.mark();
  try {
    const n = to - from;
    const records = card.reserve(n * RECORD.verify);
    for (let i = 0; i < n; i++) {
      const { publicKey, message, signature } = jobs[from + i]!;
      const record = records + i * RECORD.verify;
      card.setJob(record, card.put(publicKey), card.put(message), message.length, card.put(signature));
    }
    expectOk(card.run.verify(n, records));
    for (let i = 0; i < n; i++) into.push(card.status(records + i * RECORD.verify + VERIFY_STATUS) === Status.Ok);
  } finally {
    card.release(mark);
  }
}

// --- quorum ---

/** A job without signers counts as well: a call takes MAX_BATCH jobs at most. */
const quorumWeight = (job: QuorumJob) => Math.max(job.signers.length, 1);
const quorumSize = (job: QuorumJob) => job.message.length + 4 + RECORD.quorum + job.signers.length * RECORD.signer;

export function quorumAll(card: Card, jobs: readonly QuorumJob[]): QuorumVerdict[] {
  for (const job of jobs) checkQuorum(job);
  const verdicts: QuorumVerdict[] = [];
  while (verdicts.length < jobs.length) {
    const from = verdicts.length;
    quorumRun(card, jobs, from, runEnd(jobs, from, MAX_BATCH, quorumWeight, card.room, quorumSize), verdicts);
  }
  return verdicts;
}

function checkQuorum({ required, signers }: QuorumJob): void {
  inRange("required", required, 0, MAX_SIGNERS);
  inRange("number of signers", signers.length, 0, MAX_SIGNERS);
  for (const signer of signers) {
    fixed("ski", signer.ski, SIZE.ski);
    if (!("valid" in signer)) checkSigned(signer);
  }
}

function quorumRun(card: Card, jobs: readonly QuorumJob[], from: number, to: number, into: QuorumVerdict[]): void {
  const mark = card.mark();
  try {
    const n = to - from;
    let total = 0;
    for (let i = from; i < to; i++) total += jobs[i]!.signers.length;
    const records = card.reserve(n * RECORD.quorum);
    const signers = card.reserve(total * RECORD.signer);
    let signer = signers;
    for (let i = 0; i < n; i++) {
      const job = jobs[from + i]!;
      card.setJob(
        records + i * RECORD.quorum,
        card.put(job.message),
        job.message.length,
        job.required,
        job.signers.length,
      );
      for (const one of job.signers) signer = putSigner(card, signer, one);
    }
    expectOk(card.run.quorum(n, records, signers));
    takeVerdicts(card, records, n, signers, into);
  } finally {
    card.release(mark);
  }
}

/** Address of the record after this one. */
function putSigner(card: Card, at: number, signer: QuorumSigner): number {
  card.write(at + SIGNER.ski, signer.ski);
  if ("valid" in signer) {
    card.write(at + SIGNER.verdict, Uint8Array.of(signer.valid ? VERDICT.valid : VERDICT.invalid));
    return at + RECORD.signer;
  }
  card.write(at + SIGNER.publicKey, signer.publicKey);
  card.write(at + SIGNER.signature, signer.signature);
  return at + RECORD.signer;
}

function takeVerdicts(card: Card, records: number, n: number, signers: number, into: QuorumVerdict[]): void {
  let signer = signers;
  for (let i = 0; i < n; i++) {
    const record = records + i * RECORD.quorum;
    const statuses: Status[] = [];
    for (let left = card.u32(record + QUORUM.count); left > 0; left--) {
      statuses.push(card.status(signer + SIGNER.status));
      signer += RECORD.signer;
    }
    into.push({ met: card.u32(record + QUORUM.met) === 1, distinct: card.u32(record + QUORUM.distinct), statuses });
  }
}
