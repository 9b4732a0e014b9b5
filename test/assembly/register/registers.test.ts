// Every register operation in every state of a slot: the status, and the slot's bytes before and after.

import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EncryptedPart } from "../../../src/core/api.ts";
import { Status } from "../../../src/core/status.ts";
import { flipped, foreignKey, G, KEY_A, KEY_B, partFor, pattern } from "../../support/contract/kit.ts";
import {
  decodeSlot,
  EMPTY_UNIT,
  encodeSlot,
  othersAreZero,
  readSlot,
  slotAddress,
  type UnitImage,
  writeSlot,
} from "../../support/unit-slots.ts";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const { Ok, BadPoint, BadWrap, BothOccupied, CurrentEmpty, EmptySlot, NeedEntropy, NewEmpty } = Status;
const { NoImporter, NotCommitted, PatternMismatch, SameKey } = Status;

const SLOT = 5;
const COPY = 6;
const KEY_C = new Uint8Array(32).fill(0xc3);
/** The importer key has the private scalar 1. */
const IMPORTER = new Uint8Array(66).fill(1, 65);
const STRANGER = foreignKey();
const part = { a: partFor(G, KEY_A), c: partFor(G, KEY_C), zero: partFor(G, new Uint8Array(32)) };

const ENTROPY = 0x20000;
const ENTROPY_BYTES = 0x10000;
const ARGS = ARENA;
const JOB = ARENA + 0x1000;
const OUT = ARENA + 0x2000;

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});
beforeEach(() => {
  for (let at = ENTROPY; at < ENTROPY + ENTROPY_BYTES; at += 32_768) {
    globalThis.crypto.getRandomValues(new Uint8Array(card.memory.buffer as ArrayBuffer, at, 32_768));
  }
  card.call("entropyFilled");
});

// --- states ---

type Current = "-" | "A";
type Next = "-" | "B" | "B!";
interface State {
  readonly current: Current;
  readonly next: Next;
  readonly importer: boolean;
}
const STATES: State[] = (["-", "A"] as const).flatMap((current) =>
  (["-", "B", "B!"] as const).flatMap((next) => [false, true].map((importer) => ({ current, next, importer }))),
);
const image = ({ current, next, importer }: State): UnitImage => ({
  current: current === "A" ? KEY_A : null,
  next: next === "-" ? null : { key: KEY_B, committed: next === "B!" },
  importer: importer ? IMPORTER : null,
});

// --- operations ---

const withPattern = (name: string, value: Uint8Array) => () => {
  card.memory.set(value, ARGS);
  return card.call(name, SLOT, ARGS);
};

/** Status and index of an import of the given parts. */
const importing = (...parts: readonly EncryptedPart[]) => {
  return () => {
    [SLOT, parts.length, 0xdead, 0xdead].forEach((word, i) => {
      card.view.setUint32(JOB + 4 * i, word, true);
    });
    parts.forEach(({ originator, ukm, wrapped }, i) => {
      card.memory.set(new Uint8Array([...originator, ...ukm, ...wrapped]), ARGS + 213 * i);
    });
    expect(card.call("wkImport", 1, JOB, ARGS)).toBe(Ok);
    const status = card.view.getUint32(JOB + 8, true);
    const index = card.view.getUint32(JOB + 12, true);
    expect(index).toBe(status === BadPoint || status === BadWrap ? parts.length - 1 : 0xdead);
    return status;
  };
};

const exporting = (register: number, ...recipients: readonly Uint8Array[]) => {
  return () => {
    [SLOT, register, 0, recipients.length, 0xdead, 0xdead].forEach((word, i) => {
      card.view.setUint32(JOB + 4 * i, word, true);
    });
    recipients.forEach((recipient, i) => {
      card.memory.set(recipient, ARGS + 133 * i);
    });
    const size = 213 * recipients.length;
    card.memory.fill(0xee, OUT, OUT + size + 1);
    expect(card.call("wkExport", 1, JOB, ARGS, OUT)).toBe(Ok);
    const status = card.view.getUint32(JOB + 16, true);
    if (status !== Ok) expect(firstNonZero(card.memory, OUT, OUT + size)).toBe(-1);
    expect(card.memory[OUT + size]).toBe(0xee);
    return status;
  };
};

