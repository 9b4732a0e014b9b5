// Points of P-521, y^2 = x^3 - 3 x + b: pairs of independent points, one in each lane.
//
//   affine       AFFINE2_BYTES: x, y
//   Jacobian     POINT2_BYTES:  X, Y, Z for (X/Z^2, Y/Z^3)
//   projective   POINT2_BYTES:  X, Y, Z for (X/Z, Y/Z); infinity is (0 : 1 : 0)
//
// All coordinates are tight (fe2.ts). Constant time. Scratch: PT_T; who calls with secrets wipes it.

import { FE2_B, PT_T } from "../layout";
import { FE2_BYTES, fe2Add, fe2Carry, fe2Carry3, fe2Copy, fe2Mul, fe2MulSub, fe2SetSmall, fe2Sqr, fe2SqrSub, fe2Sub } from "./fe2";

// @ts-ignore: decorator
@inline export const AFFINE2_BYTES: usize = 2 * FE2_BYTES;
// @ts-ignore: decorator
@inline export const POINT2_BYTES: usize = 3 * FE2_BYTES;
// @ts-ignore: decorator
@inline export const Y: usize = FE2_BYTES;
// @ts-ignore: decorator
@inline export const Z: usize = 2 * FE2_BYTES;

// @ts-ignore: decorator
@inline const T0: usize = PT_T;
// @ts-ignore: decorator
@inline const T1: usize = PT_T + FE2_BYTES;
// @ts-ignore: decorator
@inline const T2: usize = PT_T + 2 * FE2_BYTES;
// @ts-ignore: decorator
@inline const T3: usize = PT_T + 3 * FE2_BYTES;
// @ts-ignore: decorator
@inline const T4: usize = PT_T + 4 * FE2_BYTES;
// @ts-ignore: decorator
@inline const T5: usize = PT_T + 5 * FE2_BYTES;
// @ts-ignore: decorator
@inline const T6: usize = PT_T + 6 * FE2_BYTES;
// @ts-ignore: decorator
@inline const T7: usize = PT_T + 7 * FE2_BYTES;

/** p := the affine q, as a Jacobian (or projective) point.  p may be q. */
export function ptFromAffine(p: usize, q: usize): void {
  if (p != q) memory.copy(p, q, AFFINE2_BYTES);
  fe2SetSmall(p + Z, 1);
}

/** Negates lane 0 of p if bit 31 of sign0 is set, and lane 1 if that of sign1 is. */
export function ptNegate(p: usize, sign0: u32, sign1: u32): void {
  const signs = i64x2.replace_lane(i64x2.splat(<i64>(sign0 >>> 31) << 63), 1, <i64>(sign1 >>> 31) << 63);
  for (let i: usize = Y; i < Z; i += 16) v128.store(p + i, v128.xor(v128.load(p + i), signs));
}

/** p := 2 p, Jacobian (dbl-2001-b, 3M + 5S). Right for every point but infinity, which no other point doubles to. */
export function ptDouble(p: usize): void {
  const delta = T0;
  const gamma = T1;
  fe2Sqr(delta, p + Z);
  fe2Sqr(gamma, p + Y);
  doubleTerms(p, delta, gamma);
  fe2Mul(T0, p, T3); // S = 4 beta = X 4 gamma
  fe2Mul(T1, T4, T5);
  fe2Carry3(T1, T1); // alpha = 3 (X - delta) (X + delta)
  fe2Sqr(T2, T2); // 4 gamma^2
  fe2Add(T3, T0, T0);
  fe2SqrSub(p, T1, T3); // X' = alpha^2 - 2 S
  fe2SqrSub(p + Z, T6, T7); // Z' = (Y + Z)^2 - gamma - delta
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const s = v128.load(T0 + i);
    const h = v128.load(T2 + i);
    v128.store(T0 + i, f64x2.sub(s, v128.load(p + i)));
    v128.store(T2 + i, f64x2.add(h, h));
  }
  fe2MulSub(p + Y, T1, T0, T2); // Y' = alpha (S - X') - 8 gamma^2
}

/**
 * T2 := 2 gamma, T3 := 4 gamma, T4 := X - delta, T5 := X + delta, T6 := Y + Z, T7 := gamma + delta, in one pass: a pass for each
 * would take a tenth of the doubling's time.
 */
// @ts-ignore: decorator
@inline
function doubleTerms(p: usize, delta: usize, gamma: usize): void {
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const x = v128.load(p + i);
    const d = v128.load(delta + i);
    const g = v128.load(gamma + i);
    const twoG = f64x2.add(g, g);
    v128.store(T2 + i, twoG);
    v128.store(T3 + i, f64x2.add(twoG, twoG));
    v128.store(T4 + i, f64x2.sub(x, d));
    v128.store(T5 + i, f64x2.add(x, d));
    v128.store(T6 + i, f64x2.add(v128.load(p + Y + i), v128.load(p + Z + i)));
    v128.store(T7 + i, f64x2.add(g, d));
  }
}

