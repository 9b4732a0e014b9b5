// What is in the card's memory between calls: public data, slots in use and entropy to come. Nothing else, whatever was asked.

import { beforeEach, describe, expect, test } from "vitest";
import type { Core, KeyPair, UnitSlot } from "../../src/core/api.ts";
import { WasmCore } from "../../src/core/core.ts";
import { compileCore } from "../../src/core/load.ts";
import { Primitives } from "../../src/core/primitives.ts";
import {
  exportOk,
  flipped,
  foreignKey,
  foreignSign,
  G,
  KEY_A,
  KEY_B,
  load,
  partFor,
  pattern,
  text,
} from "../support/contract/kit.ts";
import { scanMemory } from "../support/memory-scan.ts";
import { rsaBlock } from "../support/rsa-blocks.ts";

const module = await compileCore();
const STORAGE_KEY = new Uint8Array(32).fill(0x5a);
const signer = foreignKey();
const message = text("a message");
const signature = foreignSign(signer, message);

interface Bench {
  readonly exports: WebAssembly.Exports;
  readonly core: Core;
  /** A key, and a unit with both registers and an importer key. */
  readonly key: KeyPair;
  readonly unit: UnitSlot;
  readonly importer: Uint8Array;
}

let bench: Bench;
beforeEach(() => {
  const instance = new WebAssembly.Instance(module, {});
  const core = new WasmCore(instance);
  core.setStorageKey((view) => view.set(STORAGE_KEY));
  const key = core.keyGenerate(1)[0]!;
  const unit = core.unitAlloc();
  core.wkGenerate(unit);
  load(core, unit, KEY_A);
  const importer = core.importerGenerate([unit])[0]!;
  bench = { exports: instance.exports, core, key, unit, importer };
});

const context = text("context");
const job = { publicKey: signer.publicKey, message, signature };
const quorum = { message, required: 1, signers: [{ ski: new Uint8Array(32), ...signer, signature }] };
const thrown = (call: () => unknown) => expect(call).toThrow();

const committed = ({ core, unit }: Bench) => core.wkCommit(unit, pattern(KEY_A));

