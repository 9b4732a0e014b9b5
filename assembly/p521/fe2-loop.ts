// The kernels of fe2.gen.ts, to be read. Mathematics, bounds and contracts: fe2.ts.

import { FE2_ACC } from "../layout";

const LIMBS: u32 = 22;

// @ts-ignore: decorator
@inline
function limb(x: usize, i: u32): v128 {
  return v128.load(x + (<usize>i << 4));
}

// @ts-ignore: decorator
@inline
function setLimb(x: usize, i: u32, value: v128): void {
  v128.store(x + (<usize>i << 4), value);
}

/** The weight of limb i is 2^weight(i). */
// @ts-ignore: decorator
@inline
function weight(i: u32): u32 {
  return (521 * i + 21) / 22;
}

/** 2^e in both lanes.  In: -1022 <= e <= 1023. */
// @ts-ignore: decorator
@inline
function power(e: i32): v128 {
  return f64x2.splat(reinterpret<f64>(<u64>(1023 + e) << 52));
}

/** x rounded to a multiple of the weight of limb i.  In: |x| <= 2^(51 + weight(i)). */
function round(x: v128, i: u32): v128 {
  const large = f64x2.mul(f64x2.splat(3), power(51 + weight(i)));
  return f64x2.sub(f64x2.add(x, large), large);
}

/** Limbs i and j of a product meet in column i + j, or past 2^521 in column i + j - 22. yj is scaled first: 2^1023 is near. */
function addProduct(i: u32, j: u32, xi: v128, yj: v128): void {
  const past = i + j >= LIMBS;
  const k = past ? i + j - LIMBS : i + j;
  setLimb(FE2_ACC, k, f64x2.add(limb(FE2_ACC, k), f64x2.mul(xi, past ? f64x2.mul(yj, power(-521)) : yj)));
}

export function mulSub(z: usize, x: usize, y: usize, c: usize): void {
  for (let k: u32 = 0; k < LIMBS; k++) setLimb(FE2_ACC, k, f64x2.neg(limb(c, k)));
  for (let i: u32 = 0; i < LIMBS; i++) {
    for (let j: u32 = 0; j < LIMBS; j++) addProduct(i, j, limb(x, i), limb(y, j));
  }
  carry(z, FE2_ACC);
}

export function sqrSub(z: usize, x: usize, c: usize): void {
  for (let k: u32 = 0; k < LIMBS; k++) setLimb(FE2_ACC, k, f64x2.neg(limb(c, k)));
  for (let i: u32 = 0; i < LIMBS; i++) {
    addProduct(i, i, limb(x, i), limb(x, i));
    for (let j = i + 1; j < LIMBS; j++) addProduct(i, j, f64x2.add(limb(x, i), limb(x, i)), limb(x, j));
  }
  carry(z, FE2_ACC);
}

export function carry(z: usize, x: usize): void {
  let c = f64x2.splat(0);
  for (let k: u32 = 0; k < LIMBS; k++) {
    const t = f64x2.add(limb(x, k), c);
    c = round(t, k + 1);
    setLimb(z, k, f64x2.sub(t, c));
  }
  const t = f64x2.add(limb(z, 0), f64x2.mul(c, power(-521)));
  c = round(t, 1);
  setLimb(z, 0, f64x2.sub(t, c));
  setLimb(z, 1, f64x2.add(limb(z, 1), c));
}

export function carry3(z: usize, x: usize): void {
  for (let k: u32 = 0; k < LIMBS; k++) setLimb(z, k, f64x2.mul(limb(x, k), f64x2.splat(3)));
  carry(z, z);
}
