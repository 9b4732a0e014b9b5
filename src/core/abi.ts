// The exports of core.wasm, in the order of assembly/index.ts, where the fields of jobs are described. A test compares the names with
// the binary's.

import type { Status } from "./status.ts";

/** A byte's place in the card's memory. */
export type Address = number;

/** What a function returns that can fail: a Status. */
type Result = Status;

/** Constants of the card: WebAssembly.Global of i32. */
export const CONSTANTS = [
  "ENTROPY",
  "ENTROPY_BYTES",
  "EXCHANGE",
  "EXCHANGE_BYTES",
  "KEY_SLOTS",
  "UNIT_SLOTS",
  "HOST_KEY_BYTES",
  "SEALED_HOST_KEY_BYTES",
  "SEALED_KEY_BYTES",
  "SEALED_UNIT_BYTES",
  "ROOT_KEY_BYTES",
] as const;

export type CardConstants = { readonly [name in (typeof CONSTANTS)[number]]: WebAssembly.Global };

export interface CardFunctions {
  entropyFilled(): void;
  entropyLeft(): number;

  sha256(out: Address, data: Address, n: number): void;
  sha256Final(out: Address, context: Address): void;
  sha256Init(context: Address): void;
  sha256Update(context: Address, data: Address, n: number): void;
  sha512(out: Address, data: Address, n: number): void;
  sha512Final(out: Address, context: Address): void;
  sha512Init(context: Address): void;
  sha512Update(context: Address, data: Address, n: number): void;

  keyUnwrapMany(n: number, jobs: Address, bytes: number): Result;
  keyWrapMany(n: number, jobs: Address, bytes: number): Result;
  ecdhMany(n: number, jobs: Address): Result;
  keypairMany(n: number, jobs: Address): Result;
  publicKeyMany(n: number, jobs: Address): Result;
  cacheSetLimit(keys: number): void;

  importerGenerate(n: number, slots: Address, points: Address): Result;
  importerOnHost(slot: number): Result;
  keyFree(slot: number): Result;
  keyGenerate(n: number, slots: Address, points: Address): Result;
  keyImport(slot: number, scalar: Address, point: Address): Result;
  quorum(n: number, jobs: Address, signers: Address): Result;
  sign(n: number, jobs: Address, hedged: number): Result;
  verify(n: number, jobs: Address): Result;

  storageKeySet(key: Address): void;
  hostKeySeal(key: Address, context: Address, contextLength: number, blob: Address): Result;
  hostKeyUnseal(key: Address, context: Address, contextLength: number, blob: Address): Result;
  keySeal(slot: number, context: Address, contextLength: number, blob: Address): Result;
  keyUnseal(slot: number, context: Address, contextLength: number, blob: Address, point: Address): Result;
  unitSeal(n: number, jobs: Address): Result;
  unitUnseal(n: number, jobs: Address): Result;

  registers(slot: number, out: Address): Result;
  unitAlloc(slot: number): Result;
  unitCopy(to: number, from: number): Result;
  unitFree(slot: number): Result;
  unitZeroize(slot: number): Result;
  wkClearCurrent(slot: number): Result;
  wkClearNew(slot: number): Result;
  wkCommit(slot: number, pattern: Address): Result;
  wkFinalize(slot: number, pattern: Address): Result;
  wkGenerate(slot: number): Result;
  wkLoad(slot: number, key: Address): Result;
  wkExport(n: number, jobs: Address, recipients: Address, parts: Address): Result;
  wkImport(n: number, jobs: Address, parts: Address): Result;
  wkImportBlocks(n: number, jobs: Address, blocks: Address): Result;
  rootKeyGenerate(slot: number, n: number, out: Address): Result;
  rootKeyPatterns(slot: number, n: number, blobs: Address, out: Address): Result;
  rootKeyRewrap(slot: number, n: number, blobs: Address, out: Address): Result;

  wipeSecrets(): void;
}

export type CardExports = CardConstants & CardFunctions & { readonly memory: WebAssembly.Memory };

/** Jobs in one call, and signers or parts of all its jobs together. */
export const MAX_BATCH = 64;

/** Bytes of the card's records. */
export const RECORD = {
  sign: 16,
  verify: 20,
  quorum: 24,
  signer: 304,
  unit: 20,
  export: 24,
  import: 48,
  part: 213,
  registers: 68,
  foundRootKey: 36,
  job: 16,
} as const;

/** Bytes. */
export const SIZE = {
  scalar: 66,
  point: 133,
  signature: 132,
  ski: 32,
  key: 32,
  pattern: 32,
  ukm: 40,
  wrapped: 40,
  sha256: 32,
  sha512: 64,
  /** A block as RSA-2048 decryption gives it. */
  rsaBlock: 256,
  /** Room for the state of either hash. */
  hashContext: 208,
} as const;

/** Flags of a unit's slot, as `registers` gives them. */
export const UNIT_FLAG = { hasCurrent: 1, hasNew: 2, isCommitted: 4 } as const;
