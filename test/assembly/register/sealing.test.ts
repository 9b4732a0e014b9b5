// The format of sealed blobs, taken apart and put together by node:crypto.

import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Status } from "../../../src/core/status.ts";
import {
  EMPTY_UNIT,
  encodeSlot,
  othersAreZero,
  readSlot,
  slotAddress,
  type UnitImage,
  writeSlot,
} from "../../support/unit-slots.ts";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const STORAGE_KEY = new Uint8Array(randomBytes(32));
const SLOT = 2;
const TARGET = 4;
const KEY_SLOT_0 = 0x140040;
const KEY_SLOT_BYTES = 208;
const JOB = ARENA;
const CONTEXT = ARENA + 0x100;
const BLOB = ARENA + 0x1000;
const POINT = ARENA + 0x2000;
const ENTROPY = 0x20000;
/** The scratch of sha2, aes, kdf and register in layout.ts. */
const SCRATCH = 0x640000;
const SCRATCH_END = 0x740000;
const HEADER = 34;
const TAG = 32;

const context = new TextEncoder().encode("unit 7");
const unit: UnitImage = {
  current: new Uint8Array(randomBytes(32)),
  next: { key: new Uint8Array(randomBytes(32)), committed: true },
  importer: new Uint8Array(66).fill(7, 65),
};
/** What of a unit's slot is sealed. */
const UNIT_BYTES = 136;

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});
beforeEach(() => {
  for (let at = ENTROPY; at < ENTROPY + 0x10000; at += 0x8000) card.memory.set(randomBytes(0x8000), at);
  card.call("entropyFilled");
  card.memory.set(STORAGE_KEY, ARENA);
  card.call("storageKeySet", ARENA);
  card.memory.fill(0, slotAddress(0), slotAddress(10));
  card.memory.fill(0, KEY_SLOT_0, KEY_SLOT_0 + 10 * KEY_SLOT_BYTES);
});

// --- the format, in node:crypto ---

function keysOf(blob: Uint8Array) {
  const keys = createHmac("sha512", STORAGE_KEY).update("OpenTKE seal").update(blob.subarray(0, HEADER)).digest();
  return { encryption: keys.subarray(0, 32), mac: keys.subarray(32) };
}

const tagOf = (blob: Uint8Array, about: Uint8Array) =>
  createHmac("sha256", keysOf(blob).mac).update(blob.subarray(0, -TAG)).update(about).digest();

const crypt = (blob: Uint8Array, text: Uint8Array) =>
  createCipheriv("aes-256-ctr", keysOf(blob).encryption, Buffer.alloc(16)).update(text);

function seal(kind: number, plain: Uint8Array, about: Uint8Array, version = 1): Uint8Array {
  const blob = new Uint8Array(HEADER + plain.length + TAG);
  blob.set([version, kind, ...randomBytes(32)]);
  blob.set(crypt(blob, plain), HEADER);
  blob.set(tagOf(blob, about), HEADER + plain.length);
  return blob;
}

// --- the card ---

function setJob(slot: number, about: Uint8Array): void {
  card.memory.set(about, CONTEXT);
  [slot, CONTEXT, about.length, BLOB, 0xdead].forEach((word, i) => {
    card.view.setUint32(JOB + 4 * i, word, true);
  });
}

const blobSize = UNIT_BYTES + HEADER + TAG;

function sealUnit(slot: number): Uint8Array {
  setJob(slot, context);
  expect(card.call("unitSeal", 1, JOB)).toBe(Status.Ok);
  expect(card.view.getUint32(JOB + 16, true)).toBe(Status.Ok);
  expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  return card.memory.slice(BLOB, BLOB + blobSize);
}

function unsealUnit(blob: Uint8Array, about: Uint8Array = context): number {
  card.memory.set(blob, BLOB);
  setJob(TARGET, about);
  expect(card.call("unitUnseal", 1, JOB)).toBe(Status.Ok);
  expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  const status = card.view.getUint32(JOB + 16, true);
  if (status !== Status.Ok) expect(othersAreZero(card, [SLOT])).toBe(true);
  return status;
}

