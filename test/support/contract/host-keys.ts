// Contract of Core: keys that the host holds. Blocks are what RSA decryption gives: 00 02 | nonzero padding | 00 | key part.

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { xor } from "../../../bench/backends/host-units.ts";
import type { UnitSlot } from "../../../src/core/api.ts";
import { Status } from "../../../src/core/status.ts";
import { rsaBlock, wrongBlocks } from "../rsa-blocks.ts";
import {
  COUNTING_KEY,
  COUNTING_PATTERN,
  CURRENT_A,
  flipped,
  type Get,
  install,
  KEY_A,
  KEY_B,
  load,
  NO_CURRENT,
  nextB,
  partFor,
  pattern,
  text,
} from "./kit.ts";

const context = text("unit 1");

export function sealedHostKeys(core: Get): void {
  it.each([1, 4, 1218, 1276])("of %i bytes open to what they were", (length) => {
    const key = Uint8Array.from({ length }, (_, i) => i * 7);
    const [blob, other] = [core().hostKeySeal(key, context), core().hostKeySeal(key, context)];
    expect(blob).not.toEqual(other);
    expect(core().hostKeyUnseal(blob, context)).toEqual(key);
    if (length > 16) expect(Buffer.from(blob).includes(Buffer.from(key.subarray(-16)))).toBe(false);
  });

  it("do not open changed, for another context, or as what they are not", () => {
    const key = new Uint8Array(64).fill(5);
    const blob = core().hostKeySeal(key, context);
    for (let at = 0; at < blob.length; at += 3) expect(core().hostKeyUnseal(flipped(blob, at), context)).toBeNull();
    expect(core().hostKeyUnseal(blob, text("unit 2"))).toBeNull();
    expect(core().hostKeyUnseal(blob.subarray(1), context)).toBeNull();
    expect(core().hostKeyUnseal(new Uint8Array(0), context)).toBeNull();
    expect(core().keyUnseal(blob, context)).toBeNull();
    expect(core().unitUnseal([{ blob, context }])).toEqual([null]);
    const pair = core().keyGenerate(1)[0]!;
    expect(core().hostKeyUnseal(core().keySeal(pair.slot, context), context)).toBeNull();
    core().keyFree(pair.slot);
  });

  it("refuse wrong sizes", () => {
    expect(() => core().hostKeySeal(new Uint8Array(0), context)).toThrow(RangeError);
    expect(() => core().hostKeySeal(new Uint8Array(1277), context)).toThrow(RangeError);
    expect(() => core().hostKeySeal(new Uint8Array(9), new Uint8Array(1025))).toThrow(RangeError);
  });
}

