// Integers mod n, the order of P-521: n = 2^521 - c with c < 2^259.
//
// A scalar is SC_BYTES = 80 bytes: 18 limbs of 29 bits in u32 lanes, least significant first, then two lanes that stay zero.
//   reduced:   every limb < 2^29 and the value < 2^521 + 2^261, so a residue is held as x or, if small, as x + n
//   canonical: every limb < 2^29 and the value < n
// Unless it says otherwise a routine takes reduced scalars and leaves a reduced one, its output may be any of its inputs, and
// its time depends on no value. Scratch is zero before and after each call.
//
// 18 * 29 = 522, and 2^521 = c, 2^522 = 2c (mod n): what lies above comes back multiplied by c or 2c, which have nine limbs.

import { SC_PADDED, SC_T } from "../layout";
import { isZero64 } from "../lib/ct";

// @ts-ignore: decorator
@inline export const SC_BYTES: usize = 80;
// @ts-ignore: decorator
@inline export const LIMBS: u32 = 18;
// @ts-ignore: decorator
@inline export const MASK29: i64 = 0x1fffffff;
// @ts-ignore: decorator
@inline const MASK28: i64 = 0xfffffff;

/** c = 2^521 - n. */
const C: usize = memory.data<u32>([
  0x0ec79bf7, 0x0482470b, 0x18ee1451, 0x146c8eec, 0x05a2fc44, 0x1f5b847b, 0x065200cf, 0x0f881a0d, 0x05ae7978,
], 16);

/** 2c = 2^522 - 2n, after four zero limbs and before three. */
const PADDED_2C: usize = memory.data<u32>([
  0, 0, 0, 0,
  0x1d8f37ee, 0x09048e16, 0x11dc28a2, 0x08d91dd9, 0x0b45f889, 0x1eb708f6, 0x0ca4019f, 0x1f10341a, 0x0b5cf2f0,
  0, 0, 0,
], 16);

