import { SC_INVERSE } from "../layout";
import { scIsZero } from "./sc-bytes";
import { divstepsInvert, divstepsInvertVarTime } from "./sc-divsteps";
import { scCanonical, scClear, scCopy, scMul, scSetOne } from "./sc-limbs";

/** z := 1/x, or 0 if x is 0. */
export function scInvert(z: usize, x: usize): void {
  scCanonical(SC_INVERSE, x);
  divstepsInvert(z, SC_INVERSE);
  scClear(SC_INVERSE);
}

/** z := 1/x, or 0 if x is 0, in time that depends on x: for public scalars. */
export function scInvertVarTime(z: usize, x: usize): void {
  scCanonical(SC_INVERSE, x);
  divstepsInvertVarTime(z, SC_INVERSE);
  scClear(SC_INVERSE);
}

/**
 * z[i] := 1/x[i] for n scalars, `stride` bytes apart in both z and x, or 0 where x[i] = 0 mod n. Returns the number of those.
 * One inversion and 3 (n - 1) products (Montgomery). z must not overlap x. Variable time: for public scalars.
 */
export function scInvertManyVarTime(z: usize, x: usize, n: u32, stride: usize): u32 {
  const product = SC_INVERSE + 80;
  const inverse = SC_INVERSE + 160;
  let zeros: u32 = 0;
  scSetOne(product);
  // Forward: z[i] := the product of all nonzero x[j] with j < i, or 0 to mark a zero x[i].
  for (let i: u32 = 0, at: usize = 0; i < n; i++, at += stride) {
    if (scIsZero(x + at)) {
      scClear(z + at);
      zeros++;
    } else {
      scCopy(z + at, product);
      scMul(product, product, x + at);
    }
  }
  scInvertVarTime(inverse, product);
  // Backward: inverse is 1 over the product of all nonzero x[j] with j <= i.
  for (let i: u32 = n, at: usize = <usize>n * stride; i > 0; i--) {
    at -= stride;
    if (isMarked(z + at)) continue;
    scMul(z + at, z + at, inverse);
    scMul(inverse, inverse, x + at);
  }
  scClear(product);
  scClear(inverse);
  return zeros;
}

/** Whether all limbs of x are zero. A product of nonzero scalars has a limb that is not, in whatever reduced form. */
function isMarked(x: usize): bool {
  const low = v128.or(v128.or(v128.load(x), v128.load(x, 16)), v128.or(v128.load(x, 32), v128.load(x, 48)));
  return !v128.any_true(v128.or(low, v128.load(x, 64)));
}
