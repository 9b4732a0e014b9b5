import { createHmac, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const SCRATCH = 0x640000;
const SCRATCH_END = 0x6a0000;
const OUT = ARENA;
const CONTEXT = ARENA + 0x100;
const OTHER = ARENA + 0x400;
const KEY = ARENA + 0x1000;
const DATA = ARENA + 0x2000;

const hashes = [
  { hash: "sha256", name: "hmacSha256", bytes: 32, block: 64, contextBytes: 224 },
  { hash: "sha512", name: "hmacSha512", bytes: 64, block: 128, contextBytes: 416 },
] as const;

const hex = (digits: string) => Buffer.from(digits, "hex");
const longKey = Buffer.alloc(131, 0xaa);
const longText =
  "This is a test using a larger than block-size key and a larger than block-size data. " +
  "The key needs to be hashed before being used by the HMAC algorithm.";

// RFC 4231, 4.2 to 4.8; case 5 gives the first 128 bits only.
const rfc4231 = [
  {
    key: Buffer.alloc(20, 0x0b),
    data: Buffer.from("Hi There"),
    sha256: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    sha512:
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
  },
  {
    key: Buffer.from("Jefe"),
    data: Buffer.from("what do ya want for nothing?"),
    sha256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    sha512:
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
  },
  {
    key: Buffer.alloc(20, 0xaa),
    data: Buffer.alloc(50, 0xdd),
    sha256: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    sha512:
      "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
  },
  {
    key: hex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
    data: Buffer.alloc(50, 0xcd),
    sha256: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    sha512:
      "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
  },
  {
    key: Buffer.alloc(20, 0x0c),
    data: Buffer.from("Test With Truncation"),
    sha256: "a3b6167473100ee06e0c796c2955552b",
    sha512: "415fad6271580a531d4179bc891d87a6",
  },
  {
    key: longKey,
    data: Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First"),
    sha256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    sha512:
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
  },
  {
    key: longKey,
    data: Buffer.from(longText),
    sha256: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    sha512:
      "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
  },
];

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

describe.each(hashes)("$name", ({ hash, name, bytes, block, contextBytes }) => {
  const result = (at = OUT) => Buffer.from(card.memory.subarray(at, at + bytes)).toString("hex");
  const whole = (key: Uint8Array, data: Uint8Array) => {
    card.memory.set(key, KEY);
    card.memory.set(data, DATA);
    card.call(`test_${name}`, OUT, KEY, key.length, DATA, data.length);
    return result();
  };
  const init = (ctx: number, key: Uint8Array) => {
    card.memory.set(key, KEY);
    card.call(`test_${name}Init`, ctx, KEY, key.length);
  };
  const update = (ctx: number, at: number, n: number) => card.call(`test_${name}Update`, ctx, at, n);
  const final = (ctx: number) => {
    card.call(`test_${name}Final`, OUT, ctx);
    return result();
  };
  const expected = (key: Uint8Array, data: Uint8Array) => createHmac(hash, key).update(data).digest("hex");

  test("RFC 4231", () => {
    expect(rfc4231.length).toBe(7);
    for (const { key, data, [hash]: want } of rfc4231) expect(whole(key, data).slice(0, want.length)).toBe(want);
  });

  test("every length of key to two blocks and one byte, leaving no trace", () => {
    for (let n = 0; n <= 2 * block + 1; n++) {
      const key = randomBytes(n);
      const data = randomBytes((7 * n) % 301);
      expect(whole(key, data)).toBe(expected(key, data));
      expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
    }
  });

  test("every length of data to 300 bytes, in two parts", () => {
    const key = randomBytes(bytes);
    const data = randomBytes(300);
    card.memory.set(data, DATA);
    for (let n = 0; n <= 300; n++) {
      const part = Math.floor(n / 3);
      init(CONTEXT, key);
      update(CONTEXT, DATA, part);
      update(CONTEXT, DATA + part, n - part);
      expect(final(CONTEXT)).toBe(expected(key, data.subarray(0, n)));
    }
  });

  test("the code may be written over the key or the data", () => {
    const key = randomBytes(block + 5);
    const data = randomBytes(2 * block);
    for (const out of [KEY, KEY + 3, DATA, DATA + block]) {
      card.memory.set(key, KEY);
      card.memory.set(data, DATA);
      card.call(`test_${name}`, out, KEY, key.length, DATA, data.length);
      expect(result(out)).toBe(expected(key, data));
    }
  });

  test("copies of one keyed context serve for many messages, beside another context", () => {
    const key = randomBytes(40);
    const otherKey = randomBytes(block + 1);
    init(CONTEXT, key);
    init(OTHER, otherKey);
    for (let n = 0; n < 100; n++) {
      const data = randomBytes(2 * n);
      card.memory.set(data, DATA);
      const copy = OTHER + 0x300;
      card.memory.copyWithin(copy, CONTEXT, CONTEXT + contextBytes);
      update(copy, DATA, n);
      update(OTHER, DATA, 0);
      update(copy, DATA + n, n);
      expect(final(copy)).toBe(expected(key, data));
    }
    expect(final(OTHER)).toBe(expected(otherKey, new Uint8Array()));
  });

  test("the end wipes the context and nothing beyond", () => {
    card.memory.fill(0xee, CONTEXT - 16, CONTEXT + contextBytes + 16);
    init(CONTEXT, randomBytes(block));
    update(CONTEXT, DATA, 9);
    final(CONTEXT);
    expect(firstNonZero(card.memory, CONTEXT, CONTEXT + contextBytes)).toBe(-1);
    const around = [
      card.memory.subarray(CONTEXT - 16, CONTEXT),
      card.memory.subarray(CONTEXT + contextBytes).subarray(0, 16),
    ];
    for (const bytes of around) expect(bytes).toEqual(new Uint8Array(16).fill(0xee));
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });
});