describe("sealed units", () => {
  test("version | kind | nonce | ciphertext | tag", () => {
    writeSlot(card, SLOT, unit);
    const blob = sealUnit(SLOT);
    expect([...blob.subarray(0, 2)]).toEqual([1, 2]);
    expect(Buffer.from(blob.subarray(-TAG))).toEqual(tagOf(blob, context));
    const plain = crypt(blob, blob.subarray(HEADER, -TAG));
    expect(Buffer.from(plain)).toEqual(Buffer.from(encodeSlot(unit).subarray(0, UNIT_BYTES)));
  });

  test("the nonce is the next entropy, and no two blobs are alike", () => {
    writeSlot(card, SLOT, unit);
    const next = card.memory.slice(ENTROPY, ENTROPY + 64);
    const blobs = [sealUnit(SLOT), sealUnit(SLOT)];
    expect(blobs.map((blob) => blob.slice(2, HEADER))).toEqual([next.slice(0, 32), next.slice(32)]);
    expect(firstNonZero(card.memory, ENTROPY, ENTROPY + 64)).toBe(-1);
  });

  test("what node:crypto seals, the card opens", () => {
    const blob = seal(2, encodeSlot(unit).subarray(0, UNIT_BYTES), context);
    expect(unsealUnit(blob)).toBe(Status.Ok);
    expect(readSlot(card, TARGET)).toEqual(encodeSlot(unit));
  });

  test("another kind, another version, though the tag is right: BadSeal", () => {
    const plain = encodeSlot(unit).subarray(0, UNIT_BYTES);
    expect(unsealUnit(seal(1, plain, context))).toBe(Status.BadSeal);
    expect(unsealUnit(seal(2, plain, context, 2))).toBe(Status.BadSeal);
    expect(unsealUnit(seal(2, plain, context, 0))).toBe(Status.BadSeal);
  });

  test("every flipped bit of blob and context: BadSeal, and the slot stays free", () => {
    writeSlot(card, SLOT, unit);
    const blob = sealUnit(SLOT);
    for (let bit = 0; bit < 8 * blob.length; bit++) expect(unsealUnit(flipBit(blob, bit))).toBe(Status.BadSeal);
    for (let bit = 0; bit < 8 * context.length; bit++) {
      expect(unsealUnit(blob, flipBit(context, bit))).toBe(Status.BadSeal);
    }
    for (const about of [new Uint8Array(0), context.subarray(1), new Uint8Array([...context, 0])]) {
      expect(unsealUnit(blob, about)).toBe(Status.BadSeal);
    }
    expect(unsealUnit(blob)).toBe(Status.Ok);
  });

  test("another storage key: BadSeal; every bit of it counts", () => {
    writeSlot(card, SLOT, unit);
    const blob = sealUnit(SLOT);
    for (let bit = 0; bit < 256; bit++) {
      card.memory.set(flipBit(STORAGE_KEY, bit), ARENA);
      card.call("storageKeySet", ARENA);
      expect(unsealUnit(blob)).toBe(Status.BadSeal);
    }
  });

  test("a bad blob in a batch spoils no other", () => {
    writeSlot(card, SLOT, unit);
    const blob = sealUnit(SLOT);
    card.memory.set(context, CONTEXT);
    for (let i = 0; i < 5; i++) {
      card.memory.set(i === 2 ? flipBit(blob, 300) : blob, BLOB + 0x400 * i);
      [4 + i, CONTEXT, context.length, BLOB + 0x400 * i, 0xdead].forEach((word, k) => {
        card.view.setUint32(JOB + 20 * i + 4 * k, word, true);
      });
    }
    expect(card.call("unitUnseal", 5, JOB)).toBe(Status.Ok);
    expect(Array.from({ length: 5 }, (_, i) => card.view.getUint32(JOB + 20 * i + 16, true))).toEqual([0, 0, 5, 0, 0]);
    for (const slot of [4, 5, 7, 8]) expect(readSlot(card, slot)).toEqual(encodeSlot(unit));
    expect(othersAreZero(card, [SLOT, 4, 5, 7, 8])).toBe(true);
  });

  test("too little entropy for a whole batch: NeedEntropy, nothing done", () => {
    writeSlot(card, SLOT, EMPTY_UNIT);
    while (card.call("entropyLeft") > 32) {
      card.call("wkClearCurrent", SLOT);
      card.call("wkGenerate", SLOT);
    }
    card.memory.fill(0xee, BLOB, BLOB + 0x400);
    setJob(SLOT, context);
    card.memory.copyWithin(JOB + 20, JOB, JOB + 20);
    expect(card.call("unitSeal", 2, JOB)).toBe(Status.NeedEntropy);
    expect(new Set(card.memory.subarray(BLOB, BLOB + 0x400))).toEqual(new Set([0xee]));
    expect(card.call("entropyLeft")).toBe(32);
    expect(card.call("unitSeal", 1, JOB)).toBe(Status.Ok);
  });
});

