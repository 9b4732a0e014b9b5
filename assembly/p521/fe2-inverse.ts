import { FE2_INVERSE } from "../layout";
import { FE2_BYTES, fe2Copy, fe2Mul, fe2Sqr } from "./fe2";

/** z := x^(2^n) * y.  z must not be y. */
function sqrTimesMul(z: usize, x: usize, n: u32, y: usize): void {
  fe2Sqr(z, x);
  for (let i: u32 = 1; i < n; i++) fe2Sqr(z, z);
  fe2Mul(z, z, y);
}

/**
 * z := 1/x in both lanes, or 0 where x = 0, by Fermat: x^(p - 2), p - 2 = 4 (2^519 - 1) + 1. 520 squarings, 13 products.
 * In: x tight.  Out: tight.
 */
export function fe2Invert(z: usize, x: usize): void {
  // e(k) = x^(2^k - 1), and e(j + k) = e(j)^(2^k) e(k): 1, 2, 3, 6, 7, 8, 16, 32, .., 512, 519.
  const t = FE2_INVERSE;
  const e7 = FE2_INVERSE + FE2_BYTES;
  const x1 = FE2_INVERSE + 2 * FE2_BYTES;
  fe2Copy(x1, x);
  sqrTimesMul(t, x1, 1, x1);
  sqrTimesMul(t, t, 1, x1);
  fe2Copy(e7, t);
  sqrTimesMul(t, t, 3, e7);
  sqrTimesMul(t, t, 1, x1);
  fe2Copy(e7, t);
  sqrTimesMul(t, t, 1, x1);
  for (let k: u32 = 8; k < 512; k <<= 1) {
    fe2Copy(z, t);
    sqrTimesMul(t, t, k, z);
  }
  sqrTimesMul(t, t, 7, e7);
  sqrTimesMul(z, t, 2, x1);
  memory.fill(FE2_INVERSE, 0, 3 * FE2_BYTES);
}
