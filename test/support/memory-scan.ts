// Finds what should not be in the card's memory between two calls.

import { BLOCKS, block, regions } from "./memory-map.ts";
import { UNIT_SLOT_BYTES } from "./unit-slots.ts";

export interface Scan {
  /** Key slots that are in use. */
  readonly keys: number;
  /** Unit slots that are in use. */
  readonly units: number;
  /** Region or block and address of the first byte that is neither public, nor in a slot in use, nor entropy to come; or null. */
  readonly leftover: string | null;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const KEY_SLOT_0 = 0x140040;
const KEY_SLOT_BYTES = 208;
const KEY_IN_USE = 68;
const UNIT_FLAGS = 132;
const UNIT_IN_USE = 0x100;
const STORAGE_KEY_BYTES = 36;

const PUBLIC: readonly Span[] = regions().filter(({ kind }) => kind === "P");

/** In: the instance's exports; what of the card is to be seen is read from them and from its memory. */
export function scanMemory(exports: WebAssembly.Exports): Scan {
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  const memory = Buffer.from(buffer);
  const left = (exports["entropyLeft"] as () => number)();
  const [entropy, keyBlock, unitBlock] = [block("entropy"), block("keys"), block("units")];
  const keys = spans(KEY_SLOT_0, KEY_SLOT_BYTES, keyBlock.to, (at) => memory.readUInt32LE(at + KEY_IN_USE) === 1);
  const units = spans(unitBlock.from, UNIT_SLOT_BYTES, unitBlock.to, (at) =>
    Boolean(memory.readUInt32LE(at + UNIT_FLAGS) & UNIT_IN_USE),
  );
  const allowed = [
    ...PUBLIC,
    ...keys,
    ...units,
    { from: keyBlock.from, to: keyBlock.from + STORAGE_KEY_BYTES },
    { from: entropy.to - left, to: entropy.to },
  ].toSorted((a, b) => a.from - b.from);
  return { keys: keys.length, units: units.length, leftover: firstLeftover(memory, allowed) };
}

function spans(from: number, size: number, end: number, inUse: (at: number) => boolean): Span[] {
  const found: Span[] = [];
  for (let at = from; at + size <= end; at += size) if (inUse(at)) found.push({ from: at, to: at + size });
  return found;
}

function firstLeftover(memory: Buffer, allowed: readonly Span[]): string | null {
  let at = block("entropy").from;
  for (const { from, to } of [...allowed, { from: block("tables").from, to: memory.length }]) {
    const gap = memory.subarray(at, Math.max(at, from));
    if (gap.length > 0 && !gap.equals(ZEROS.subarray(0, gap.length))) {
      return nameOf(at + gap.findIndex((byte) => byte !== 0));
    }
    at = Math.max(at, to);
  }
  return null;
}

/** As long as the longest gap can be. */
const ZEROS = Buffer.alloc(block("tables").from);

function nameOf(address: number): string {
  const home = [...regions(), ...BLOCKS].find(({ from, to }) => from <= address && address < to);
  return `${home?.name ?? "no block"} at 0x${address.toString(16)}`;
}
