// What the field kernels (fe2.gen.ts, fe2-loop.ts) are tried with. Each trial returns the first fault it finds, in words, or
// undefined: so that it can be run on mutants too, which must have one.

import {
  balanced,
  edgeLimbs,
  edgeValues,
  FE2_BYTES,
  getLimbs,
  isTight,
  type Lanes,
  mod,
  putLanes,
  randomSource,
  valueOfLimbs,
  weirdLimbs,
} from "./p521-field.ts";
import { ARENA, type TestModule } from "./wasm.ts";

export interface Kernel {
  readonly module: TestModule;
  /** "MulSub", "SqrSub", "Carry", "Carry3", "Add" or "Sub". */
  readonly call: (name: string, ...args: number[]) => void;
}

type Fault = string | undefined;

export const X = ARENA;
export const Y = X + FE2_BYTES;
export const C = Y + FE2_BYTES;
export const Z = C + FE2_BYTES;

const zero = balanced(0n);

/** Puts operands, runs, and wants tight limbs of the value of each lane. */
function tryOne(kernel: Kernel, name: string, operands: readonly Lanes[], want: (values: bigint[]) => bigint): Fault {
  const at = [X, Y, C].slice(0, operands.length);
  at.forEach((address, i) => {
    putLanes(kernel.module, address, operands[i] ?? [zero, zero]);
  });
  kernel.call(name, Z, ...at);
  for (const lane of [0, 1] as const) {
    const got = readLimbs(kernel.module, lane);
    if (typeof got === "string") return `${name}: ${got}`;
    if (!isTight(got)) return `${name}: want tight limbs, got ${got}`;
    const expected = mod(want(operands.map((lanes) => valueOfLimbs(lanes[lane]))));
    if (mod(valueOfLimbs(got)) !== expected)
      return `${name}: wrong value of lane ${lane} for ${JSON.stringify(operands)}`;
  }
  return undefined;
}

function readLimbs(module: TestModule, lane: number): number[] | string {
  try {
    return getLimbs(module, Z, lane);
  } catch (error) {
    return String(error);
  }
}

const mulSub = (kernel: Kernel, x: Lanes, y: Lanes, c: Lanes): Fault =>
  tryOne(kernel, "MulSub", [x, y, c], ([a = 0n, b = 0n, d = 0n]) => a * b - d);
const sqrSub = (kernel: Kernel, x: Lanes, c: Lanes): Fault =>
  tryOne(kernel, "SqrSub", [x, c], ([a = 0n, d = 0n]) => a * a - d);

/** All pairs of edge values. */
export function edgePairs(kernel: Kernel): Fault {
  const edges = edgeValues.map(balanced);
  const edge = (i: number) => edges[i % edges.length] ?? zero;
  for (const [i, x] of edges.entries()) {
    for (const y of edges) {
      const fault = mulSub(kernel, [x, y], [y, x], [zero, edge(7 * i)]);
      if (fault) return fault;
    }
    const fault = sqrSub(kernel, [x, edge(i + 1)], [edge(5 * i), zero]);
    if (fault) return fault;
  }
  return undefined;
}

/** All pairs of limbs at the bounds, in every looseness allowed. */
export function boundPairs(kernel: Kernel): Fault {
  const negative = (limbs: number[]) => limbs.map((limb) => -limb);
  const looseness = [
    [1, 4],
    [4, 1],
    [2, 2],
  ] as const;
  for (const [j, k] of looseness) {
    for (const x of edgeLimbs(j)) {
      for (const y of edgeLimbs(k)) {
        const fault = mulSub(kernel, [x, negative(x)], [y, y], [zero, x]);
        if (fault) return fault;
      }
    }
  }
  for (const x of edgeLimbs(2)) {
    for (const c of edgeLimbs(8)) {
      const fault = sqrSub(kernel, [x, negative(x)], [c, zero]);
      if (fault) return fault;
    }
  }
  return undefined;
}

/** Weird limbs and uniform ones, at the greatest looseness. */
export function weirdPairs(kernel: Kernel, times: number): Fault {
  const random = randomSource(521);
  const weird = (k: number): Lanes => [weirdLimbs(random, k), weirdLimbs(random, k)];
  for (let i = 0; i < times; i++) {
    const fault =
      mulSub(kernel, weird(2), weird(2), weird(2 ** 20)) ??
      mulSub(kernel, weird(4), weird(1), weird(1)) ??
      sqrSub(kernel, weird(2), weird(2 ** 20));
    if (fault) return fault;
  }
  return undefined;
}

/** Carries of the loosest limbs. */
export function carries(kernel: Kernel, times: number): Fault {
  const random = randomSource(522);
  const inputs = [...edgeLimbs(2 ** 18), ...Array.from({ length: times }, () => weirdLimbs(random, 2 ** 18))];
  for (const [i, x] of inputs.entries()) {
    const y = inputs[(3 * i + 1) % inputs.length] ?? zero;
    const fault =
      tryOne(kernel, "Carry", [[x, y]], ([a = 0n]) => a) ?? tryOne(kernel, "Carry3", [[y, x]], ([a = 0n]) => 3n * a);
    if (fault) return fault;
  }
  return undefined;
}
