// One point in both lanes: assembly/p521/point-one.ts, multiply-one.ts.
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  balanced,
  edgeLimbs,
  edgeValues,
  FE2_BYTES,
  getLimbs,
  getValue,
  isTight,
  mod,
  P,
  putLanes,
  putValues,
  randomSource,
  valueOfLimbs,
  weirdLimbs,
} from "../../support/p521-field.ts";
import {
  bigOf,
  edgeScalars,
  G,
  getJacobian,
  getProjective,
  INFINITY,
  N,
  type NoblePoint,
  POINT2_BYTES,
  putAffine,
  timesG,
  words,
} from "../../support/p521-points.ts";
import { dirtySecrets } from "../../support/p521-scratch.ts";
import { ARENA, loadTesting, type TestModule } from "../../support/wasm.ts";

const A = ARENA;
const B = A + POINT2_BYTES;
const PAIR = B + POINT2_BYTES;
const WORDS = PAIR + POINT2_BYTES;
const POINT1_BYTES = 2 * FE2_BYTES;

let module: TestModule;
beforeAll(async () => {
  module = await loadTesting();
  module.call("test_baseInit");
});

const randomScalar = () => (bigOf(randomBytes(66)) % (N - 1n)) + 1n;
const randomPoint = () => timesG(randomScalar());
const randomZ = () => (bigOf(randomBytes(66)) % (P - 1n)) + 1n;

type Limbs = readonly number[];
type Coordinates = readonly [x: bigint, y: bigint, z: bigint];

function putLimbs(at: number, x: Limbs, y: Limbs, z: Limbs): void {
  putLanes(module, at, [x, x]);
  putLanes(module, at + FE2_BYTES, [y, z]);
}

function putPoint(at: number, point: NoblePoint, z: bigint): void {
  const [x, y, last] = point.is0() ? [1n, 1n, 0n] : [point.x, point.y, z];
  putLimbs(at, balanced(x * z * z), balanced(y * z * z * z), balanced(last));
}

/** X, Y, Z; they must be tight, and X the same in both lanes. */
function getCoordinates(at: number): Coordinates {
  const limbs = [
    [at, 0],
    [at, 1],
    [at + FE2_BYTES, 0],
    [at + FE2_BYTES, 1],
  ] as const;
  const [x, again, y, z] = limbs.map(([from, lane]) => getLimbs(module, from, lane));
  for (const coordinate of [x, y, z]) expect(isTight(coordinate ?? [])).toBe(true);
  expect(again).toEqual(x);
  return [x, y, z].map((coordinate) => mod(valueOfLimbs(coordinate ?? []))) as unknown as Coordinates;
}

function getPoint(at: number): NoblePoint {
  getCoordinates(at);
  module.call("test_pt1ToPair", PAIR, at);
  const [p, q] = [getJacobian(module, PAIR, 0), getJacobian(module, PAIR, 1)];
  expect(p.equals(q)).toBe(true);
  return p;
}

/** dbl-2001-b. */
function doubled([x, y, z]: Coordinates): Coordinates {
  const [delta, gamma] = [z * z, y * y];
  const alpha = 3n * (x - delta) * (x + delta);
  const x3 = alpha * alpha - 8n * x * gamma;
  return [mod(x3), mod(alpha * (4n * x * gamma - x3) - 8n * gamma * gamma), mod(2n * y * z)];
}

/** madd. */
function added([x, y, z]: Coordinates, x2: bigint, y2: bigint): Coordinates {
  const [h, r] = [x2 * z * z - x, y2 * z * z * z - y];
  const v = x * h * h;
  const x3 = r * r - h * h * h - 2n * v;
  return [mod(x3), mod(r * (v - x3) - y * h * h * h), mod(z * h)];
}

