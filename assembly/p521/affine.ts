// Affine points by the hundred, with one inversion for all of them (Montgomery): an addition takes 5M + 1S, where a mixed Jacobian
// one takes 8M + 3S.

import { AFFINE_T } from "../layout";
import { FE2_BYTES, fe2Carry, fe2Copy, fe2Mul, fe2MulSub, fe2SqrSub, fe2Sub } from "./fe2";
import { fe2Invert } from "./fe2-inverse";
import { AFFINE2_BYTES, Y, Z } from "./point";

/** What affineAddMany needs of `work` for each addition: the denominator, and the product of it and all before it. */
// @ts-ignore: decorator
@inline export const AFFINE_WORK_BYTES: usize = 2 * FE2_BYTES;
// @ts-ignore: decorator
@inline const PRODUCT: usize = FE2_BYTES;

/** 1 over the product of the denominators that are still to come. */
// @ts-ignore: decorator
@inline const INVERSE: usize = AFFINE_T;
// @ts-ignore: decorator
@inline const SLOPE: usize = AFFINE_T + FE2_BYTES;
// @ts-ignore: decorator
@inline const DIFFERENCE: usize = AFFINE_T + 2 * FE2_BYTES;
// @ts-ignore: decorator
@inline const SUM: usize = AFFINE_T + 3 * FE2_BYTES;

/**
 * z[i] := p[i] + q[i mod period] for i < n, arrays of affine pairs, n > 0. Returns 1; or 0, with z unchanged, if some p[i] and
 * q[i mod period] have equal x in a lane: equal or opposite points, for which there is no slope.
 * z may be p, not q. Constant time, but for that.  work: n AFFINE_WORK_BYTES.
 */
export function affineAddMany(z: usize, p: usize, q: usize, n: u32, period: u32, work: usize): u32 {
  denominators(p, q, n, period, work);
  let w = work + <usize>(n - 1) * AFFINE_WORK_BYTES;
  fe2Carry(INVERSE, w + PRODUCT);
  if (!fe2Invert(INVERSE, INVERSE)) return 0;
  for (let i = n - 1; i > 0; i--) {
    fe2Mul(SLOPE, INVERSE, w + PRODUCT - AFFINE_WORK_BYTES); // 1 / denominator i
    fe2Mul(INVERSE, INVERSE, w);
    addWithInverse(z + <usize>i * AFFINE2_BYTES, p + <usize>i * AFFINE2_BYTES, q + <usize>(i % period) * AFFINE2_BYTES);
    w -= AFFINE_WORK_BYTES;
  }
  fe2Copy(SLOPE, INVERSE);
  addWithInverse(z, p, q);
  return 1;
}

/** work[i] := the denominator xq - xp of addition i, 2-loose, and the product of the first i + 1 of them; the first is 2-loose. */
function denominators(p: usize, q: usize, n: u32, period: u32, work: usize): void {
  fe2Sub(work, q, p);
  fe2Copy(work + PRODUCT, work);
  for (let i: u32 = 1; i < n; i++) {
    work += AFFINE_WORK_BYTES;
    fe2Sub(work, q + <usize>(i % period) * AFFINE2_BYTES, p + <usize>i * AFFINE2_BYTES);
    fe2Mul(work + PRODUCT, work + PRODUCT - AFFINE_WORK_BYTES, work);
  }
}

/** z := p + q, given 1 / (xq - xp) at SLOPE. z may be p. */
// @ts-ignore: decorator
@inline
function addWithInverse(z: usize, p: usize, q: usize): void {
  for (let k: usize = 0; k < FE2_BYTES; k += 16) {
    v128.store(DIFFERENCE + k, f64x2.sub(v128.load(q + Y + k), v128.load(p + Y + k)));
    v128.store(SUM + k, f64x2.add(v128.load(q + k), v128.load(p + k)));
  }
  fe2Mul(SLOPE, SLOPE, DIFFERENCE);
  fe2SqrSub(z, SLOPE, SUM); // x' = s^2 - (xp + xq)
  fe2Sub(DIFFERENCE, q, z);
  fe2MulSub(z + Y, SLOPE, DIFFERENCE, q + Y); // y' = s (xq - x') - yq
}

/**
 * p[i] := (X/Z, Y/Z) for n projective pairs, `stride` bytes apart; Z is left.  In: no Z is 0.  work: n FE2_BYTES.
 * Constant time.
 */
export function affineFromProjective(p: usize, n: u32, stride: usize, work: usize): void {
  fe2Copy(work, p + Z);
  for (let i: u32 = 1; i < n; i++) {
    const product = work + <usize>i * FE2_BYTES;
    fe2Mul(product, product - FE2_BYTES, p + <usize>i * stride + Z);
  }
  fe2Invert(INVERSE, work + <usize>(n - 1) * FE2_BYTES);
  for (let i = n - 1; i > 0; i--) {
    const at = p + <usize>i * stride;
    fe2Mul(SLOPE, INVERSE, work + <usize>(i - 1) * FE2_BYTES); // 1 / Z
    fe2Mul(INVERSE, INVERSE, at + Z);
    scale(at, SLOPE);
  }
  scale(p, INVERSE);
}

function scale(p: usize, factor: usize): void {
  fe2Mul(p, p, factor);
  fe2Mul(p + Y, p + Y, factor);
}
