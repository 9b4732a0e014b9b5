// Elements of GF(2^521 - 1) as the card holds them (assembly/p521/fe2.ts), written and read without the card's own conversions;
// and the values that arithmetic on them is tried with.

import type { TestModule } from "./wasm.ts";

export const P = 2n ** 521n - 1n;
export const LIMBS = 22;
export const FE2_BYTES = 352;

/** A pair of elements: the value of each lane, as 22 whole numbers, limb i counted in units of 2^weight(i). */
export type Lanes = readonly [readonly number[], readonly number[]];

export const weight = (i: number): number => Math.ceil((521 * i) / LIMBS);
export const width = (i: number): number => weight(i + 1) - weight(i);
/** The bound of a tight limb. */
export const tight = (i: number): number => 2 ** (width(i) - 1) + 2 ** 8;

export const mod = (x: bigint): bigint => ((x % P) + P) % P;
const indexes = Array.from({ length: LIMBS }, (_, i) => i);

export const valueOfLimbs = (limbs: readonly number[]): bigint =>
  limbs.reduce((sum, limb, i) => sum + (BigInt(limb) << BigInt(weight(i))), 0n);

/** x in tight limbs, balanced in sign. */
export function balanced(x: bigint): number[] {
  let rest = mod(x);
  const limbs = indexes.map((i) => {
    const size = 1n << BigInt(width(i));
    const low = rest % size;
    const limb = low * 2n > size ? low - size : low;
    rest = (rest - limb) / size;
    return Number(limb);
  });
  limbs[0] = (limbs[0] ?? 0) + Number(rest); // 2^521 = 1
  return limbs;
}

export function putLanes(module: TestModule, at: number, lanes: Lanes): void {
  for (const [lane, limbs] of lanes.entries()) {
    for (const i of indexes) module.view.setFloat64(at + 16 * i + 8 * lane, (limbs[i] ?? 0) * 2 ** weight(i), true);
  }
}

export function putValues(module: TestModule, at: number, x0: bigint, x1: bigint = x0): void {
  putLanes(module, at, [balanced(x0), balanced(x1)]);
}

/** The limbs of one lane; throws if one is not a whole number of its units. */
export function getLimbs(module: TestModule, at: number, lane: number): number[] {
  return indexes.map((i) => {
    const limb = module.view.getFloat64(at + 16 * i + 8 * lane, true) / 2 ** weight(i);
    if (!Number.isSafeInteger(limb))
      throw new Error(`want limb ${i} a multiple of 2^${weight(i)}, got ${limb} of them`);
    return limb;
  });
}

export const getValue = (module: TestModule, at: number, lane: number): bigint =>
  mod(valueOfLimbs(getLimbs(module, at, lane)));

export const isTight = (limbs: readonly number[]): boolean => limbs.every((limb, i) => Math.abs(limb) <= tight(i));

/** 0, 1, p - 1, p and neighbours, and 2^k with neighbours for every limb boundary k and some others. */
export const edgeValues: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, P - 3n, P - 2n, P - 1n],
  ...[260n, 261n, 520n, ...indexes.slice(1).map((i) => BigInt(weight(i)))].flatMap((k) => [
    2n ** k - 1n,
    2n ** k,
    2n ** k + 1n,
    P - 2n ** k,
  ]),
  ...indexes.map((i) => 2n ** BigInt(weight(i) + width(i) - 1)), // half a limb: where rounding turns
];

/** Limbs at the bounds of k-loose values: all at the bound, alternating, single ones, and halfway marks. */
export function edgeLimbs(k: number): number[][] {
  const bound = (i: number) => k * tight(i);
  return [
    indexes.map(bound),
    indexes.map((i) => -bound(i)),
    indexes.map((i) => (i % 2 ? bound(i) : -bound(i))),
    indexes.map((i) => (i < LIMBS / 2 ? bound(i) : -bound(i))),
    indexes.map((i) => 2 ** (width(i) - 1)),
    indexes.map((i) => -(2 ** (width(i) - 1))),
    indexes.map((i) => 2 ** (width(i) - 1) - 1),
    indexes.map((i) => 2 ** width(i) - 1), // p itself
    indexes.map(() => 0),
    ...[0, 1, 5, 6, 10, 11, 16, 17, 20, 21].map((one) => indexes.map((i) => (i === one ? bound(i) : 0))),
  ].map((limbs) => limbs.map((limb, i) => Math.max(-bound(i), Math.min(bound(i), limb))));
}

/** A small deterministic generator, so that a failure can be seen again. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** k-loose limbs: uniform, or at 0, 1, -1 or a bound. */
export function weirdLimbs(random: () => number, k: number): number[] {
  return indexes.map((i) => {
    const bound = k * tight(i);
    const pick = Math.floor(random() * 10);
    const marks = [0, 1, -1, bound, -bound];
    return marks[pick] ?? Math.round((2 * random() - 1) * bound);
  });
}
