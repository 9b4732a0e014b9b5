import { SC_INVERSE } from "../layout";
import { scIsZero } from "./sc-bytes";
import { scClear, scCopy, scMul, scSetOne } from "./sc-limbs";

const EXPONENT: usize = memory.data<u64>([
  0xbb6fb71e91386407, 0x3bb5c9b8899c47ae, 0x7fcc0148f709a5d0, 0x51868783bf2f966b, 0xfffffffffffffffa,
  0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x1ff,
], 16);

/** z := 1/x, or 0 if x is 0. Fermat. */
export function scInvert(z: usize, x: usize): void {
  const r = SC_INVERSE;
  scCopy(r, x);
  for (let i = 519; i >= 0; i--) {
    scMul(r, r, r);
    if ((load<u64>(EXPONENT + (<usize>(i >> 6) << 3)) >>> (i & 63)) & 1) scMul(r, r, x);
  }
  scCopy(z, r);
  scClear(r);
}
export function scInvertVarTime(z: usize, x: usize): void {
  scInvert(z, x);
}

/**
 * z[i] := 1/x[i] for n scalars, `stride` bytes apart in both z and x, or 0 where x[i] = 0 mod n. Returns the number of those.
 * One inversion and 3 (n - 1) products (Montgomery). z must not overlap x. Variable time: for public scalars.
 */
export function scInvertManyVarTime(z: usize, x: usize, n: u32, stride: usize): u32 {
  const product = SC_INVERSE;
  const inverse = SC_INVERSE + 80;
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
