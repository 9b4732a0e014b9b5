// Batches that do not fit into one call of the card: order, completeness, limits.

import { beforeAll, describe, expect, test } from "vitest";
import type { Core } from "../../src/core/api.ts";
import { loadCore } from "../../src/core/load.ts";
import { loadPrimitives } from "../../src/core/primitives.ts";
import { Status } from "../../src/core/status.ts";
import { flipped, foreignVerify, G, KEY_A, partFor, text } from "../support/contract/kit.ts";

const SIZES = [0, 1, 63, 64, 65, 128, 129];
/** Bytes of the exchange region. */
const EXCHANGE = 1 << 20;

let core: Core;
beforeAll(async () => {
  core = await loadCore();
  core.setStorageKey((view) => view.fill(1));
});

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe.each(SIZES)("%i jobs", (count) => {
  test("sign and verify", () => {
    const keys = core.keyGenerate(2);
    const jobs = range(count).map((i) => ({ key: keys[i % 2]!.slot, message: text(`message ${i}`) }));
    const signatures = core.sign(jobs);
    expect(signatures).toHaveLength(count);
    const bad = new Set([0, 63, 64, 100]);
    const checks = jobs.map(({ message }, i) => ({
      publicKey: keys[i % 2]!.publicKey,
      message,
      signature: bad.has(i) ? flipped(signatures[i]!, i) : signatures[i]!,
    }));
    expect(core.verify(checks)).toEqual(range(count).map((i) => !bad.has(i)));
    const last = checks.findLast((_, i) => !bad.has(i));
    if (last) expect(foreignVerify(last.publicKey, last.message, last.signature)).toBe(true);
    for (const { slot } of keys) core.keyFree(slot);
  });

  test("quorums of 0 to 8", () => {
    const keys = core.keyGenerate(8);
    const jobs = range(count).map((i) => {
      const message = text(`block ${i}`);
      const signatures = core.sign(keys.slice(0, i % 9).map(({ slot }) => ({ key: slot, message })));
      const signers = signatures.map((signature, k) => ({
        ski: new Uint8Array(32).fill(k),
        publicKey: keys[k]!.publicKey,
        signature: i === 70 ? flipped(signature, 1) : signature,
      }));
      return { message, required: 4, signers };
    });
    const verdicts = core.verifyQuorum(jobs);
    expect(verdicts.map(({ met, distinct }) => [met, distinct])).toEqual(
      range(count).map((i) => (i === 70 ? [false, 0] : [i % 9 >= 4, i % 9])),
    );
    for (const { slot } of keys) core.keyFree(slot);
  });

  test("quorums of none", () => {
    const jobs = range(count).map((i) => ({ message: text("m"), required: i % 2, signers: [] }));
    expect(core.verifyQuorum(jobs)).toEqual(range(count).map((i) => ({ met: i % 2 === 0, distinct: 0, statuses: [] })));
  });

  test("importer keys, exports, imports and seals", () => {
    const slots = range(count).map(() => core.unitAlloc());
    const importers = core.importerGenerate(slots);
    expect(new Set(importers.map((key) => Buffer.from(key).toString("hex"))).size).toBe(count);
    const source = core.unitAlloc();
    core.wkGenerate(source);
    const exports = core.wkExport(
      importers.map((key, i) => ({
        slot: source,
        register: "current",
        recipients: range(1 + (i % 3)).map(() => key),
        split: true,
      })),
    );
    const imports = exports.map((result, i) => {
      if (result.status !== Status.Ok) throw new Error(`want an export, got status ${result.status}`);
      expect(result.parts).toHaveLength(1 + (i % 3));
      return { slot: slots[i]!, parts: result.parts };
    });
    const pattern = core.registers(source).current!;
    expect(core.wkImport(imports)).toEqual(range(count).map(() => ({ status: Status.Ok, pattern })));
    const contexts = range(count).map((i) => text(`unit ${i}`));
    const blobs = core.unitSeal(slots.map((slot, i) => ({ slot, context: contexts[i]! })));
    const opened = core.unitUnseal(
      blobs.map((blob, i) => ({ blob: i % 50 === 49 ? flipped(blob, 99) : blob, context: contexts[i]! })),
    );
    expect(opened.map((slot) => (slot === null ? null : core.registers(slot).next?.pattern))).toEqual(
      range(count).map((i) => (i % 50 === 49 ? null : pattern)),
    );
    for (const slot of [...slots, ...opened, source]) if (slot !== null) core.unitFree(slot);
  });

  test("root keys", () => {
    const slot = core.unitAlloc();
    core.wkGenerate(slot);
    const keys = core.rootKeyGenerate(slot, count)!;
    const blobs = keys.map(({ blob }, i) => (i % 50 === 49 ? flipped(blob, i % 89) : blob));
    const patterns = keys.map(({ pattern }, i) => (i % 50 === 49 ? null : pattern));
    expect(core.rootKeyPatterns(slot, blobs)).toEqual(patterns);
    core.wkGenerate(slot);
    core.wkCommit(slot, core.registers(slot).next!.pattern);
    const rewrapped = core.rootKeyRewrap(slot, blobs);
    if (rewrapped.status !== Status.Ok) throw new Error(`status ${rewrapped.status}`);
    expect(rewrapped.keys.map((key) => key?.pattern ?? null)).toEqual(patterns);
    core.wkFinalize(slot, core.registers(slot).next!.pattern);
    const anew = rewrapped.keys.map((key) => key?.blob ?? new Uint8Array(89));
    expect(core.rootKeyPatterns(slot, anew)).toEqual(patterns);
    core.unitFree(slot);
  });
});

