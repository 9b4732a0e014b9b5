// Contract of Core: the register transitions of unit-behaviour.md 6.1, every operation in every state.

import { expect, it } from "vitest";
import type { Core, UnitSlot } from "../../../src/core/api.ts";
import { Status } from "../../../src/core/status.ts";
import {
  BOTH_EMPTY,
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
  toBigInt,
} from "./kit.ts";

export function transitions(core: Get): void {
  const { Ok, NewEmpty, NotCommitted, PatternMismatch } = Status;
  type Op = (c: Core, slot: UnitSlot) => Status | undefined;
  const ops = {
    commit: (c, slot) => c.wkCommit(slot, pattern(KEY_B)),
    "commit, last 4 bytes of the pattern set": (c, slot) =>
      c.wkCommit(slot, new Uint8Array(pattern(KEY_B)).fill(255, 28)),
    "commit, wrong pattern": (c, slot) => c.wkCommit(slot, flipped(pattern(KEY_B), 27)),
    finalize: (c, slot) => c.wkFinalize(slot, pattern(KEY_B)),
    "finalize, wrong pattern": (c, slot) => c.wkFinalize(slot, flipped(pattern(KEY_B), 0)),
    "load A": (c, slot) => void c.wkLoad(slot, KEY_A),
    "clear current": (c, slot) => void c.wkClearCurrent(slot),
    "clear new": (c, slot) => void c.wkClearNew(slot),
    zeroize: (c, slot) => void c.unitZeroize(slot),
  } satisfies Record<string, Op>;
  const states = {
    "empty, empty": BOTH_EMPTY,
    "empty, uncommitted": { ...NO_CURRENT, ...nextB(false) },
    "empty, committed": { ...NO_CURRENT, ...nextB(true) },
    "valid, empty": { ...CURRENT_A, next: null },
    "valid, uncommitted": { ...CURRENT_A, ...nextB(false) },
    "valid, committed": { ...CURRENT_A, ...nextB(true) },
  };
  type Row = [keyof typeof ops, keyof typeof states, Status | undefined, keyof typeof states | "B, empty"];
  const table: Row[] = [
    ...Object.keys(states).flatMap((from): Row[] => {
      const state = from as keyof typeof states;
      const [current, next] = state.split(", ") as [string, "empty" | "uncommitted" | "committed"];
      const committed = next === "empty" ? state : (`${current}, committed` as keyof typeof states);
      const empty = { empty: NewEmpty, uncommitted: NotCommitted, committed: PatternMismatch }[next];
      return [
        ["commit", state, next === "empty" ? NewEmpty : Ok, committed],
        ["commit, last 4 bytes of the pattern set", state, next === "empty" ? NewEmpty : Ok, committed],
        ["commit, wrong pattern", state, next === "empty" ? NewEmpty : PatternMismatch, state],
        ["finalize", state, next === "committed" ? Ok : empty, next === "committed" ? "B, empty" : state],
        ["finalize, wrong pattern", state, empty, state],
        ["load A", state, undefined, `valid, ${next}` as keyof typeof states],
        ["clear current", state, undefined, `empty, ${next}`],
        ["clear new", state, undefined, `${current}, empty` as keyof typeof states],
        ["zeroize", state, undefined, "empty, empty"],
      ];
    }),
  ];
  const prepared = (state: keyof typeof states): UnitSlot => {
    const slot = core().unitAlloc();
    if (state.startsWith("valid")) install(core(), slot, KEY_A);
    if (!state.endsWith(", empty")) load(core(), slot, KEY_B);
    if (state.endsWith(", committed")) core().wkCommit(slot, pattern(KEY_B));
    expect(core().registers(slot)).toEqual(states[state]);
    return slot;
  };

  it.each(table)("%s in %s: status %s, then %s", (op, from, status, to) => {
    const slot = prepared(from);
    expect(ops[op](core(), slot)).toBe(status);
    expect(core().registers(slot)).toEqual(to === "B, empty" ? { current: pattern(KEY_B), next: null } : states[to]);
    core().unitFree(slot);
  });

  it.each(Object.keys(states) as (keyof typeof states)[])("generate in %s", (state) => {
    const slot = prepared(state);
    const status = core().wkGenerate(slot);
    const after = core().registers(slot);
    if (state.startsWith("empty")) {
      expect([status, after.next]).toEqual([Ok, states[state].next]);
      expect(after.current).toHaveLength(32);
      expect(after.current!.subarray(28)).toEqual(new Uint8Array(4));
    } else if (state === "valid, empty") {
      expect([status, after.current, after.next?.committed]).toEqual([Ok, CURRENT_A.current, false]);
    } else {
      expect([status, after]).toEqual([Status.BothOccupied, states[state]]);
    }
    core().unitFree(slot);
  });

  it("generates a different key every time", () => {
    const slot = core().unitAlloc();
    const seen = Array.from({ length: 20 }, () => {
      core().wkClearCurrent(slot);
      core().wkGenerate(slot);
      return toBigInt(core().registers(slot).current!);
    });
    expect(new Set(seen).size).toBe(20);
    core().unitFree(slot);
  });

  it("refuses patterns of other sizes", () => {
    const slot = prepared("empty, committed");
    for (const size of [0, 28, 31, 33]) {
      expect(() => core().wkCommit(slot, new Uint8Array(size))).toThrow(RangeError);
      expect(() => core().wkFinalize(slot, new Uint8Array(size))).toThrow(RangeError);
    }
    core().unitFree(slot);
  });

  it("zeroize forgets the importer key", () => {
    const slot = core().unitAlloc();
    const [publicKey] = core().importerGenerate([slot]);
    core().unitZeroize(slot);
    expect(core().wkImport([{ slot, parts: [partFor(publicKey!, KEY_A)] }])).toEqual([{ status: Status.NoImporter }]);
    core().unitFree(slot);
  });
}