/** Each call, and by how many it changes the numbers of keys and units. */
const CALLS: [string, (b: Bench) => unknown, keys?: number, units?: number][] = [
  ["sha256", ({ core }) => core.sha256(message)],
  ["sha512 of 3 MiB", ({ core }) => core.sha512(new Uint8Array(3 << 20).fill(1))],
  ["keyGenerate", ({ core }) => core.keyGenerate(70), 70],
  ["keyImport", ({ core }) => core.keyImport(new Uint8Array(66).fill(1)), 1],
  ["keyImport of 0", ({ core }) => thrown(() => core.keyImport(new Uint8Array(66)))],
  ["keyFree", ({ core, key }) => core.keyFree(key.slot), -1],
  ["keySeal", ({ core, key }) => core.keySeal(key.slot, context)],
  ["keyUnseal", ({ core, key }) => core.keyUnseal(core.keySeal(key.slot, context), context), 1],
  ["keyUnseal, changed", ({ core, key }) => core.keyUnseal(flipped(core.keySeal(key.slot, context), -1), context)],
  ["hostKeySeal", ({ core }) => core.hostKeySeal(new Uint8Array(1218).fill(3), context)],
  ["hostKeyUnseal", ({ core }) => core.hostKeyUnseal(core.hostKeySeal(KEY_A, context), context)],
  ["hostKeyUnseal, changed", ({ core }) => core.hostKeyUnseal(flipped(core.hostKeySeal(KEY_A, context), -1), context)],
  ["sign", ({ core, key }) => core.sign(Array.from({ length: 9 }, () => ({ key: key.slot, message })))],
  ["signDeterministic", ({ core, key }) => core.signDeterministic([{ key: key.slot, message }])],
  ["sign, message too long", (b) => thrown(() => b.core.sign([{ key: b.key.slot, message: new Uint8Array(2 << 20) }]))],
  ["verify", ({ core }) => core.verify([job, { ...job, message: context }])],
  ["verify, often enough for a table", ({ core }) => core.verify(Array.from({ length: 40 }, () => job))],
  ["verifyQuorum", ({ core }) => core.verifyQuorum([quorum, { ...quorum, signers: [] }])],
  ["unitAlloc", ({ core }) => core.unitAlloc(), 0, 1],
  ["unitCopy", ({ core, unit }) => core.unitCopy(unit), 0, 1],
  ["unitFree", ({ core, unit }) => core.unitFree(unit), 0, -1],
  ["unitSeal", ({ core, unit }) => core.unitSeal([{ slot: unit, context }])],
  ["unitUnseal", (b) => b.core.unitUnseal([{ blob: b.core.unitSeal([{ slot: b.unit, context }])[0]!, context }]), 0, 1],
  ["unitUnseal, no blob", ({ core }) => core.unitUnseal([{ blob: new Uint8Array(202).fill(1), context }])],
  ["registers", ({ core, unit }) => core.registers(unit)],
  ["importerGenerate", ({ core, unit }) => core.importerGenerate([unit])],
  ["wkGenerate", ({ core }) => core.wkGenerate(core.unitAlloc()), 0, 1],
  ["wkExport", (b) => exportOk(b.core, { slot: b.unit, register: "next", recipients: [G, G, G], split: true })],
  [
    "wkExport, no point",
    (b) => b.core.wkExport([{ slot: b.unit, register: "current", recipients: [G, flipped(G, 9)], split: true }]),
  ],
  ["wkImport", (b) => b.core.wkImport([{ slot: b.unit, parts: [partFor(b.importer, new Uint8Array(32).fill(2))] }])],
  [
    "wkImport, no point",
    (b) => b.core.wkImport([{ slot: b.unit, parts: [{ ...partFor(b.importer, KEY_A), originator: flipped(G, 9) }] }]),
  ],
  ["wkImport, bad wrap", (b) => b.core.wkImport([{ slot: b.unit, parts: [partFor(G, KEY_A)] }])],
  ["importerOnHost", ({ core, unit }) => core.importerOnHost(unit)],
  [
    "wkImportBlocks",
    (b) => [b.core.importerOnHost(b.unit), b.core.wkImportBlocks([{ slot: b.unit, blocks: [rsaBlock(KEY_B)] }])],
  ],
  [
    "wkImportBlocks, wrong padding",
    (b) => [
      b.core.importerOnHost(b.unit),
      b.core.wkImportBlocks([{ slot: b.unit, blocks: [rsaBlock(KEY_B), rsaBlock(KEY_A).with(9, 0)] }]),
    ],
  ],
  ["wkCommit", ({ core, unit }) => core.wkCommit(unit, pattern(KEY_A))],
  ["wkCommit, wrong pattern", ({ core, unit }) => core.wkCommit(unit, new Uint8Array(32))],
  ["wkFinalize", (b) => [b.core.wkCommit(b.unit, pattern(KEY_A)), b.core.wkFinalize(b.unit, pattern(KEY_A))]],
  ["wkLoad", ({ core, unit }) => core.wkLoad(unit, KEY_A)],
  ["wkClearCurrent", ({ core, unit }) => core.wkClearCurrent(unit)],
  ["wkClearNew", ({ core, unit }) => core.wkClearNew(unit)],
  ["unitZeroize", ({ core, unit }) => core.unitZeroize(unit)],
  ["rootKeyGenerate", ({ core, unit }) => core.rootKeyGenerate(unit, 70)],
  [
    "rootKeyPatterns",
    (b) =>
      b.core.rootKeyPatterns(
        b.unit,
        b.core.rootKeyGenerate(b.unit, 3)!.map(({ blob }) => blob),
      ),
  ],
  [
    "rootKeyPatterns, no blobs",
    ({ core, unit }) => core.rootKeyPatterns(unit, [new Uint8Array(89), new Uint8Array(1)]),
  ],
  ["rootKeyRewrap, not committed", ({ core, unit }) => core.rootKeyRewrap(unit, [new Uint8Array(89)])],
  ["rootKeyRewrap, no blobs", (b) => [committed(b), b.core.rootKeyRewrap(b.unit, [new Uint8Array(89)])]],
  [
    "rootKeyRewrap",
    (b) => {
      committed(b);
      const blobs = b.core.rootKeyGenerate(b.unit, 70)!.map(({ blob }, i) => (i % 3 === 1 ? flipped(blob, 60) : blob));
      b.core.rootKeyRewrap(b.unit, blobs);
    },
  ],
  [
    "setStorageKey, throwing",
    ({ core }) =>
      thrown(() =>
        core.setStorageKey((view) => {
          view.fill(1);
          throw new Error("no key");
        }),
      ),
  ],
  ["setTableCapacity", ({ core }) => core.setTableCapacity(0)],
];

