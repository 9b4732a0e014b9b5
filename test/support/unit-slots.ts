// Units' slots of the card as bytes (assembly/register/unit-slots.ts): what a test puts there and expects there.

import { firstNonZero, type TestModule } from "./wasm.ts";

export const UNITS = 0x240000;
export const UNIT_SLOT_BYTES = 144;

export interface UnitImage {
  readonly current: Uint8Array | null;
  readonly next: { readonly key: Uint8Array; readonly committed: boolean } | null;
  /** 66 bytes. */
  readonly importer: Uint8Array | null;
}

export const EMPTY_UNIT: UnitImage = { current: null, next: null, importer: null };

const IN_USE = 0x100;

/** The slot's bytes. */
export function encodeSlot({ current, next, importer }: UnitImage): Uint8Array {
  const bytes = new Uint8Array(UNIT_SLOT_BYTES);
  if (current) bytes.set(current, 0);
  if (next) bytes.set(next.key, 32);
  if (importer) bytes.set(importer, 64);
  const flags = IN_USE + (current ? 1 : 0) + (next ? 2 : 0) + (next?.committed ? 4 : 0) + (importer ? 8 : 0);
  new DataView(bytes.buffer).setUint32(132, flags, true);
  return bytes;
}

export const slotAddress = (slot: number) => UNITS + slot * UNIT_SLOT_BYTES;

export function readSlot(card: TestModule, slot: number): Uint8Array {
  return card.memory.slice(slotAddress(slot), slotAddress(slot + 1));
}

export function writeSlot(card: TestModule, slot: number, image: UnitImage): void {
  card.memory.set(encodeSlot(image), slotAddress(slot));
}

/** What a slot's bytes say; they must be what encodeSlot makes of it. */
export function decodeSlot(bytes: Uint8Array): UnitImage {
  const flags = new DataView(bytes.buffer, bytes.byteOffset).getUint32(132, true);
  const image = {
    current: flags & 1 ? bytes.slice(0, 32) : null,
    next: flags & 2 ? { key: bytes.slice(32, 64), committed: (flags & 4) !== 0 } : null,
    importer: flags & 8 ? bytes.slice(64, 130) : null,
  };
  if (Buffer.compare(encodeSlot(image), bytes) !== 0)
    throw new Error("want a slot without leftovers, got one with some");
  return image;
}

/** True if every slot but the given ones is zero in every byte. */
export function othersAreZero(card: TestModule, slots: readonly number[]): boolean {
  const marks = [...slots].sort((a, b) => a - b);
  let from = UNITS;
  for (const slot of marks) {
    if (firstNonZero(card.memory, from, slotAddress(slot)) !== -1) return false;
    from = slotAddress(slot + 1);
  }
  return firstNonZero(card.memory, from, 0x640000) === -1;
}
