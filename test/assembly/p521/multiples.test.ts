import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  bigOf,
  edgeScalars,
  G,
  getAffine,
  getProjective,
  N,
  type NoblePoint,
  POINT2_BYTES,
  putAffine,
  timesG,
  words,
} from "../../support/p521-points.ts";
import { dirtySecrets } from "../../support/p521-scratch.ts";
import { ARENA, loadTesting, type TestModule } from "../../support/wasm.ts";

const WORDS = ARENA;
const STRIDE = 80;
const DIGITS = ARENA + 0x4000;
const PRODUCTS = ARENA + 0x8000;
const POINTS = ARENA + 0x40000;
const WORK = ARENA + 0x80000;
let module: TestModule;
beforeAll(async () => {
  module = await loadTesting();
  module.call("test_baseInit");
});

const randomScalar = () => (bigOf(randomBytes(66)) % (N - 1n)) + 1n;
const putScalars = (scalars: readonly bigint[]) =>
  scalars.forEach((k, i) => {
    module.memory.set(words(k), WORDS + i * STRIDE);
  });

describe("recoding", () => {
  const windows = [
    [4, 130],
    [5, 104],
    [5, 105],
    [6, 87],
    [8, 65],
    [10, 52],
  ] as const;

  test.each(windows)("window %i, %i rows: odd digits in range, whose sum is k mod n", (w, rows) => {
    const count = (rows + 2) & ~1;
    for (const k of [0n, ...edgeScalars, randomScalar(), randomScalar()]) {
      putScalars([k]);
      module.memory.fill(0xff, DIGITS, DIGITS + 4 * count + 4);
      module.call("test_recode", DIGITS, WORDS, w, rows);
      let sum = 0n;
      for (let i = 0; i < count; i++) {
        const digit = module.view.getUint32(DIGITS + 4 * i, true);
        const index = digit & 0x7fffffff;
        expect(index).toBeLessThan(i < rows ? 2 ** (w - 1) : 1);
        const power = i < rows ? w * i : w * rows + i - rows;
        sum += BigInt((digit >>> 31 ? -1 : 1) * (2 * index + 1)) << BigInt(power);
      }
      expect(module.view.getUint32(DIGITS + 4 * count, true)).toBe(0xffffffff);
      expect(((sum % N) + N) % N).toBe(k);
    }
  });
});

describe("multiples of the base point", () => {
  /** Multiplies, and returns the products; checks that the scratch is clean. */
  function multiply(scalars: readonly bigint[]): NoblePoint[] {
    putScalars(scalars);
    module.call("test_baseMulMany", PRODUCTS, WORDS, scalars.length, STRIDE);
    expect(dirtySecrets(module).filter((name) => name.startsWith("BASE_"))).toEqual([]);
    return scalars.map((_, i) => getProjective(module, PRODUCTS + (i >> 1) * POINT2_BYTES, i & 1));
  }

  test("edge scalars, and one bit alone", () => {
    const bits = Array.from({ length: 521 }, (_, i) => 1n << BigInt(i)).map((k) => k % N);
    const scalars = [...edgeScalars, ...bits];
    for (let i = 0; i < scalars.length; i += 64) {
      const some = scalars.slice(i, i + 64);
      multiply(some).forEach((product, j) => {
        expect(product.equals(timesG(some[j] ?? 0n)), `${some[j]}`).toBe(true);
      });
    }
  });

  test.each([1, 2, 3, 7, 8, 9, 16, 17])("%i jobs, zero among them", (n) => {
    const scalars = Array.from({ length: n }, (_, i) => (i === n >> 1 ? 0n : randomScalar()));
    multiply(scalars).forEach((product, j) => {
      expect(product.equals(timesG(scalars[j] ?? 0n))).toBe(true);
    });
  });

  test("k G + (n - k) G is infinity", () => {
    for (const k of [1n, 2n, 18n, randomScalar(), randomScalar()]) {
      multiply([k, N - k]);
      // both stand in one pair: add its lanes
      module.call("test_addAcross", POINTS, PRODUCTS, PRODUCTS);
      module.memory.copyWithin(POINTS, PRODUCTS, PRODUCTS + POINT2_BYTES);
      module.call("test_affineFromProjective", PRODUCTS, 1, POINT2_BYTES, WORK);
      const [p, q] = [getAffine(module, PRODUCTS, 0), getAffine(module, PRODUCTS, 1)];
      expect(p.add(q).is0()).toBe(true);
    }
  });
});

describe.each([
  ["secret", 1],
  ["public", 0],
])("multiples of any point by %s scalars", (_, secret) => {
  function multiply(points: readonly [NoblePoint, NoblePoint], scalars: readonly [bigint, bigint]): NoblePoint[] {
    putAffine(module, POINTS, ...points);
    putScalars(scalars);
    module.call("test_ptMul", PRODUCTS, POINTS, WORDS, WORDS + STRIDE, secret);
    expect(dirtySecrets(module).filter((name) => name.startsWith("MUL_"))).toEqual([]);
    return [0, 1].map((lane) => getProjective(module, PRODUCTS, lane));
  }

  test("edge scalars, two at a time", () => {
    const p = timesG(randomScalar());
    const scalars = [0n, ...edgeScalars, 1n << 519n, 1n << 520n];
    scalars.forEach((k, i) => {
      const other = scalars[(i + 31) % scalars.length] ?? 1n;
      const [first, second] = multiply([p, G], [k, other]);
      expect(first?.equals(k === 0n ? timesG(0n) : p.multiply(k)), `${k}`).toBe(true);
      expect(second?.equals(timesG(other)), `${other}`).toBe(true);
    });
  });

  test("random scalars and points", () => {
    for (let i = 0; i < 20; i++) {
      const [a, b] = [timesG(randomScalar()), timesG(randomScalar())];
      const [k, l] = [randomScalar(), randomScalar()];
      const [first, second] = multiply([a, b], [k, l]);
      expect(first?.equals(a.multiply(k))).toBe(true);
      expect(second?.equals(b.multiply(l))).toBe(true);
    }
  });
});
