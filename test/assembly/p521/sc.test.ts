import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const C = 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n;
const N = (1n << 521n) - C;
/** Scalars lie below this, in 18 limbs of 29 bits and two lanes of zero. */
const BOUND = (1n << 521n) + (1n << 261n);
const STRIDE = 80;
const LIMBS = 18;
const SCRATCH = 0xf00000;
const SCRATCH_END = 0x1000000;

const X = ARENA;
const Y = ARENA + STRIDE;
const Z = ARENA + 2 * STRIDE;
const OCTETS = ARENA + 0x400;
const BATCH = ARENA + 0x1000;
const INVERSES = ARENA + 0x8000;

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

const mod = (x: bigint) => ((x % N) + N) % N;

function put(at: number, x: bigint): void {
  if (x < 0n || x >= BOUND) throw new RangeError(`want a number below 2^521 + 2^261, got ${x.toString(16)}`);
  for (let i = 0; i < 20; i++) card.view.setUint32(at + 4 * i, Number((x >> BigInt(29 * i)) & 0x1fffffffn), true);
}

/** The number at `at`, after asserting what every routine promises of its output. */
function get(at: number): bigint {
  let x = 0n;
  for (let i = 0; i < 20; i++) {
    const limb = card.view.getUint32(at + 4 * i, true);
    if (limb >= (i < LIMBS ? 1 << 29 : 1)) throw new Error(`want limb ${i} below its bound, got ${limb}`);
    x |= BigInt(limb) << BigInt(29 * i);
  }
  if (x >= BOUND) throw new Error(`want a number below 2^521 + 2^261, got ${x.toString(16)}`);
  return x;
}

const fromOctets = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const toOctets = (x: bigint, n: number) => Buffer.from(x.toString(16).padStart(2 * n, "0"), "hex");
const hex = (x: bigint) => x.toString(16);
const random = () => fromOctets(randomBytes(70)) % BOUND;

/** A number whose limbs are mostly 0, 1, the top bit alone or all ones. */
function weird(): bigint {
  const choices = [0n, 1n, 1n << 28n, (1n << 29n) - 1n];
  let x = 0n;
  for (let i = 0; i < LIMBS; i++) {
    const pick = randomBytes(1)[0] ?? 0;
    const limb = choices[pick & 7] ?? BigInt(randomBytes(4).readUInt32LE() >>> 3);
    x |= limb << BigInt(29 * i);
  }
  return x < BOUND ? x : x & ((1n << 521n) - 1n);
}

function edges(): bigint[] {
  const values = [0n, 1n, 2n, 3n, N - 1n, N - 2n, (N - 1n) / 2n, (N + 1n) / 2n, C, C - 1n, 2n * C];
  for (let i = 1n; i < 18n; i++) values.push((1n << (29n * i)) - 1n, 1n << (29n * i), (1n << (29n * i)) + 1n);
  // The same residues, held as x + n, and the ends of the range.
  values.push(N, N + 1n, N + 2n, (1n << 521n) - 1n, 1n << 521n, BOUND - 1n, BOUND - 2n);
  return values;
}

const binary = [
  { name: "test_scMul", model: (x: bigint, y: bigint) => mod(x * y) },
  { name: "test_scAdd", model: (x: bigint, y: bigint) => mod(x + y) },
  { name: "test_scSub", model: (x: bigint, y: bigint) => mod(x - y) },
] as const;

const unary = [
  { name: "test_scCanonical", model: mod },
  { name: "test_scInvert", model: inverse },
] as const;

/** 1/x mod n by the extended Euclidean algorithm, or 0. */
function inverse(x: bigint): bigint {
  let [r0, r1, t0, t1] = [N, mod(x), 0n, 1n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1, t0, t1] = [r1, r0 - q * r1, t1, t0 - q * t1];
  }
  return r0 === 1n ? mod(t0) : 0n;
}

function checkBinary({ name, model }: (typeof binary)[number], x: bigint, y: bigint): void {
  put(X, x);
  put(Y, y);
  card.call(name, Z, X, Y);
  const z = get(Z);
  if (mod(z) !== model(x, y)) throw new Error(`${name}(${hex(x)}, ${hex(y)}): want ${hex(model(x, y))}, got ${hex(z)}`);
  if (get(X) !== x || get(Y) !== y) throw new Error(`${name} changed its inputs`);
}

