import { createCipheriv, randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  expandKey,
  INVERSE_SBOX,
  invMixColumns,
  invShiftRows,
  invSubBytes,
  mixColumns,
  SBOX,
  shiftRows,
  subBytes,
  xor,
} from "../../support/aes-reference.ts";
import { ARENA, loadTesting, type TestModule } from "../../support/wasm.ts";

const LANES = 4;
const KEYS_BYTES = 240;
const Q = ARENA;
const KEYS = ARENA + 0x100;
const KEY = ARENA + 0x1000;

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const random = (n: number) => new Uint8Array(randomBytes(n));
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});
beforeEach(() => card.memory.fill(0xee, ARENA, ARENA + 0x2000));

/** True if n bytes are as beforeEach left them. */
const untouched = (at: number, n: number) => card.memory.subarray(at, at + n).every((byte) => byte === 0xee);

/** A block after the function, which may take more than its address. */
function apply(name: string, block: Uint8Array, ...more: number[]): Uint8Array {
  card.memory.set(block, Q);
  card.call(name, Q, ...more);
  if (!untouched(Q + 16, 16)) throw new Error(`${name} wrote past the block`);
  return card.memory.slice(Q, Q + 16);
}
const toForward = (block: Uint8Array) => apply("test_aesToForward", block);
const fromForward = (block: Uint8Array) => apply("test_aesFromForward", block);
const toBackward = (block: Uint8Array) => apply("test_aesToBackward", block);
const fromBackward = (block: Uint8Array) => apply("test_aesFromBackward", block);

/** The round `name` with this round key. */
function round(name: string, block: Uint8Array, key: Uint8Array): Uint8Array {
  card.memory.set(key, KEY);
  return apply(name, block, KEY);
}

/** Every byte value in every place. */
const everyByte = range(256).map((shift) => Uint8Array.from({ length: 16 }, (_, p) => 37 * p + shift));

