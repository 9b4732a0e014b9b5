// Inverses mod n. Scalars, aliasing and timing as in sc-limbs.ts.

import { SC_INVERSE, SC_T } from "../layout";
import { divstepsInvert, divstepsLimb, divstepsSetLimb, divstepsWipe } from "./divsteps";
import { scIsZero } from "./sc-bytes";
import { clearT, fold, LIMBS, limb, MASK29, scCanonical, scClear, scCopy, scMul, scSetOne, setLimb } from "./sc-limbs";

/** n = 2^521 - c, as divsteps wants it: limbs 0..8 are those of -c, limb 17 is 2^11; 1/n mod 2^30. */
const N: usize = memory.data<i32>([
  -0x2ec79bf7, -0x12412385, -0x263b8514, -0x128d91dd, -0x365a2fc4, -0x0ffadc23, -0x06994803, -0x1e1f1034, -0x0005ae79,
  0, 0, 0, 0, 0, 0, 0, 0, 0x800, 0x06566a39,
], 16);

/** Gives x to divsteps: 30-bit limbs from 29-bit ones. */
function begin(x: usize): void {
  scCanonical(SC_INVERSE, x);
  for (let i: u32 = 0; i < LIMBS; i++) {
    const j = (30 * i) / 29;
    const bit = (30 * i) % 29;
    const low = (limb(SC_INVERSE, j) >> bit) | (limb(SC_INVERSE, j + 1) << (29 - bit));
    divstepsSetLimb(i, low | (limb(SC_INVERSE, j + 2) << (58 - bit))); // lanes 18, 19 are zero
  }
  scClear(SC_INVERSE);
}

/** z := what divsteps found, which is below 3n; wipes. */
function finish(z: usize): void {
  for (let i: u32 = 0; i < LIMBS; i++) {
    const j = (29 * i) / 30;
    const bit = (29 * i) % 30;
    setLimb(SC_T, i, ((divstepsLimb(j) >> bit) | (divstepsLimb(j + 1) << (30 - bit))) & MASK29);
  }
  setLimb(SC_T, 18, divstepsLimb(17) >> 12);
  fold(z, SC_T); // q <= 2
  clearT();
  divstepsWipe();
}

/** z := 1/x, or 0 if x is 0. */
export function scInvert(z: usize, x: usize): void {
  begin(x);
  divstepsInvert(N);
  finish(z);
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
  scInvert(inverse, product);
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
