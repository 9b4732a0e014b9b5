// Contract of Core: units' slots, their sealed form, root keys.

import { expect, it } from "vitest";
import type { Core, UnitSlot } from "../../../src/core/api.ts";
import { Status } from "../../../src/core/status.ts";
import {
  COUNTING_KEY,
  COUNTING_PATTERN,
  flipped,
  G,
  type Get,
  install,
  KEY_A,
  KEY_B,
  load,
  partFor,
  pattern,
  text,
  toBigInt,
} from "./kit.ts";

export function units(core: Get): void {
  it("begin empty, and a copy goes its own way", () => {
    const slot = core().unitAlloc();
    expect(core().registers(slot)).toEqual({ current: null, next: null });
    install(core(), slot, COUNTING_KEY);
    const copy = core().unitCopy(slot);
    expect(core().registers(copy)).toEqual({ current: COUNTING_PATTERN, next: null });
    expect(core().wkGenerate(copy)).toBe(Status.Ok);
    core().wkClearCurrent(slot);
    expect(core().registers(slot)).toEqual({ current: null, next: null });
    const after = core().registers(copy);
    expect(after.current).toEqual(COUNTING_PATTERN);
    core().unitFree(slot);
    expect(core().registers(copy)).toEqual(after);
    core().unitFree(copy);
  });

  it("are refused once freed, whatever is asked", () => {
    const slot = core().unitAlloc();
    core().unitFree(slot);
    const calls: (() => unknown)[] = [
      () => core().unitCopy(slot),
      () => core().unitFree(slot),
      () => core().unitSeal([{ slot, context: text("c") }]),
      () => core().registers(slot),
      () => core().importerGenerate([slot]),
      () => core().wkGenerate(slot),
      () => core().wkExport([{ slot, register: "current", recipients: [G], split: false }]),
      () => core().wkImport([{ slot, parts: [partFor(G, COUNTING_KEY)] }]),
      () => core().wkCommit(slot, COUNTING_PATTERN),
      () => core().wkFinalize(slot, COUNTING_PATTERN),
      () => core().wkClearCurrent(slot),
      () => core().wkClearNew(slot),
      () => core().unitZeroize(slot),
      () => core().rootKeyGenerate(slot, 1),
      () => core().rootKeyPatterns(slot, []),
      () => core().rootKeyRewrap(slot, []),
    ];
    for (const call of calls) expect(call).toThrow(RangeError);
    expect(() => core().registers(core().unitSlots as UnitSlot)).toThrow(RangeError);
    expect(() => core().registers(-1 as UnitSlot)).toThrow(RangeError);
  });

  it("unseal with both registers, the commitment and the importer key", () => {
    const slot = core().unitAlloc();
    install(core(), slot, COUNTING_KEY);
    const key = new Uint8Array(32).fill(7);
    load(core(), slot, key);
    core().wkCommit(slot, pattern(key));
    const [importer] = core().importerGenerate([slot]);
    const before = core().registers(slot);
    const [blob] = core().unitSeal([{ slot, context: text("unit 1") }]);
    core().unitFree(slot);
    const [again] = core().unitUnseal([{ blob: blob!, context: text("unit 1") }]);
    expect(core().registers(again!)).toEqual(before);
    expect(before).toEqual({ current: COUNTING_PATTERN, next: { pattern: pattern(key), committed: true } });
    const third = new Uint8Array(32).fill(3);
    expect(core().wkImport([{ slot: again!, parts: [partFor(importer!, third)] }])).toEqual([
      { status: Status.Ok, pattern: pattern(third) },
    ]);
    core().unitFree(again!);
  });

  it("seal and unseal in batches; what was changed or misplaced is null", () => {
    const slots = Array.from({ length: 4 }, () => core().unitAlloc());
    for (const slot of slots.slice(1)) core().wkGenerate(slot);
    const patterns = slots.map((slot) => core().registers(slot));
    const contexts = slots.map((_, i) => text(`unit ${i}`));
    const blobs = core().unitSeal(slots.map((slot, i) => ({ slot, context: contexts[i]! })));
    for (const slot of slots) core().unitFree(slot);
    const jobs = blobs.map((blob, i) => ({ blob, context: contexts[i]! }));
    const spoiled = [
      jobs[0]!,
      { ...jobs[1]!, blob: flipped(blobs[1]!, 40) },
      { ...jobs[2]!, context: contexts[1]! },
      jobs[3]!,
    ];
    const [first, second, third, fourth] = core().unitUnseal(spoiled);
    expect([second, third]).toEqual([null, null]);
    expect(core().registers(first!)).toEqual(patterns[0]);
    expect(core().registers(fourth!)).toEqual(patterns[3]);
    core().unitFree(first!);
    core().unitFree(fourth!);
    for (let at = 0; at < blobs[1]!.length; at++) {
      expect(core().unitUnseal([{ ...jobs[1]!, blob: flipped(blobs[1]!, at) }])).toEqual([null]);
    }
  });

  it("can be made and freed more often than there are slots", () => {
    for (let i = 0; i < core().unitSlots + 10; i++) core().unitFree(core().unitAlloc());
  });

  it("are refused with RangeError when all slots are in use", () => {
    const slots: UnitSlot[] = [];
    const fill = () => {
      for (let i = 0; i <= core().unitSlots; i++) slots.push(core().unitAlloc());
    };
    expect(fill).toThrow(RangeError);
    expect(new Set(slots).size).toBe(slots.length);
    for (const slot of slots) core().unitFree(slot);
    core().unitFree(core().unitAlloc());
  });
}

