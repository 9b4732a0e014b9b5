// Inverses mod p.

import { FE2_INVERSE, FE_LE } from "../layout";
import { isZero64 } from "../lib/ct";
import { divstepsInvert, divstepsLimb, divstepsSetLimb, divstepsWipe } from "./divsteps";
import { FE2_BYTES, FE2_LIMBS, fe2Carry, fe2Mul, fe2SwapLanes } from "./fe2";
import { feLimbMask, feToLittle, feWeight, feWipe, power } from "./fe2-bytes";

/** p = 2^521 - 1 as divsteps wants it: limb 0 is -1, limb 17 is 2^11; 1/p mod 2^30 = -1. */
// @ts-ignore: decorator
@lazy const P: usize = memory.data<i32>([-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x800, -1], 16);

// @ts-ignore: decorator
@inline const SWAPPED: usize = FE2_INVERSE;
// @ts-ignore: decorator
@inline const PRODUCT: usize = FE2_INVERSE + FE2_BYTES;

/**
 * z := 1/x in both lanes: one inversion, of the product of the lanes. Returns 1; or 0, and z := 0 in both lanes, if x is 0 in one.
 * In: x tight.  Out: tight. z may be x. Constant time.
 */
export function fe2Invert(z: usize, x: usize): u32 {
  fe2SwapLanes(SWAPPED, x);
  fe2Mul(PRODUCT, x, SWAPPED);
  feToLittle(PRODUCT, 0);
  let seen: i64 = 0;
  for (let i: u32 = 0; i < 18; i++) {
    const bit = 30 * i;
    const word = load<i64>(FE_LE + (bit >>> 3)) >> (bit & 7);
    seen |= word;
    divstepsSetLimb(i, word);
  }
  feWipe();
  divstepsInvert(P);
  for (let i: u32 = 0; i < FE2_LIMBS; i++) v128.store(PRODUCT + (<usize>i << 4), f64x2.splat(limbOfInverse(i)));
  divstepsWipe();
  fe2Carry(PRODUCT, PRODUCT);
  fe2Mul(z, PRODUCT, SWAPPED);
  memory.fill(FE2_INVERSE, 0, 2 * FE2_BYTES);
  return isZero64(seen) ^ 1;
}

/** Bits w(i).. of what divsteps found, which is below 3p: the last limb is 8-loose, the others are 2-loose. */
function limbOfInverse(i: u32): f64 {
  const bit = feWeight(i);
  const j = bit / 30;
  const value = (divstepsLimb(j) >> (bit % 30)) | (divstepsLimb(j + 1) << (30 - (bit % 30)));
  return <f64>(i == FE2_LIMBS - 1 ? value : value & feLimbMask(i)) * power(bit);
}
