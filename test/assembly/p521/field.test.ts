import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  balanced,
  edgeLimbs,
  edgeValues,
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
import { boundPairs, C, carries, edgePairs, type Kernel, weirdPairs, X, Y, Z } from "../../support/p521-kernel.ts";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const OCTETS = ARENA + 0x1000;

let module: TestModule;
beforeAll(async () => {
  module = await loadTesting();
});

const octetsOf = (x: bigint) => Buffer.from(x.toString(16).padStart(132, "0"), "hex");
const big = (octets: Uint8Array) => BigInt(`0x${Buffer.from(octets).toString("hex")}`);
const randomValue = () => mod(big(randomBytes(66)));
const zero = balanced(0n);

describe.each(["generated", "loop"])("%s kernels", (version) => {
  const call = (name: string, ...args: number[]) => module.call(`test_${version}${name}`, ...args);

  const kernel: Kernel = {
    get module() {
      return module;
    },
    call,
  };

  test("all pairs of edge values", () => {
    expect(edgePairs(kernel)).toBeUndefined();
  });

  test("all pairs of limbs at the bounds, in every looseness allowed", () => {
    expect(boundPairs(kernel)).toBeUndefined();
  });

  test("weird limbs", () => {
    expect(weirdPairs(kernel, 2000)).toBeUndefined();
  });

  test("carries", () => {
    expect(carries(kernel, 500)).toBeUndefined();
  });

  test("sums and differences are limb by limb", () => {
    const random = randomSource(523);
    for (let i = 0; i < 100; i++) {
      const [x, y] = [weirdLimbs(random, 8), weirdLimbs(random, 8)];
      putLanes(module, X, [x, y]);
      putLanes(module, Y, [y, x]);
      module.call("test_fe2Add", Z, X, Y);
      expect(getLimbs(module, Z, 0)).toEqual(x.map((limb, k) => limb + (y[k] ?? 0)));
      module.call("test_fe2Sub", Z, X, Y);
      expect(getLimbs(module, Z, 1)).toEqual(y.map((limb, k) => limb - (x[k] ?? 0)));
    }
  });

  test("outputs may be inputs, and inputs equal, in every pattern", () => {
    const [x, y, c] = [randomValue(), randomValue(), randomValue()];
    const at = [X, Y, C];
    const operations = [
      { name: "MulSub", arity: 3, f: (a: bigint, b: bigint, d: bigint) => a * b - d },
      { name: "SqrSub", arity: 2, f: (a: bigint, b: bigint) => a * a - b },
      { name: "fe2Add", arity: 2, f: (a: bigint, b: bigint) => a + b },
      { name: "fe2Sub", arity: 2, f: (a: bigint, b: bigint) => a - b },
      { name: "Carry", arity: 1, f: (a: bigint) => a },
      { name: "Carry3", arity: 1, f: (a: bigint) => 3n * a },
    ];
    for (const { name, arity, f } of operations) {
      for (let pattern = 0; pattern < 3 ** arity; pattern++) {
        const inputs = Array.from({ length: arity }, (_, i) => Math.floor(pattern / 3 ** i) % 3);
        for (const output of [...at, Z]) {
          putValues(module, X, x, y);
          putValues(module, Y, y, c);
          putValues(module, C, c, x);
          (name.startsWith("fe2") ? (n: string, ...a: number[]) => module.call(`test_${n}`, ...a) : call)(
            name,
            output,
            ...inputs.map((i) => at[i] ?? 0),
          );
          const lane0 = inputs.map((i) => [x, y, c][i] ?? 0n) as [bigint, bigint, bigint];
          const lane1 = inputs.map((i) => [y, c, x][i] ?? 0n) as [bigint, bigint, bigint];
          expect(getValue(module, output, 0), `${name} ${inputs}`).toBe(mod(f(...lane0)));
          expect(getValue(module, output, 1), `${name} ${inputs}`).toBe(mod(f(...lane1)));
        }
      }
    }
  });
});

