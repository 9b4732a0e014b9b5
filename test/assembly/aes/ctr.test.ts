import { createCipheriv, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

/** Where AES and the KDF have their scratch in layout.ts. */
const SCRATCH = 0x6a0000;
const SCRATCH_END = 0x700000;

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

describe("counter mode", () => {
  const KEY = ARENA + 0x1000;
  const DATA = ARENA + 0x2000;

  test("agrees with node:crypto at every length up to seven passes, and wipes", () => {
    for (let n = 0; n <= 400; n++) {
      const [key, data] = [randomBytes(32), randomBytes(n)];
      card.memory.set(key, KEY);
      card.memory.fill(0xee, DATA, DATA + n + 1);
      card.memory.set(data, DATA);
      card.call("test_aesCtrOnce", DATA, n, KEY);
      const want = createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(data);
      expect(Buffer.from(card.memory.subarray(DATA, DATA + n))).toEqual(want);
      expect(card.memory[DATA + n]).toBe(0xee);
      expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
    }
  });

  test("counts beyond 256 blocks", () => {
    const key = randomBytes(32);
    card.memory.set(key, KEY);
    card.memory.fill(0, DATA, DATA + 10_000);
    card.call("test_aesCtrOnce", DATA, 10_000, KEY);
    const want = createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(10_000));
    expect(Buffer.from(card.memory.subarray(DATA, DATA + 10_000))).toEqual(want);
  });
});
