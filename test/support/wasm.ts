// The test build of the card: its internals by name, and its memory.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface TestModule {
  /** The whole linear memory. It never grows, so the view stays good. */
  readonly memory: Uint8Array;
  readonly view: DataView;
  /** Calls an export. u32 results come back unsigned; 0 stands for none. */
  readonly call: (name: string, ...args: number[]) => number;
}

/** Where tests may put operands: the end of the cached tables, which no operation under test touches. */
export const ARENA = 0x7000000;

/** A fresh instance of build/testing.wasm, or of the file that OPENTKE_TEST_WASM names. */
export async function loadTesting(): Promise<TestModule> {
  const file = process.env["OPENTKE_TEST_WASM"] ?? fileURLToPath(new URL("../../build/testing.wasm", import.meta.url));
  const { instance } = await WebAssembly.instantiate(readFileSync(file), {});
  const exports = instance.exports as Record<string, WebAssembly.ExportValue>;
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  return {
    memory: new Uint8Array(buffer),
    view: new DataView(buffer),
    call(name, ...args) {
      const f = exports[name];
      if (typeof f !== "function")
        throw new Error(`want export ${name} in ${file}, got none: run node scripts/build.mjs`);
      return Number((f as (...args: number[]) => number | undefined)(...args) ?? 0) >>> 0;
    },
  };
}

/** The address of the first byte in from..to-1 that is not zero, or -1. */
export function firstNonZero(memory: Uint8Array, from: number, to: number): number {
  const region = Buffer.from(memory.buffer, from, to - from);
  if (region.equals(Buffer.alloc(to - from))) return -1;
  return from + region.findIndex((byte) => byte !== 0);
}
