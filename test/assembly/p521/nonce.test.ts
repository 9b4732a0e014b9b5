import { createHash, createHmac, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const N = (1n << 521n) - 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n;
const K = ARENA;
const SCALAR = ARENA + 0x100;
const DIGEST = ARENA + 0x200;
const EXTRA = ARENA + 0x300;

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

const fromOctets = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const toOctets = (x: bigint) => Buffer.from(x.toString(16).padStart(132, "0"), "hex");

/** RFC 6979, 3.2 and 3.6, word by word for any digest; passes over the first `attempt` good candidates. */
function model(scalar: bigint, digest: Uint8Array, extra: Uint8Array, attempt: number): bigint {
  const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]) =>
    createHmac("sha512", key).update(Buffer.concat(parts)).digest();
  const bits2int = (bytes: Uint8Array) => {
    const excess = 8 * bytes.length - 521;
    return excess > 0 ? fromOctets(bytes) >> BigInt(excess) : fromOctets(bytes);
  };
  const seed = Buffer.concat([toOctets(scalar), toOctets(bits2int(digest) % N), extra]);
  let v: Uint8Array = Buffer.alloc(64, 1);
  let key: Uint8Array = Buffer.alloc(64, 0);
  for (const separator of [0, 1]) {
    key = hmac(key, v, Buffer.of(separator), seed);
    v = hmac(key, v);
  }
  for (let left = attempt; ; ) {
    let t = Buffer.alloc(0);
    while (8 * t.length < 521) {
      v = hmac(key, v);
      t = Buffer.concat([t, v]);
    }
    const k = bits2int(t);
    if (k >= 1n && k < N && left-- === 0) return k;
    key = hmac(key, v, Buffer.of(0));
    v = hmac(key, v);
  }
}

function nonce(scalar: bigint, digest: Uint8Array, extra: Uint8Array = new Uint8Array(), attempt = 0): bigint {
  card.memory.set(toOctets(scalar), SCALAR);
  card.memory.set(digest, DIGEST);
  card.memory.set(extra, EXTRA);
  card.call("test_nonce", K, SCALAR, DIGEST, EXTRA, extra.length, attempt);
  return fromOctets(card.memory.subarray(K, K + 66));
}

const randomScalar = () => (fromOctets(randomBytes(80)) % (N - 1n)) + 1n;

describe("RFC 6979, A.2.7: P-521 with SHA-512", () => {
  const scalar = BigInt(
    "0x0fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
  );
  test.each([
    [
      "sample",
      "0x1dae2ea071f8110dc26882d4d5eae0621a3256fc8847fb9022e2b7d28e6f10198b1574fdd03a9053c08a1854a168aa5a57470ec97dd5ce090124ef52a2f7ecbffd3",
    ],
    [
      "test",
      "0x16200813020ec986863bedfc1b121f605c1215645018aea1a7b215a564de9eb1b38a67aa1128b80ce391c4fb71187654aaa3431027bfc7f395766ca988c964dc56d",
    ],
  ])("%s", (message, k) => {
    expect(nonce(scalar, createHash("sha512").update(message).digest())).toBe(BigInt(k));
  });
});

test("any key and digest, with and without extra data", () => {
  for (let i = 0; i < 100; i++) {
    const scalar = randomScalar();
    const digest = randomBytes(64);
    for (const extraLen of [0, 1, 32, 64, 200]) {
      const extra = randomBytes(extraLen);
      expect(nonce(scalar, digest, extra)).toBe(model(scalar, digest, extra, 0));
    }
  }
});

test("edge keys and digests", () => {
  for (const scalar of [1n, 2n, N - 1n, (1n << 520n) - 1n, 1n << 520n]) {
    for (const digest of [Buffer.alloc(64), Buffer.alloc(64, 0xff), Buffer.concat([Buffer.alloc(63), Buffer.of(1)])]) {
      expect(nonce(scalar, digest)).toBe(model(scalar, digest, new Uint8Array(), 0));
    }
  }
});

test("candidates that are passed over", () => {
  for (let attempt = 0; attempt < 6; attempt++) {
    const scalar = randomScalar();
    const digest = randomBytes(64);
    const extra = randomBytes(attempt % 2 === 0 ? 0 : 64);
    expect(nonce(scalar, digest, extra, attempt)).toBe(model(scalar, digest, extra, attempt));
  }
});

test("candidates outside 1..n-1 are refused", () => {
  const cases = [0n, 1n, 2n, N - 1n, N, N + 1n, (1n << 521n) - 1n, 1n << 521n, (1n << 528n) - 1n];
  for (const k of cases) {
    card.memory.set(toOctets(k), K);
    expect(card.call("test_isNonce", K)).toBe(k >= 1n && k < N ? 1 : 0);
  }
});

test("leaves no trace, and its inputs as they were", () => {
  const [scalar, digest, extra] = [randomScalar(), randomBytes(64), randomBytes(64)];
  nonce(scalar, digest, extra, 1);
  expect(firstNonZero(card.memory, 0x640000, 0x6a0000)).toBe(-1);
  expect(firstNonZero(card.memory, 0xf00000, 0x1000000)).toBe(-1);
  expect(fromOctets(card.memory.subarray(SCALAR, SCALAR + 66))).toBe(scalar);
  expect(Buffer.from(card.memory.subarray(DIGEST, DIGEST + 64)).equals(digest)).toBe(true);
  expect(Buffer.from(card.memory.subarray(EXTRA, EXTRA + 64)).equals(extra)).toBe(true);
});