export function importingBlocks(core: Get): void {
  const onHost = (): UnitSlot => {
    const slot = core().unitAlloc();
    core().importerOnHost(slot);
    return slot;
  };

  it("takes one part as the key", () => {
    const slot = onHost();
    expect(core().wkImportBlocks([{ slot, blocks: [rsaBlock(COUNTING_KEY)] }])).toEqual([
      { status: Status.Ok, pattern: COUNTING_PATTERN },
    ]);
    expect(core().registers(slot)).toEqual({ current: null, next: { pattern: COUNTING_PATTERN, committed: false } });
    core().unitFree(slot);
  });

  it.each([2, 3, 20])("XORs %d parts", (count) => {
    const slot = onHost();
    const clear = Array.from({ length: count }, (_, i) => new Uint8Array(createHash("sha256").update(`${i}`).digest()));
    expect(core().wkImportBlocks([{ slot, blocks: clear.map((part) => rsaBlock(part)) }])).toEqual([
      { status: Status.Ok, pattern: pattern(xor(clear)) },
    ]);
    core().unitFree(slot);
  });

  it("overwrites a pending key, committed or not", () => {
    const slot = onHost();
    core().wkImportBlocks([{ slot, blocks: [rsaBlock(KEY_A)] }]);
    core().wkCommit(slot, pattern(KEY_A));
    core().wkImportBlocks([{ slot, blocks: [rsaBlock(KEY_B)] }]);
    expect(core().registers(slot)).toEqual({ ...NO_CURRENT, ...nextB(false) });
    core().unitFree(slot);
  });

  it("refuses the key that is current, and changes nothing", () => {
    const slot = core().unitAlloc();
    install(core(), slot, KEY_A);
    load(core(), slot, KEY_B);
    core().importerOnHost(slot);
    expect(core().wkImportBlocks([{ slot, blocks: [rsaBlock(KEY_A)] }])).toEqual([{ status: Status.SameKey }]);
    expect(core().registers(slot)).toEqual({ ...CURRENT_A, ...nextB(false) });
    core().unitFree(slot);
  });

  it.each(wrongBlocks(KEY_A))("refuses wrong padding, changes nothing and spoils no other job: %s", (_, wrong) => {
    const [bad, good] = [core().unitAlloc(), onHost()];
    load(core(), bad, KEY_B);
    core().importerOnHost(bad);
    for (const blocks of [[wrong], [wrong, rsaBlock(KEY_A)], [rsaBlock(KEY_A), wrong]]) {
      const results = core().wkImportBlocks([
        { slot: bad, blocks },
        { slot: good, blocks: [rsaBlock(KEY_A)] },
      ]);
      expect(results).toEqual([{ status: Status.BadWrap }, { status: Status.Ok, pattern: pattern(KEY_A) }]);
      expect(core().registers(bad)).toEqual({ ...NO_CURRENT, ...nextB(false) });
    }
    core().unitFree(bad);
    core().unitFree(good);
  });

  it("an empty register is no key: 32 zero bytes can be loaded", () => {
    const slot = onHost();
    const zero = new Uint8Array(32);
    expect(core().wkImportBlocks([{ slot, blocks: [rsaBlock(zero)] }])).toEqual([
      { status: Status.Ok, pattern: pattern(zero) },
    ]);
    core().unitFree(slot);
  });

  it("one kind of importer key takes the place of the other; zeroize forgets both", () => {
    const slot = core().unitAlloc();
    const blocks = [rsaBlock(KEY_A)];
    const status = () => core().wkImportBlocks([{ slot, blocks }])[0]!.status;
    expect(status()).toBe(Status.NoImporter);
    const [publicKey] = core().importerGenerate([slot]);
    const parts = [partFor(publicKey!, KEY_B)];
    expect(status()).toBe(Status.NoImporter);
    core().importerOnHost(slot);
    expect(core().wkImport([{ slot, parts }])).toEqual([{ status: Status.NoImporter }]);
    expect(status()).toBe(Status.Ok);
    core().importerGenerate([slot]);
    expect(status()).toBe(Status.NoImporter);
    core().importerOnHost(slot);
    core().unitZeroize(slot);
    expect(status()).toBe(Status.NoImporter);
    core().unitFree(slot);
  });

  it("a copied slot, and one that was sealed, still know where their importer key is", () => {
    const slot = onHost();
    const copy = core().unitCopy(slot);
    const [blob] = core().unitSeal([{ slot, context }]);
    const [opened] = core().unitUnseal([{ blob: blob!, context }]);
    for (const one of [copy, opened!]) {
      expect(core().wkImportBlocks([{ slot: one, blocks: [rsaBlock(KEY_A)] }])[0]!.status).toBe(Status.Ok);
      core().unitFree(one);
    }
    core().unitFree(slot);
  });

  it("serves more jobs and parts than one call of a card takes", () => {
    const slots = Array.from({ length: 15 }, onHost);
    const clear = Array.from({ length: 9 }, (_, i) => new Uint8Array(32).fill(i + 1));
    const results = core().wkImportBlocks(slots.map((slot) => ({ slot, blocks: clear.map((part) => rsaBlock(part)) })));
    expect(results).toEqual(slots.map(() => ({ status: Status.Ok, pattern: pattern(xor(clear)) })));
    expect(core().wkImportBlocks([])).toEqual([]);
    for (const slot of slots) core().unitFree(slot);
  });

  it("refuses wrong numbers and sizes", () => {
    const slot = onHost();
    const refused = (blocks: Uint8Array[]) =>
      expect(() => core().wkImportBlocks([{ slot, blocks }])).toThrow(RangeError);
    refused([]);
    refused(Array<Uint8Array>(21).fill(rsaBlock(KEY_A)));
    refused([new Uint8Array(255)]);
    core().unitFree(slot);
    expect(() => core().importerOnHost(slot)).toThrow(RangeError);
    expect(() => core().wkImportBlocks([{ slot, blocks: [rsaBlock(KEY_A)] }])).toThrow(RangeError);
  });
}