describe("the reference", () => {
  test("has the S-box of FIPS 197, figure 7, and its inverse", () => {
    expect([0x00, 0x01, 0x10, 0x53, 0x9a, 0xff].map((x) => SBOX[x])).toEqual([0x63, 0x7c, 0xca, 0xed, 0xb8, 0x16]);
    expect(subBytes(INVERSE_SBOX)).toEqual(Uint8Array.from(range(256)));
  });

  test("expands the key of FIPS 197, A.3", () => {
    const keys = expandKey(bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"));
    expect(keys[2]).toEqual(bytes("9ba354118e6925afa51a8b5f2067fcde"));
    expect(keys[14]).toEqual(bytes("fe4890d1e6188d0b046df344706c631e"));
  });
});

describe("forms", () => {
  test("are linear, and lead back, for every byte in every place", () => {
    for (const block of everyByte) {
      expect(fromForward(toForward(block))).toEqual(block);
      expect(fromBackward(toBackward(block))).toEqual(block);
      const [x, y] = [random(16), block];
      expect(toForward(xor(x, y))).toEqual(xor(toForward(x), toForward(y)));
      expect(toBackward(xor(x, y))).toEqual(xor(toBackward(x), toBackward(y)));
    }
  });
});

// Round keys hold the S-box's constant: the reference's key plus 63.
describe("one round, for every byte in every place", () => {
  test("of encryption", () => {
    for (const block of everyByte) {
      const key = random(16);
      const sub = shiftRows(subBytes(block));
      const [x, k] = [toForward(block), toForward(xor(key, 0x63))];
      expect(fromForward(round("test_aesRound", x, k))).toEqual(xor(mixColumns(sub), key));
      expect(fromForward(round("test_aesLastRound", x, k))).toEqual(xor(sub, key));
    }
  });

  test("of decryption", () => {
    for (const block of everyByte) {
      const key = random(16);
      const sub = invShiftRows(invSubBytes(block));
      const x = toBackward(xor(block, 0x63));
      const mixed = toBackward(xor(invMixColumns(key), 0x63));
      expect(xor(fromBackward(round("test_aesUnround", x, mixed)), 0x63)).toEqual(invMixColumns(xor(sub, key)));
      expect(fromBackward(round("test_aesLastUnround", x, toBackward(key)))).toEqual(xor(sub, key));
    }
  });
});

/** Loads the keys, lane by lane, and expands them. */
function expand(name: "test_aesExpandForward" | "test_aesExpandBackward", keys: readonly Uint8Array[]): void {
  for (const [j, key] of keys.entries()) {
    card.memory.set(key, KEY);
    card.call("test_aesLoadKey", KEYS + KEYS_BYTES * j, KEY);
  }
  card.call(name, KEYS, keys.length);
}

/** Round key r of lane j. */
const roundKey = (j: number, r: number) => {
  const at = KEYS + KEYS_BYTES * j + 16 * r;
  return card.memory.slice(at, at + 16);
};

/** Keys with as few and as many nibbles that are zero as can be, and random ones. */
const keySets = [
  [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(0x52), new Uint8Array(32).fill(0x63)],
  ...range(200).map(() => range(LANES).map(() => random(32))),
];

describe("round keys", () => {
  test("for encryption, of 1 to 4 keys at once", () => {
    for (const [i, set] of keySets.entries()) {
      const keys = set.slice(0, LANES - (i % LANES));
      card.memory.fill(0xee, KEYS, KEY);
      expand("test_aesExpandForward", keys);
      for (const [j, key] of keys.entries()) {
        const found = range(15).map((r) => xor(fromForward(roundKey(j, r)), r === 0 ? 0 : 0x63));
        expect(found).toEqual(expandKey(key));
      }
      expect(untouched(KEYS + KEYS_BYTES * keys.length, KEYS_BYTES)).toBe(true);
    }
  });

  test("for decryption, of 1 to 4 keys at once", () => {
    for (const [i, set] of keySets.entries()) {
      const keys = set.slice(0, LANES - (i % LANES));
      card.memory.fill(0xee, KEYS, KEY);
      expand("test_aesExpandBackward", keys);
      for (const [j, key] of keys.entries()) {
        const found = range(15).map((r) => xor(fromBackward(roundKey(j, r)), r === 0 ? 0 : 0x63));
        const wanted = expandKey(key).map((k, r) => (r === 0 || r === 14 ? k : invMixColumns(k)));
        expect(found).toEqual(wanted);
      }
      expect(untouched(KEYS + KEYS_BYTES * keys.length, KEYS_BYTES)).toBe(true);
    }
  });
});

/** One block by the functions for one. */
const encryptOne = (block: Uint8Array) => fromForward(apply("test_aesEncryptOne", toForward(block), KEYS));
const decryptOne = (block: Uint8Array) => fromBackward(apply("test_aesDecryptOne", toBackward(block), KEYS));

/** Four blocks at once, each under the keys `apart` bytes after those of the one before. */
function four(direction: "Encrypt" | "Decrypt", blocks: readonly Uint8Array[], apart: number): Uint8Array[] {
  const forms = direction === "Encrypt" ? ([toForward, fromForward] as const) : ([toBackward, fromBackward] as const);
  const inside = blocks.map(forms[0]);
  inside.forEach((block, j) => {
    card.memory.set(block, Q + 16 * j);
  });
  card.call(`test_aes${direction}Four`, Q, KEYS, apart);
  const results = range(LANES).map((j) => card.memory.slice(Q + 16 * j, Q + 16 * j + 16));
  card.memory.fill(0xee, Q, Q + 16 * LANES);
  return results.map(forms[1]);
}

const nodeEncrypt = (key: Uint8Array, block: Uint8Array) =>
  new Uint8Array(createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(block));

describe("AES-256", () => {
  const sp800 = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
  test.each([
    [
      "FIPS 197, C.3",
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      "00112233445566778899aabbccddeeff",
      "8ea2b7ca516745bfeafc49904b496089",
    ],
    ["SP 800-38A, F.1.5, 1", sp800, "6bc1bee22e409f96e93d7e117393172a", "f3eed1bdb5d2a03c064b5a7e3db181f8"],
    ["SP 800-38A, F.1.5, 2", sp800, "ae2d8a571e03ac9c9eb76fac45af8e51", "591ccb10d410ed26dc5ba74a31362870"],
    ["SP 800-38A, F.1.5, 3", sp800, "30c81c46a35ce411e5fbc1191a0a52ef", "b6ed21b99ca6f4f9f153e7b1beafed1d"],
    ["SP 800-38A, F.1.5, 4", sp800, "f69f2445df4f9b17ad2b417be66c3710", "23304b7a39f9f3ff067d8d8f9e24ecc7"],
  ])("%s, alone and in every lane", (_, keyHex, plainHex, cipherHex) => {
    const [key, plain, cipher] = [bytes(keyHex), bytes(plainHex), bytes(cipherHex)];
    expand("test_aesExpandForward", [key]);
    expect(encryptOne(plain)).toEqual(cipher);
    expand("test_aesExpandBackward", [key]);
    expect(decryptOne(cipher)).toEqual(plain);
    for (const lane of range(LANES)) {
      const keys = range(LANES).map((j) => (j === lane ? key : random(32)));
      const blocks = (mine: Uint8Array) => range(LANES).map((j) => (j === lane ? mine : random(16)));
      expand("test_aesExpandForward", keys);
      expect(four("Encrypt", blocks(plain), KEYS_BYTES)[lane]).toEqual(cipher);
      expand("test_aesExpandBackward", keys);
      expect(four("Decrypt", blocks(cipher), KEYS_BYTES)[lane]).toEqual(plain);
    }
  });

  test("one block at a time agrees with node:crypto, both ways", () => {
    for (let i = 0; i < 2000; i++) {
      const [key, block] = [random(32), random(16)];
      const wanted = nodeEncrypt(key, block);
      expand("test_aesExpandForward", [key]);
      expect(encryptOne(block)).toEqual(wanted);
      expand("test_aesExpandBackward", [key]);
      expect(decryptOne(wanted)).toEqual(block);
    }
  });

  test("four keys at once agree with node:crypto, both ways", () => {
    for (const keys of keySets) {
      const blocks = keys.map(() => random(16));
      const wanted = keys.map((key, j) => nodeEncrypt(key, blocks[j]!));
      expand("test_aesExpandForward", keys);
      expect(four("Encrypt", blocks, KEYS_BYTES)).toEqual(wanted);
      expand("test_aesExpandBackward", keys);
      expect(four("Decrypt", wanted, KEYS_BYTES)).toEqual(blocks);
    }
  });

  test("four blocks under one key agree with node:crypto, both ways", () => {
    for (const [key] of keySets) {
      const blocks = range(LANES).map(() => random(16));
      const wanted = blocks.map((block) => nodeEncrypt(key!, block));
      expand("test_aesExpandForward", [key!]);
      expect(four("Encrypt", blocks, 0)).toEqual(wanted);
      expand("test_aesExpandBackward", [key!]);
      expect(four("Decrypt", wanted, 0)).toEqual(blocks);
    }
  });
});