const onSlots = (name: string) => () => {
  card.view.setUint32(ARGS, SLOT, true);
  return card.call(name, 1, ARGS, OUT);
};

const OPERATIONS: Record<string, () => number> = {
  registers: () => card.call("registers", SLOT, OUT),
  generate: () => card.call("wkGenerate", SLOT),
  "commit B": withPattern("wkCommit", pattern(KEY_B)),
  "commit B, last 4 bytes set": withPattern("wkCommit", pattern(KEY_B).slice().fill(0xff, 28)),
  "commit other": withPattern("wkCommit", pattern(KEY_A)),
  "finalize B": withPattern("wkFinalize", pattern(KEY_B)),
  "finalize other": withPattern("wkFinalize", flipped(pattern(KEY_B), 27)),
  "clear current": () => card.call("wkClearCurrent", SLOT),
  "clear new": () => card.call("wkClearNew", SLOT),
  zeroize: () => card.call("unitZeroize", SLOT),
  "importer key": onSlots("importerGenerate"),
  "import C": importing(part.c),
  "import C in two parts": importing(part.c, part.zero),
  "import A": importing(part.a),
  "import a bad point": importing(part.c, { ...part.c, originator: flipped(G, 100) }),
  "import a bad wrap": importing(part.c, { ...part.c, wrapped: flipped(part.c.wrapped, 39) }),
  "import for a stranger": importing(partFor(STRANGER.publicKey, KEY_C)),
  "export current": exporting(0, G),
  "export new": exporting(1, G),
  "export current to no point": exporting(0, G, flipped(G, 100)),
  "root keys": () => card.call("rootKeyGenerate", SLOT, 2, OUT),
  "root key patterns": () => card.call("rootKeyPatterns", SLOT, 1, ARGS, OUT),
};

// --- what must come of it ---

type After = Partial<Record<"current" | "next", Uint8Array | null | "random">> & {
  readonly committed?: boolean;
  readonly importer?: "random" | null;
};
type Outcome = readonly [status: Status, after?: After];

const B = KEY_B;
const moved = { current: B, next: null };
const newIs = ({ next }: State, empty: Status, uncommitted: Outcome, committed: Outcome): Outcome =>
  ({ "-": [empty] as const, B: uncommitted, "B!": committed })[next];
const withImporter = ({ importer }: State, outcome: Outcome): Outcome => (importer ? outcome : [NoImporter]);
const loaded = (key: Uint8Array): Outcome => [Ok, { next: key, committed: false }];

const EXPECTED: Record<keyof typeof OPERATIONS, (state: State) => Outcome> = {
  registers: () => [Ok],
  generate: ({ current, next }) => {
    if (current === "-") return [Ok, { current: "random" }];
    return next === "-" ? [Ok, { next: "random", committed: false }] : [BothOccupied];
  },
  "commit B": (s) => newIs(s, NewEmpty, [Ok, { committed: true }], [Ok]),
  "commit B, last 4 bytes set": (s) => newIs(s, NewEmpty, [Ok, { committed: true }], [Ok]),
  "commit other": (s) => newIs(s, NewEmpty, [PatternMismatch], [PatternMismatch]),
  "finalize B": (s) => newIs(s, NewEmpty, [NotCommitted], [Ok, moved]),
  "finalize other": (s) => newIs(s, NewEmpty, [NotCommitted], [PatternMismatch]),
  "clear current": () => [Ok, { current: null }],
  "clear new": () => [Ok, { next: null }],
  zeroize: () => [Ok, { current: null, next: null, importer: null }],
  "importer key": () => [Ok, { importer: "random" }],
  "import C": (s) => withImporter(s, loaded(KEY_C)),
  "import C in two parts": (s) => withImporter(s, loaded(KEY_C)),
  "import A": (s) => withImporter(s, s.current === "A" ? [SameKey] : loaded(KEY_A)),
  "import a bad point": (s) => withImporter(s, [BadPoint]),
  "import a bad wrap": (s) => withImporter(s, [BadWrap]),
  "import for a stranger": (s) => withImporter(s, [BadWrap]),
  "export current": ({ current }) => [current === "A" ? Ok : CurrentEmpty],
  "export new": ({ next }) => [next === "-" ? NewEmpty : Ok],
  "export current to no point": ({ current }) => [current === "A" ? BadPoint : CurrentEmpty],
  "root keys": ({ current }) => [current === "A" ? Ok : CurrentEmpty],
  "root key patterns": ({ current }) => [current === "A" ? Ok : CurrentEmpty],
};