function checkUnary({ name, model }: (typeof unary)[number], x: bigint): void {
  put(X, x);
  card.call(name, Z, X);
  const z = get(Z);
  if (mod(z) !== model(x)) throw new Error(`${name}(${hex(x)}): want ${hex(model(x))}, got ${hex(z)}`);
  if (get(X) !== x) throw new Error(`${name} changed its input`);
}

describe.each(binary)("$name", (operation) => {
  test("all pairs of edge values", () => {
    const values = edges();
    for (const x of values) for (const y of values) checkBinary(operation, x, y);
  });

  test("random numbers and weird limbs", () => {
    for (let i = 0; i < 5000; i++) {
      checkBinary(operation, random(), random());
      checkBinary(operation, weird(), weird());
      checkBinary(operation, weird(), random());
    }
  });

  test.each([
    { of: "z = x", z: X, x: X, y: Y },
    { of: "z = y", z: Y, x: X, y: Y },
    { of: "x = y", z: Z, x: X, y: X },
    { of: "z = x = y", z: X, x: X, y: X },
  ])("aliasing: $of", ({ z, x, y }) => {
    for (let i = 0; i < 500; i++) {
      const [a, b] = i % 2 === 0 ? [random(), random()] : [weird(), weird()];
      put(X, a);
      put(Y, b);
      card.call(operation.name, z, x, y);
      expect(mod(get(z))).toBe(operation.model(x === X ? a : b, y === X ? a : b));
    }
  });

  test("leaves no trace", () => {
    checkBinary(operation, random(), BOUND - 1n);
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });
});

describe.each(unary)("$name", (operation) => {
  test("edge values and single bits", () => {
    for (const x of edges()) checkUnary(operation, x);
    for (let k = 0n; k < 521n; k++) {
      for (const x of [1n << k, (1n << k) - 1n, N - (1n << k)]) checkUnary(operation, x);
    }
  });

  test("random numbers and weird limbs", () => {
    for (let i = 0; i < 2000; i++) {
      checkUnary(operation, random());
      checkUnary(operation, weird());
      checkUnary(operation, random() >> BigInt(i % 521));
    }
  });

  test("aliasing: z = x; leaves no trace", () => {
    for (let i = 0; i < 200; i++) {
      const x = i % 2 === 0 ? random() : weird();
      put(X, x);
      card.call(operation.name, X, X);
      expect(mod(get(X))).toBe(operation.model(x));
    }
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });
});

test("scCanonical leaves a number below n", () => {
  for (const x of [...edges(), weird(), random()]) {
    put(X, x);
    card.call("test_scCanonical", Z, X);
    expect(get(Z)).toBe(mod(x));
  }
});

test("scIsZero and scIsEqual go by residue, not by limbs", () => {
  const values = edges();
  for (const x of values) {
    put(X, x);
    expect(card.call("test_scIsZero", X)).toBe(mod(x) === 0n ? 1 : 0);
    for (const y of values) {
      put(Y, y);
      expect(card.call("test_scIsEqual", X, Y)).toBe(mod(x) === mod(y) ? 1 : 0);
    }
  }
  for (let bit = 0n; bit < 521n; bit++) {
    put(X, 1n << bit);
    expect(card.call("test_scIsZero", X)).toBe(0);
  }
  expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
});

