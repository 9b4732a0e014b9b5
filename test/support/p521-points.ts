// Points of P-521 in the card's memory, beside those of @noble/curves.

import { p521 } from "@noble/curves/nist.js";
import { FE2_BYTES, getValue, mod, P, putValues } from "./p521-field.ts";
import type { TestModule } from "./wasm.ts";

export const Point = p521.Point;
export type NoblePoint = InstanceType<typeof Point>;
export const G = Point.BASE;
export const N = Point.Fn.ORDER;
export const INFINITY = Point.ZERO;

export const AFFINE2_BYTES = 2 * FE2_BYTES;
export const POINT2_BYTES = 3 * FE2_BYTES;

/** k G for any k, 0 and multiples of n included. */
export function timesG(k: bigint): NoblePoint {
  const reduced = ((k % N) + N) % N;
  return reduced === 0n ? INFINITY : G.multiply(reduced);
}

export const octetsOf = (point: NoblePoint): Buffer => Buffer.from(point.toBytes(false));
export const bigOf = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString("hex")}`);
export const octets = (x: bigint, n = 66): Buffer => Buffer.from(x.toString(16).padStart(2 * n, "0"), "hex");

/** 9 little-endian words. */
export const words = (k: bigint): Buffer => octets(k, 72).reverse();

/** Neither point may be infinity. */
export function putAffine(module: TestModule, at: number, p: NoblePoint, q: NoblePoint = p): void {
  putValues(module, at, p.x, q.x);
  putValues(module, at + FE2_BYTES, p.y, q.y);
}

/** Jacobian coordinates with the given Z; infinity is (z^2 : z^3 : 0). */
export function putJacobian(
  module: TestModule,
  at: number,
  points: readonly [NoblePoint, NoblePoint],
  z: bigint,
): void {
  const coordinates = points.map((p) => {
    const [x, y, last] = p.is0() ? [1n, 1n, 0n] : [p.x, p.y, z];
    return [mod(x * z * z), mod(y * z * z * z), last] as const;
  });
  [0, 1, 2].forEach((c) => {
    putValues(module, at + c * FE2_BYTES, coordinates[0]?.[c] ?? 0n, coordinates[1]?.[c] ?? 0n);
  });
}

/** Projective coordinates with the given Z; infinity is (0 : z : 0). */
export function putProjective(
  module: TestModule,
  at: number,
  points: readonly [NoblePoint, NoblePoint],
  z: bigint,
): void {
  const coordinates = points.map((p) => (p.is0() ? [0n, z, 0n] : [mod(p.x * z), mod(p.y * z), z]));
  [0, 1, 2].forEach((c) => {
    putValues(module, at + c * FE2_BYTES, coordinates[0]?.[c] ?? 0n, coordinates[1]?.[c] ?? 0n);
  });
}

const inverse = (x: bigint): bigint => {
  let [result, base, e] = [1n, mod(x), P - 2n];
  for (; e > 0n; e >>= 1n) {
    if (e & 1n) result = mod(result * base);
    base = mod(base * base);
  }
  return result;
};

function coordinates(module: TestModule, at: number, lane: number): readonly [bigint, bigint, bigint] {
  return [0, 1, 2].map((c) => getValue(module, at + c * FE2_BYTES, lane)) as [bigint, bigint, bigint];
}

export function getAffine(module: TestModule, at: number, lane: number): NoblePoint {
  return Point.fromAffine({ x: getValue(module, at, lane), y: getValue(module, at + FE2_BYTES, lane) });
}

export function getJacobian(module: TestModule, at: number, lane: number): NoblePoint {
  const [x, y, z] = coordinates(module, at, lane);
  if (z === 0n) return INFINITY;
  const i = inverse(z);
  return Point.fromAffine({ x: mod(x * i * i), y: mod(y * i * i * i) });
}

/** Wants infinity as (0 : Y : 0), Y not 0. */
export function getProjective(module: TestModule, at: number, lane: number): NoblePoint {
  const [x, y, z] = coordinates(module, at, lane);
  if (z === 0n) {
    if (x !== 0n || y === 0n) throw new Error(`want infinity as (0 : Y : 0), got (${x} : ${y} : 0)`);
    return INFINITY;
  }
  const i = inverse(z);
  return Point.fromAffine({ x: mod(x * i), y: mod(y * i) });
}

/** Scalars whose recoding or multiplication is out of the ordinary. */
export const edgeScalars: readonly bigint[] = [
  ...Array.from({ length: 67 }, (_, i) => BigInt(i + 1)),
  ...Array.from({ length: 67 }, (_, i) => N - BigInt(i + 1)),
  ...[2n ** 521n - N, 2n * N - 2n ** 521n, (N - 1n) / 2n, (N + 1n) / 2n, 2n ** 520n - 1n, N - 2n ** 520n],
  ...[0x55n, 0xaan, 0x0fn, 0xf0n].map((byte) => BigInt(`0x${byte.toString(16).padStart(2, "0").repeat(65)}`)),
];
