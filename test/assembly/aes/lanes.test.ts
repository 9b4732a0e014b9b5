import { createCipheriv, randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const Q = ARENA;
/** AES_KEYS, AES_STATE and the end of the scratch of layout.ts. */
const KEYS = 0x6a0100;
const SCRATCH = 0x6a0000;
const SCRATCH_END = 0x700000;
const LANES = 8;

/** FIPS 197, 5.1.1 and 5.3.2, from the definition: inversion in GF(2^8) and the affine map. */
const sbox = (() => {
  const times = (a: number, b: number) => {
    let product = 0;
    for (let x = a, y = b; y > 0; y >>= 1, x = x & 0x80 ? (x << 1) ^ 0x11b : x << 1) if (y & 1) product ^= x;
    return product;
  };
  const inverse = (a: number) => Array.from({ length: 256 }, (_, b) => b).find((b) => times(a, b) === 1) ?? 0;
  const affine = (b: number) => {
    let image = 0x63;
    for (let i = 0; i < 8; i++) for (const k of [0, 4, 5, 6, 7]) image ^= ((b >> ((i + k) % 8)) & 1) << i;
    return image;
  };
  return Uint8Array.from({ length: 256 }, (_, a) => affine(inverse(a)));
})();

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});
beforeEach(() => card.memory.fill(0, SCRATCH, SCRATCH_END));

const rows = (at: number) => Array.from({ length: LANES }, (_, j) => card.memory.slice(at + 16 * j, at + 16 * j + 16));
const setRows = (at: number, blocks: readonly Uint8Array[]) =>
  blocks.forEach((block, j) => {
    card.memory.set(block, at + 16 * j);
  });

/** The bytes after the function `name` on the planes of the given bytes. */
function onPlanes(name: string, bytes: Uint8Array): Uint8Array {
  card.memory.set(bytes, Q);
  card.call("test_aesTranspose", Q);
  card.call(name, Q);
  card.call("test_aesTranspose", Q);
  return card.memory.slice(Q, Q + 128);
}

function expandKeys(keys: readonly Uint8Array[]): void {
  setRows(
    KEYS,
    keys.map((key) => key.subarray(0, 16)),
  );
  setRows(
    KEYS + 128,
    keys.map((key) => key.subarray(16)),
  );
  card.call("test_aesExpandKeys");
}

const nodeEncrypt = (key: Uint8Array, block: Uint8Array) =>
  new Uint8Array(createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(block));

describe("planes", () => {
  test("bit j of byte p of plane b is bit b of byte p of row j, and back", () => {
    const bytes = randomBytes(128);
    card.memory.set(bytes, Q);
    card.call("test_aesTranspose", Q);
    for (let j = 0; j < 8; j++)
      for (let p = 0; p < 16; p++)
        for (let b = 0; b < 8; b++) {
          expect((card.memory[Q + 16 * b + p]! >> j) & 1).toBe((bytes[16 * j + p]! >> b) & 1);
        }
    card.call("test_aesTranspose", Q);
    expect(card.memory.slice(Q, Q + 128)).toEqual(new Uint8Array(bytes));
  });

  test("the S-box and its inverse, every byte in every place", () => {
    for (let shift = 0; shift < 256; shift++) {
      const bytes = Uint8Array.from({ length: 128 }, (_, i) => i + shift);
      const images = onPlanes("test_subBytes", bytes);
      expect(images).toEqual(bytes.map((byte) => sbox[byte]!));
      expect(onPlanes("test_invSubBytes", images)).toEqual(bytes);
    }
  });
});

describe("AES-256", () => {
  test("FIPS 197, C.3, in every lane", () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    const plain = Uint8Array.from({ length: 16 }, (_, i) => 0x11 * i);
    const cipher = new Uint8Array(Buffer.from("8ea2b7ca516745bfeafc49904b496089", "hex"));
    for (let lane = 0; lane < LANES; lane++) {
      const pick = (chosen: Uint8Array, size: number) =>
        Array.from({ length: LANES }, (_, j) => (j === lane ? chosen : new Uint8Array(size)));
      expandKeys(pick(key, 32));
      setRows(Q, pick(plain, 16));
      card.call("test_aesTranspose", Q);
      card.call("test_aesEncrypt", Q);
      card.call("test_aesTranspose", Q);
      expect(rows(Q)[lane]).toEqual(cipher);
      card.call("test_aesTranspose", Q);
      card.call("test_aesDecrypt", Q);
      card.call("test_aesTranspose", Q);
      expect(rows(Q)[lane]).toEqual(plain);
    }
  });

  test("eight keys at once agree with node:crypto, both ways", () => {
    const special = [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(0x80)];
    for (let round = 0; round < 50; round++) {
      const keys = Array.from({ length: LANES }, (_, j) => (round === 0 && special[j]) || randomBytes(32));
      const blocks = keys.map((_, j) => (round === 0 ? new Uint8Array(16).fill(j & 1 ? 0xff : 0) : randomBytes(16)));
      expandKeys(keys);
      setRows(Q, blocks);
      card.call("test_aesTranspose", Q);
      card.call("test_aesEncrypt", Q);
      card.call("test_aesTranspose", Q);
      expect(rows(Q)).toEqual(keys.map((key, j) => nodeEncrypt(key, blocks[j]!)));
      card.call("test_aesTranspose", Q);
      card.call("test_aesDecrypt", Q);
      card.call("test_aesTranspose", Q);
      expect(rows(Q)).toEqual(blocks.map((block) => new Uint8Array(block)));
    }
  });
});

describe("counter mode", () => {
  const KEY = ARENA + 0x1000;
  const DATA = ARENA + 0x2000;

  test("agrees with node:crypto at every length up to three passes, and wipes", () => {
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
