import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { FE2_BYTES, getLimbs, isTight, P } from "../../support/p521-field.ts";
import {
  AFFINE2_BYTES,
  bigOf,
  G,
  getAffine,
  getJacobian,
  getProjective,
  INFINITY,
  N,
  type NoblePoint,
  octets,
  octetsOf,
  POINT2_BYTES,
  putAffine,
  putJacobian,
  putProjective,
  timesG,
} from "../../support/p521-points.ts";
import { ARENA, loadTesting, type TestModule } from "../../support/wasm.ts";

const A = ARENA;
const B = A + POINT2_BYTES;
const SUM = B + POINT2_BYTES;
const OCTETS = ARENA + 0x2000;
const MANY = ARENA + 0x10000;
const WORK = ARENA + 0x200000;

let module: TestModule;
beforeAll(async () => {
  module = await loadTesting();
  module.call("test_baseInit");
});

const randomScalar = () => (bigOf(randomBytes(66)) % (N - 1n)) + 1n;
const randomPoint = () => timesG(randomScalar());
const randomZ = () => (bigOf(randomBytes(66)) % (P - 1n)) + 1n;

function expectTight(at: number, count: number): void {
  for (let c = 0; c < count; c++) {
    for (const lane of [0, 1]) expect(isTight(getLimbs(module, at + c * FE2_BYTES, lane))).toBe(true);
  }
}

describe("Jacobian", () => {
  test("doubling, in each lane by itself, whatever Z is", () => {
    for (const [p, q] of [
      [G, randomPoint()],
      [randomPoint(), timesG(N - 1n)],
      [timesG(2n), timesG(N - 2n)],
    ] as const) {
      for (const z of [1n, P - 1n, randomZ()]) {
        putJacobian(module, A, [p, q], z);
        module.call("test_ptDouble", A);
        expectTight(A, 3);
        expect(getJacobian(module, A, 0).equals(p.double())).toBe(true);
        expect(getJacobian(module, A, 1).equals(q.double())).toBe(true);
      }
    }
  });

  test("doubling and adding keep Z = 0", () => {
    putJacobian(module, A, [INFINITY, INFINITY], 1n);
    putAffine(module, B, randomPoint());
    module.call("test_ptDouble", A);
    module.call("test_ptAddMixed", A, B);
    expect(getJacobian(module, A, 0).is0()).toBe(true);
    expect(getJacobian(module, A, 1).is0()).toBe(true);
  });

  test("mixed addition; equal and opposite points give Z = 0, in their lane alone", () => {
    const p = randomPoint();
    const q = randomPoint();
    const cases: [NoblePoint, NoblePoint][] = [
      [p, q],
      [p, p.double()],
      [G, timesG(N - 2n)],
    ];
    for (const [a, b] of cases) {
      for (const bad of [a, a.negate()]) {
        putJacobian(module, A, [a, a], randomZ());
        putAffine(module, B, b, bad);
        module.call("test_ptAddMixed", A, B);
        expectTight(A, 3);
        expect(getJacobian(module, A, 0).equals(a.add(b))).toBe(true);
        expect(getJacobian(module, A, 1).is0()).toBe(true);
      }
    }
  });
});

describe("affine plus affine", () => {
  test("each lane by itself; equal and opposite points give Z = 0, which stays", () => {
    const [p, q] = [randomPoint(), randomPoint()];
    for (const [a, b] of [
      [p, q],
      [p, p.double()],
      [G, timesG(2n)],
      [G, timesG(N - 2n)],
    ] as const) {
      for (const bad of [a, a.negate()]) {
        for (const lane of [0, 1] as const) {
          const second = lane === 0 ? ([b, bad] as const) : ([bad, b] as const);
          putAffine(module, B, a);
          putAffine(module, SUM, ...second);
          module.call("test_ptAddAffine", A, B, SUM);
          expectTight(A, 3);
          expect(getJacobian(module, A, lane).equals(a.add(b))).toBe(true);
          expect(getJacobian(module, A, 1 - lane).is0()).toBe(true);
          expect(getAffine(module, B, lane).equals(a)).toBe(true);
          module.call("test_ptAddMixed", A, SUM);
          expect(getJacobian(module, A, 1 - lane).is0()).toBe(true);
        }
      }
    }
  });
});

