// Single algorithms of the card on the caller's own bytes, for test vectors and benchmarks: RFC 3394 and P-521. It has an instance
// to itself, so that nothing that a Core holds can be reached from here. Never for real keys: results are ordinary arrays.

import { MAX_BATCH, RECORD, SIZE } from "./abi.ts";
import { Card, expectOk } from "./card.ts";
import { fixed } from "./checks.ts";
import { compileCore } from "./load.ts";
import { Status } from "./status.ts";

export interface WrapJob {
  /** 32 bytes. */
  readonly kek: Uint8Array;
  /** Key data of 16..512 bytes, a multiple of 8; to unwrap, 8 bytes more. The same size in all jobs of a batch. */
  readonly data: Uint8Array;
}

export interface EcdhJob {
  /** 66 bytes, big-endian. */
  readonly scalar: Uint8Array;
  /** 133 bytes, 04 || X || Y. */
  readonly peer: Uint8Array;
}

const MIN_KEY_DATA = 16;
const MAX_KEY_DATA = 512;
/** What a wrapped key is longer. */
const WRAP_OVERHEAD = 8;
const JOB_STATUS = 12;

export async function loadPrimitives(): Promise<Primitives> {
  return new Primitives(new WebAssembly.Instance(await compileCore(), {}));
}

export class Primitives {
  readonly #card: Card;

  constructor(instance: WebAssembly.Instance) {
    this.#card = new Card(instance);
  }

  /** AES-256 key wrap (RFC 3394) of up to 64 keys. */
  keyWrap(jobs: readonly WrapJob[]): Uint8Array[] {
    const bytes = keyDataSize(jobs, 0);
    return this.#wrapJobs(jobs, bytes + WRAP_OVERHEAD, (n, records) =>
      this.#card.run.keyWrapMany(n, records, bytes),
    ).map((wrapped) => wrapped as Uint8Array);
  }

  /** null for what fails the integrity check. */
  keyUnwrap(jobs: readonly WrapJob[]): (Uint8Array | null)[] {
    const bytes = keyDataSize(jobs, WRAP_OVERHEAD);
    return this.#wrapJobs(jobs, bytes, (n, records) => this.#card.run.keyUnwrapMany(n, records, bytes));
  }

  #wrapJobs(
    jobs: readonly WrapJob[],
    outSize: number,
    run: (n: number, records: number) => Status,
  ): (Uint8Array | null)[] {
    const card = this.#card;
    const mark = card.mark();
    try {
      const records = card.reserve(jobs.length * RECORD.job);
      const outs = card.reserve(jobs.length * outSize);
      for (let i = 0; i < jobs.length; i++) {
        const { kek, data } = jobs[i]!;
        fixed("kek", kek, SIZE.key);
        card.setJob(records + i * RECORD.job, card.put(kek), card.put(data), outs + i * outSize);
      }
      expectOk(run(jobs.length, records));
      return jobs.map((_, i) => this.#result(records + i * RECORD.job, outs + i * outSize, outSize));
    } finally {
      card.release(mark);
    }
  }

  #result(record: number, out: number, size: number): Uint8Array | null {
    return this.#card.status(record + JOB_STATUS) === Status.Ok ? this.#card.take(out, size) : null;
  }

  /** Shared secrets of up to 64 jobs, 66 bytes each; null for a scalar or a point that is none. */
  ecdh(jobs: readonly EcdhJob[]): (Uint8Array | null)[] {
    checkCount(jobs.length);
    const card = this.#card;
    const mark = card.mark();
    try {
      const records = card.reserve(jobs.length * RECORD.job);
      const outs = card.reserve(jobs.length * SIZE.scalar);
      for (const [i, { scalar, peer }] of jobs.entries()) {
        fixed("scalar", scalar, SIZE.scalar);
        fixed("peer", peer, SIZE.point);
        card.setJob(records + i * RECORD.job, card.put(scalar), card.put(peer), outs + i * SIZE.scalar);
      }
      expectOk(card.run.ecdhMany(jobs.length, records));
      return jobs.map((_, i) => this.#result(records + i * RECORD.job, outs + i * SIZE.scalar, SIZE.scalar));
    } finally {
      card.release(mark);
    }
  }

  /** Public keys of up to 64 scalars of 66 bytes; null for a scalar that is not in 1..n-1. */
  publicKeys(scalars: readonly Uint8Array[]): (Uint8Array | null)[] {
    checkCount(scalars.length);
    const card = this.#card;
    const mark = card.mark();
    try {
      const records = card.reserve(scalars.length * RECORD.job);
      const points = card.reserve(scalars.length * SIZE.point);
      for (const [i, scalar] of scalars.entries()) {
        fixed("scalar", scalar, SIZE.scalar);
        card.setJob(records + i * RECORD.job, card.put(scalar), points + i * SIZE.point, 0);
      }
      expectOk(card.run.publicKeyMany(scalars.length, records));
      return scalars.map((_, i) => this.#result(records + i * RECORD.job, points + i * SIZE.point, SIZE.point));
    } finally {
      card.release(mark);
    }
  }

  /** `count` fresh public keys, 1..64; the scalars stay behind and are wiped. For benchmarks. */
  keyPairs(count: number): Uint8Array[] {
    checkCount(count);
    const card = this.#card;
    const mark = card.mark();
    try {
      const records = card.reserve(count * RECORD.job);
      const scalars = card.reserve(count * SIZE.scalar);
      const points = card.reserve(count * SIZE.point);
      for (let i = 0; i < count; i++) {
        card.setJob(records + i * RECORD.job, scalars + i * SIZE.scalar, points + i * SIZE.point, 0);
      }
      card.needEntropy();
      expectOk(card.run.keypairMany(count, records));
      return Array.from({ length: count }, (_, i) => card.take(points + i * SIZE.point, SIZE.point));
    } finally {
      card.release(mark);
    }
  }
}

function checkCount(count: number): void {
  if (count < 1 || count > MAX_BATCH) throw new RangeError(`want 1..${MAX_BATCH} jobs, got ${count}`);
}

/** Bytes of the jobs' key data. */
function keyDataSize(jobs: readonly WrapJob[], overhead: number): number {
  checkCount(jobs.length);
  const size = jobs[0]!.data.length;
  const bytes = size - overhead;
  if (bytes < MIN_KEY_DATA || bytes > MAX_KEY_DATA || bytes % 8 !== 0) {
    throw new RangeError(
      `want data of ${MIN_KEY_DATA + overhead}..${MAX_KEY_DATA + overhead} bytes, a multiple of 8, got ${size}`,
    );
  }
  for (const { data } of jobs) fixed("data", data, size);
  return bytes;
}
