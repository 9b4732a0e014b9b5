import { randomBytes } from "node:crypto";
import { normalizeZ } from "@noble/curves/abstract/curve.js";
import { beforeAll, describe, expect, test } from "vitest";
import { regions } from "../../support/memory-map.ts";
import { LIMBS, mod, tight, valueOfLimbs } from "../../support/p521-field.ts";
import {
  AFFINE2_BYTES,
  bigOf,
  G,
  getAffine,
  type NoblePoint,
  Point,
  putAffine,
  timesG,
} from "../../support/p521-points.ts";
import { ARENA, loadTesting, type TestModule } from "../../support/wasm.ts";

const ENTRY_BYTES = 176;
const TABLE = ARENA;
const POINT = ARENA + 0x200000;
const PAIR = POINT + 0x1000;

let module: TestModule;
beforeAll(async () => {
  module = await loadTesting();
  module.call("test_baseInitWide");
});

const region = (name: string) => regions().find((one) => one.name === name) ?? { from: 0, to: 0 };

/** The entry's coordinates, after asserting that its limbs are tight. */
function entry(table: number, index: number): { x: bigint; y: bigint } {
  const at = table + index * ENTRY_BYTES;
  const limbs = Array.from({ length: 2 * LIMBS }, (_, i) => module.view.getInt32(at + 4 * i, true));
  limbs.forEach((limb, i) => {
    if (Math.abs(limb) > tight(i % LIMBS)) throw new Error(`entry ${index}: limb ${i} is not tight: ${limb}`);
  });
  return { x: mod(valueOfLimbs(limbs.slice(0, LIMBS))), y: mod(valueOfLimbs(limbs.slice(LIMBS))) };
}

/** Every entry from the definition: (2 j + 1) 2^(w i) p, and the powers at the end. Returns their number. */
function checkTable(table: number, p: NoblePoint, w: number, rows: number): number {
  let index = 0;
  let power = p;
  for (let i = 0; i < rows; i++) {
    const twice = power.double();
    const row = [power];
    while (row.length < 2 ** (w - 1)) row.push((row.at(-1) ?? power).add(twice));
    normalizeZ(Point, row).forEach((point) => {
      if (entry(table, index).x !== point.x || entry(table, index).y !== point.y)
        throw new Error(`entry ${index} is wrong`);
      index++;
    });
    for (let k = 0; k < w; k++) power = power.double();
  }
  for (const last of rows % 2 ? [power] : [power, power.double()]) {
    expect(entry(table, index)).toEqual({ x: last.x, y: last.y });
    index++;
  }
  return index;
}

describe("tables", () => {
  test("of the base point, for secret digits", () => {
    const { from, to } = region("BASE_TABLE");
    expect(checkTable(from, G, 6, 87) * ENTRY_BYTES).toBe(to - from);
  });

  test("of the base point, for public digits", () => {
    const { from, to } = region("BASE_TABLE_WIDE");
    expect(checkTable(from, G, 10, 52) * ENTRY_BYTES).toBe(to - from);
  });

  test.each([
    [8, 65],
    [5, 104],
    [6, 87],
  ])("of another point, window %i", (w, rows) => {
    const p = timesG(bigOf(randomBytes(60)) + 1n);
    putAffine(module, POINT, p, G);
    const bytes = (rows * 2 ** (w - 1) + (rows % 2 ? 1 : 2)) * ENTRY_BYTES;
    module.memory.fill(0xee, TABLE + bytes, TABLE + bytes + ENTRY_BYTES);
    module.call("test_tableBuild", TABLE, POINT, w, rows);
    expect(checkTable(TABLE, p, w, rows) * ENTRY_BYTES).toBe(bytes);
    expect([...module.memory.slice(TABLE + bytes, TABLE + bytes + ENTRY_BYTES)].every((byte) => byte === 0xee)).toBe(
      true,
    );
  });
});

describe("entries", () => {
  const { from: table } = region("BASE_TABLE");
  const point = (index: number) => timesG((2n * BigInt(index % 32) + 1n) << (6n * BigInt(index >> 5)));
  const NEGATIVE = 0x80000000;

  test("are loaded into the lanes, with their signs", () => {
    for (const [i, j] of [
      [0, 1],
      [31, 32],
      [500, 500],
      [2783, 7],
    ] as const) {
      for (const signs of [0, 1, 2, 3]) {
        const [a, b] = [signs & 1 ? NEGATIVE : 0, signs & 2 ? NEGATIVE : 0];
        module.call(
          "test_entryLoad",
          PAIR,
          table + i * ENTRY_BYTES,
          a + (i % 32),
          table + j * ENTRY_BYTES,
          b + (j % 32),
        );
        expect(getAffine(module, PAIR, 0).equals(a ? point(i).negate() : point(i))).toBe(true);
        expect(getAffine(module, PAIR, 1).equals(b ? point(j).negate() : point(j))).toBe(true);
      }
    }
  });

  test("a scan finds each of a row's entries, and nothing past its end", () => {
    const row = table + 32 * 3 * ENTRY_BYTES;
    for (let n = 1; n <= 32; n += 31) {
      for (let index = 0; index < 40; index++) {
        module.memory.fill(0xdd, PAIR, PAIR + AFFINE2_BYTES);
        module.call("test_entryScan", PAIR, row, n, index);
        const want =
          index < n
            ? module.memory.slice(row + index * ENTRY_BYTES, row + (index + 1) * ENTRY_BYTES)
            : Buffer.alloc(ENTRY_BYTES);
        expect(Buffer.compare(module.memory.slice(PAIR, PAIR + ENTRY_BYTES), want)).toBe(0);
        expect(module.memory[PAIR + ENTRY_BYTES]).toBe(0xdd);
      }
    }
  });
});
