// Additions of affine points by the hundred, which share one inversion (Montgomery): 5M + 1S each, where a mixed Jacobian addition
// takes 8M + 3S.

import { AFFINE_T } from "../layout";
import { FE2_BYTES, fe2Carry, fe2Copy, fe2Mul, fe2MulSub, fe2SqrSub, fe2Sub } from "./fe2";
import { feIsZero } from "./fe2-bytes";
import { fe2Invert } from "./fe2-inverse";
import { AFFINE2_BYTES, Y } from "./point";

/** What affineAddMany needs of `work` for each addition: the denominator, and the product of those before it. */
// @ts-ignore: decorator
@inline export const AFFINE_WORK_BYTES: usize = 2 * FE2_BYTES;

// @ts-ignore: decorator
@inline const INVERSE: usize = AFFINE_T;
// @ts-ignore: decorator
@inline const SLOPE: usize = AFFINE_T + FE2_BYTES;
// @ts-ignore: decorator
@inline const D: usize = AFFINE_T + 2 * FE2_BYTES;
// @ts-ignore: decorator
@inline const S: usize = AFFINE_T + 3 * FE2_BYTES;

/**
 * z[i] := p[i] + q[i mod period] for i < n, arrays of affine pairs, n > 0. Returns 1; or 0, with z unchanged, if some p[i] and
 * q[i mod period] have equal x in a lane: equal or opposite points, for which there is no slope.
 * z may be p, not q. Constant time.  work: n AFFINE_WORK_BYTES.
 */
export function affineAddMany(z: usize, p: usize, q: usize, n: u32, period: u32, work: usize): u32 {
  const end = q + <usize>period * AFFINE2_BYTES;
  let at = p;
  let other = q;
  let w = work;
  for (let i: u32 = 0; i < n; i++) {
    const product = w + FE2_BYTES;
    fe2Sub(w, other, at);
    if (i == 0) fe2Copy(product, w); // 2-loose
    else fe2Mul(product, product - AFFINE_WORK_BYTES, w);
    at += AFFINE2_BYTES;
    other += AFFINE2_BYTES;
    if (other == end) other = q;
    w += AFFINE_WORK_BYTES;
  }
  w -= AFFINE_WORK_BYTES;
  fe2Carry(INVERSE, w + FE2_BYTES);
  if (feIsZero(INVERSE, 0) | feIsZero(INVERSE, 1)) return 0;
  fe2Invert(INVERSE, INVERSE);
  z += <usize>n * AFFINE2_BYTES;
  for (let i = n; i > 0; i--) {
    at -= AFFINE2_BYTES;
    z -= AFFINE2_BYTES;
    other = (other == q ? end : other) - AFFINE2_BYTES;
    // INVERSE is 1 over the product of the denominators 0..i-1.
    if (i > 1) {
      fe2Mul(SLOPE, INVERSE, w + FE2_BYTES - AFFINE_WORK_BYTES);
      fe2Mul(INVERSE, INVERSE, w);
    } else {
      fe2Copy(SLOPE, INVERSE);
    }
    for (let k: usize = 0; k < FE2_BYTES; k += 16) {
      v128.store(D + k, f64x2.sub(v128.load(other + Y + k), v128.load(at + Y + k)));
      v128.store(S + k, f64x2.add(v128.load(other + k), v128.load(at + k)));
    }
    fe2Mul(SLOPE, SLOPE, D);
    fe2SqrSub(z, SLOPE, S); // x' = s^2 - (xp + xq)
    fe2Sub(D, other, z);
    fe2MulSub(z + Y, SLOPE, D, other + Y); // y' = s (xq - x') - yq
    w -= AFFINE_WORK_BYTES;
  }
  return 1;
}

/**
 * p[i] := (X/Z, Y/Z) for n projective pairs, `stride` bytes apart; Z is left.  In: no Z is 0.  work: n FE2_BYTES.
 */
export function affineFromProjective(p: usize, n: u32, stride: usize, work: usize): void {
  // to be shared
  const z: usize = 2 * FE2_BYTES;
  fe2Copy(work, p + z);
  for (let i: u32 = 1; i < n; i++) {
    fe2Mul(work + <usize>i * FE2_BYTES, work + <usize>(i - 1) * FE2_BYTES, p + <usize>i * stride + z);
  }
  fe2Invert(INVERSE, work + <usize>(n - 1) * FE2_BYTES);
  for (let i = n - 1; ; i--) {
    const at = p + <usize>i * stride;
    if (i > 0) fe2Mul(SLOPE, INVERSE, work + <usize>(i - 1) * FE2_BYTES);
    else fe2Copy(SLOPE, INVERSE);
    fe2Mul(INVERSE, INVERSE, at + z);
    fe2Mul(at, at, SLOPE);
    fe2Mul(at + Y, at + Y, SLOPE);
    if (i == 0) break;
  }
}
