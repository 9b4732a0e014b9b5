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

/** 30 divsteps from the lowest limbs of f and g; eta = -2 delta. SC_MATRIX := u, q, v, r as i32. Returns the new eta. */
function divsteps(eta: i64): i64 {
  let f = load<i64>(SC_FG);
  let g = load<i64>(SC_FG, 8);
  let u: i64 = 1;
  let v: i64 = 0;
  let q: i64 = 0;
  let r: i64 = 1;
  for (let half = 0; half < 2; half++) {
    // 15 divsteps on F = f + 2^15 (2^20 u + 2^40 v) and G = g + 2^15 (2^20 q + 2^40 r), which start from the unit matrix: only
    // integers are added, negated and halved, so each F and G carries its row of the matrix along. |u| + |v| <= 2^15.
    let F = (f & 0x7fff) + (1 << 35);
    let G = (g & 0x7fff) + (1 << 55);
    for (let i = 0; i < 15; i++) {
      // If g is odd: with delta > 0, (f, g) := (g, g - f) and delta := -delta, else g := g + f. Then g := g / 2, delta += 1.
      const odd = -(G & 1);
      const swap = eta >> 63;
      const negate = swap << 1; // x ^ -2 = -x for odd x
      const difference = (F ^ G) & swap;
      G = (G + ((F ^ negate) & odd)) >> 1;
      F ^= difference & odd;
      eta = (eta ^ (negate & odd)) - 2;
    }
    const u1 = ((F + (1 << 19)) << 24) >> 44;
    const v1 = (F + (1 << 39)) >> 40;
    const q1 = ((G + (1 << 19)) << 24) >> 44;
    const r1 = (G + (1 << 39)) >> 40;
    const f1 = (u1 * f + v1 * g) >> 15;
    g = (q1 * f + r1 * g) >> 15;
    f = f1;
    const u2 = u1 * u + v1 * q;
    const v2 = u1 * v + v1 * r;
    q = q1 * u + r1 * q;
    r = q1 * v + r1 * r;
    u = u2;
    v = v2;
  }
  store<i64>(SC_MATRIX, (u & 0xffffffff) | (q << 32));
  store<i64>(SC_MATRIX, (v & 0xffffffff) | (r << 32), 8);
  return eta;
}

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

/** (f, g) := (u f + v g, q f + r g) / 2^30, exactly.  In and out: `limbs` limbs, |f|, |g| < 2^522. */
function updateFG(limbs: u32): void {
  const uq = v128.load_splat<u64>(SC_MATRIX);
  const vr = v128.load_splat<u64>(SC_MATRIX, 8);
  const mask = i64x2.splat(MASK30);
  const end = SC_FG + (<usize>limbs << 4) - 16;
  let c = addRow(i64x2.splat(BIAS), SC_FG, uq, vr);
  for (let at = SC_FG; at < end; at += 16) {
    c = addRow(carryOn(c), at + 16, uq, vr);
    v128.store(at, v128.and(c, mask));
  }
  v128.store(end, i64x2.sub(carryOn(c), i64x2.splat(BIAS)));
}

/** -1 if the number whose limb 17 lies at `at` is negative, else 0. */
// @ts-ignore: decorator
@inline
function sign(at: usize): i32 {
  return load<i32>(at, 272) >> 31;
}

/** What N must be multiplied with to bring x u + y v into range and to a multiple of 2^30; x is at SC_DE, y at SC_DE + 8. */
// @ts-ignore: decorator
@inline
function multipleOfN(modulus: usize, u: i32, v: i32): i64 {
  const m = (u & sign(SC_DE)) + (v & sign(SC_DE + 8)); // a negative x counts as x + N
  const low = u * load<i32>(SC_DE) + v * load<i32>(SC_DE, 8);
  return <i64>(m - ((load<i32>(modulus, INVERSE) * low + m) & <i32>MASK30));
}

/** c + the multiples m of limb i of N. */
// @ts-ignore: decorator
@inline
function addModulus(c: v128, modulus: usize, i: usize, m: v128): v128 {
  return i64x2.add(c, i64x2.extmul_low_i32x4_s(v128.load_splat<u32>(modulus + (i << 2)), m));
}