describe("octets", () => {
  test("every edge value goes in and out of either lane, and leaves the other alone", () => {
    for (const x of [...edgeValues, randomValue()].map(mod)) {
      for (const lane of [0, 1]) {
        putValues(module, X, 5n);
        module.memory.set(octetsOf(x), OCTETS);
        module.call("test_feFromBytes", X, lane, OCTETS);
        expect(getValue(module, X, lane)).toBe(x);
        expect(getValue(module, X, 1 - lane)).toBe(5n);
        module.memory.fill(0xaa, OCTETS, OCTETS + 80);
        module.call("test_feToBytes", OCTETS, X, lane);
        expect(big(module.memory.slice(OCTETS, OCTETS + 66))).toBe(x);
        expect(module.memory[OCTETS + 66]).toBe(0xaa);
      }
    }
  });

  test("loose and negative limbs are reduced to 0..p-1", () => {
    const random = randomSource(523);
    const last = (limbs: readonly number[], more: number) => limbs.map((limb, i) => (i === 21 ? limb + more : limb));
    const inputs = [
      last(edgeLimbs(2)[7] ?? [], 2 ** 23), // p + 2^521: a carry past 2^521 makes another
      last(zero, -(2 ** 23)), // -2^521: a borrow makes another
      ...edgeLimbs(1),
      ...edgeLimbs(2 ** 20),
      ...Array.from({ length: 500 }, () => weirdLimbs(random, 2 ** 20)),
    ];
    for (const limbs of inputs) {
      putLanes(module, X, [zero, limbs]);
      module.call("test_feToBytes", OCTETS, X, 1);
      expect(big(module.memory.slice(OCTETS, OCTETS + 66))).toBe(mod(valueOfLimbs(limbs)));
      expect(module.call("test_feIsZero", X, 1)).toBe(mod(valueOfLimbs(limbs)) === 0n ? 1 : 0);
    }
  });

  test("zero is found in every form, in the lane asked for", () => {
    const forms = [zero, edgeLimbs(2)[7] ?? [], (edgeLimbs(2)[7] ?? []).map((limb) => -limb)];
    for (const form of forms) {
      expect(mod(valueOfLimbs(form))).toBe(0n);
      putLanes(module, X, [form, balanced(1n)]);
      expect([0, 1].map((lane) => module.call("test_feIsZero", X, lane))).toEqual([1, 0]);
    }
  });

  test("only numbers below p are canonical", () => {
    const cases = [
      0n,
      1n,
      P - 1n,
      P,
      P + 1n,
      2n ** 521n,
      2n ** 522n,
      2n ** 528n - 1n,
      P + 2n ** 522n,
      2n ** 520n,
      P - 2n ** 260n,
    ];
    for (const x of cases) {
      module.memory.set(octetsOf(x), OCTETS);
      expect(module.call("test_feIsCanonical", OCTETS), x.toString(16)).toBe(x < P ? 1 : 0);
    }
  });
});

describe("inverses and lanes", () => {
  const invertible = edgeValues.filter((x) => mod(x) !== 0n);
  test("x times 1/x is 1, in both lanes, in place or not", () => {
    invertible.forEach((x, i) => {
      const y = invertible[(11 * i + 3) % invertible.length] ?? 1n;
      for (const at of [X, Z]) {
        putValues(module, X, x, y);
        expect(module.call("test_fe2Invert", at, X)).toBe(1);
        expect(isTight(getLimbs(module, at, 0))).toBe(true);
        expect(mod(getValue(module, at, 0) * x)).toBe(1n);
        expect(mod(getValue(module, at, 1) * y)).toBe(1n);
      }
    });
  });

  test("a zero in one lane gives zero in both", () => {
    for (const [x, y] of [
      [0n, 7n],
      [7n, 0n],
      [0n, 0n],
    ] as const) {
      putValues(module, X, x, y);
      expect(module.call("test_fe2Invert", Z, X)).toBe(0);
      expect([getValue(module, Z, 0), getValue(module, Z, 1)]).toEqual([0n, 0n]);
    }
  });

  test("lanes are exchanged, paired and copied", () => {
    putValues(module, X, 1n, 2n);
    putValues(module, Y, 3n, 4n);
    const lanes = () => [getValue(module, Z, 0), getValue(module, Z, 1)];
    module.call("test_fe2SwapLanes", Z, X);
    expect(lanes()).toEqual([2n, 1n]);
    module.call("test_fe2LowLanes", Z, X, Y);
    expect(lanes()).toEqual([1n, 3n]);
    module.call("test_fe2HighLanes", Z, X, Y);
    expect(lanes()).toEqual([2n, 4n]);
    module.call("test_feCopyLane", Z, 0, X, 1);
    expect(lanes()).toEqual([2n, 4n]);
    module.call("test_feCopyLane", Z, 1, Y, 0);
    expect(lanes()).toEqual([2n, 3n]);
  });

  test("conversions and inversions leave nothing behind them", () => {
    putValues(module, X, P - 5n, 3n);
    module.memory.fill(0, 0x800000, 0x800800);
    module.call("test_fe2Invert", Z, X);
    module.call("test_feToBytes", OCTETS, Z, 0);
    module.memory.fill(0, 0x800000, 0x8002c0); // the kernels' scratch, which their callers wipe
    expect(firstNonZero(module.memory, 0x800000, 0x800860)).toBe(-1);
  });
});