describe("after each call", () => {
  test.each(CALLS)("%s", (_, call, keys = 0, units = 0) => {
    expect(scanMemory(bench.exports)).toEqual({ keys: 1, units: 1, leftover: null });
    call(bench);
    expect(scanMemory(bench.exports)).toEqual({ keys: 1 + keys, units: 1 + units, leftover: null });
  });

  test("every method of the interface is among them", () => {
    const methods = Object.getOwnPropertyNames(WasmCore.prototype).filter((name) => name !== "constructor");
    const called = new Set(CALLS.map(([name]) => name.replace(/[ ,].*/, "")));
    expect(methods.filter((name) => !called.has(name))).toEqual(["dispose"]);
  });

  test("the scan sees what is planted", () => {
    const memory = new Uint8Array((bench.exports["memory"] as WebAssembly.Memory).buffer);
    for (const [address, where] of [
      [0x2ffff - (bench.exports["entropyLeft"] as () => number)(), "entropy at 0x"],
      [0x6a0000, "AES_STATE at 0x6a0000"],
      [0x6fffff, "symmetric at 0x6fffff"],
      [0x700123, "TRANSFER_SCALARS at 0x700123"],
      [0x140040 + 208 * 77, "keys at 0x143ed0"],
      [0x23ffff, "keys at 0x23ffff"],
      [0x63ffff, "units at 0x63ffff"],
      [0x790000, "no block at 0x790000"],
    ] as const) {
      memory[address] = 1;
      expect(scanMemory(bench.exports).leftover).toContain(where);
      memory[address] = 0;
    }
    expect(scanMemory(bench.exports).leftover).toBeNull();
  });
});

test("dispose leaves no key, no unit, no storage key and no entropy", () => {
  bench.core.dispose();
  expect(scanMemory(bench.exports)).toEqual({ keys: 0, units: 0, leftover: null });
  const memory = Buffer.from((bench.exports["memory"] as WebAssembly.Memory).buffer);
  expect(memory.subarray(0x20000, 0x800000).equals(Buffer.alloc(0x7e0000))).toBe(true);
});

test("the storage key is in one place, and nothing of it elsewhere", () => {
  bench.core.unitSeal([{ slot: bench.unit, context }]);
  const memory = Buffer.from((bench.exports["memory"] as WebAssembly.Memory).buffer);
  const eight = Buffer.from(STORAGE_KEY.subarray(0, 8));
  expect(memory.indexOf(eight)).toBe(0x140000);
  expect(memory.indexOf(eight, 0x140020)).toBe(-1);
});

test("primitives leave nothing either", () => {
  const { exports } = new WebAssembly.Instance(module, {});
  const instance = { exports } as WebAssembly.Instance;
  const primitives = new Primitives(instance);
  const kek = new Uint8Array(32).fill(1);
  const wrapped = primitives.keyWrap([{ kek, data: KEY_A }])[0]!;
  primitives.keyUnwrap([
    { kek, data: wrapped },
    { kek, data: flipped(wrapped, 0) },
  ]);
  primitives.ecdh([{ scalar: new Uint8Array(66).fill(1), peer: G }]);
  primitives.publicKeys([new Uint8Array(66).fill(1), new Uint8Array(66)]);
  primitives.keyPairs(3);
  expect(scanMemory(exports)).toEqual({ keys: 0, units: 0, leftover: null });
});

test("memory does not grow in 10,000 operations", () => {
  const { core, unit, key, exports } = bench;
  const memory = exports["memory"] as WebAssembly.Memory;
  const { buffer } = memory;
  const before = buffer.byteLength;
  for (let i = 0; i < 1000; i++) {
    core.sha512(message);
    core.registers(unit);
    core.unitFree(core.unitCopy(unit));
    core.wkCommit(unit, pattern(KEY_A));
    core.wkClearCurrent(unit);
    core.wkGenerate(unit);
    core.unitSeal([{ slot: unit, context }]);
    core.rootKeyGenerate(unit, 1);
    if (i % 10 === 0) core.sign([{ key: key.slot, message }]);
    core.verify([job]);
  }
  expect(memory.buffer).toBe(buffer);
  expect(buffer.byteLength).toBe(before);
});
