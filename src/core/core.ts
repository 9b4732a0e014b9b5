// The card behind the interface of api.ts: arguments are checked, copied in, worked on and wiped; only copies come out.

import { MAX_BATCH, SIZE, UNIT_FLAG } from "./abi.ts";
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
  QuorumVerdict,
  Registers,
  RewrapResult,
  RootKey,
  SealUnitJob,
  SignJob,
  UnitSlot,
  UnsealUnitJob,
  VerifyJob,
} from "./api.ts";
import { Card, expectOk } from "./card.ts";
import { fixed, inRange } from "./checks.ts";
import { sha256, sha512 } from "./hashing.ts";
import { importBlocks, sealHostKey, unsealHostKey } from "./host-keys.ts";
import { generateRootKeys, rewrapRootKeys, rootKeyPatternsOf } from "./root-keys.ts";
import { sealKey, sealUnits, unsealKey, unsealUnits } from "./seals.ts";
import { quorumAll, signAll, verifyAll } from "./signatures.ts";
import { Slots } from "./slots.ts";
import { Status } from "./status.ts";
import { exportAll, importAll } from "./transfer.ts";

const MAX_ROOT_KEYS = 65_535;

export class WasmCore implements Core {
  readonly name = "wasm";
  readonly keySlots: number;
  readonly unitSlots: number;
  readonly #card: Card;
  readonly #keys: Slots;
  readonly #units: Slots;

  /** Takes the instance over: nobody else may touch its memory. */
  constructor(instance: WebAssembly.Instance) {
    this.#card = new Card(instance);
    this.keySlots = this.#card.constants.KEY_SLOTS;
    this.unitSlots = this.#card.constants.UNIT_SLOTS;
    this.#keys = new Slots("key", this.keySlots);
    this.#units = new Slots("unit", this.unitSlots);
  }

  // --- hashing of public data ---