// @ts-ignore: decorator
@inline
export function limb(x: usize, i: u32): i64 {
  return <i64>load<u32>(x + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
export function setLimb(x: usize, i: u32, v: i64): void {
  store<u32>(x + (<usize>i << 2), <u32>v);
}

/** z := x. */
// @ts-ignore: decorator
@inline
export function scCopy(z: usize, x: usize): void {
  v128.store(z, v128.load(x));
  v128.store(z, v128.load(x, 16), 16);
  v128.store(z, v128.load(x, 32), 32);
  v128.store(z, v128.load(x, 48), 48);
  v128.store(z, v128.load(x, 64), 64);
}

/** z := 0. */
// @ts-ignore: decorator
@inline
export function scClear(z: usize): void {
  const zero = i64x2.splat(0);
  v128.store(z, zero);
  v128.store(z, zero, 16);
  v128.store(z, zero, 32);
  v128.store(z, zero, 48);
  v128.store(z, zero, 64);
}

/** z := 1. */
// @ts-ignore: decorator
@inline
export function scSetOne(z: usize): void {
  scClear(z);
  store<u32>(z, 1);
}

/**
 * t[0 .. columns - 1] += x * y, and t[columns] := the carry.  In: x of nx limbs, y of ny limbs with three zero limbs on either
 * side, t of `columns` limbs, all < 2^29; columns even and >= nx + ny - 1; min(nx, ny) <= 18.  Out: t[0 .. columns - 1] < 2^29.
 * A column sums at most 18 products below 2^58, a limb and a carry below 2^34: below 2^62.2.
 * t may overlap neither x nor y, but t[columns] may be a limb of x.
 */
function addProduct(t: usize, columns: u32, x: usize, nx: u32, y: usize, ny: u32): void {
  let carry: u64 = 0;
  for (let k: u32 = 0; k < columns; k += 4) {
    // Columns k..k+3 of the product: x[i] times y[k-i .. k-i+3], where lanes outside y are its zero margins.
    let lo = i64x2.splat(0);
    let hi = i64x2.splat(0);
    const end = k + 4 < nx ? k + 4 : nx;
    for (let i: u32 = k < ny ? 0 : k - ny + 1; i < end; i++) {
      const xi = v128.load_splat<u32>(x + (<usize>i << 2));
      const yi = v128.load(y + (<usize>k << 2) - (<usize>i << 2));
      lo = i64x2.add(lo, i64x2.extmul_low_i32x4_u(xi, yi));
      hi = i64x2.add(hi, i64x2.extmul_high_i32x4_u(xi, yi));
    }
    carry = addColumn(t, k, carry, i64x2.extract_lane(lo, 0));
    carry = addColumn(t, k + 1, carry, i64x2.extract_lane(lo, 1));
    if (k + 2 == columns) break;
    carry = addColumn(t, k + 2, carry, i64x2.extract_lane(hi, 0));
    carry = addColumn(t, k + 3, carry, i64x2.extract_lane(hi, 1));
  }
  setLimb(t, columns, carry);
}

/** t[k] := the low 29 bits of t[k] + carry + column; returns the rest. */
// @ts-ignore: decorator
@inline
function addColumn(t: usize, k: u32, carry: u64, column: u64): u64 {
  const sum = <u64>limb(t, k) + carry + column;
  setLimb(t, k, sum & MASK29);
  return sum >>> 29;
}

/**
 * z := t - q n with q = floor(t / 2^521).  In: t[0..17] < 2^29, t[18] < 2^6.  Out: limbs < 2^29, z < 2^521 + q c: reduced if
 * q <= 5, since 5c < 2^261.
 */
export function fold(z: usize, t: usize): void {
  const top = limb(t, 17);
  const q = (top >>> 28) | (limb(t, 18) << 1);
  let carry: i64 = 0;
  for (let i: u32 = 0; i < 9; i++) {
    carry += limb(t, i) + q * limb(C, i);
    setLimb(z, i, carry & MASK29);
    carry >>= 29;
  }
  for (let i: u32 = 9; i < 17; i++) {
    carry += limb(t, i);
    setLimb(z, i, carry & MASK29);
    carry >>= 29;
  }
  setLimb(z, 17, (top & MASK28) + carry);
}

/** SC_T := 0. */
// @ts-ignore: decorator
@inline
export function clearT(): void {
  scClear(SC_T);
  scClear(SC_T + 80);
}

/** SC_T := (x + c) mod 2^522; returns its bit 521.  In: limbs of x < 2^29. */
function addC(x: usize): i64 {
  let carry: i64 = 0;
  for (let i: u32 = 0; i < LIMBS; i++) {
    carry += limb(x, i) + (i < 9 ? limb(C, i) : 0);
    setLimb(SC_T, i, carry & MASK29);
    carry >>= 29;
  }
  return limb(SC_T, 17) >>> 28;
}

/** 1 if the 19 limbs at x, each < 2^29, are a number below n, else 0. */
export function isBelowOrder(x: usize): u32 {
  const tooLong = (limb(x, 17) >>> 28) | limb(x, 18);
  const reaches2to521 = addC(x); // means x >= n if x < 2^521
  clearT();
  return isZero64(tooLong | reaches2to521);
}

/** z := x mod n, canonical. */
export function scCanonical(z: usize, x: usize): void {
  // t = x + c < 2^522. x >= n just when t >= 2^521, and then x - n = t - 2^521 < 2^261 + c < n.
  const mask = -addC(x);
  setLimb(SC_T, 17, limb(SC_T, 17) & MASK28);
  for (let i: u32 = 0; i < LIMBS; i++) {
    const old = limb(x, i);
    setLimb(z, i, old ^ (mask & (old ^ limb(SC_T, i))));
  }
  clearT();
}

/** z := x + y. */
export function scAdd(z: usize, x: usize, y: usize): void {
  let carry: i64 = 0;
  for (let i: u32 = 0; i < LIMBS; i++) {
    carry += limb(x, i) + limb(y, i);
    setLimb(SC_T, i, carry & MASK29);
    carry >>= 29;
  }
  setLimb(SC_T, 18, carry);
  fold(z, SC_T); // t < 2^522 + 2^262: q <= 2
  clearT();
}

/** z := x - y. */
export function scSub(z: usize, x: usize, y: usize): void {
  // t = x - y + 2n, between 2^521 - 2^262 and 2^522 + 2^521 + 2^261; 2n = 2^522 - 2c.
  let carry: i64 = 0;
  for (let i: u32 = 0; i < 9; i++) {
    carry += limb(x, i) - limb(y, i) - limb(PADDED_2C, i + 4);
    setLimb(SC_T, i, carry & MASK29);
    carry >>= 29;
  }
  for (let i: u32 = 9; i < LIMBS; i++) {
    carry += limb(x, i) - limb(y, i);
    setLimb(SC_T, i, carry & MASK29);
    carry >>= 29;
  }
  setLimb(SC_T, 18, carry + 1);
  fold(z, SC_T); // q <= 3
  clearT();
}

/** z := x * y. */
export function scMul(z: usize, x: usize, y: usize): void {
  scCopy(SC_PADDED, y); // its margins are zero
  addProduct(SC_T, 36, x, 18, SC_PADDED, 18); // t < (2^521 + 2^261)^2 < 2^1043
  // t[9..26] += 2c t[27..35].  2c < 2^259.51 and t[27..35] < 2^260: the sum is below 2^522 + 2^519.51, and t[27] becomes 0 or 1.
  addProduct(SC_T + 36, 18, SC_T + 108, 9, PADDED_2C + 16, 9);
  // t[0..17] += 2c t[18..27].  t[18..27] < 2^261 + 2^258.51: the sum is below 2^522 + 2^520.75, so q <= 2 in fold.
  addProduct(SC_T, 18, SC_T + 72, 10, PADDED_2C + 16, 9);
  fold(z, SC_T);
  clearT();
  scClear(SC_PADDED);
}

/** z := lo + 2^522 hi.  In: lo of 18 limbs and hi of 5 limbs, all < 2^29. */
export function scFoldWide(z: usize, lo: usize, hi: usize): void {
  scCopy(SC_T, lo);
  addProduct(SC_T, 18, hi, 5, PADDED_2C + 16, 9); // below 2^522 + 2^145 2^259.51: q <= 2
  fold(z, SC_T);
  clearT();
}