export function rootKeys(core: Get): void {
  it("are wrapped under the current register and open there alone", () => {
    const [one, two] = [core().unitAlloc(), core().unitAlloc()];
    install(core(), one, KEY_A);
    install(core(), two, KEY_B);
    const roots = core().rootKeyGenerate(one, 3)!;
    const blobs = roots.map((root) => root.blob);
    expect(new Set(roots.map((root) => toBigInt(root.pattern))).size).toBe(3);
    expect(core().rootKeyPatterns(one, blobs)).toEqual(roots.map((root) => root.pattern));
    expect(core().rootKeyPatterns(two, blobs)).toEqual([null, null, null]);
    const mixed = [blobs[0]!, flipped(blobs[1]!, 3), blobs[2]!];
    expect(core().rootKeyPatterns(one, mixed)).toEqual([roots[0]!.pattern, null, roots[2]!.pattern]);
    core().wkClearCurrent(two);
    install(core(), two, KEY_A);
    expect(core().rootKeyPatterns(two, blobs)).toEqual(roots.map((root) => root.pattern));
    core().unitFree(one);
    core().unitFree(two);
  });

  it("need a current key", () => {
    const slot = core().unitAlloc();
    expect(core().rootKeyGenerate(slot, 1)).toBeNull();
    expect(core().rootKeyPatterns(slot, [new Uint8Array(40)])).toEqual([null]);
    install(core(), slot, KEY_A);
    expect(core().rootKeyGenerate(slot, 0)).toEqual([]);
    expect(core().rootKeyPatterns(slot, [])).toEqual([]);
    core().unitFree(slot);
  });
  it("are re-encrypted for the new register, which opens them once it is current", () => {
    const slot = rotating(core());
    const roots = core().rootKeyGenerate(slot, 3)!;
    const blobs = roots.map(({ blob }) => blob);
    const foreign = core().unitAlloc();
    install(core(), foreign, KEY_B);
    const [other] = core().rootKeyGenerate(foreign, 1)!;
    const result = core().rootKeyRewrap(slot, [...blobs, flipped(blobs[0]!, 3), other!.blob, new Uint8Array(40)]);
    if (result.status !== Status.Ok) throw new Error(`status ${result.status}`);
    expect(result.keys.map((key) => key?.pattern ?? null)).toEqual([
      ...roots.map((root) => root.pattern),
      null,
      null,
      null,
    ]);
    const anew = result.keys.slice(0, 3).map((key) => key!.blob);
    // The first register still opens the old blobs alone, and a blob that is done is not done again.
    expect(core().rootKeyPatterns(slot, [...blobs, ...anew])).toEqual([
      ...roots.map((root) => root.pattern),
      ...[null, null, null],
    ]);
    expect(core().rootKeyRewrap(slot, anew)).toEqual({ status: Status.Ok, keys: [null, null, null] });
    expect(core().wkFinalize(slot, pattern(KEY_B))).toBe(Status.Ok);
    expect(core().rootKeyPatterns(slot, [...anew, ...blobs])).toEqual([
      ...roots.map((root) => root.pattern),
      ...[null, null, null],
    ]);
    core().unitFree(slot);
    core().unitFree(foreign);
  });

  it("are re-encrypted with a nonce of their own each time", () => {
    const slot = rotating(core());
    const [root] = core().rootKeyGenerate(slot, 1)!;
    const once = core().rootKeyRewrap(slot, [root!.blob, root!.blob]);
    const again = core().rootKeyRewrap(slot, [root!.blob]);
    if (once.status !== Status.Ok || again.status !== Status.Ok) throw new Error("not rewrapped");
    const blobs = [...once.keys, ...again.keys].map((key) => toBigInt(key!.blob));
    expect(new Set(blobs).size).toBe(3);
    core().unitFree(slot);
  });

  it("are re-encrypted only if there is a current key and a committed new one", () => {
    const slot = core().unitAlloc();
    expect(core().rootKeyRewrap(slot, [])).toEqual({ status: Status.CurrentEmpty });
    load(core(), slot, KEY_B);
    core().wkCommit(slot, pattern(KEY_B));
    expect(core().rootKeyRewrap(slot, [new Uint8Array(89)])).toEqual({ status: Status.CurrentEmpty });
    install(core(), slot, KEY_A);
    expect(core().rootKeyRewrap(slot, [new Uint8Array(89)])).toEqual({ status: Status.NewEmpty });
    load(core(), slot, KEY_B);
    expect(core().rootKeyRewrap(slot, [])).toEqual({ status: Status.NotCommitted });
    core().wkCommit(slot, pattern(KEY_B));
    const before = core().registers(slot);
    expect(core().rootKeyRewrap(slot, [])).toEqual({ status: Status.Ok, keys: [] });
    expect(core().registers(slot)).toEqual(before);
    core().unitFree(slot);
  });
}

/** A unit with KEY_A, and KEY_B committed. */
function rotating(core: Core): UnitSlot {
  const slot = core.unitAlloc();
  install(core, slot, KEY_A);
  load(core, slot, KEY_B);
  core.wkCommit(slot, pattern(KEY_B));
  return slot;
}
