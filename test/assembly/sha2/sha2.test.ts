import { createHash, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const SCRATCH = 0x640000;
const SCRATCH_END = 0x6a0000;
const OUT = ARENA;
const CONTEXT = ARENA + 0x100;
const OTHER = ARENA + 0x300;
const DATA = ARENA + 0x1000;

const two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
const four =
  "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

// FIPS 180-4 examples: one block, two blocks, the longer two-block message of SHA-512, a million times "a", and no message.
const hashes = [
  {
    name: "sha256",
    bytes: 32,
    block: 64,
    contextBytes: 112,
    examples: [
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      [two, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"],
      [four, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"],
      ["a".repeat(1e6), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ],
  },
  {
    name: "sha512",
    bytes: 64,
    block: 128,
    contextBytes: 208,
    examples: [
      [
        "abc",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      ],
      [
        two,
        "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445",
      ],
      [
        four,
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
      ],
      [
        "a".repeat(1e6),
        "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
      ],
      [
        "",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
      ],
    ],
  },
] as const;

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

describe.each(hashes)("$name", ({ name, bytes, block, contextBytes, examples }) => {
  const expected = (data: Uint8Array) => createHash(name).update(data).digest("hex");
  const init = (ctx: number) => card.call(`test_${name}Init`, ctx);
  const update = (ctx: number, at: number, n: number) => card.call(`test_${name}Update`, ctx, at, n);
  const digest = (at = OUT) => Buffer.from(card.memory.subarray(at, at + bytes)).toString("hex");
  const final = (ctx: number) => {
    card.call(`test_${name}Final`, OUT, ctx);
    return digest();
  };
  const whole = (at: number, n: number) => {
    card.call(`test_${name}`, OUT, at, n);
    return digest();
  };

  test("FIPS 180-4 examples", () => {
    for (const [message, want] of examples) {
      card.memory.set(Buffer.from(message), DATA);
      expect(whole(DATA, message.length)).toBe(want);
    }
  });

  test("every length from 0 to 600, at every alignment in turn, leaving no trace", () => {
    for (let n = 0; n <= 600; n++) {
      const data = randomBytes(n);
      const at = DATA + (n % 17);
      card.memory.set(data, at);
      expect(whole(at, n)).toBe(expected(data));
      expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
    }
  });

  test("the digest may be written over the data", () => {
    const data = randomBytes(3 * block);
    for (const offset of [0, 1, bytes, 2 * block]) {
      card.memory.set(data, DATA);
      card.call(`test_${name}`, DATA + offset, DATA, data.length);
      expect(digest(DATA + offset)).toBe(expected(data));
    }
  });

  test("three blocks in three parts, split at every pair of points", () => {
    const n = 3 * block;
    const data = randomBytes(n);
    const want = expected(data);
    card.memory.set(data, DATA);
    let wrong = 0;
    for (let first = 0; first <= n; first++) {
      for (let second = first; second <= n; second++) {
        init(CONTEXT);
        update(CONTEXT, DATA, first);
        update(CONTEXT, DATA + first, second - first);
        update(CONTEXT, DATA + second, n - second);
        if (final(CONTEXT) !== want) wrong++;
      }
    }
    expect(wrong).toBe(0);
  });

  test("byte by byte, at every length to three blocks", () => {
    const data = randomBytes(3 * block);
    card.memory.set(data, DATA);
    for (let n = 0; n <= data.length; n++) {
      init(CONTEXT);
      for (let i = 0; i < n; i++) update(CONTEXT, DATA + i, 1);
      expect(final(CONTEXT)).toBe(expected(data.subarray(0, n)));
    }
  });

  test("two contexts by turns, with one-piece messages in between", () => {
    const a = randomBytes(500);
    const b = randomBytes(500);
    card.memory.set(a, DATA);
    card.memory.set(b, DATA + 500);
    init(CONTEXT);
    init(OTHER);
    for (let i = 0; i < 500; i += 50) {
      update(CONTEXT, DATA + i, 50);
      update(OTHER, DATA + 500 + i, 50);
      expect(whole(DATA + 500 + i, 50)).toBe(expected(b.subarray(i, i + 50)));
    }
    expect(final(CONTEXT)).toBe(expected(a));
    expect(final(OTHER)).toBe(expected(b));
  });

  test("a copy goes on by itself from every point of two blocks", () => {
    const data = randomBytes(2 * block + 100);
    card.memory.set(data, DATA);
    for (let n = 0; n <= 2 * block; n++) {
      init(CONTEXT);
      update(CONTEXT, DATA, n);
      card.memory.copyWithin(OTHER, CONTEXT, CONTEXT + contextBytes);
      update(CONTEXT, DATA + n, 100);
      expect(final(OTHER)).toBe(expected(data.subarray(0, n)));
      expect(final(CONTEXT)).toBe(expected(data.subarray(0, n + 100)));
    }
  });

  test("the end wipes the context and nothing beyond", () => {
    card.memory.fill(0xee, CONTEXT - 16, CONTEXT + contextBytes + 16);
    card.memory.set(randomBytes(block + 9), DATA);
    init(CONTEXT);
    update(CONTEXT, DATA, block + 9);
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