describe("sealed keys", () => {
  const scalar = new Uint8Array(66).fill(9, 65);
  const keySlot = (slot: number) => KEY_SLOT_0 + slot * KEY_SLOT_BYTES;
  const plainOf = (slot: number) => {
    const at = keySlot(slot);
    return Buffer.concat([card.memory.slice(at, at + 66), card.memory.slice(at + 72, at + 205)]);
  };

  test("hold scalar and public key, and open to the same slot's content", () => {
    card.memory.set(scalar, CONTEXT + 0x100);
    expect(card.call("keyImport", 0, CONTEXT + 0x100, POINT)).toBe(Status.Ok);
    card.memory.set(context, CONTEXT);
    expect(card.call("keySeal", 0, CONTEXT, context.length, BLOB)).toBe(Status.Ok);
    const blob = card.memory.slice(BLOB, BLOB + 199 + HEADER + TAG);
    expect([...blob.subarray(0, 2)]).toEqual([1, 1]);
    expect(Buffer.from(blob.subarray(-TAG))).toEqual(tagOf(blob, context));
    expect(crypt(blob, blob.subarray(HEADER, -TAG))).toEqual(plainOf(0));
    expect(card.call("keyUnseal", 1, CONTEXT, context.length, BLOB, POINT)).toBe(Status.Ok);
    expect(card.memory.slice(keySlot(1), keySlot(2))).toEqual(card.memory.slice(keySlot(0), keySlot(1)));
    expect(card.call("keyFree", 1)).toBe(Status.Ok);
    for (let bit = 0; bit < 8 * blob.length; bit += 3) {
      card.memory.set(flipBit(blob, bit), BLOB);
      expect(card.call("keyUnseal", 1, CONTEXT, context.length, BLOB, POINT)).toBe(Status.BadSeal);
    }
    expect(firstNonZero(card.memory, keySlot(1), 0x240000)).toBe(-1);
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });

  test("slots out of place are refused", () => {
    expect(card.call("keySeal", 0, CONTEXT, 0, BLOB)).toBe(Status.EmptySlot);
    expect(card.call("keySeal", 0xffffffff, CONTEXT, 0, BLOB)).toBe(Status.EmptySlot);
    expect(card.call("keyUnseal", 0xffffffff, CONTEXT, 0, BLOB, POINT)).toBe(Status.BadArgument);
    expect(card.call("keyFree", 0)).toBe(Status.EmptySlot);
  });
});

describe("sealed host keys", () => {
  const SIZE = 1280;
  const plain = new Uint8Array(randomBytes(SIZE));
  const KEY = ARENA + 0x3000;
  const open = (blob: Uint8Array): number => {
    card.memory.set(blob, BLOB);
    card.memory.fill(0xee, KEY, KEY + SIZE);
    const status = card.call("hostKeyUnseal", KEY, CONTEXT, context.length, BLOB);
    const untouched = card.memory.slice(KEY, KEY + SIZE).every((byte) => byte === 0xee);
    expect(untouched).toBe(status !== Status.Ok);
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
    return status;
  };

  test("version | kind 3 | nonce | ciphertext | tag, and back", () => {
    card.memory.set(context, CONTEXT);
    card.memory.set(plain, KEY);
    expect(card.call("hostKeySeal", KEY, CONTEXT, context.length, BLOB)).toBe(Status.Ok);
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
    const blob = card.memory.slice(BLOB, BLOB + SIZE + HEADER + TAG);
    expect([...blob.subarray(0, 2)]).toEqual([1, 3]);
    expect(Buffer.from(blob.subarray(-TAG))).toEqual(tagOf(blob, context));
    expect(crypt(blob, blob.subarray(HEADER, -TAG))).toEqual(Buffer.from(plain));
    expect(open(blob)).toBe(Status.Ok);
    expect(card.memory.slice(KEY, KEY + SIZE)).toEqual(plain);
    for (let bit = 0; bit < 8 * blob.length; bit += 41) expect(open(flipBit(blob, bit))).toBe(Status.BadSeal);
  });

  test("what node:crypto seals as this kind opens, as another it does not", () => {
    card.memory.set(context, CONTEXT);
    expect(open(seal(3, plain, context))).toBe(Status.Ok);
    expect(open(seal(2, plain, context))).toBe(Status.BadSeal);
    expect(open(seal(3, plain, context, 2))).toBe(Status.BadSeal);
  });
});

function flipBit(from: Uint8Array, bit: number): Uint8Array {
  const flipped = from.slice();
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}
