// Pairs of elements of GF(p), p = 2^521 - 1: two independent values, in the two lanes of 22 vectors of doubles.
//
//   x = x[0] + x[1] + .. + x[21]      x[i] a multiple of 2^w(i), w(i) = ceil(521 i / 22): 0, 24, 48, 72, 95, 119, ..
//
// A limb carries its weight in its exponent, so products need no shifts. Past 2^521 = 1 (mod p) one factor is multiplied by
// 2^-521 beforehand, which costs no bits and keeps the product below 2^1023. Limbs have either sign. A limb is u(i) = 23 or 24 bits
// wide: u(i) = w(i + 1) - w(i).
//
//   tight: |x[i]| <= 2^w(i) (2^(u(i) - 1) + 2^8)      every product, square and carry leaves this
//   k-loose: at most k times that                     a sum or difference of a j-loose and a k-loose value is (j + k)-loose
//
// Why every sum is exact. w(i) + w(j) >= w(i + j), and w(i) + w(j) - 521 >= w(i + j - 22): column k is a sum of multiples of
// 2^w(k), and such a sum is exact while it stays below 2^53 of them. For two tight operands the worst column is column 0, below
// 2^50.86; so operands j-loose and k-loose with j k <= 4 stay below 2^52.86, with room for a subtrahend 2^20-loose.
// The carry out of limb k is t rounded to a multiple of 2^w(k + 1): (t + M) - M with M = 3 * 2^(51 + w(k + 1)), whose unit in
// the last place that is. It leaves at most 2^(u(k) - 1) of 2^w(k), and is below 2^30 of 2^w(k + 1). Carries go once round; the
// last ones make second carries below 2^8, which stay in their limb. scripts/gen-p521-kernel.mjs recomputes these figures.
//
// Constant time rests on one assumption: additions, subtractions and multiplications of packed doubles take the same time
// whatever their values are. Processors in use keep to that for normal numbers and zero; subnormal numbers, where they do not,
// cannot arise: every limb is 0 or at least 2^0 in magnitude, every wrapped one at least 2^-521.
//
// Outputs may be inputs, and inputs may be equal. Constant time. Kernels leave intermediate values in FE2_ACC and FE2_WRAP; who
// calls them with secrets wipes those.

import { FE2_ZERO } from "../layout";
import * as generated from "./fe2.gen";
import * as loop from "./fe2-loop";

// @ts-ignore: decorator
@inline export const FE2_LIMBS: u32 = 22;
/** 22 vectors. */
// @ts-ignore: decorator
@inline export const FE2_BYTES: usize = 352;

/** z := x * y - c.  In: x j-loose, y k-loose, j k <= 4; c 2^20-loose.  Out: tight. */
// @ts-ignore: decorator
@inline
export function fe2MulSub(z: usize, x: usize, y: usize, c: usize): void {
  if (isDefined(OPENTKE_LOOP)) loop.mulSub(z, x, y, c);
  else generated.mulSub(z, x, y, c);
}

/** z := x^2 - c.  In: x 2-loose; c 2^20-loose.  Out: tight. */
// @ts-ignore: decorator
@inline
export function fe2SqrSub(z: usize, x: usize, c: usize): void {
  if (isDefined(OPENTKE_LOOP)) loop.sqrSub(z, x, c);
  else generated.sqrSub(z, x, c);
}

/** z := x * y.  In: x j-loose, y k-loose, j k <= 4.  Out: tight. */
// @ts-ignore: decorator
@inline
export function fe2Mul(z: usize, x: usize, y: usize): void {
  fe2MulSub(z, x, y, FE2_ZERO);
}

/** z := x^2.  In: x 2-loose.  Out: tight. */
// @ts-ignore: decorator
@inline
export function fe2Sqr(z: usize, x: usize): void {
  fe2SqrSub(z, x, FE2_ZERO);
}

/** z := x.  In: 2^20-loose.  Out: tight. */
// @ts-ignore: decorator
@inline
export function fe2Carry(z: usize, x: usize): void {
  if (isDefined(OPENTKE_LOOP)) loop.carry(z, x);
  else generated.carry(z, x);
}

/** z := 3 x.  In: 2^18-loose.  Out: tight. */
// @ts-ignore: decorator
@inline
export function fe2Carry3(z: usize, x: usize): void {
  if (isDefined(OPENTKE_LOOP)) loop.carry3(z, x);
  else generated.carry3(z, x);
}

/** z := x + y, not carried.  In: x j-loose, y k-loose.  Out: (j + k)-loose. */
// @ts-ignore: decorator
@inline
export function fe2Add(z: usize, x: usize, y: usize): void {
  for (let i: usize = 0; i < FE2_BYTES; i += 16) v128.store(z + i, f64x2.add(v128.load(x + i), v128.load(y + i)));
}

/** z := x - y, not carried.  In: x j-loose, y k-loose.  Out: (j + k)-loose. */
// @ts-ignore: decorator
@inline
export function fe2Sub(z: usize, x: usize, y: usize): void {
  for (let i: usize = 0; i < FE2_BYTES; i += 16) v128.store(z + i, f64x2.sub(v128.load(x + i), v128.load(y + i)));
}

/** z := x in both lanes.  x is a whole number below 2^24 in magnitude. */
export function fe2SetSmall(z: usize, x: f64): void {
  memory.fill(z, 0, FE2_BYTES);
  v128.store(z, f64x2.splat(x));
}

/** z := x. */
// @ts-ignore: decorator
@inline
export function fe2Copy(z: usize, x: usize): void {
  memory.copy(z, x, FE2_BYTES);
}

/** z := (lane 0 of x, lane 0 of y). */
export function fe2LowLanes(z: usize, x: usize, y: usize): void {
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    v128.store(z + i, v128.shuffle<i64>(v128.load(x + i), v128.load(y + i), 0, 2));
  }
}

/** z := (lane 1 of x, lane 1 of y). */
export function fe2HighLanes(z: usize, x: usize, y: usize): void {
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    v128.store(z + i, v128.shuffle<i64>(v128.load(x + i), v128.load(y + i), 1, 3));
  }
}

/** z := x with its lanes exchanged. */
export function fe2SwapLanes(z: usize, x: usize): void {
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const limb = v128.load(x + i);
    v128.store(z + i, v128.shuffle<i64>(limb, limb, 1, 0));
  }
}