/**
 * p := p + q, p Jacobian, q affine (madd, 8M + 3S). Right unless p = q, p = -q or p is infinity; then Z' = 0, and stays 0 through
 * every further addition and doubling.
 */
export function ptAddMixed(p: usize, q: usize): void {
  const zz = T0;
  const h = T1;
  const r = T2;
  const hh = T3;
  const hhh = T4;
  const v = T5;
  fe2Sqr(zz, p + Z);
  fe2MulSub(h, q, zz, p); // H = x2 Z^2 - X
  fe2Mul(r, q + Y, p + Z);
  fe2MulSub(r, r, zz, p + Y); // R = y2 Z^3 - Y
  fe2Sqr(hh, h);
  fe2Mul(hhh, h, hh);
  fe2Mul(v, p, hh);
  finishAddition(p, p + Y, r, hhh, v);
  fe2Mul(p + Z, p + Z, h); // Z' = Z H
}

/**
 * p := a + b, p Jacobian, a and b affine (mmadd, 4M + 2S). Right unless a = b or a = -b; then Z' = 0. p must overlap neither.
 */
export function ptAddAffine(p: usize, a: usize, b: usize): void {
  const h = T1;
  const r = T2;
  const hh = T3;
  const hhh = T4;
  const v = T5;
  fe2Sub(h, b, a);
  fe2Sub(r, b + Y, a + Y);
  fe2Carry(p + Z, h); // Z' = H = x2 - x1
  fe2Sqr(hh, p + Z);
  fe2Mul(hhh, p + Z, hh);
  fe2Mul(v, a, hh);
  finishAddition(p, a + Y, r, hhh, v);
}

/** X' := R^2 - H^3 - 2 V, Y' := R (V - X') - y H^3.  In: r 2-loose. Uses up hhh and v. */
// @ts-ignore: decorator
@inline
function finishAddition(p: usize, y: usize, r: usize, hhh: usize, v: usize): void {
  for (let i: usize = 0; i < FE2_BYTES; i += 16) {
    const limb = v128.load(v + i);
    v128.store(T6 + i, f64x2.add(v128.load(hhh + i), f64x2.add(limb, limb)));
  }
  fe2SqrSub(p, r, T6);
  fe2Sub(v, v, p);
  fe2Mul(hhh, hhh, y);
  fe2MulSub(p + Y, r, v, hhh);
}

/** p := the Jacobian p, projective. Infinity (Z = 0) becomes (0 : Y : 0). */
export function ptToProjective(p: usize): void {
  fe2Sqr(T0, p + Z);
  fe2Mul(p, p, p + Z);
  fe2Mul(p + Z, p + Z, T0);
}

/**
 * p := p + q, both projective, for every p and q: equal, opposite, infinity (Renes, Costello, Batina 2015, algorithm 4, a = -3).
 */
export function ptAdd(p: usize, q: usize): void {
  const xx = T0;
  const yy = T1;
  const zz = T2;
  const xy = T3;
  const yz = T4;
  const xz = T5;
  const e = T6;
  const f = T7;
  fe2Mul(xx, p, q);
  fe2Mul(yy, p + Y, q + Y);
  fe2Mul(zz, p + Z, q + Z);
  crossProduct(xy, p, p + Y, q, q + Y, xx, yy); // xy = X1 Y2 + X2 Y1
  crossProduct(yz, p + Y, p + Z, q + Y, q + Z, yy, zz);
  crossProduct(xz, p, p + Z, q, q + Z, xx, zz);
  fe2MulSub(e, FE2_B, zz, xz);
  fe2Carry3(e, e); // e = 3 (b zz - xz)
  fe2Add(f, zz, zz);
  fe2Add(f, f, zz);
  fe2Add(f, f, xx);
  fe2MulSub(f, FE2_B, xz, f);
  fe2Carry3(f, f); // f = 3 (b xz - 3 zz - xx)
  fe2Sub(zz, zz, xx);
  fe2Carry3(zz, zz); // zz = g = 3 (zz - xx)
  fe2Sub(xx, yy, e); // minus = yy - e
  fe2Add(yy, yy, e); // plus = yy + e
  fe2Mul(e, yz, f);
  fe2MulSub(p, xy, xx, e); // X' = xy minus - yz f
  fe2Mul(e, zz, f);
  fe2MulSub(p + Y, xx, yy, e); // Y' = minus plus - g f
  fe2Mul(e, xy, zz);
  fe2MulSub(p + Z, yz, yy, e); // Z' = yz plus - xy g
}

/** z := (a1 + b1) (a2 + b2) - aa - bb. Scratch: T6, T7. */
function crossProduct(z: usize, a1: usize, b1: usize, a2: usize, b2: usize, aa: usize, bb: usize): void {
  fe2Add(T6, a1, b1);
  fe2Add(T7, a2, b2);
  fe2Add(z, aa, bb);
  fe2MulSub(z, T6, T7, z);
}
