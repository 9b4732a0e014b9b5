// Inverses mod an odd number N < 2^521, that is mod n or p, by divsteps: D. J. Bernstein and B.-Y. Yang, Fast constant-time gcd
// computation and modular inversion, 2019, in the variant that starts at delta = 1/2 (P. Wuille, safegcd-bounds). Divsteps take
// (f, g) from (N, x) to (+-gcd, 0), while (d, e) keep d x = f and e x = g (mod N). For odd f < 2^b and 0 <= g <= f,
// floor((45907 b + 26313) / 19929) of them are enough (proved in HOL Light for s2n-bignum): 1,201 for b = 521. 41 batches of 30
// are 1,230.
//
// A batch runs 30 divsteps on the lowest 30 bits alone. That gives a matrix (u v | q r), 2^30 times what the divsteps do to (f, g),
// with |u| + |v| and |q| + |r| at most 2^30; the matrix is then applied to the long numbers, two at once. These have 18 limbs
// of 30 bits, all in 0..2^30-1 but for the last, which is signed. A pair lies in 18 vectors: (f_i, g_i) at SC_FG + 16 i and
// (d_i, e_i) at SC_DE + 16 i, one limb in each 64-bit lane.
//
// Divsteps wait for one another and leave most of the processor idle; to apply a matrix is much work, and all that the next batch
// needs of it is the lowest limb. So each divstep is written beside a column of the matrix of the batch before. Constant time.
//
// A modulus is 18 limbs, signed and not all in range, and 1/N mod 2^30: i32.

import { SC_DE, SC_FG, SC_MATRIX } from "../layout";

// @ts-ignore: decorator
@inline const LIMBS: u32 = 18;
// @ts-ignore: decorator
@inline const MASK30: i64 = 0x3fffffff;
// @ts-ignore: decorator
@inline const BATCHES: u32 = 41;
// @ts-ignore: decorator
@inline const PAIR_BYTES: usize = 288;
// @ts-ignore: decorator
@inline const INVERSE: usize = 72;

// A column c of both lanes is kept as c + 2^62, since there is no arithmetic shift of 64-bit lanes. |c| < 2^61.7.
// @ts-ignore: decorator
@inline const BIAS: i64 = 1 << 62;

/** The biased columns' carry, without bias plus BIAS: what the next column starts from. */
// @ts-ignore: decorator
@inline
function carryOn(c: v128): v128 {
  return i64x2.add(i64x2.shr_u(c, 30), i64x2.splat(BIAS - (1 << 32)));
}

/** c + x_i * (u, q) + y_i * (v, r) for the pair of limbs (x_i, y_i) at `at`. */
// @ts-ignore: decorator
@inline
function addRow(c: v128, at: usize, uq: v128, vr: v128): v128 {
  const x = i64x2.extmul_low_i32x4_s(v128.load_splat<u32>(at), uq);
  return i64x2.add(c, i64x2.add(x, i64x2.extmul_low_i32x4_s(v128.load_splat<u32>(at, 8), vr)));
}

/** -1 if the number whose limb 17 lies at `at` is negative, else 0. */
// @ts-ignore: decorator
@inline
function sign(at: usize): i64 {
  return load<i64>(at, 272) >> 63;
}

/** What N must be multiplied with to bring x u + y v into range and to a multiple of 2^30; x is at SC_DE, y at SC_DE + 8. */
// @ts-ignore: decorator
@inline
function multipleOfN(modulus: usize, u: i64, v: i64): i64 {
  const m = (u & sign(SC_DE)) + (v & sign(SC_DE + 8)); // a negative x counts as x + N
  const low = u * load<i64>(SC_DE) + v * load<i64>(SC_DE, 8);
  return m - ((load<i32>(modulus, INVERSE) * low + m) & MASK30);
}

/** c + the multiples m of limb i of N. */
// @ts-ignore: decorator
@inline
function addModulus(c: v128, modulus: usize, i: usize, m: v128): v128 {
  return i64x2.add(c, i64x2.extmul_low_i32x4_s(v128.load_splat<u32>(modulus + (i << 2)), m));
}

