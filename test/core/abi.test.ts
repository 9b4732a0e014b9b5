// core.wasm and what the facade takes it for.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { CONSTANTS, RECORD, SIZE } from "../../src/core/abi.ts";
import { Status } from "../../src/core/status.ts";

const file = new URL("../../src/core/core.wasm", import.meta.url);
const source = readFileSync(new URL("../../src/core/abi.ts", import.meta.url), "utf8");

let bytes: Uint8Array<ArrayBuffer>;
let module: WebAssembly.Module;
let exports: WebAssembly.Exports;
beforeAll(async () => {
  bytes = new Uint8Array(readFileSync(file));
  module = await WebAssembly.compile(bytes);
  exports = (await WebAssembly.instantiate(module, {})).exports;
});

const value = (name: string) => (exports[name] as WebAssembly.Global).value as number;

/** Names of the methods of CardFunctions and of how many parameters, as abi.ts declares them. */
function functions(): [string, number][] {
  const body = source.slice(source.indexOf("interface CardFunctions"), source.indexOf("export type CardExports"));
  return [...body.matchAll(/^ {2}(\w+)\(([^)]*)\): /gm)].map(([, name, parameters]) => [
    name!,
    parameters === "" ? 0 : parameters!.split(",").length,
  ]);
}

describe("core.wasm", () => {
  test("imports nothing", () => expect(WebAssembly.Module.imports(module)).toEqual([]));

  test("exports what abi.ts lists, and nothing else", () => {
    const listed = [
      ...Object.keys(Status).map((name) => [`Status.${name}`, "global"]),
      ...CONSTANTS.map((name) => [name, "global"]),
      ...functions().map(([name]) => [name, "function"]),
      ["memory", "memory"],
    ];
    expect(functions().length).toBeGreaterThan(30);
    const found = WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]);
    expect(found).toEqual(listed);
  });

  test("has functions of as many parameters as abi.ts says", () => {
    for (const [name, parameters] of functions()) {
      expect([name, (exports[name] as () => void).length]).toEqual([name, parameters]);
    }
  });

  test("has the status codes of status.ts", () => {
    for (const [name, code] of Object.entries(Status)) expect([name, value(`Status.${name}`)]).toEqual([name, code]);
  });

  test("agrees on sizes", () => {
    const blobs = [value("SEALED_KEY_BYTES"), value("SEALED_UNIT_BYTES"), value("ROOT_KEY_BYTES")];
    expect(blobs).toEqual([2 + 32 + SIZE.scalar + SIZE.point + 32, 2 + 32 + 136 + 32, 1 + 16 + 32 + SIZE.wrapped]);
    expect(RECORD.part).toBe(SIZE.point + SIZE.ukm + SIZE.wrapped);
    expect(RECORD.registers).toBe(4 + 2 * SIZE.pattern);
    expect([value("KEY_SLOTS"), value("UNIT_SLOTS")]).toEqual([5040, 29_127]);
  });

  test("is below 256 KiB, with a fixed memory of 128 MiB", () => {
    expect(bytes.length).toBeLessThan(256 * 1024);
    const memory = exports["memory"] as WebAssembly.Memory;
    expect(memory.buffer.byteLength).toBe(128 * 1024 * 1024);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });
});