/** The image that `after` makes of `before`; what is random there is taken from `found`. */
function expected(before: UnitImage, after: After, found: UnitImage): UnitImage {
  const key = (which: "current" | "next", old: Uint8Array | null): Uint8Array | null => {
    const change = after[which];
    if (change !== "random") return change === undefined ? old : change;
    const made = which === "current" ? found.current : (found.next?.key ?? null);
    expect(made).not.toEqual(old);
    expect(new Set(made).size).toBeGreaterThan(8);
    return made;
  };
  const nextKey = key("next", before.next?.key ?? null);
  const committed = after.committed ?? before.next?.committed ?? false;
  const importer = after.importer === undefined ? before.importer : after.importer && found.importer;
  if (after.importer === "random") expect(importer).not.toEqual(before.importer);
  return { current: key("current", before.current), next: nextKey && { key: nextKey, committed }, importer };
}

describe.each(STATES)("in $current $next importer: $importer", (state) => {
  test.each(Object.keys(OPERATIONS))("%s", (operation) => {
    writeSlot(card, SLOT, image(state));
    const before = readSlot(card, SLOT);
    const [status, after] = EXPECTED[operation]!(state);
    expect(OPERATIONS[operation]!()).toBe(status);
    const bytes = readSlot(card, SLOT);
    if (after === undefined) expect(Buffer.from(bytes)).toEqual(Buffer.from(before));
    else expect(decodeSlot(bytes)).toEqual(expected(image(state), after, decodeSlot(bytes)));
    expect(othersAreZero(card, [SLOT])).toBe(true);
  });

  test("copied, the copy freed", () => {
    writeSlot(card, SLOT, image(state));
    expect(card.call("unitCopy", COPY, SLOT)).toBe(Ok);
    expect([readSlot(card, SLOT), readSlot(card, COPY)]).toEqual([encodeSlot(image(state)), encodeSlot(image(state))]);
    expect(card.call("unitFree", COPY)).toBe(Ok);
    expect(othersAreZero(card, [SLOT])).toBe(true);
    expect(card.call("unitFree", SLOT)).toBe(Ok);
    expect(othersAreZero(card, [])).toBe(true);
  });

  test("registers tell flags and patterns", () => {
    writeSlot(card, SLOT, image(state));
    card.memory.fill(0xee, OUT, OUT + 68);
    card.call("registers", SLOT, OUT);
    const { current, next } = image(state);
    expect(card.memory.slice(OUT + 4, OUT + 36)).toEqual(current ? pattern(current) : new Uint8Array(32));
    expect(card.memory.slice(OUT + 36, OUT + 68)).toEqual(next ? pattern(next.key) : new Uint8Array(32));
  });
});