/** The columns c: limb i of what the matrix makes of a pair := their lowest 30 bits. */
// @ts-ignore: decorator
@inline
function storeColumn(pair: usize, i: usize, c: v128): void {
  v128.store(pair + (i << 4), v128.and(c, i64x2.splat(MASK30)));
}

/** The last limbs, signed, from the column before. */
// @ts-ignore: decorator
@inline
function storeLast(pair: usize, c: v128): void {
  v128.store(pair, i64x2.sub(carryOn(c), i64x2.splat(BIAS)), PAIR_BYTES - 16);
}

// 15 divsteps run on F = f + 2^15 (2^20 u + 2^40 v) and G = g + 2^15 (2^20 q + 2^40 r), which start from the unit matrix: only
// integers are added, negated and halved, so each F and G carries its row of the matrix along. |u| + |v| <= 2^15.
// @ts-ignore: decorator
@inline
function packF(f: i64): i64 { return (f & 0x7fff) + (1 << 35); }
// @ts-ignore: decorator
@inline
function packG(g: i64): i64 { return (g & 0x7fff) + (1 << 55); }
/** u of F, q of G. */
// @ts-ignore: decorator
@inline
function first(x: i64): i64 { return ((x + (1 << 19)) << 24) >> 44; }
/** v of F, r of G. */
// @ts-ignore: decorator
@inline
function second(x: i64): i64 { return (x + (1 << 39)) >> 40; }

/** Limb 0 of (u f + v g) / 2^30, before the columns come to it: the next divsteps wait for it. */
// @ts-ignore: decorator
@inline
function lowLimb(u: i64, v: i64): i64 {
  const column0 = u * load<i64>(SC_FG) + v * load<i64>(SC_FG, 8);
  return ((column0 >> 30) + u * load<i64>(SC_FG, 16) + v * load<i64>(SC_FG, 24)) & MASK30;
}

/** SC_MATRIX := u, q, v, r as i32. */
// @ts-ignore: decorator
@inline
function setMatrix(u: i64, v: i64, q: i64, r: i64): void {
  store<i64>(SC_MATRIX, (u & 0xffffffff) | (q << 32));
  store<i64>(SC_MATRIX, (v & 0xffffffff) | (r << 32), 8);
}

/**
 * (f, g) := (u f + v g, q f + r g) / 2^30, exactly, and (d, e) := (u d + v e, q d + r e) / 2^30 mod N; then the matrix := that of the
 * next 30 divsteps. Returns the new eta = -2 delta.  In and out: |f|, |g| < 2^522; -2N < d, e < N.
 * With d + N for a negative d all of d, e are in -N..N, u d + v e in 2^30 (-N..N), and less 0..2^30-1 times N in 2^30 (-2N..N).
 *
 * A divstep, if g is odd: with delta > 0, (f, g) := (g, g - f) and delta := -delta, else g := g + f. Then g := g / 2, delta += 1.
 */
