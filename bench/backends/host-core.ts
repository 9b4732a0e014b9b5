// Core on a host's primitives: slots, quorums, caches and the checks of arguments. The cryptography is the primitives', the
// registers are host-units'. For benchmarks and tests only: secrets are JavaScript objects here.

import { SIZE } from "../../src/core/abi.ts";
import type {
  BlockImportJob,
  Core,
  ExportJob,
  ExportResult,
  ImportJob,
  ImportResult,
  KeyPair,
  KeySlot,
  QuorumJob,
  QuorumSigner,
  QuorumVerdict,
  Registers,
  RewrapResult,
  RootKey,
  SealUnitJob,
  SignJob,
  UnitSlot,
  UnsealUnitJob,
  VerifyJob,
} from "../../src/core/api.ts";
import { fixed, inRange } from "../../src/core/checks.ts";
import { Status } from "../../src/core/status.ts";
import { checkBlockImport, checkExport, checkImport, checkQuorum, checkSigned } from "./arguments.ts";
import { type HostPrimitives, isScalar } from "./host-primitives.ts";
import {
  commitKey,
  decodeUnit,
  decryptPart,
  EMPTY_UNIT,
  encodeUnit,
  encryptPart,
  finalizeKey,
  generateKey,
  type HostUnit,
  KEY_BYTES,
  loadKey,
  partsOf,
  registersOf,
  type Transition,
  unpad,
  verificationPattern,
  xor,
} from "./host-units.ts";
import { KeyCache } from "./key-cache.ts";
import { unwrapRootKey, wrapRootKey } from "./root-keys.ts";
import { Slots } from "./slots.ts";

const MAX_CONTEXT = 1024;
const MAX_HOST_KEY = 1276;
/** Before a sealed host key: other sealed keys begin with 00 or 01. */
const HOST_KEY = 3;

export class HostCore<Private, Public> implements Core {
  readonly name: string;
  readonly keySlots = 4096;
  readonly unitSlots = 16384;
  readonly #crypto: HostPrimitives<Private, Public>;
  readonly #keys: Slots<Private>;
  readonly #units: Slots<HostUnit<Private>>;
  readonly #publicKeys: KeyCache<Public>;
  #storageKey: Uint8Array | null = null;
  #disposed = false;

  constructor(crypto: HostPrimitives<Private, Public>) {
    this.name = crypto.name;
    this.#crypto = crypto;
    this.#keys = new Slots("key", this.keySlots);
    this.#units = new Slots("unit", this.unitSlots);
    this.#publicKeys = new KeyCache(crypto.publicKey);
  }

  // --- hashing ---