describe("projective", () => {
  const p = randomPoint();
  const q = randomPoint();
  const points = [INFINITY, G, G.negate(), p, p.negate(), q, p.double(), timesG(2n)];

  test("addition is right for every pair: equal, opposite, infinity", () => {
    points.forEach((a, i) => {
      points.forEach((b, j) => {
        const [c, d] = [points[(i + 3) % points.length] ?? G, points[(j + 5) % points.length] ?? G];
        putProjective(module, A, [a, c], randomZ());
        putProjective(module, B, [b, d], randomZ());
        module.call("test_ptAdd", A, B);
        expectTight(A, 3);
        expect(getProjective(module, A, 0).equals(a.add(b)), `${i} + ${j}`).toBe(true);
        expect(getProjective(module, A, 1).equals(c.add(d)), `${i} + ${j}`).toBe(true);
      });
    });
  });

  test("from Jacobian, infinity included", () => {
    for (const a of points) {
      putJacobian(module, A, [a, q], randomZ());
      module.call("test_ptToProjective", A);
      expect(getProjective(module, A, 0).equals(a)).toBe(true);
      expect(getProjective(module, A, 1).equals(q)).toBe(true);
    }
  });

  test("from affine, in place and not", () => {
    for (const at of [A, B]) {
      putAffine(module, A, p, q);
      module.call("test_ptFromAffine", at, A);
      expect(getProjective(module, at, 0).equals(p)).toBe(true);
      expect(getJacobian(module, at, 1).equals(q)).toBe(true);
    }
  });

  test("across the lanes, for all points", () => {
    points.forEach((a, i) => {
      const b = points[(i + 1) % points.length] ?? G;
      putJacobian(module, A, [a, b], randomZ());
      putJacobian(module, B, [b, b], randomZ());
      module.call("test_addAcross", SUM, A, B);
      expect(getProjective(module, SUM, 0).equals(a.add(b))).toBe(true);
      expect(getProjective(module, SUM, 1).equals(b.double())).toBe(true);
      module.call("test_addAcross", SUM, A, A);
      for (const lane of [0, 1]) expect(getProjective(module, SUM, lane).equals(a.add(b))).toBe(true);
    });
  });

  test("many to affine at once", () => {
    const all = Array.from({ length: 7 }, () => [randomPoint(), randomPoint()] as const);
    all.forEach((pair, i) => {
      putProjective(module, MANY + i * POINT2_BYTES, pair, randomZ());
    });
    module.call("test_affineFromProjective", MANY, all.length, POINT2_BYTES, WORK);
    all.forEach((pair, i) => {
      pair.forEach((point, lane) => {
        expect(getAffine(module, MANY + i * POINT2_BYTES, lane).equals(point)).toBe(true);
      });
      expectTight(MANY + i * POINT2_BYTES, 2);
    });
  });
});

describe("many affine additions", () => {
  const put = (at: number, pairs: readonly (readonly [NoblePoint, NoblePoint])[]) =>
    pairs.forEach(([p, q], i) => {
      putAffine(module, at + i * AFFINE2_BYTES, p, q);
    });
  const randomPairs = (n: number) => Array.from({ length: n }, () => [randomPoint(), randomPoint()] as const);
  const Q = MANY + 0x80000;

  test.each([
    [1, 1],
    [2, 2],
    [5, 5],
    [6, 2],
    [6, 3],
    [4, 1],
  ])("%i, with %i second operands", (n, period) => {
    const [p, q] = [randomPairs(n), randomPairs(period)];
    for (const out of [MANY, MANY + 0x40000]) {
      put(MANY, p);
      put(Q, q);
      expect(module.call("test_affineAddMany", out, MANY, Q, n, period, WORK)).toBe(1);
      p.forEach((pair, i) => {
        const other = q[i % period] ?? pair;
        for (const lane of [0, 1] as const) {
          expect(getAffine(module, out + i * AFFINE2_BYTES, lane).equals(pair[lane].add(other[lane]))).toBe(true);
        }
        expectTight(out + i * AFFINE2_BYTES, 2);
      });
    }
  });

  test("are refused, and nothing is changed, if equal or opposite points meet anywhere", () => {
    const n = 4;
    for (let bad = 0; bad < 2 * n; bad++) {
      const p = randomPairs(n);
      const at = MANY + (bad >> 1) * AFFINE2_BYTES;
      put(MANY, p);
      put(Q, randomPairs(n));
      module.memory.copyWithin(Q + (bad >> 1) * AFFINE2_BYTES, at, at + AFFINE2_BYTES);
      const twin = p[bad >> 1]?.[bad & 1] ?? G;
      const other = [randomPoint(), randomPoint()];
      other[bad & 1] = bad % 3 ? twin : twin.negate();
      putAffine(module, Q + (bad >> 1) * AFFINE2_BYTES, other[0] ?? G, other[1] ?? G);
      const before = module.memory.slice(MANY, MANY + n * AFFINE2_BYTES);
      expect(module.call("test_affineAddMany", MANY, MANY, Q, n, n, WORK)).toBe(0);
      expect(Buffer.compare(module.memory.slice(MANY, MANY + n * AFFINE2_BYTES), before)).toBe(0);
    }
  });

  const DEGENERATE = OCTETS;
  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [7, 3],
    [60, 1],
    [60, 4],
    [33, 5],
  ])("sum of %i for each of %i jobs", (m, jobs) => {
    const scalars = Array.from({ length: m * jobs }, () => [randomScalar(), randomScalar()] as const);
    put(
      MANY,
      scalars.map(([a, b]) => [timesG(a), timesG(b)] as const),
    );
    module.memory.fill(0, DEGENERATE, DEGENERATE + jobs);
    module.call("test_sumMany", Q, MANY, m, jobs, DEGENERATE, WORK);
    for (let j = 0; j < jobs; j++) {
      for (const lane of [0, 1] as const) {
        const total = scalars.filter((_, i) => i % jobs === j).reduce((sum, pair) => sum + pair[lane], 0n);
        expect(getJacobian(module, Q + j * POINT2_BYTES, lane).equals(timesG(total))).toBe(true);
      }
      expect(module.memory[DEGENERATE + j]).toBe(0);
    }
  });

  test("a sum in which equal or opposite points meet is marked, wherever they stand, and the others are right", () => {
    const [m, jobs] = [12, 3];
    const base = Array.from({ length: m * jobs }, () => [randomPoint(), randomPoint()] as const);
    const total = (j: number, lane: 0 | 1) =>
      base.filter((_, i) => i % jobs === j).reduce((sum, pair) => sum.add(pair[lane]), INFINITY);
    // The first round adds row e + 6 to row e; later rounds add sums. A row that is minus the sum of all others cancels last.
    for (let row = 0; row < m; row++) {
      for (const lane of [0, 1] as const) {
        const at = row * jobs + 1;
        const cancelled = total(1, lane)
          .subtract(base[at]?.[lane] ?? G)
          .negate();
        const twin = base[((row + 6) % m) * jobs + 1]?.[lane] ?? G;
        for (const planted of [cancelled, twin, twin.negate()]) {
          const pairs = base.map((pair, i) => (i === at ? ([planted, planted] as const) : pair));
          const other = pairs[at] ?? [G, G];
          pairs[at] = lane === 0 ? [other[0], base[at]?.[1] ?? G] : [base[at]?.[0] ?? G, other[1]];
          put(MANY, pairs);
          module.memory.fill(0, DEGENERATE, DEGENERATE + jobs);
          module.call("test_sumMany", Q, MANY, m, jobs, DEGENERATE, WORK);
          expect([...module.memory.slice(DEGENERATE, DEGENERATE + jobs)]).toEqual([0, 1, 0]);
          for (const j of [0, 2]) {
            expect(getJacobian(module, Q + j * POINT2_BYTES, lane).equals(total(j, lane))).toBe(true);
          }
        }
      }
    }
  });
});