function advance(eta: i64, modulus: usize): i64 {
  const uq = v128.load_splat<u64>(SC_MATRIX);
  const vr = v128.load_splat<u64>(SC_MATRIX, 8);
  const u0 = <i64>load<i32>(SC_MATRIX);
  const q0 = <i64>load<i32>(SC_MATRIX, 4);
  const v0 = <i64>load<i32>(SC_MATRIX, 8);
  const r0 = <i64>load<i32>(SC_MATRIX, 12);
  const f = lowLimb(u0, v0);
  const g = lowLimb(q0, r0);
  const md = multipleOfN(modulus, u0, v0);
  const me = multipleOfN(modulus, q0, r0);
  const m = i64x2.splat((md & 0xffffffff) | (me << 32));
  let c = addRow(i64x2.splat(BIAS), SC_FG, uq, vr);
  let F = packF(f);
  let G = packG(g);
  for (let i: usize = 0; i < 15; i++) {
    const odd = -(G & 1);
    const swap = eta >> 63;
    const negate = swap << 1; // x ^ -2 = -x for odd x
    const difference = (F ^ G) & swap;
    c = addRow(carryOn(c), SC_FG + 16 + (i << 4), uq, vr);
    G = (G + ((F ^ negate) & odd)) >> 1;
    F ^= difference & odd;
    eta = (eta ^ (negate & odd)) - 2;
    storeColumn(SC_FG, i, c);
  }
  c = addRow(carryOn(c), SC_FG + 256, uq, vr);
  storeColumn(SC_FG, 15, c);
  c = addRow(carryOn(c), SC_FG + 272, uq, vr);
  storeColumn(SC_FG, 16, c);
  storeLast(SC_FG, c);
  const u = first(F);
  const v = second(F);
  const q = first(G);
  const r = second(G);
  F = packF((u * f + v * g) >> 15);
  G = packG((q * f + r * g) >> 15);
  c = addModulus(addRow(i64x2.splat(BIAS), SC_DE, uq, vr), modulus, 0, m);
  for (let i: usize = 0; i < 15; i++) {
    const odd = -(G & 1);
    const swap = eta >> 63;
    const negate = swap << 1;
    const difference = (F ^ G) & swap;
    c = addModulus(addRow(carryOn(c), SC_DE + 16 + (i << 4), uq, vr), modulus, i + 1, m);
    G = (G + ((F ^ negate) & odd)) >> 1;
    F ^= difference & odd;
    eta = (eta ^ (negate & odd)) - 2;
    storeColumn(SC_DE, i, c);
  }
  c = addRow(carryOn(c), SC_DE + 256, uq, vr); // limb 16 of N is 0
  storeColumn(SC_DE, 15, c);
  c = addModulus(addRow(carryOn(c), SC_DE + 272, uq, vr), modulus, 17, m);
  storeColumn(SC_DE, 16, c);
  storeLast(SC_DE, c);
  const u2 = first(F);
  const v2 = second(F);
  const q2 = first(G);
  const r2 = second(G);
  setMatrix(u2 * u + v2 * q, u2 * v + v2 * r, q2 * u + r2 * q, q2 * v + r2 * r);
  return eta;
}

/** f := N, d := 0, e := 1; the matrix of no divsteps. */
function begin(modulus: usize): void {
  let carry: i64 = 0;
  for (let i: usize = 0; i < LIMBS; i++) {
    carry += <i64>load<i32>(modulus + (i << 2));
    store<i64>(SC_FG + (i << 4), carry & MASK30);
    carry >>= 30;
  }
  store<i64>(SC_DE, 1, 8);
  setMatrix(1 << 30, 0, 0, 1 << 30);
}

/** d := d + 2N if f > 0, -d + N if f < 0: in 0..3N, congruent to the inverse. */
function finish(modulus: usize): void {
  const negative = sign(SC_FG);
  const times = 2 + negative;
  let carry: i64 = 0;
  for (let i: usize = 0; i < LIMBS; i++) {
    const at = SC_DE + (i << 4);
    carry += ((<i64>load<i32>(at) ^ negative) - negative) + times * <i64>load<i32>(modulus + (i << 2));
    store<i64>(at, i == 17 ? carry : carry & MASK30);
    carry >>= 30;
  }
}

/** Limb i of x := value, 30 bits; before divsteps. */
// @ts-ignore: decorator
@inline
export function divstepsSetLimb(i: u32, value: i64): void {
  store<i64>(SC_FG + (<usize>i << 4), value & MASK30, 8);
}

/** Limb i of the inverse; after divsteps, until divstepsWipe. */
// @ts-ignore: decorator
@inline
export function divstepsLimb(i: u32): i64 {
  return load<i64>(SC_DE + (<usize>i << 4));
}

export function divstepsWipe(): void {
  memory.fill(SC_FG, 0, PAIR_BYTES);
  memory.fill(SC_DE, 0, PAIR_BYTES);
  memory.fill(SC_MATRIX, 0, 16);
}

/** 1/x, or 0 if x is 0, in 0..3N.  In: x in 0..N-1. */
export function divstepsInvert(modulus: usize): void {
  begin(modulus);
  let eta: i64 = -1;
  for (let batch: u32 = 0; batch <= BATCHES; batch++) eta = advance(eta, modulus); // the last one's divsteps are in excess
  finish(modulus);
}