// The formulas are identities: they need no point of the curve, so coordinates may be anything that is tight.
describe("formulas on any coordinates", () => {
  const cases: (readonly [Limbs, Limbs, Limbs, Limbs, Limbs])[] = [];
  const limbs = edgeLimbs(1);
  limbs.forEach((a, i) => {
    limbs.forEach((b, j) => {
      const [c, d, e] = [i + j + 1, i + 2 * j + 2, 3 * i + j].map((k) => limbs[k % limbs.length] ?? a);
      cases.push([a, b, c ?? a, d ?? a, e ?? a]);
    });
  });
  edgeValues.forEach((x, i) => {
    const others = [7, 31, 64, 101].map((step) => balanced(edgeValues[(i + step) % edgeValues.length] ?? 0n));
    cases.push([balanced(x), ...others] as unknown as [Limbs, Limbs, Limbs, Limbs, Limbs]);
  });
  const random = randomSource(521);
  for (let i = 0; i < 300; i++) {
    cases.push(
      Array.from({ length: 5 }, () => weirdLimbs(random, 1)) as unknown as [Limbs, Limbs, Limbs, Limbs, Limbs],
    );
  }

  test("doubling", () => {
    for (const [x, y, z] of cases) {
      putLimbs(A, x, y, z);
      module.call("test_pt1Double", A);
      expect(getCoordinates(A)).toEqual(doubled([valueOfLimbs(x), valueOfLimbs(y), valueOfLimbs(z)]));
    }
  });

  test("mixed addition, q unchanged", () => {
    for (const [x, y, z, x2, y2] of cases) {
      putLimbs(A, x, y, z);
      putLanes(module, B, [x2, y2]);
      module.call("test_pt1AddMixed", A, B);
      const want = added([valueOfLimbs(x), valueOfLimbs(y), valueOfLimbs(z)], valueOfLimbs(x2), valueOfLimbs(y2));
      expect(getCoordinates(A)).toEqual(want);
      expect([getLimbs(module, B, 0), getLimbs(module, B, 1)]).toEqual([x2, y2].map((l) => l.map((limb) => limb + 0)));
    }
  });

  test("the sign bit negates y alone", () => {
    for (const [x, y] of cases) {
      for (const sign of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
        putLanes(module, B, [x, y]);
        module.call("test_pt1Negate", B, sign);
        const value = valueOfLimbs(y);
        expect(getValue(module, B, 0)).toBe(mod(valueOfLimbs(x)));
        expect(getValue(module, B, 1)).toBe(mod(sign >>> 31 ? -value : value));
      }
    }
  });
});

describe("points", () => {
  test("doubling, whatever Z is", () => {
    for (const p of [G, timesG(2n), timesG(N - 1n), timesG(N - 2n), randomPoint()]) {
      for (const z of [1n, P - 1n, randomZ()]) {
        putPoint(A, p, z);
        module.call("test_pt1Double", A);
        expect(getPoint(A).equals(p.double())).toBe(true);
      }
    }
  });

  test("mixed addition; equal and opposite points give Z = 0, which stays", () => {
    const p = randomPoint();
    for (const [a, b] of [
      [p, randomPoint()],
      [p, p.double()],
      [G, timesG(N - 2n)],
    ] as const) {
      putPoint(A, a, randomZ());
      putValues(module, B, b.x, b.y);
      module.call("test_pt1AddMixed", A, B);
      expect(getPoint(A).equals(a.add(b))).toBe(true);
      for (const bad of [a, a.negate()]) {
        putPoint(A, a, randomZ());
        putValues(module, B, bad.x, bad.y);
        module.call("test_pt1AddMixed", A, B);
        expect(getPoint(A).is0()).toBe(true);
        module.call("test_pt1Double", A);
        expect(getPoint(A).is0()).toBe(true);
      }
    }
    putPoint(A, INFINITY, 1n);
    putValues(module, B, p.x, p.y);
    module.call("test_pt1AddMixed", A, B);
    expect(getPoint(A).is0()).toBe(true);
  });

  test("from affine", () => {
    module.memory.fill(0xff, A, A + POINT1_BYTES);
    const p = randomPoint();
    putValues(module, B, p.x, p.y);
    module.call("test_pt1FromAffine", A, B);
    expect(getPoint(A).equals(p)).toBe(true);
  });
});

describe.each([
  ["secret", 1],
  ["public", 0],
])("multiples by one %s scalar", (_, secret) => {
  function multiply(point: NoblePoint, k: bigint): NoblePoint {
    putAffine(module, A, point);
    module.memory.set(words(k), WORDS);
    module.call("test_ptMulOne", PAIR, A, WORDS, secret);
    expect(dirtySecrets(module).filter((name) => name.startsWith("MUL_"))).toEqual([]);
    const [p, q] = [getProjective(module, PAIR, 0), getProjective(module, PAIR, 1)];
    expect(p.equals(q)).toBe(true);
    return p;
  }

  test("edge scalars", () => {
    const p = randomPoint();
    for (const k of [0n, ...edgeScalars, 1n << 519n, 1n << 520n]) {
      expect(multiply(p, k).equals(k === 0n ? INFINITY : p.multiply(k)), `${k}`).toBe(true);
    }
  });

  test("random scalars; G, -G and random points", () => {
    for (let i = 0; i < 20; i++) {
      const p = [G, G.negate(), timesG(2n)][i] ?? randomPoint();
      const k = randomScalar();
      expect(multiply(p, k).equals(p.multiply(k)), `${k}`).toBe(true);
    }
  });
});