/**
 * (d, e) := (u d + v e, q d + r e) / 2^30 mod N.  In and out: -2N < d, e < N.
 * With d + N for a negative d all of d, e are in -N..N, u d + v e in 2^30 (-N..N), and less 0..2^30-1 times N in 2^30 (-2N..N).
 */
function updateDE(modulus: usize): void {
  const uq = v128.load_splat<u64>(SC_MATRIX);
  const vr = v128.load_splat<u64>(SC_MATRIX, 8);
  const md = multipleOfN(modulus, load<i32>(SC_MATRIX), load<i32>(SC_MATRIX, 8));
  const me = multipleOfN(modulus, load<i32>(SC_MATRIX, 4), load<i32>(SC_MATRIX, 12));
  const m = i64x2.splat((md & 0xffffffff) | (me << 32));
  const mask = i64x2.splat(MASK30);
  let c = addModulus(addRow(i64x2.splat(BIAS), SC_DE, uq, vr), modulus, 0, m);
  for (let i: usize = 1; i < 9; i++) {
    c = addModulus(addRow(carryOn(c), SC_DE + (i << 4), uq, vr), modulus, i, m);
    v128.store(SC_DE - 16 + (i << 4), v128.and(c, mask));
  }
  for (let i: usize = 9; i < 17; i++) { // limbs 9..16 of N are 0
    c = addRow(carryOn(c), SC_DE + (i << 4), uq, vr);
    v128.store(SC_DE - 16 + (i << 4), v128.and(c, mask));
  }
  c = addModulus(addRow(carryOn(c), SC_DE + 272, uq, vr), modulus, 17, m);
  v128.store(SC_DE + 256, v128.and(c, mask));
  v128.store(SC_DE + 272, i64x2.sub(carryOn(c), i64x2.splat(BIAS)));
}

/** f := N, d := 0, e := 1. */
function begin(modulus: usize): void {
  let carry: i64 = 0;
  for (let i: usize = 0; i < LIMBS; i++) {
    carry += <i64>load<i32>(modulus + (i << 2));
    store<i64>(SC_FG + (i << 4), carry & MASK30);
    carry >>= 30;
  }
  store<i64>(SC_DE, 1, 8);
}

/** d := d + 2N if f > 0, -d + N if f < 0: in 0..3N, congruent to the inverse. */
function finish(modulus: usize): void {
  const negative = <i64>sign(SC_FG);
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
  for (let batch: u32 = 0; batch < BATCHES; batch++) {
    eta = divsteps(eta);
    updateFG(LIMBS);
    updateDE(modulus);
  }
  finish(modulus);
}

/** The same, ending when g is 0, and with f and g no longer than they are. Time depends on x. */
export function divstepsInvertVarTime(modulus: usize): void {
  begin(modulus);
  let eta: i64 = -1;
  let limbs = LIMBS;
  while (true) {
    eta = divsteps(eta);
    updateFG(limbs);
    updateDE(modulus);
    if (isZeroG(limbs)) break;
    limbs = shorten(limbs);
  }
  store<i32>(SC_FG, load<i32>(SC_FG + (<usize>limbs << 4) - 16), 272); // the sign of f
  finish(modulus);
}

function isZeroG(limbs: u32): bool {
  let seen: i64 = 0;
  for (let i: u32 = 0; i < limbs; i++) seen |= load<i64>(SC_FG + (<usize>i << 4), 8);
  return seen == 0;
}

/** Drops the last limbs of f and g, as long as both are only a sign, and gives the limb before that sign. */
function shorten(limbs: u32): u32 {
  const last = SC_FG + (<usize>limbs << 4) - 16;
  const f = load<i32>(last);
  const g = load<i32>(last, 8);
  if (limbs < 2 || f != f >> 31 || g != g >> 31) return limbs;
  store<i32>(last - 16, load<i32>(last - 16) | (f << 30));
  store<i32>(last - 16, load<i32>(last - 8) | (g << 30), 8);
  return shorten(limbs - 1);
}
