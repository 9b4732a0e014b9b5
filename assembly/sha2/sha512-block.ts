// The SHA-512 compression function (FIPS 180-4, 6.4.2).
//
// The rounds run in the integer units, sixteen to a turn of the loop, and need only W[t] + K[t]. The schedule runs ahead of them in
// the vector units, two words at once: x0..x7 hold the last sixteen words, SHA512_W those words with K[t] added. Time depends
// on the number of blocks alone.

import { SHA512_W } from "../layout";

/** FIPS 180-4, 4.2.3: the first 64 bits of the fractional parts of the cube roots of the first 80 primes. */
const K: usize = memory.data<u64>([
  0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
  0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
  0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
  0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
  0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
  0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
  0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
  0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
  0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
  0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
  0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
  0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
  0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
  0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
  0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
  0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
  0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
  0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
  0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
  0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
], 16);

// @ts-ignore: decorator
@inline
function bigSigma0(x: u64): u64 {
  return rotr(x, 28) ^ rotr(x, 34) ^ rotr(x, 39);
}

// @ts-ignore: decorator
@inline
function bigSigma1(x: u64): u64 {
  return rotr(x, 14) ^ rotr(x, 18) ^ rotr(x, 41);
}

// @ts-ignore: decorator
@inline
function choose(x: u64, y: u64, z: u64): u64 {
  return z ^ (x & (y ^ z));
}

// @ts-ignore: decorator
@inline
function majority(x: u64, y: u64, z: u64): u64 {
  return (x & y) | (z & (x | y));
}

/** T1 of a round whose W[t] + K[t] lies at SHA512_W + offset. */
// @ts-ignore: decorator
@inline
function t1(h: u64, offset: usize, e: u64, f: u64, g: u64): u64 {
  return h + load<u64>(SHA512_W + offset) + bigSigma1(e) + choose(e, f, g);
}

/** T2 of a round. */
// @ts-ignore: decorator
@inline
function t2(a: u64, b: u64, c: u64): u64 {
  return bigSigma0(a) + majority(a, b, c);
}

// @ts-ignore: decorator
@inline
function rotate(x: v128, n: i32): v128 {
  return v128.or(i64x2.shr_u(x, n), i64x2.shl(x, 64 - n));
}

// @ts-ignore: decorator
@inline
function smallSigma0(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 1), rotate(x, 8)), i64x2.shr_u(x, 7));
}

// @ts-ignore: decorator
@inline
function smallSigma1(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 19), rotate(x, 61)), i64x2.shr_u(x, 6));
}

/** The upper word of x and the lower word of y. */
// @ts-ignore: decorator
@inline
function across(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
}

/** W[t], W[t+1] from x0 = W[t-16..], x1 = W[t-14..], x4 = W[t-8..], x5 = W[t-6..] and x7 = W[t-2..]. */
// @ts-ignore: decorator
@inline
function schedule(x0: v128, x1: v128, x4: v128, x5: v128, x7: v128): v128 {
  return i64x2.add(i64x2.add(x0, smallSigma1(x7)), i64x2.add(across(x4, x5), smallSigma0(across(x0, x1))));
}

