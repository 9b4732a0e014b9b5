// Padding removal, byte by byte, and what an import of RSA blocks leaves in slots and scratch.

import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { Status } from "../../../src/core/status.ts";
import { KEY_A, KEY_B, pattern } from "../../support/contract/kit.ts";
import { BLOCK_SIZE, rsaBlock, SEPARATOR, wrongBlocks } from "../../support/rsa-blocks.ts";
import { encodeSlot, othersAreZero, readSlot, type UnitImage, writeSlot } from "../../support/unit-slots.ts";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const { Ok, BadArgument, BadWrap, EmptySlot, NoImporter, SameKey } = Status;
const SLOT = 5;
const JOB = ARENA;
const BLOCKS = ARENA + 0x1000;
const SUM = ARENA + 0x8000;
/** The scratch of sha2, aes, kdf and register in layout.ts. */
const SCRATCH = 0x640000;
const SCRATCH_END = 0x740000;
const KEY_C = new Uint8Array(32).fill(0xc3);
const HAS_HOST_IMPORTER = 16;

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

describe("padding removal", () => {
  const before = new Uint8Array(randomBytes(32));
  const part = new Uint8Array(randomBytes(32));

  /** What it returns, and the sum after it. */
  function unpad(block: Uint8Array): [number, Buffer] {
    card.memory.set(before, SUM);
    card.memory.set(block, BLOCKS);
    return [card.call("test_xorUnpadded", SUM, BLOCKS), Buffer.from(card.memory.slice(SUM, SUM + 32))];
  }
  const right = [1, Buffer.from(before.map((byte, i) => byte ^ part[i]!))];
  const wrong = [0, Buffer.from(before)];

  test("right: adds the part", () => expect(unpad(rsaBlock(part))).toEqual(right));

  test.each(wrongBlocks(part))("wrong: adds nothing: %s", (_, block) => expect(unpad(block)).toEqual(wrong));

  test("every value of every byte before the part", () => {
    const good = rsaBlock(part);
    for (let at = 0; at <= SEPARATOR; at++)
      for (let value = 0; value < 256; value++) {
        const isRight = at === 0 || at === SEPARATOR ? value === 0 : at === 1 ? value === 2 : value !== 0;
        const [returned, sum] = unpad(good.with(at, value));
        if (returned !== (isRight ? 1 : 0) || !sum.equals((isRight ? right : wrong)[1] as Buffer))
          throw new Error(`byte ${at} of value ${value}: got ${returned}`);
      }
  });

  test("of random blocks agrees with the definition", () => {
    for (let i = 0; i < 2000; i++) {
      const block = new Uint8Array(randomBytes(BLOCK_SIZE));
      block.set([0, 2]);
      if (i % 2) block[SEPARATOR] = 0;
      const end = block.indexOf(0, 2);
      expect(unpad(block)[0]).toBe(end === SEPARATOR ? 1 : 0);
    }
  });
});

interface Register {
  readonly current: Uint8Array | null;
  readonly next: UnitImage["next"];
}

/** A slot's bytes, its importer key on the host. */
function slotBytes({ current, next }: Register): Uint8Array {
  const bytes = encodeSlot({ current, next, importer: null });
  const view = new DataView(bytes.buffer);
  view.setUint32(132, view.getUint32(132, true) | HAS_HOST_IMPORTER, true);
  return bytes;
}

const STATES: Register[] = [null, KEY_A].flatMap((current) =>
  [null, { key: KEY_B, committed: false }, { key: KEY_B, committed: true }].map((next) => ({ current, next })),
);
const image = (key: Uint8Array | null) => (key ? Buffer.from(key).toString("hex").slice(0, 2) : "-");

function importBlocks(...blocks: readonly Uint8Array[]): number {
  [SLOT, blocks.length, 0xdead, 0xdead].forEach((word, i) => {
    card.view.setUint32(JOB + 4 * i, word, true);
  });
  card.memory.fill(0xee, JOB + 16, JOB + 48);
  blocks.forEach((block, i) => {
    card.memory.set(block, BLOCKS + BLOCK_SIZE * i);
  });
  expect(card.call("wkImportBlocks", 1, JOB, BLOCKS)).toBe(Ok);
  expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  return card.view.getUint32(JOB + 8, true);
}

