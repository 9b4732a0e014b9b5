import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WasmCore } from "../../src/core/core.ts";
import { compileCore, compileFrom, instantiateCore, loadCore } from "../../src/core/load.ts";

const file = new URL("../../src/core/core.wasm", import.meta.url);
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const hashes = (core: WasmCore) => Buffer.from(core.sha256(new TextEncoder().encode("abc"))).toString("hex");

describe("in Node", () => {
  test("every card is a fresh one, of one module", async () => {
    expect(await compileCore()).toBe(await compileCore());
    const [a, b] = [await loadCore(), await loadCore()];
    const slots = [a.unitAlloc(), a.unitAlloc()];
    expect(b.unitAlloc()).toBe(slots[0]);
    expect(() => b.registers(slots[1]!)).toThrow(RangeError);
    expect([hashes(a), a.name]).toEqual([ABC, "wasm"]);
  });

  test("from a module or from bytes", async () => {
    expect(hashes(instantiateCore(await compileCore()))).toBe(ABC);
    expect(hashes(instantiateCore(new Uint8Array(readFileSync(file))))).toBe(ABC);
  });

  test("a missing file is an error", async () => {
    await expect(compileFrom(new URL("absent.wasm", file))).rejects.toThrow(/ENOENT/);
  });
});

describe("by fetch, as in a browser", () => {
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const type = request.url === "/core.wasm" ? "application/wasm" : "text/plain";
      response.writeHead(request.url === "/absent" ? 404 : 200, { "content-type": type }).end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("compiles what the server offers as application/wasm", async () => {
    expect(hashes(instantiateCore(await compileFrom(new URL("/core.wasm", base))))).toBe(ABC);
  });

  test.each(["/core.txt", "/absent"])("refuses %s", async (path) => {
    await expect(compileFrom(new URL(path, base))).rejects.toThrow(TypeError);
  });
});

describe("entropy", () => {
  afterEach(() => vi.restoreAllMocks());

  test("goes straight from the system into card memory, and only as it is needed", async () => {
    const instance = new WebAssembly.Instance(await compileCore(), {});
    const { memory, entropyLeft } = instance.exports as {
      memory: WebAssembly.Memory;
      entropyLeft: () => number;
    };
    const draw = vi.spyOn(globalThis.crypto, "getRandomValues");
    const core = new WasmCore(instance);
    core.sha256(new Uint8Array(1));
    expect(draw).not.toHaveBeenCalled();
    core.keyGenerate(64);
    expect(draw).toHaveBeenCalledTimes(1);
    const [pool] = draw.mock.calls[0] as [Uint8Array];
    expect([pool.buffer, pool.byteOffset, pool.byteLength]).toEqual([memory.buffer, 0x20000, 0x10000]);
    const afterOne = entropyLeft();
    core.keyGenerate(64);
    expect(draw).toHaveBeenCalledTimes(1);
    const perKey = (afterOne - entropyLeft()) / 64;
    expect(perKey).toBeGreaterThanOrEqual(74);
    const calls = Math.ceil((64 * perKey * 20) / 0x10000);
    for (let i = 0; i < 20; i++) core.keyGenerate(64);
    expect(draw.mock.calls.length).toBeGreaterThanOrEqual(calls);
    expect(draw.mock.calls.length).toBeLessThanOrEqual(calls + 3);
  });
});
