// The memory map: blocks and regions do not overlap, and the compiler's constants stay below the first of them.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BLOCKS, layoutSource, regions } from "../support/memory-map.ts";

describe("blocks", () => {
  test("are those of the table in layout.ts", () => {
    const row = /^\/\/ {3}(\w+) +(0x[0-9a-f]+) +([\d,]+) +([KM]) +(S\/P|[SKP]) /gm;
    const table = [...layoutSource().matchAll(row)].map(([, name, at, size, unit, kind]) => {
      const from = Number(at);
      return { name, from, to: from + Number(size!.replaceAll(",", "")) * (unit === "K" ? 1024 : 1024 * 1024), kind };
    });
    const rounded = BLOCKS.map((one) => (one.name === "tables" ? { ...one, to: one.from + (111 << 20) } : one));
    expect(table).toEqual(rounded);
  });

  test("have the addresses that layout.ts declares", () => {
    const declared = new Map(
      [...layoutSource().matchAll(/export const (\w+): usize = (0x[0-9a-f]+)/g)].map(([, name, at]) => [
        name!,
        Number(at),
      ]),
    );
    for (const { name, from } of BLOCKS.slice(1))
      expect([name, declared.get(name.toUpperCase())]).toEqual([name, from]);
    expect([declared.get("REGIONS"), declared.get("MEMORY_END")]).toEqual([BLOCKS[1]!.from, BLOCKS.at(-1)!.to]);
  });

  test("do not overlap", () => {
    for (const [i, one] of BLOCKS.entries()) {
      expect(one.to).toBeGreaterThan(one.from);
      if (i > 0) expect(one.from).toBeGreaterThanOrEqual(BLOCKS[i - 1]!.to);
    }
  });
});

describe("regions", () => {
  const all = regions().toSorted((a, b) => a.from - b.from);

  test("are there, and aligned", () => {
    expect(all.length).toBeGreaterThan(40);
    for (const { name, from } of all) expect([name, from % 4]).toEqual([name, 0]);
  });

  test("do not overlap", () => {
    for (const [i, one] of all.slice(1).entries()) {
      expect([one.name, one.from >= all[i]!.to]).toEqual([one.name, true]);
    }
  });

  test("lie in a block that allows for their kind", () => {
    for (const { name, from, to, kind } of all) {
      const home = BLOCKS.find((one) => one.from <= from && to <= one.to);
      expect([name, home?.kind.includes(kind)]).toEqual([name, true]);
    }
  });
});

describe.each(["src/core/core.wasm", "build/testing.wasm"])("%s", (name) => {
  test("the compiler's constants stay below the regions", () => {
    const segments = dataSegments(readFileSync(new URL(`../../${name}`, import.meta.url)));
    expect(segments.length).toBeGreaterThan(0);
    for (const { from, to } of segments) {
      expect(from).toBeGreaterThanOrEqual(BLOCKS[0]!.from);
      expect(to).toBeLessThanOrEqual(BLOCKS[0]!.to);
    }
  });
});

/** Places of the active data segments (WebAssembly core specification, 5.5.14); the offsets are i32.const. */
function dataSegments(wasm: Uint8Array): { readonly from: number; readonly to: number }[] {
  let at = 8;
  const leb = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < wasm.length) {
    const id = wasm[at++];
    const size = leb();
    if (id !== 11) {
      at += size;
      continue;
    }
    return Array.from({ length: leb() }, () => {
      expect([wasm[at++], wasm[at++]]).toEqual([0, 0x41]);
      const from = leb();
      expect(wasm[at++]).toBe(0x0b);
      const length = leb();
      at += length;
      return { from, to: from + length };
    });
  }
  return [];
}