describe("octets and words", () => {
  test("scFromBytes takes numbers below n and nothing else", () => {
    const bad = [N, N + 1n, (1n << 521n) - 1n, 1n << 521n, (1n << 522n) - C, 1n << 522n, (1n << 522n) + 1n, 1n << 527n];
    for (const x of [
      ...bad,
      (1n << 528n) - 1n,
      (1n << 528n) - C,
      0n,
      1n,
      N - 1n,
      N - 2n,
      C,
      (1n << 520n) - 1n,
      1n << 520n,
    ]) {
      card.memory.set(toOctets(x, 66), OCTETS);
      put(Z, 5n);
      expect(card.call("test_scFromBytes", Z, OCTETS)).toBe(x < N ? 1 : 0);
      expect(get(Z)).toBe(x < N ? x : 0n);
    }
    for (let i = 0; i < 1000; i++) {
      const x = mod(i % 2 === 0 ? random() : weird());
      card.memory.set(toOctets(x, 66), OCTETS);
      expect(card.call("test_scFromBytes", Z, OCTETS)).toBe(1);
      expect(get(Z)).toBe(x);
    }
  });

  test("scToBytes and scToWords give the least residue", () => {
    for (const x of [...edges(), ...Array.from({ length: 500 }, weird), ...Array.from({ length: 500 }, random)]) {
      put(X, x);
      card.memory.fill(0xee, OCTETS, OCTETS + 80);
      card.call("test_scToBytes", OCTETS, X);
      expect(fromOctets(card.memory.subarray(OCTETS, OCTETS + 66))).toBe(mod(x));
      expect(card.memory[OCTETS + 66]).toBe(0xee);
      card.call("test_scToWords", OCTETS, X);
      expect(fromOctets(card.memory.slice(OCTETS, OCTETS + 72).reverse())).toBe(mod(x));
      expect(card.memory[OCTETS + 72]).toBe(0xee);
    }
    put(X, BOUND - 1n);
    card.call("test_scToWords", X, X);
    expect(fromOctets(card.memory.slice(X, X + 72).reverse())).toBe(mod(BOUND - 1n));
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });

  test("scFromDigest takes all 512 bits", () => {
    for (const digest of [
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      ...Array.from({ length: 100 }, () => randomBytes(64)),
    ]) {
      card.memory.set(digest, OCTETS);
      card.call("test_scFromDigest", Z, OCTETS);
      expect(get(Z)).toBe(fromOctets(digest));
    }
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });

  test("scFromCoordinate reduces numbers below 2^521", () => {
    const ends = [0n, 1n, N - 1n, N, N + 1n, (1n << 521n) - 1n, 1n << 520n];
    for (const x of [...ends, ...Array.from({ length: 100 }, () => random() % (1n << 521n))]) {
      card.memory.set(toOctets(x, 66), OCTETS);
      card.call("test_scFromCoordinate", Z, OCTETS);
      expect(get(Z)).toBe(mod(x));
    }
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });

  test("scRandom reduces 656 bits, and 0 becomes 1", () => {
    const top = (1n << 656n) - 1n;
    const wide = [
      0n,
      1n,
      N - 1n,
      N,
      N + 1n,
      (top / N) * N,
      (top / N) * N - 1n,
      1n << 655n,
      top,
      (1n << 522n) - 1n,
      1n << 522n,
    ];
    for (const x of [...wide, ...Array.from({ length: 500 }, () => fromOctets(randomBytes(82)))]) {
      card.memory.set(toOctets(x, 82), OCTETS);
      card.call("test_scRandom", Z, OCTETS);
      expect(get(Z)).toBe(mod(x) || 1n);
    }
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });
});

describe("test_scInvertManyVarTime", () => {
  function check(values: readonly bigint[], stride: number): void {
    card.memory.fill(0xee, INVERSES, INVERSES + stride * (values.length + 1));
    for (const [i, x] of values.entries()) put(BATCH + stride * i, x);
    const zeros = card.call("test_scInvertManyVarTime", INVERSES, BATCH, values.length, stride);
    expect(zeros).toBe(values.filter((x) => mod(x) === 0n).length);
    for (const [i, x] of values.entries()) {
      expect(mod(get(INVERSES + stride * i))).toBe(inverse(x));
      expect(get(BATCH + stride * i)).toBe(x);
      const gap = card.memory.subarray(INVERSES + stride * i + STRIDE, INVERSES + stride * (i + 1));
      expect(gap.every((byte) => byte === 0xee)).toBe(true);
    }
    expect(card.memory[INVERSES + stride * values.length]).toBe(0xee);
  }

  test.each([80, 96, 224])("batches of 0 to 20, %i bytes apart", (stride) => {
    for (let n = 0; n <= 20; n++) check(Array.from({ length: n }, random), stride);
  });

  test("a zero at every position, as 0 and as n, and all zeros", () => {
    for (const zero of [0n, N]) {
      for (let n = 1; n <= 9; n++) {
        for (let at = 0; at < n; at++)
          check(
            Array.from({ length: n }, (_, i) => (i === at ? zero : random())),
            STRIDE,
          );
        check(new Array<bigint>(n).fill(zero), STRIDE);
      }
    }
    check([0n, random(), N, 0n, random(), 1n, N], STRIDE);
  });

  test("leaves no trace", () => {
    check([random(), 0n, N - 1n, 1n], STRIDE);
    expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  });
});