  sha256(data: Uint8Array): Uint8Array {
    return new Uint8Array(this.#crypto.sha256(data));
  }

  sha512(data: Uint8Array): Uint8Array {
    return new Uint8Array(this.#crypto.sha512(data));
  }

  // --- signing keys ---

  keyGenerate(howMany: number): KeyPair[] {
    this.#alive();
    inRange("count", howMany, 0, this.keySlots);
    return Array.from({ length: howMany }, () => this.#addKey(this.#crypto.generate()));
  }

  keyImport(scalar: Uint8Array): KeyPair {
    this.#alive();
    fixed("scalar", scalar, SIZE.scalar);
    if (!isScalar(scalar)) throw new RangeError("want a scalar in 1..n-1, got one out of range");
    return this.#addKey(this.#crypto.privateKey(scalar.slice()));
  }

  keyFree(slot: KeySlot): void {
    this.#keys.delete(slot);
  }

  keySeal(slot: KeySlot, context: Uint8Array): Uint8Array {
    return this.#seal(this.#crypto.scalarOf(this.#keys.get(slot)), context);
  }

  keyUnseal(blob: Uint8Array, context: Uint8Array): KeyPair | null {
    const scalar = this.#unseal(blob, context);
    return scalar && isScalar(scalar) ? this.#addKey(this.#crypto.privateKey(scalar)) : null;
  }

  hostKeySeal(key: Uint8Array, context: Uint8Array): Uint8Array {
    inRange("key length", key.length, 1, MAX_HOST_KEY);
    return this.#seal(Buffer.concat([Buffer.of(HOST_KEY), key]), context);
  }

  hostKeyUnseal(blob: Uint8Array, context: Uint8Array): Uint8Array | null {
    const bytes = this.#unseal(blob, context);
    return bytes?.[0] === HOST_KEY ? new Uint8Array(bytes.subarray(1)) : null;
  }

  #addKey(key: Private): KeyPair {
    return { slot: this.#keys.add(key) as KeySlot, publicKey: new Uint8Array(this.#crypto.publicOf(key)) };
  }

  // --- ECDSA ---

  sign(jobs: readonly SignJob[]): Uint8Array[] {
    const keys = jobs.map((job) => this.#keys.get(job.key));
    return jobs.map((job, i) => new Uint8Array(this.#crypto.sign(keys[i]!, job.message)));
  }

  signDeterministic(jobs: readonly SignJob[]): Uint8Array[] {
    const keys = jobs.map((job) => this.#keys.get(job.key));
    return jobs.map((job, i) => new Uint8Array(this.#crypto.signDeterministic(keys[i]!, job.message)));
  }

  verify(jobs: readonly VerifyJob[]): boolean[] {
    for (const job of jobs) checkSigned(job);
    return jobs.map((job) => this.#verifyOne(job.publicKey, job.message, job.signature) === Status.Ok);
  }

  verifyQuorum(jobs: readonly QuorumJob[]): QuorumVerdict[] {
    for (const job of jobs) checkQuorum(job);
    return jobs.map((job) => this.#verdict(job));
  }

  #verdict({ message, required, signers }: QuorumJob): QuorumVerdict {
    const seen = new Set<string>();
    const statuses = signers.map((signer): Status => {
      const status = this.#judge(signer, message);
      if (status !== Status.Ok) return status;
      const id = Buffer.from(signer.ski).toString("latin1");
      if (seen.has(id)) return Status.Duplicate;
      seen.add(id);
      return Status.Ok;
    });
    const rejected = statuses.some((status) => status === Status.BadSignature || status === Status.BadPoint);
    return { met: !rejected && seen.size >= required, distinct: seen.size, statuses };
  }

  #judge(signer: QuorumSigner, message: Uint8Array): Status {
    if ("valid" in signer) return signer.valid ? Status.Ok : Status.BadSignature;
    return this.#verifyOne(signer.publicKey, message, signer.signature);
  }

  #verifyOne(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Status {
    const key = this.#publicKeys.get(publicKey);
    if (key === null) return Status.BadPoint;
    return this.#crypto.verify(key, message, signature) ? Status.Ok : Status.BadSignature;
  }

  // --- units' secrets ---

  unitAlloc(): UnitSlot {
    this.#alive();
    return this.#units.add(EMPTY_UNIT) as UnitSlot;
  }

  unitCopy(slot: UnitSlot): UnitSlot {
    return this.#units.add(this.#units.get(slot)) as UnitSlot;
  }

  unitFree(slot: UnitSlot): void {
    this.#units.delete(slot);
  }

  unitSeal(jobs: readonly SealUnitJob[]): Uint8Array[] {
    const units = jobs.map((job) => this.#units.get(job.slot));
    return jobs.map((job, i) => this.#seal(encodeUnit(this.#crypto, units[i]!), job.context));
  }

  unitUnseal(jobs: readonly UnsealUnitJob[]): (UnitSlot | null)[] {
    return jobs.map(({ blob, context }) => {
      const bytes = this.#unseal(blob, context);
      const unit = bytes && decodeUnit(this.#crypto, bytes);
      return unit && (this.#units.add(unit) as UnitSlot);
    });
  }

  // --- register operations ---

  registers(slot: UnitSlot): Registers {
    return registersOf(this.#crypto, this.#units.get(slot));
  }

  importerGenerate(slots: readonly UnitSlot[]): Uint8Array[] {
    for (const slot of slots) this.#units.get(slot);
    return slots.map((slot) => {
      const importer = this.#crypto.generate();
      this.#units.set(slot, { ...this.#units.get(slot), importer, importerOnHost: false });
      return new Uint8Array(this.#crypto.publicOf(importer));
    });
  }

  importerOnHost(slot: UnitSlot): void {
    this.#units.set(slot, { ...this.#units.get(slot), importer: null, importerOnHost: true });
  }

  wkGenerate(slot: UnitSlot): Status {
    return this.#transition(slot, (unit) => generateKey(unit, this.#crypto.random));
  }

  wkLoad(slot: UnitSlot, part: Uint8Array): void {
    fixed("key part", part, KEY_BYTES);
    this.#units.set(slot, { ...this.#units.get(slot), current: part.slice() });
  }

  wkExport(jobs: readonly ExportJob[]): ExportResult[] {
    for (const job of jobs) {
      this.#units.get(job.slot);
      checkExport(job);
    }
    return jobs.map((job) => this.#exportOne(job));
  }

  #exportOne({ slot, register, recipients, split }: ExportJob): ExportResult {
    const unit = this.#units.get(slot);
    const key = register === "current" ? unit.current : (unit.next?.key ?? null);
    if (key === null) return { status: register === "current" ? Status.CurrentEmpty : Status.NewEmpty };
    const peers = recipients.map((recipient) => this.#publicKeys.get(recipient));
    const bad = peers.indexOf(null);
    if (bad >= 0) return { status: Status.BadPoint, recipient: bad };
    const parts = partsOf(key, peers.length, split, this.#crypto.random);
    return { status: Status.Ok, parts: parts.map((part, i) => encryptPart(this.#crypto, part, peers[i]!)) };
  }

  wkImport(jobs: readonly ImportJob[]): ImportResult[] {
    for (const job of jobs) {
      this.#units.get(job.slot);
      checkImport(job);
    }
    return jobs.map((job) => this.#importOne(job));
  }

  #importOne({ slot, parts }: ImportJob): ImportResult {
    const unit = this.#units.get(slot);
    if (unit.importer === null) return { status: Status.NoImporter };
    const clear: Uint8Array[] = [];
    for (const [i, part] of parts.entries()) {
      const result = decryptPart(this.#crypto, unit.importer, part, this.#publicKeys.get(part.originator));
      if (typeof result === "number") return { status: result, part: i };
      clear.push(result);
    }
    return this.#load(slot, xor(clear));
  }

  wkImportBlocks(jobs: readonly BlockImportJob[]): ImportResult[] {
    for (const job of jobs) {
      this.#units.get(job.slot);
      checkBlockImport(job);
    }
    return jobs.map(({ slot, blocks }) => {
      if (!this.#units.get(slot).importerOnHost) return { status: Status.NoImporter };
      const parts = blocks.map(unpad).filter((part) => part !== null);
      return parts.length < blocks.length ? { status: Status.BadWrap } : this.#load(slot, xor(parts));
    });
  }

  #load(slot: UnitSlot, key: Uint8Array): ImportResult {
    const status = this.#transition(slot, (unit) => loadKey(unit, key));
    return status === Status.Ok ? { status, pattern: verificationPattern(this.#crypto, key) } : { status };
  }

  wkCommit(slot: UnitSlot, pattern: Uint8Array): Status {
    fixed("pattern", pattern, SIZE.pattern);
    return this.#transition(slot, (unit) => commitKey(this.#crypto, unit, pattern));
  }

  wkFinalize(slot: UnitSlot, pattern: Uint8Array): Status {
    fixed("pattern", pattern, SIZE.pattern);
    return this.#transition(slot, (unit) => finalizeKey(this.#crypto, unit, pattern));
  }

  wkClearCurrent(slot: UnitSlot): void {
    this.#units.set(slot, { ...this.#units.get(slot), current: null });
  }

  wkClearNew(slot: UnitSlot): void {
    this.#units.set(slot, { ...this.#units.get(slot), next: null });
  }

  unitZeroize(slot: UnitSlot): void {
    this.#units.set(slot, EMPTY_UNIT);
  }

  #transition(slot: UnitSlot, step: (unit: HostUnit<Private>) => Transition<Private>): Status {
    const result = step(this.#units.get(slot));
    if (result.status === Status.Ok) this.#units.set(slot, result.unit);
    return result.status;
  }

  // --- key storage ---

  rootKeyGenerate(slot: UnitSlot, howMany: number): RootKey[] | null {
    inRange("count", howMany, 0, 65_535);
    const { current } = this.#units.get(slot);
    if (current === null) return null;
    return Array.from({ length: howMany }, () => {
      const key = this.#crypto.random(KEY_BYTES);
      const blob = wrapRootKey(this.#crypto, current, key);
      return { blob, pattern: verificationPattern(this.#crypto, key) };
    });
  }

  rootKeyPatterns(slot: UnitSlot, blobs: readonly Uint8Array[]): (Uint8Array | null)[] {
    const { current } = this.#units.get(slot);
    return blobs.map((blob) => {
      const key = current && unwrapRootKey(this.#crypto, current, blob);
      return key && verificationPattern(this.#crypto, key);
    });
  }

  rootKeyRewrap(slot: UnitSlot, blobs: readonly Uint8Array[]): RewrapResult {
    const { current, next } = this.#units.get(slot);
    if (current === null) return { status: Status.CurrentEmpty };
    if (next === null) return { status: Status.NewEmpty };
    if (!next.committed) return { status: Status.NotCommitted };
    const keys = blobs.map((blob) => {
      const key = unwrapRootKey(this.#crypto, current, blob);
      return key && { blob: wrapRootKey(this.#crypto, next.key, key), pattern: verificationPattern(this.#crypto, key) };
    });
    return { status: Status.Ok, keys };
  }

  // --- life ---

  setStorageKey(fill: (view: Uint8Array) => void): void {
    this.#alive();
    const key = new Uint8Array(KEY_BYTES);
    fill(key);
    this.#storageKey = key.slice();
  }

  /** No tables here. Parsed keys are kept whatever is asked for: the baselines are to have their best calls. */
  setTableCapacity(keys: number): void {
    inRange("keys", keys, 0, Number.MAX_SAFE_INTEGER);
  }

  dispose(): void {
    this.#disposed = true;
    this.#keys.clear();
    this.#units.clear();
    this.#publicKeys.clear();
    this.#storageKey = null;
  }

  #alive(): void {
    if (this.#disposed) throw new Error("the core was disposed of; load another");
  }

  #seal(plaintext: Uint8Array, context: Uint8Array): Uint8Array {
    inRange("context length", context.length, 0, MAX_CONTEXT);
    return new Uint8Array(this.#crypto.seal(this.#storage(), plaintext, context));
  }

  #unseal(blob: Uint8Array, context: Uint8Array): Uint8Array | null {
    inRange("context length", context.length, 0, MAX_CONTEXT);
    return this.#crypto.unseal(this.#storage(), blob, context);
  }

  #storage(): Uint8Array {
    this.#alive();
    if (this.#storageKey === null) throw new Error("no storage key is loaded; call setStorageKey first");
    return this.#storageKey;
  }
}