/** Words t and t + 1 of a block, from big-endian. */
// @ts-ignore: decorator
@inline
function words(block: usize): v128 {
  const x = v128.load(block);
  return i8x16.shuffle(x, x, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}

/** W[t] + K[t] for the rounds to come. */
// @ts-ignore: decorator
@inline
function ready(offset: usize, x: v128, k: usize): void {
  v128.store(SHA512_W + offset, i64x2.add(x, v128.load(k + offset)));
}

/** The 8 words at `state` := the initial hash value (FIPS 180-4, 5.3.5). */
export function sha512Start(state: usize): void {
  store<u64>(state, 0x6a09e667f3bcc908);
  store<u64>(state, 0xbb67ae8584caa73b, 8);
  store<u64>(state, 0x3c6ef372fe94f82b, 16);
  store<u64>(state, 0xa54ff53a5f1d36f1, 24);
  store<u64>(state, 0x510e527fade682d1, 32);
  store<u64>(state, 0x9b05688c2b3e6c1f, 40);
  store<u64>(state, 0x1f83d9abfb41bd6b, 48);
  store<u64>(state, 0x5be0cd19137e2179, 56);
}

/** Runs `blocks` blocks of 128 bytes at `data` through the 64 bytes at `state`. SHA512_W is zero afterwards. */
export function sha512Blocks(state: usize, data: usize, blocks: u32): void {
  let a = load<u64>(state);
  let b = load<u64>(state, 8);
  let c = load<u64>(state, 16);
  let d = load<u64>(state, 24);
  let e = load<u64>(state, 32);
  let f = load<u64>(state, 40);
  let g = load<u64>(state, 48);
  let h = load<u64>(state, 56);
  for (; blocks > 0; blocks--, data += 128) {
    let x0 = words(data);
    let x1 = words(data + 16);
    let x2 = words(data + 32);
    let x3 = words(data + 48);
    let x4 = words(data + 64);
    let x5 = words(data + 80);
    let x6 = words(data + 96);
    let x7 = words(data + 112);
    ready(0, x0, K);
    ready(16, x1, K);
    ready(32, x2, K);
    ready(48, x3, K);
    ready(64, x4, K);
    ready(80, x5, K);
    ready(96, x6, K);
    ready(112, x7, K);
    for (let k = K + 128; k < K + 640; k += 128) {
      h = t1(h, 0, e, f, g); d += h; h += t2(a, b, c);
      g = t1(g, 8, d, e, f); c += g; g += t2(h, a, b);
      x0 = schedule(x0, x1, x4, x5, x7); ready(0, x0, k);
      f = t1(f, 16, c, d, e); b += f; f += t2(g, h, a);
      e = t1(e, 24, b, c, d); a += e; e += t2(f, g, h);
      x1 = schedule(x1, x2, x5, x6, x0); ready(16, x1, k);
      d = t1(d, 32, a, b, c); h += d; d += t2(e, f, g);
      c = t1(c, 40, h, a, b); g += c; c += t2(d, e, f);
      x2 = schedule(x2, x3, x6, x7, x1); ready(32, x2, k);
      b = t1(b, 48, g, h, a); f += b; b += t2(c, d, e);
      a = t1(a, 56, f, g, h); e += a; a += t2(b, c, d);
      x3 = schedule(x3, x4, x7, x0, x2); ready(48, x3, k);
      h = t1(h, 64, e, f, g); d += h; h += t2(a, b, c);
      g = t1(g, 72, d, e, f); c += g; g += t2(h, a, b);
      x4 = schedule(x4, x5, x0, x1, x3); ready(64, x4, k);
      f = t1(f, 80, c, d, e); b += f; f += t2(g, h, a);
      e = t1(e, 88, b, c, d); a += e; e += t2(f, g, h);
      x5 = schedule(x5, x6, x1, x2, x4); ready(80, x5, k);
      d = t1(d, 96, a, b, c); h += d; d += t2(e, f, g);
      c = t1(c, 104, h, a, b); g += c; c += t2(d, e, f);
      x6 = schedule(x6, x7, x2, x3, x5); ready(96, x6, k);
      b = t1(b, 112, g, h, a); f += b; b += t2(c, d, e);
      a = t1(a, 120, f, g, h); e += a; a += t2(b, c, d);
      x7 = schedule(x7, x0, x3, x4, x6); ready(112, x7, k);
    }
    h = t1(h, 0, e, f, g); d += h; h += t2(a, b, c);
    g = t1(g, 8, d, e, f); c += g; g += t2(h, a, b);
    f = t1(f, 16, c, d, e); b += f; f += t2(g, h, a);
    e = t1(e, 24, b, c, d); a += e; e += t2(f, g, h);
    d = t1(d, 32, a, b, c); h += d; d += t2(e, f, g);
    c = t1(c, 40, h, a, b); g += c; c += t2(d, e, f);
    b = t1(b, 48, g, h, a); f += b; b += t2(c, d, e);
    a = t1(a, 56, f, g, h); e += a; a += t2(b, c, d);
    h = t1(h, 64, e, f, g); d += h; h += t2(a, b, c);
    g = t1(g, 72, d, e, f); c += g; g += t2(h, a, b);
    f = t1(f, 80, c, d, e); b += f; f += t2(g, h, a);
    e = t1(e, 88, b, c, d); a += e; e += t2(f, g, h);
    d = t1(d, 96, a, b, c); h += d; d += t2(e, f, g);
    c = t1(c, 104, h, a, b); g += c; c += t2(d, e, f);
    b = t1(b, 112, g, h, a); f += b; b += t2(c, d, e);
    a = t1(a, 120, f, g, h); e += a; a += t2(b, c, d);

    a += load<u64>(state); store<u64>(state, a);
    b += load<u64>(state, 8); store<u64>(state, b, 8);
    c += load<u64>(state, 16); store<u64>(state, c, 16);
    d += load<u64>(state, 24); store<u64>(state, d, 24);
    e += load<u64>(state, 32); store<u64>(state, e, 32);
    f += load<u64>(state, 40); store<u64>(state, f, 40);
    g += load<u64>(state, 48); store<u64>(state, g, 48);
    h += load<u64>(state, 56); store<u64>(state, h, 56);
  }
  const zero = i64x2.splat(0);
  v128.store(SHA512_W, zero);
  v128.store(SHA512_W, zero, 16);
  v128.store(SHA512_W, zero, 32);
  v128.store(SHA512_W, zero, 48);
  v128.store(SHA512_W, zero, 64);
  v128.store(SHA512_W, zero, 80);
  v128.store(SHA512_W, zero, 96);
  v128.store(SHA512_W, zero, 112);
}
