// The card's batch calls of P-521 (assembly/p521/jobs.ts), one layer below the exports: operands go to the exchange block, and each
// call is checked to leave no secret scratch behind.

import { randomBytes } from "node:crypto";
import { block } from "./memory-map.ts";
import { dirtySecrets } from "./p521-scratch.ts";
import type { TestModule } from "./wasm.ts";

/** The codes of assembly/status.ts that these calls give. */
export const Ok = 0;
export const BadSignature = 1;
export const BadPoint = 2;
export const BadScalar = 3;
export const NeedEntropy = 6;
export const BadArgument = 16;

const JOBS = block("exchange").from;
const DATA = JOBS + 0x1000;
const STRIDE = 512;
const ENTROPY = block("entropy");
/** What stands in outputs before a call. */
const UNTOUCHED = 0xc3;

export interface Result {
  /** Of the call. */
  readonly status: number;
  /** Of each job. */
  readonly statuses: readonly number[];
  /** Of each job, or null where nothing was written. */
  readonly outputs: readonly (readonly Uint8Array[] | null)[];
}

/** A job's fields, in the order a, b, c: bytes to read, or the number of bytes that will be written. */
type Fields = readonly (Uint8Array | number)[];

function run(module: TestModule, name: string, jobs: readonly Fields[], ...rest: number[]): Result {
  const { memory, view } = module;
  memory.fill(UNTOUCHED, DATA, DATA + jobs.length * STRIDE);
  const places = jobs.map((fields, j) => {
    let at = DATA + j * STRIDE;
    return fields.map((field, i) => {
      view.setUint32(JOBS + 16 * j + 4 * i, at, true);
      if (typeof field !== "number") memory.set(field, at);
      const from = at;
      at += typeof field === "number" ? field : field.length;
      return { from, to: at, input: typeof field === "number" ? null : Uint8Array.from(field) };
    });
  });
  const status = module.call(name, jobs.length, JOBS, ...rest);
  const dirty = dirtySecrets(module);
  if (dirty.length > 0) throw new Error(`${name}: want clean scratch, got traces in ${dirty}`);
  for (const { from, to, input } of places.flat()) {
    if (input && Buffer.compare(memory.subarray(from, to), input)) throw new Error(`${name}: an input was changed`);
  }
  return {
    status,
    statuses: jobs.map((_, j) => view.getUint32(JOBS + 16 * j + 12, true)),
    outputs: places.map((fields) => outputsOf(memory, fields)),
  };
}

function outputsOf(memory: Uint8Array, fields: { from: number; to: number; input: Uint8Array | null }[]) {
  const outputs = fields.filter(({ input }) => input === null).map(({ from, to }) => memory.slice(from, to));
  return outputs.every((output) => output.every((byte) => byte === UNTOUCHED)) ? null : outputs;
}

export function fillEntropy(module: TestModule, bytes: Uint8Array = randomBytes(ENTROPY.to - ENTROPY.from)): void {
  module.memory.set(bytes, ENTROPY.from);
  module.call("entropyFilled");
}

/** n jobs, each with outputs [scalar, public key]. */
export const keypairs = (module: TestModule, n: number): Result =>
  run(
    module,
    "test_keypairMany",
    Array.from({ length: n }, () => [66, 133]),
  );

/** Outputs [public key]. */
export const publicKeys = (module: TestModule, scalars: readonly Uint8Array[]): Result =>
  run(
    module,
    "test_publicKeyMany",
    scalars.map((scalar) => [scalar, 133]),
  );

/** Outputs [Z]. */
export const ecdh = (module: TestModule, jobs: readonly { scalar: Uint8Array; peer: Uint8Array }[]): Result =>
  run(
    module,
    "test_ecdhMany",
    jobs.map(({ scalar, peer }) => [scalar, peer, 66]),
  );

/** Outputs [signature]. */
export const sign = (
  module: TestModule,
  jobs: readonly { scalar: Uint8Array; digest: Uint8Array }[],
  hedged: 0 | 1,
): Result =>
  run(
    module,
    "test_signMany",
    jobs.map(({ scalar, digest }) => [scalar, digest, 132]),
    hedged,
  );

export interface Signed {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
}

export function verify(module: TestModule, jobs: readonly Signed[]): readonly number[] {
  const fields = jobs.map(({ digest, signature, publicKey }) => [digest, signature, publicKey]);
  const { status, statuses } = run(module, "test_verifyMany", fields);
  if (status !== Ok) throw new Error(`want verifyMany to run, got status ${status}`);
  return statuses;
}