describe("octets", () => {
  const B =
    0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n;
  const encoded = (x: bigint, y: bigint) => Buffer.concat([Buffer.of(4), octets(x), octets(y)]);
  /** p = 3 mod 4; x^((p + 1) / 4) = x^(2^519). */
  function sqrt(x: bigint): bigint {
    let root = x;
    for (let i = 0; i < 519; i++) root = (root * root) % P;
    return root;
  }

  const onCurve = (point: Uint8Array) => {
    module.memory.set(point, OCTETS);
    if (!module.call("test_ptIsUncompressed", OCTETS)) return false;
    module.call("test_ptFromBytes", A, 0, OCTETS);
    module.memory.set(octetsOf(G), OCTETS);
    module.call("test_ptFromBytes", A, 1, OCTETS);
    const lanes = module.call("test_ptOnCurve", A);
    expect(lanes & 2).toBe(2); // G, in the other lane
    return (lanes & 1) === 1;
  };

  test("points go in and out", () => {
    for (const p of [G, G.negate(), randomPoint(), randomPoint()]) {
      expect(onCurve(octetsOf(p))).toBe(true);
      module.call("test_ptToBytes", OCTETS, A, 0);
      expect(Buffer.compare(module.memory.slice(OCTETS, OCTETS + 133), octetsOf(p))).toBe(0);
    }
  });

  test("what is not an uncompressed point of the curve is refused", () => {
    const good = octetsOf(randomPoint());
    for (const lead of [0, 2, 3, 5, 6, 7, 0x84]) expect(onCurve(Buffer.from([lead, ...good.subarray(1)]))).toBe(false);
    for (const i of [1, 66, 67, 132]) {
      const changed = Buffer.from(good);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(onCurve(changed)).toBe(false);
    }
    const { x, y } = G;
    const root = sqrt(B);
    const pairs = [
      [x + P, y],
      [x, y + P],
      [0n, 0n],
      [P, y],
      [x, P],
    ];
    const tooLong = [521n, 522n, 527n].flatMap((bit) => [
      [x + 2n ** bit, y],
      [x, y + 2n ** bit],
    ]);
    for (const [a = 0n, b = 0n] of [...pairs, ...tooLong, [P, root]]) expect(onCurve(encoded(a, b))).toBe(false);
    expect(onCurve(encoded(0n, root))).toBe(true);
  });
});
