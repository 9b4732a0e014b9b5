// The format of root keys' blobs, taken apart and put together by node:crypto.

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Status } from "../../../src/core/status.ts";
import { KEY_A, KEY_B, pattern } from "../../support/contract/kit.ts";
import { EMPTY_UNIT, writeSlot } from "../../support/unit-slots.ts";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const SLOT = 9;
const BLOBS = ARENA;
const OUT = ARENA + 0x4000;
const ENTROPY = 0x20000;
const BLOB_BYTES = 89;
const HEADER = 49;
/** The scratch of sha2, aes, kdf and register in layout.ts. */
const SCRATCH = 0x640000;
const SCRATCH_END = 0x740000;
const WRAP_IV = Buffer.alloc(8, 0xa6);

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});
beforeEach(() => {
  for (let at = ENTROPY; at < ENTROPY + 0x10000; at += 0x8000) card.memory.set(randomBytes(0x8000), at);
  card.call("entropyFilled");
  writeSlot(card, SLOT, { ...EMPTY_UNIT, current: KEY_A });
});

const kekOf = (masterKey: Uint8Array, blob: Uint8Array) =>
  createHmac("sha512", masterKey).update("OpenTKE root key").update(blob.subarray(0, HEADER)).digest().subarray(0, 32);

/** A blob that the given master key made, which says what it is told of version and master key. */
function forge(masterKey: Uint8Array, key: Uint8Array, version = 1, named = masterKey): Uint8Array {
  const header = new Uint8Array([version, ...pattern(named).subarray(0, 16), ...randomBytes(32)]);
  const cipher = createCipheriv("id-aes256-wrap", kekOf(masterKey, header), WRAP_IV);
  return new Uint8Array([...header, ...cipher.update(key)]);
}

/** Pattern and status of each. */
function patternsOf(blobs: readonly Uint8Array[]): { readonly pattern: Uint8Array; readonly status: number }[] {
  blobs.forEach((blob, i) => {
    card.memory.set(blob, BLOBS + BLOB_BYTES * i);
  });
  card.memory.fill(0xee, OUT, OUT + 36 * blobs.length);
  expect(card.call("rootKeyPatterns", SLOT, blobs.length, BLOBS, OUT)).toBe(Status.Ok);
  expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  return blobs.map((_, i) => ({
    pattern: card.memory.slice(OUT + 36 * i, OUT + 36 * i + 32),
    status: card.view.getUint32(OUT + 36 * i + 32, true),
  }));
}

const refused = { pattern: new Uint8Array(32), status: Status.BadWrap };

describe("root keys", () => {
  test("version | id of the master key | nonce | wrapped key, and the pattern of what is wrapped", () => {
    expect(card.call("rootKeyGenerate", SLOT, 5, OUT)).toBe(Status.Ok);
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
    const keys = Array.from({ length: 5 }, (_, i) => {
      const blob = card.memory.slice(OUT + 121 * i, OUT + 121 * i + BLOB_BYTES);
      expect(blob.slice(0, 17)).toEqual(new Uint8Array([1, ...pattern(KEY_A).subarray(0, 16)]));
      const key = createDecipheriv("id-aes256-wrap", kekOf(KEY_A, blob), WRAP_IV).update(blob.subarray(HEADER));
      expect(card.memory.slice(OUT + 121 * i + BLOB_BYTES, OUT + 121 * (i + 1))).toEqual(pattern(key));
      return key.toString("hex");
    });
    expect(new Set(keys).size).toBe(5);
  });

  test("made by node:crypto are opened; of another version or master key they are not", () => {
    const key = new Uint8Array(randomBytes(32));
    const good = { pattern: pattern(key), status: Status.Ok };
    expect(
      patternsOf([
        forge(KEY_A, key),
        forge(KEY_A, key, 2),
        forge(KEY_A, key, 0),
        forge(KEY_A, key, 1, KEY_B),
        forge(KEY_B, key),
        forge(KEY_B, key, 1, KEY_A),
        forge(KEY_A, key),
      ]),
    ).toEqual([good, refused, refused, refused, refused, refused, good]);
  });

  test("of which a bit was flipped are refused", () => {
    const blob = forge(KEY_A, KEY_B);
    for (let from = 0; from < 8 * BLOB_BYTES; from += 64) {
      const flips = Array.from({ length: Math.min(64, 8 * BLOB_BYTES - from) }, (_, i) => {
        const flipped = blob.slice();
        flipped[(from + i) >> 3]! ^= 1 << ((from + i) & 7);
        return flipped;
      });
      expect(patternsOf(flips)).toEqual(flips.map(() => refused));
    }
  });

  test("re-encrypted: under the new key, in the same format, each in its place", () => {
    writeSlot(card, SLOT, { ...EMPTY_UNIT, current: KEY_A, next: { key: KEY_B, committed: true } });
    const keys = Array.from({ length: 5 }, () => new Uint8Array(randomBytes(32)));
    const blobs = keys.map((key, i) => forge(KEY_A, key, i === 1 ? 2 : 1, i === 3 ? KEY_B : KEY_A));
    blobs.forEach((blob, i) => {
      card.memory.set(blob, BLOBS + BLOB_BYTES * i);
    });
    card.memory.fill(0xee, OUT, OUT + 125 * 5);
    expect(card.call("rootKeyRewrap", SLOT, 5, BLOBS, OUT)).toBe(Status.Ok);
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
    keys.forEach((key, i) => {
      const blob = card.memory.slice(OUT + 125 * i, OUT + 125 * i + BLOB_BYTES);
      const told = card.memory.slice(OUT + 125 * i + BLOB_BYTES, OUT + 125 * i + BLOB_BYTES + 32);
      const status = card.view.getUint32(OUT + 125 * i + 121, true);
      if (i === 1 || i === 3) {
        expect({ blob, told, status }).toEqual({
          blob: new Uint8Array(BLOB_BYTES),
          told: new Uint8Array(32),
          status: Status.BadWrap,
        });
        return;
      }
      expect({ told, status }).toEqual({ told: pattern(key), status: Status.Ok });
      expect(blob.slice(0, 17)).toEqual(new Uint8Array([1, ...pattern(KEY_B).subarray(0, 16)]));
      const opened = createDecipheriv("id-aes256-wrap", kekOf(KEY_B, blob), WRAP_IV).update(blob.subarray(HEADER));
      expect(new Uint8Array(opened)).toEqual(key);
    });
  });

  test("65 at once: BadArgument", () => {
    writeSlot(card, SLOT, { ...EMPTY_UNIT, current: KEY_A, next: { key: KEY_B, committed: true } });
    expect(card.call("rootKeyRewrap", SLOT, 65, BLOBS, OUT)).toBe(Status.BadArgument);
    expect(card.call("rootKeyGenerate", SLOT, 65, OUT)).toBe(Status.BadArgument);
    expect(card.call("rootKeyPatterns", SLOT, 65, BLOBS, OUT)).toBe(Status.BadArgument);
  });
});
