// Sealed keys and units.

import { MAX_BATCH, RECORD, SIZE } from "./abi.ts";
import type { KeyPair, KeySlot, SealUnitJob, UnitSlot, UnsealUnitJob } from "./api.ts";
import { type Card, expectOk } from "./card.ts";
import { inRange } from "./checks.ts";
import type { Slots } from "./slots.ts";
import { Status } from "./status.ts";

const MAX_CONTEXT = 1024;
const UNIT_STATUS = 16;

/** @throws RangeError unless the context is one. */
export function checkContext(context: Uint8Array): void {
  inRange("context length", context.length, 0, MAX_CONTEXT);
}

// --- keys ---

/** In: a slot in use. */
export function sealKey(card: Card, slot: KeySlot, context: Uint8Array): Uint8Array {
  checkContext(context);
  const size = card.constants.SEALED_KEY_BYTES;
  const mark = card.mark();
  try {
    const blob = card.reserve(size);
    card.needEntropy();
    expectOk(card.run.keySeal(slot, card.put(context), context.length, blob));
    return card.take(blob, size);
  } finally {
    card.release(mark);
  }
}

/** null if the blob does not open. */
export function unsealKey(card: Card, keys: Slots, blob: Uint8Array, context: Uint8Array): KeyPair | null {
  checkContext(context);
  const mark = card.mark();
  const slot = keys.take();
  let status: Status = Status.BadSeal;
  try {
    const point = card.reserve(SIZE.point);
    if (blob.length === card.constants.SEALED_KEY_BYTES) {
      status = card.run.keyUnseal(slot, card.put(context), context.length, card.put(blob), point);
    }
    if (status === Status.BadSeal) return null;
    expectOk(status);
    return { slot: slot as KeySlot, publicKey: card.take(point, SIZE.point) };
  } finally {
    if (status !== Status.Ok) keys.give(slot);
    card.release(mark);
  }
}

// --- units ---

/** In: jobs whose slots are in use. */
export function sealUnits(card: Card, jobs: readonly SealUnitJob[]): Uint8Array[] {
  for (const { context } of jobs) checkContext(context);
  const blobs: Uint8Array[] = [];
  while (blobs.length < jobs.length) sealRun(card, jobs.slice(blobs.length, blobs.length + MAX_BATCH), blobs);
  return blobs;
}

function sealRun(card: Card, jobs: readonly SealUnitJob[], into: Uint8Array[]): void {
  const size = card.constants.SEALED_UNIT_BYTES;
  const mark = card.mark();
  try {
    const records = card.reserve(jobs.length * RECORD.unit);
    const blobs = card.reserve(jobs.length * size);
    for (const [i, { slot, context }] of jobs.entries()) {
      card.setJob(records + i * RECORD.unit, slot, card.put(context), context.length, blobs + i * size);
    }
    card.needEntropy();
    expectOk(card.run.unitSeal(jobs.length, records));
    for (let i = 0; i < jobs.length; i++) into.push(card.take(blobs + i * size, size));
  } finally {
    card.release(mark);
  }
}

/** For each job a slot in use, or null if its blob does not open. */
export function unsealUnits(card: Card, units: Slots, jobs: readonly UnsealUnitJob[]): (UnitSlot | null)[] {
  for (const { context } of jobs) checkContext(context);
  units.need(jobs.length);
  const slots: (UnitSlot | null)[] = [];
  while (slots.length < jobs.length) unsealRun(card, units, jobs.slice(slots.length, slots.length + MAX_BATCH), slots);
  return slots;
}

function unsealRun(card: Card, units: Slots, jobs: readonly UnsealUnitJob[], into: (UnitSlot | null)[]): void {
  const size = card.constants.SEALED_UNIT_BYTES;
  const mark = card.mark();
  const taken = jobs.map(() => units.take());
  let opened = taken.map(() => false);
  try {
    const records = card.reserve(jobs.length * RECORD.unit);
    const blobs = card.reserve(jobs.length * size);
    for (const [i, { blob, context }] of jobs.entries()) {
      if (blob.length === size) card.write(blobs + i * size, blob); // zeros do not open
      card.setJob(records + i * RECORD.unit, taken[i]!, card.put(context), context.length, blobs + i * size);
    }
    expectOk(card.run.unitUnseal(jobs.length, records));
    opened = taken.map((_, i) => card.status(records + i * RECORD.unit + UNIT_STATUS) === Status.Ok);
    for (const [i, slot] of taken.entries()) into.push(opened[i] ? (slot as UnitSlot) : null);
  } finally {
    for (const [i, slot] of taken.entries()) if (!opened[i]) units.give(slot);
    card.release(mark);
  }
}
