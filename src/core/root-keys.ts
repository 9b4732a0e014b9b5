// Root keys of simulated key storages: generated, told by their patterns, re-encrypted for the next master key.

import { MAX_BATCH, RECORD, SIZE } from "./abi.ts";
import type { RewrapResult, RootKey, UnitSlot } from "./api.ts";
import { type Card, expectOk } from "./card.ts";
import { Status } from "./status.ts";

/** In: a slot in use. null if its current register is empty. */
export function generateRootKeys(card: Card, slot: UnitSlot, count: number): RootKey[] | null {
  const blobSize = card.constants.ROOT_KEY_BYTES;
  const size = blobSize + SIZE.pattern;
  const keys: RootKey[] = [];
  do {
    const n = Math.min(count - keys.length, MAX_BATCH);
    const mark = card.mark();
    try {
      const out = card.reserve(n * size);
      card.needEntropy();
      const status = card.run.rootKeyGenerate(slot, n, out);
      if (status === Status.CurrentEmpty) return null;
      expectOk(status);
      for (let at = out; at < out + n * size; at += size) {
        keys.push({ blob: card.take(at, blobSize), pattern: card.take(at + blobSize, SIZE.pattern) });
      }
    } finally {
      card.release(mark);
    }
  } while (keys.length < count);
  return keys;
}

/** In: a slot in use. A blob of another size is none of ours: null. */
export function rootKeyPatternsOf(card: Card, slot: UnitSlot, blobs: readonly Uint8Array[]): (Uint8Array | null)[] {
  const patterns: (Uint8Array | null)[] = [];
  while (patterns.length < blobs.length) {
    const from = patterns.length;
    rootKeyRun(card, slot, blobs.slice(from, from + MAX_BATCH), patterns);
  }
  return patterns;
}

function rootKeyRun(card: Card, slot: UnitSlot, blobs: readonly Uint8Array[], into: (Uint8Array | null)[]): void {
  const size = card.constants.ROOT_KEY_BYTES;
  const mark = card.mark();
  try {
    const at = card.reserve(blobs.length * size);
    const out = card.reserve(blobs.length * RECORD.foundRootKey);
    for (const [i, blob] of blobs.entries()) if (blob.length === size) card.write(at + i * size, blob);
    const status = card.run.rootKeyPatterns(slot, blobs.length, at, out);
    if (status !== Status.CurrentEmpty) expectOk(status);
    for (let i = 0; i < blobs.length; i++) {
      const found = out + i * RECORD.foundRootKey;
      const opened = status === Status.Ok && card.status(found + SIZE.pattern) === Status.Ok;
      into.push(opened ? card.take(found, SIZE.pattern) : null);
    }
  } finally {
    card.release(mark);
  }
}

/** In: a slot in use. A blob of another size is none of ours: null. */
export function rewrapRootKeys(card: Card, slot: UnitSlot, blobs: readonly Uint8Array[]): RewrapResult {
  const keys: (RootKey | null)[] = [];
  do {
    const from = keys.length;
    const status = rewrapRun(card, slot, blobs.slice(from, from + MAX_BATCH), keys);
    if (status !== Status.Ok) return { status };
  } while (keys.length < blobs.length);
  return { status: Status.Ok, keys };
}

function rewrapRun(card: Card, slot: UnitSlot, blobs: readonly Uint8Array[], into: (RootKey | null)[]): Status {
  const blobSize = card.constants.ROOT_KEY_BYTES;
  const size = blobSize + SIZE.pattern + 4;
  const mark = card.mark();
  try {
    const at = card.reserve(blobs.length * blobSize);
    const out = card.reserve(blobs.length * size);
    for (const [i, blob] of blobs.entries()) if (blob.length === blobSize) card.write(at + i * blobSize, blob);
    card.needEntropy();
    const status = card.run.rootKeyRewrap(slot, blobs.length, at, out);
    if (isNotReady(status)) return status;
    expectOk(status);
    for (let made = out; made < out + blobs.length * size; made += size) {
      const opened = card.status(made + blobSize + SIZE.pattern) === Status.Ok;
      const pattern = card.take(made + blobSize, SIZE.pattern);
      into.push(opened ? { blob: card.take(made, blobSize), pattern } : null);
    }
    return status;
  } finally {
    card.release(mark);
  }
}

/** The registers are not those of a rotation whose new key is committed. */
function isNotReady(status: Status): boolean {
  return status === Status.CurrentEmpty || status === Status.NewEmpty || status === Status.NotCommitted;
}
