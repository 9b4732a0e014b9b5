// One point of P-521 in both lanes. The formulas are those of point.ts; what they multiply is taken two products at a time, which
// are independent: a doubling is 4 pairs of products, a mixed addition 6.
//
//   affine      AFFINE1_BYTES: (x, y)
//   Jacobian    POINT1_BYTES:  (X, X), (Y, Z) for (X/Z^2, Y/Z^3)
//
// All coordinates are tight (fe2.ts). Constant time. Scratch: PT_T; who calls with secrets wipes it.

import { PT_T } from "../layout";
import { FE2_BYTES, fe2Carry, fe2Copy, fe2HighLanes, fe2LowLanes, fe2Mul, fe2MulSub, fe2Sqr, fe2SqrSub } from "./fe2";
import { Y, Z } from "./point";

// @ts-ignore: decorator
@inline export const AFFINE1_BYTES: usize = FE2_BYTES;
// @ts-ignore: decorator
@inline export const POINT1_BYTES: usize = 2 * FE2_BYTES;
// @ts-ignore: decorator
@inline const YZ: usize = FE2_BYTES;

// Left and right factors of the next pair of products, and what is subtracted from it.
// @ts-ignore: decorator
@inline const LEFT: usize = PT_T;
// @ts-ignore: decorator
@inline const RIGHT: usize = PT_T + FE2_BYTES;
// @ts-ignore: decorator
@inline const LESS: usize = PT_T + 2 * FE2_BYTES;
// Pairs of products.
// @ts-ignore: decorator
@inline const T0: usize = PT_T + 3 * FE2_BYTES;
// @ts-ignore: decorator
@inline const T1: usize = PT_T + 4 * FE2_BYTES;
// @ts-ignore: decorator
@inline const T2: usize = PT_T + 5 * FE2_BYTES;

/** (lane i of x, lane j of y), a limb. */
// @ts-ignore: decorator
@inline
function low(x: v128, y: v128): v128 { return v128.shuffle<i64>(x, y, 0, 2); }
// @ts-ignore: decorator
@inline
function high(x: v128, y: v128): v128 { return v128.shuffle<i64>(x, y, 1, 3); }
// @ts-ignore: decorator
@inline
function outer(x: v128, y: v128): v128 { return v128.shuffle<i64>(x, y, 0, 3); }
// @ts-ignore: decorator
@inline
function inner(x: v128, y: v128): v128 { return v128.shuffle<i64>(x, y, 1, 2); }
/** The doubles (a, b). */
// @ts-ignore: decorator
@inline
function pair(a: f64, b: f64): v128 { return f64x2.replace_lane(f64x2.splat(a), 1, b); }

/** p := the affine q, as a Jacobian point. */
export function pt1FromAffine(p: usize, q: usize): void {
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const xy = v128.load(q + i);
    v128.store(p + i, low(xy, xy));
    v128.store(p + YZ + i, high(xy, zero));
  }
  store<f64>(p + YZ, 1, 8);
}

/** Negates the affine p if bit 31 of sign is set. */
export function pt1Negate(p: usize, sign: u32): void {
  const signs = i64x2.replace_lane(i64x2.splat(0), 1, <i64>(sign >>> 31) << 63);
  for (let i: usize = 0; i < AFFINE1_BYTES; i += 16) v128.store(p + i, v128.xor(v128.load(p + i), signs));
}

/** The POINT2_BYTES at z := the Jacobian p, in both lanes. z must not overlap p. */
export function pt1ToPair(z: usize, p: usize): void {
  fe2Copy(z, p);
  fe2LowLanes(z + Y, p + YZ, p + YZ);
  fe2HighLanes(z + Z, p + YZ, p + YZ);
}

/** p := 2 p. As ptDouble. */
export function pt1Double(p: usize): void {
  fe2Sqr(T0, p + YZ); // gamma, delta
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const x = v128.load(p + i);
    const t = v128.load(T0 + i);
    v128.store(LEFT + i, outer(x, f64x2.sub(x, t)));
    v128.store(RIGHT + i, outer(f64x2.mul(t, f64x2.splat(4)), f64x2.add(x, t)));
  }
  fe2Mul(T1, LEFT, RIGHT); // S = X 4 gamma, alpha / 3 = (X - delta) (X + delta)
  const twoThree = pair(2, 3);
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const t = v128.load(T1 + i);
    v128.store(T2 + i, f64x2.mul(outer(v128.load(T0 + i), t), twoThree));
    v128.store(LESS + i, low(zero, f64x2.add(t, t)));
  }
  fe2Carry(T2, T2); // 2 gamma, alpha
  fe2SqrSub(T0, T2, LESS); // 4 gamma^2, X' = alpha^2 - 2 S
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const t = v128.load(T0 + i);
    const yz = v128.load(p + YZ + i);
    const x = high(t, t);
    v128.store(p + i, x);
    v128.store(LEFT + i, inner(v128.load(T2 + i), yz));
    v128.store(RIGHT + i, outer(f64x2.sub(v128.load(T1 + i), x), f64x2.add(yz, yz)));
    v128.store(LESS + i, low(f64x2.add(t, t), zero));
  }
  fe2MulSub(p + YZ, LEFT, RIGHT, LESS); // Y' = alpha (S - X') - 8 gamma^2, Z' = Y 2 Z
}

/** p := p + q, p Jacobian, q affine. As ptAddMixed: right unless p = q, p = -q or p is infinity; then Z' = 0, and stays 0. */
export function pt1AddMixed(p: usize, q: usize): void {
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const yz = v128.load(p + YZ + i);
    const z = high(yz, yz);
    v128.store(LEFT + i, z);
    v128.store(RIGHT + i, outer(z, v128.load(q + i)));
  }
  fe2Mul(T0, LEFT, RIGHT); // Z^2, y2 Z
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const t = v128.load(T0 + i);
    v128.store(LEFT + i, low(t, t));
    v128.store(RIGHT + i, outer(v128.load(q + i), t));
    v128.store(LESS + i, low(v128.load(p + i), v128.load(p + YZ + i)));
  }
  fe2MulSub(T0, LEFT, RIGHT, LESS); // H = x2 Z^2 - X, R = y2 Z^3 - Y
  fe2Sqr(T1, T0); // H^2
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const t = v128.load(T1 + i);
    v128.store(LEFT + i, low(t, t));
    v128.store(RIGHT + i, low(v128.load(p + i), v128.load(T0 + i)));
  }
  fe2Mul(T1, LEFT, RIGHT); // V = X H^2, H^3
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const t = v128.load(T1 + i);
    const r = v128.load(T0 + i);
    v128.store(LEFT + i, inner(r, v128.load(p + YZ + i)));
    v128.store(RIGHT + i, high(r, t));
    v128.store(LESS + i, low(f64x2.add(f64x2.add(t, t), high(t, t)), zero));
  }
  fe2MulSub(T2, LEFT, RIGHT, LESS); // X' = R^2 - H^3 - 2 V, Y H^3
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const t = v128.load(T2 + i);
    const hr = v128.load(T0 + i);
    v128.store(p + i, low(t, t));
    v128.store(LEFT + i, high(hr, v128.load(p + YZ + i)));
    v128.store(RIGHT + i, low(f64x2.sub(v128.load(T1 + i), t), hr));
    v128.store(LESS + i, high(t, zero));
  }
  fe2MulSub(p + YZ, LEFT, RIGHT, LESS); // Y' = R (V - X') - Y H^3, Z' = Z H
}