describe("long messages", () => {
  const sizes = [100_000, EXCHANGE - 1000, 1, 500_000, 500_000, 700_000];

  test("share a call only where they fit", () => {
    const [key] = core.keyGenerate(1);
    const messages = sizes.map((size, i) => new Uint8Array(size).fill(i));
    const signatures = core.sign(messages.map((message) => ({ key: key!.slot, message })));
    const jobs = messages.map((message, i) => ({ publicKey: key!.publicKey, message, signature: signatures[i]! }));
    expect(core.verify(jobs)).toEqual(sizes.map(() => true));
    for (const [i, { message, signature }] of jobs.entries()) {
      if (i < 2) expect(foreignVerify(key!.publicKey, message, signature)).toBe(true);
    }
    const quorums = jobs.map(({ message, signature, publicKey }) => ({
      message,
      required: 1,
      signers: [{ ski: new Uint8Array(32), publicKey, signature }],
    }));
    expect(core.verifyQuorum(quorums).map(({ met }) => met)).toEqual(sizes.map(() => true));
    core.keyFree(key!.slot);
  });

  test("that fit into no call are refused", () => {
    const [key] = core.keyGenerate(1);
    const message = new Uint8Array(EXCHANGE);
    expect(() => core.sign([{ key: key!.slot, message }])).toThrow(/want at most \d+ bytes more in one call/);
    const job = { publicKey: G, message, signature: new Uint8Array(132) };
    expect(() => core.verify([job])).toThrow(RangeError);
    expect(core.verify([{ ...job, message: text("short") }])).toEqual([false]);
    core.keyFree(key!.slot);
  });
});

describe("slots", () => {
  test("of a batch that there is no room for are not taken", () => {
    const held = core.keyGenerate(core.keySlots - 2);
    expect(() => core.keyGenerate(3)).toThrow(/want 3 free key slots, got 2 of 5040/);
    const rest = core.keyGenerate(2);
    expect(() => core.keyGenerate(1)).toThrow(RangeError);
    expect(() => core.keyImport(new Uint8Array(66).fill(1))).toThrow(RangeError);
    for (const { slot } of [...held, ...rest]) core.keyFree(slot);
    core.keyFree(core.keyImport(new Uint8Array(66).fill(1)).slot);
  });

  test("of imports and blobs that fail are given back", () => {
    const [key] = core.keyGenerate(1);
    const blob = flipped(core.keySeal(key!.slot, text("c")), 50);
    for (let i = 0; i <= core.keySlots; i++) expect(core.keyUnseal(blob, text("c"))).toBeNull();
    for (let i = 0; i < 100; i++) expect(() => core.keyImport(new Uint8Array(66))).toThrow(RangeError);
    expect(() => core.keyGenerate(core.keySlots)).toThrow(`got ${core.keySlots - 1} of ${core.keySlots}`);
    core.keyFree(key!.slot);
  });

  test("of units that do not open are given back", () => {
    const jobs = range(64).map(() => ({ blob: new Uint8Array(202), context: text("c") }));
    const none = jobs.map(() => null);
    for (let i = 0; i <= core.unitSlots / 64; i++) expect(core.unitUnseal(jobs)).toEqual(none);
  });

  test("named twice in one import are filled in order", () => {
    const slot = core.unitAlloc();
    const [importer] = core.importerGenerate([slot]);
    const other = new Uint8Array(32).fill(2);
    const [first, second] = core.wkImport([
      { slot, parts: [partFor(importer!, KEY_A)] },
      { slot, parts: [partFor(importer!, other)] },
    ]);
    expect([first?.status, second?.status]).toEqual([Status.Ok, Status.Ok]);
    expect(core.registers(slot).next?.pattern).toEqual((second as { pattern: Uint8Array }).pattern);
    core.unitFree(slot);
  });
});

test("a storage key may be fetched with the core itself", () => {
  core.setStorageKey((view) => view.set(core.sha256(text("derived"))));
  const slot = core.unitAlloc();
  const [blob] = core.unitSeal([{ slot, context: text("c") }]);
  const key = core.sha256(text("derived"));
  core.setStorageKey((view) => view.set(key));
  const [again] = core.unitUnseal([{ blob: blob!, context: text("c") }]);
  expect(again).not.toBeNull();
  core.unitFree(slot);
  core.unitFree(again!);
});

test("primitives refuse batches of 0 and of 65, and mixed sizes", async () => {
  const primitives = await loadPrimitives();
  const kek = new Uint8Array(32);
  const job = { kek, data: new Uint8Array(32) };
  for (const jobs of [[], range(65).map(() => job), [job, { kek, data: new Uint8Array(40) }], [{ ...job, kek: G }]]) {
    expect(() => primitives.keyWrap(jobs)).toThrow(RangeError);
  }
  expect(() => primitives.ecdh([])).toThrow(RangeError);
  expect(() => primitives.publicKeys([new Uint8Array(65)])).toThrow(RangeError);
  expect(() => primitives.keyPairs(65)).toThrow(RangeError);
  expect(primitives.keyWrap(range(64).map(() => job))).toHaveLength(64);
});