  sha256(data: Uint8Array): Uint8Array {
    return sha256(this.#card, data);
  }

  sha512(data: Uint8Array): Uint8Array {
    return sha512(this.#card, data);
  }

  // --- signing keys ---

  keyGenerate(count: number): KeyPair[] {
    inRange("count", count, 0, this.keySlots);
    this.#keys.need(count);
    const pairs: KeyPair[] = [];
    while (pairs.length < count) this.#generateRun(Math.min(count - pairs.length, MAX_BATCH), pairs);
    return pairs;
  }

  #generateRun(n: number, into: KeyPair[]): void {
    const card = this.#card;
    const mark = card.mark();
    try {
      const slots = card.reserve(4 * n);
      const points = card.reserve(n * SIZE.point);
      card.needEntropy();
      const taken = Array.from({ length: n }, () => this.#keys.take());
      for (const [i, slot] of taken.entries()) card.setU32(slots + 4 * i, slot);
      expectOk(card.run.keyGenerate(n, slots, points));
      for (const [i, slot] of taken.entries()) {
        into.push({ slot: slot as KeySlot, publicKey: card.take(points + i * SIZE.point, SIZE.point) });
      }
    } finally {
      card.release(mark);
    }
  }

  keyImport(scalar: Uint8Array): KeyPair {
    fixed("scalar", scalar, SIZE.scalar);
    const card = this.#card;
    const mark = card.mark();
    const slot = this.#keys.take();
    let status: Status = Status.BadScalar;
    try {
      const point = card.reserve(SIZE.point);
      status = card.run.keyImport(slot, card.put(scalar), point);
      if (status === Status.BadScalar) throw new RangeError("want a scalar in 1..n-1, got one out of range");
      expectOk(status);
      return { slot: slot as KeySlot, publicKey: card.take(point, SIZE.point) };
    } finally {
      if (status !== Status.Ok) this.#keys.give(slot);
      card.release(mark);
    }
  }

  keyFree(slot: KeySlot): void {
    this.#keys.give(slot);
    expectOk(this.#card.run.keyFree(slot));
  }

  keySeal(slot: KeySlot, context: Uint8Array): Uint8Array {
    this.#keys.check(slot);
    return sealKey(this.#card, slot, context);
  }

  keyUnseal(blob: Uint8Array, context: Uint8Array): KeyPair | null {
    return unsealKey(this.#card, this.#keys, blob, context);
  }

  hostKeySeal(key: Uint8Array, context: Uint8Array): Uint8Array {
    return sealHostKey(this.#card, key, context);
  }

  hostKeyUnseal(blob: Uint8Array, context: Uint8Array): Uint8Array | null {
    return unsealHostKey(this.#card, blob, context);
  }

  // --- ECDSA ---

  sign(jobs: readonly SignJob[]): Uint8Array[] {
    for (const { key } of jobs) this.#keys.check(key);
    return signAll(this.#card, jobs, 1);
  }

  signDeterministic(jobs: readonly SignJob[]): Uint8Array[] {
    for (const { key } of jobs) this.#keys.check(key);
    return signAll(this.#card, jobs, 0);
  }

  verify(jobs: readonly VerifyJob[]): boolean[] {
    return verifyAll(this.#card, jobs);
  }

  verifyQuorum(jobs: readonly QuorumJob[]): QuorumVerdict[] {
    return quorumAll(this.#card, jobs);
  }

  // --- units' secrets ---

  unitAlloc(): UnitSlot {
    const slot = this.#units.take();
    expectOk(this.#card.run.unitAlloc(slot));
    return slot as UnitSlot;
  }

  unitCopy(slot: UnitSlot): UnitSlot {
    this.#units.check(slot);
    const copy = this.#units.take();
    expectOk(this.#card.run.unitCopy(copy, slot));
    return copy as UnitSlot;
  }

  unitFree(slot: UnitSlot): void {
    this.#units.give(slot);
    expectOk(this.#card.run.unitFree(slot));
  }

  unitSeal(jobs: readonly SealUnitJob[]): Uint8Array[] {
    this.#checkUnits(jobs);
    return sealUnits(this.#card, jobs);
  }

  unitUnseal(jobs: readonly UnsealUnitJob[]): (UnitSlot | null)[] {
    return unsealUnits(this.#card, this.#units, jobs);
  }

  #checkUnits(jobs: readonly { readonly slot: UnitSlot }[]): void {
    for (const { slot } of jobs) this.#units.check(slot);
  }

  // --- register operations ---

  registers(slot: UnitSlot): Registers {
    this.#units.check(slot);
    const card = this.#card;
    const mark = card.mark();
    try {
      const out = card.reserve(4 + 2 * SIZE.pattern);
      expectOk(card.run.registers(slot, out));
      const flags = card.u32(out);
      const current = flags & UNIT_FLAG.hasCurrent ? card.take(out + 4, SIZE.pattern) : null;
      if (!(flags & UNIT_FLAG.hasNew)) return { current, next: null };
      const pattern = card.take(out + 4 + SIZE.pattern, SIZE.pattern);
      return { current, next: { pattern, committed: (flags & UNIT_FLAG.isCommitted) !== 0 } };
    } finally {
      card.release(mark);
    }
  }

  importerGenerate(slots: readonly UnitSlot[]): Uint8Array[] {
    for (const slot of slots) this.#units.check(slot);
    const keys: Uint8Array[] = [];
    while (keys.length < slots.length) this.#importerRun(slots.slice(keys.length, keys.length + MAX_BATCH), keys);
    return keys;
  }

  #importerRun(slots: readonly UnitSlot[], into: Uint8Array[]): void {
    const card = this.#card;
    const mark = card.mark();
    try {
      const list = card.reserve(4 * slots.length);
      const points = card.reserve(slots.length * SIZE.point);
      for (const [i, slot] of slots.entries()) card.setU32(list + 4 * i, slot);
      card.needEntropy();
      expectOk(card.run.importerGenerate(slots.length, list, points));
      for (let i = 0; i < slots.length; i++) into.push(card.take(points + i * SIZE.point, SIZE.point));
    } finally {
      card.release(mark);
    }
  }

  importerOnHost(slot: UnitSlot): void {
    this.#units.check(slot);
    expectOk(this.#card.run.importerOnHost(slot));
  }

  wkGenerate(slot: UnitSlot): Status {
    this.#units.check(slot);
    this.#card.needEntropy();
    return this.#card.run.wkGenerate(slot);
  }

  wkLoad(slot: UnitSlot, part: Uint8Array): void {
    this.#units.check(slot);
    fixed("key part", part, SIZE.key);
    const mark = this.#card.mark();
    try {
      expectOk(this.#card.run.wkLoad(slot, this.#card.put(part)));
    } finally {
      this.#card.release(mark);
    }
  }

  wkExport(jobs: readonly ExportJob[]): ExportResult[] {
    this.#checkUnits(jobs);
    return exportAll(this.#card, jobs);
  }

  wkImport(jobs: readonly ImportJob[]): ImportResult[] {
    this.#checkUnits(jobs);
    return importAll(this.#card, jobs);
  }

  wkImportBlocks(jobs: readonly BlockImportJob[]): ImportResult[] {
    this.#checkUnits(jobs);
    return importBlocks(this.#card, jobs);
  }

  wkCommit(slot: UnitSlot, pattern: Uint8Array): Status {
    return this.#withPattern(slot, pattern, this.#card.run.wkCommit);
  }

  wkFinalize(slot: UnitSlot, pattern: Uint8Array): Status {
    return this.#withPattern(slot, pattern, this.#card.run.wkFinalize);
  }

  #withPattern(slot: UnitSlot, pattern: Uint8Array, operation: (slot: number, pattern: number) => Status): Status {
    this.#units.check(slot);
    fixed("pattern", pattern, SIZE.pattern);
    const mark = this.#card.mark();
    try {
      return operation(slot, this.#card.put(pattern));
    } finally {
      this.#card.release(mark);
    }
  }

  wkClearCurrent(slot: UnitSlot): void {
    this.#units.check(slot);
    expectOk(this.#card.run.wkClearCurrent(slot));
  }

  wkClearNew(slot: UnitSlot): void {
    this.#units.check(slot);
    expectOk(this.#card.run.wkClearNew(slot));
  }

  unitZeroize(slot: UnitSlot): void {
    this.#units.check(slot);
    expectOk(this.#card.run.unitZeroize(slot));
  }

  // --- key storage ---

  rootKeyGenerate(slot: UnitSlot, count: number): RootKey[] | null {
    this.#units.check(slot);
    inRange("count", count, 0, MAX_ROOT_KEYS);
    return generateRootKeys(this.#card, slot, count);
  }

  rootKeyPatterns(slot: UnitSlot, blobs: readonly Uint8Array[]): (Uint8Array | null)[] {
    this.#units.check(slot);
    return rootKeyPatternsOf(this.#card, slot, blobs);
  }

  rootKeyRewrap(slot: UnitSlot, blobs: readonly Uint8Array[]): RewrapResult {
    this.#units.check(slot);
    return rewrapRootKeys(this.#card, slot, blobs);
  }

  // --- life ---

  setStorageKey(fill: (view: Uint8Array) => void): void {
    const card = this.#card;
    const mark = card.mark();
    try {
      const key = card.reserve(SIZE.key);
      fill(card.view(key, SIZE.key));
      card.run.storageKeySet(key);
    } finally {
      card.release(mark);
    }
  }

  setTableCapacity(keys: number): void {
    inRange("keys", keys, 0, Number.MAX_SAFE_INTEGER);
    this.#card.run.cacheSetLimit(Math.min(keys, 0xffff));
  }

  dispose(): void {
    this.#card.retire();
    this.#keys.close();
    this.#units.close();
  }
}