const told = () => Buffer.from(card.memory.slice(JOB + 16, JOB + 48));

describe.each(STATES.map((state) => ({ ...state, name: `${image(state.current)} ${image(state.next?.key ?? null)}` })))(
  "in $name, committed $next.committed",
  (state) => {
    const begin = () => card.memory.set(slotBytes(state), 0x240000 + 144 * SLOT);

    test.each([
      ["one part", [KEY_C]],
      ["two parts", [KEY_C.map((byte, i) => byte ^ i), Uint8Array.from({ length: 32 }, (_, i) => i)]],
    ])("%s: the new register holds the key, its pattern is told", (_, parts) => {
      begin();
      expect(importBlocks(...parts.map(rsaBlock))).toBe(Ok);
      expect(readSlot(card, SLOT)).toEqual(slotBytes({ ...state, next: { key: KEY_C, committed: false } }));
      expect(told()).toEqual(Buffer.from(pattern(KEY_C)));
      expect(othersAreZero(card, [SLOT])).toBe(true);
    });

    test("the current key: SameKey, the slot as it was, no pattern", () => {
      begin();
      const status = importBlocks(rsaBlock(KEY_A));
      expect(status).toBe(state.current ? SameKey : Ok);
      const after = state.current ? state : { ...state, next: { key: KEY_A, committed: false } };
      expect(readSlot(card, SLOT)).toEqual(slotBytes(after));
      expect(told()).toEqual(state.current ? Buffer.alloc(32) : Buffer.from(pattern(KEY_A)));
    });

    test.each(wrongBlocks(KEY_A))("BadWrap, the slot as it was, no pattern: %s", (_, wrong) => {
      for (const blocks of [[wrong], [rsaBlock(KEY_A), wrong], [wrong, rsaBlock(KEY_A), rsaBlock(KEY_C)]]) {
        begin();
        expect(importBlocks(...blocks)).toBe(BadWrap);
        expect(readSlot(card, SLOT)).toEqual(slotBytes(state));
        expect(told()).toEqual(Buffer.alloc(32));
      }
    });
  },
);

describe("what the card checks by itself", () => {
  test("a slot whose importer key is the card's own, or none: NoImporter", () => {
    for (const importer of [new Uint8Array(66).fill(1, 65), null]) {
      writeSlot(card, SLOT, { current: null, next: null, importer });
      expect(importBlocks(rsaBlock(KEY_A))).toBe(NoImporter);
      expect(readSlot(card, SLOT)).toEqual(encodeSlot({ current: null, next: null, importer }));
    }
  });

  test("importerOnHost wipes the slot's own key", () => {
    writeSlot(card, SLOT, { current: KEY_A, next: null, importer: new Uint8Array(66).fill(1, 65) });
    expect(card.call("importerOnHost", SLOT)).toBe(Ok);
    expect(readSlot(card, SLOT)).toEqual(slotBytes({ current: KEY_A, next: null }));
  });

  test("slots not in use, numbers of blocks out of range: nothing done", () => {
    card.call("unitFree", SLOT);
    expect(card.call("importerOnHost", SLOT)).toBe(EmptySlot);
    const run = (slot: number, count: number) => {
      card.view.setUint32(JOB, slot, true);
      card.view.setUint32(JOB + 4, count, true);
      return card.call("wkImportBlocks", 1, JOB, BLOCKS);
    };
    for (const slot of [SLOT, 29_127, 0xffffffff]) expect(run(slot, 1)).toBe(EmptySlot);
    writeSlot(card, SLOT, { current: null, next: null, importer: null });
    for (const count of [0, 21, 0xffffffff]) expect(run(SLOT, count)).toBe(BadArgument);
  });
});