describe("with too little entropy", () => {
  const state: State = { current: "A", next: "-", importer: true };
  const SPARE = 7;

  /** Leaves so many bytes in the pool, a multiple of 32. */
  function drainTo(left: number): void {
    while (card.call("entropyLeft") > left) {
      writeSlot(card, SPARE, EMPTY_UNIT);
      expect(card.call("wkGenerate", SPARE)).toBe(Ok);
    }
    card.call("unitFree", SPARE);
  }

  const exportOne = () => {
    [SLOT, 0, 0, 1].forEach((word, i) => {
      card.view.setUint32(JOB + 4 * i, word, true);
    });
    card.memory.set(G, ARGS);
    return card.call("wkExport", 1, JOB, ARGS, OUT);
  };

  test.each([
    ["generate", 32, OPERATIONS["generate"]!],
    ["importer key", 82, OPERATIONS["importer key"]!],
    ["export current", 154, exportOne],
    ["root keys", 128, OPERATIONS["root keys"]!],
  ])("%s: NeedEntropy below %i bytes, nothing done", (_, need, operation) => {
    writeSlot(card, SLOT, image(state));
    const enough = 32 * Math.ceil(need / 32);
    drainTo(enough);
    const pool = () => Buffer.from(card.memory.slice(ENTROPY, ENTROPY + ENTROPY_BYTES));
    expect(pool().subarray(0, -enough)).toEqual(Buffer.alloc(ENTROPY_BYTES - enough));
    drainTo(enough - 32);
    const before = pool();
    expect(operation()).toBe(NeedEntropy);
    expect(readSlot(card, SLOT)).toEqual(encodeSlot(image(state)));
    expect(card.call("entropyLeft")).toBe(enough - 32);
    expect(pool()).toEqual(before);
  });

  test.each([
    ["generate", 32, OPERATIONS["generate"]!],
    ["importer key", 82, OPERATIONS["importer key"]!],
    ["export current", 154, exportOne],
    ["root keys", 128, OPERATIONS["root keys"]!],
  ])("%s: Ok with %i bytes, none of which is left in the pool", (_, need, operation) => {
    writeSlot(card, SLOT, image(state));
    drainTo(32 * Math.ceil(need / 32));
    expect(operation()).toBe(Ok);
    const left = card.call("entropyLeft");
    expect(left).toBeLessThanOrEqual(32 * Math.ceil(need / 32) - need + 32); // an unsplit export takes no random part
    expect(firstNonZero(card.memory, ENTROPY, ENTROPY + ENTROPY_BYTES - left)).toBe(-1);
  });
});

describe("of slots that are not in use", () => {
  const slots = 29_127;
  test("there are as many as the card says", () => expect(slotAddress(slots)).toBeLessThanOrEqual(0x640000));

  test.each([SLOT, slots, 0xffffffff])("slot %i: EmptySlot, nothing done", (slot) => {
    card.call("unitFree", SLOT);
    const before = card.memory.slice(0x140000, 0x640000);
    for (const name of [
      "registers",
      "wkGenerate",
      "wkLoad",
      "wkCommit",
      "wkFinalize",
      "wkClearCurrent",
      "wkClearNew",
      "unitZeroize",
      "unitFree",
    ])
      expect(card.call(name, slot, ARGS)).toBe(EmptySlot);
    expect(card.call("unitCopy", COPY, slot)).toBe(EmptySlot);
    expect(card.call("rootKeyGenerate", slot, 1, OUT)).toBe(EmptySlot);
    expect(card.call("rootKeyPatterns", slot, 1, ARGS, OUT)).toBe(EmptySlot);
    card.view.setUint32(JOB, slot, true);
    card.view.setUint32(JOB + 4, 1, true);
    card.view.setUint32(JOB + 12, 1, true);
    expect(card.call("wkExport", 1, JOB, ARGS, OUT)).toBe(EmptySlot);
    expect(card.call("wkImport", 1, JOB, ARGS)).toBe(EmptySlot);
    expect(card.call("importerGenerate", 1, JOB, OUT)).toBe(EmptySlot);
    expect(Buffer.from(card.memory.subarray(0x140000, 0x640000)).equals(before)).toBe(true);
  });

  test("a slot in use is not taken again", () => {
    writeSlot(card, SLOT, EMPTY_UNIT);
    writeSlot(card, COPY, { ...EMPTY_UNIT, current: KEY_A });
    expect(card.call("unitAlloc", SLOT)).toBe(Status.BadArgument);
    expect(card.call("unitCopy", COPY, SLOT)).toBe(Status.BadArgument);
    expect(card.call("unitAlloc", slots)).toBe(Status.BadArgument);
    expect(readSlot(card, COPY)).toEqual(encodeSlot({ ...EMPTY_UNIT, current: KEY_A }));
    card.call("unitFree", SLOT);
    card.call("unitFree", COPY);
  });
});
