// The SHA-256 compression function (FIPS 180-4, 6.2.2).
//
// The rounds run in the integer units, sixteen to a turn of the loop, and need only W[t] + K[t]. The schedule runs ahead of them in
// the vector units, four words at once: x0..x3 hold the last sixteen words, SHA256_W those words with K[t] added. Time depends
// on the number of blocks alone.

import { SHA256_W } from "../layout";

/** FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
], 16);

// @ts-ignore: decorator
@inline
function bigSigma0(x: u32): u32 {
  return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22);
}

// @ts-ignore: decorator
@inline
function bigSigma1(x: u32): u32 {
  return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25);
}

// @ts-ignore: decorator
@inline
function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}

// @ts-ignore: decorator
@inline
function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) | (z & (x | y));
}

/** T1 of a round whose W[t] + K[t] lies at SHA256_W + offset. */
// @ts-ignore: decorator
@inline
function t1(h: u32, offset: usize, e: u32, f: u32, g: u32): u32 {
  return h + load<u32>(SHA256_W + offset) + bigSigma1(e) + choose(e, f, g);
}

/** T2 of a round. */
// @ts-ignore: decorator
@inline
function t2(a: u32, b: u32, c: u32): u32 {
  return bigSigma0(a) + majority(a, b, c);
}

// @ts-ignore: decorator
@inline
function rotate(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

// @ts-ignore: decorator
@inline
function smallSigma0(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3));
}

// @ts-ignore: decorator
@inline
function smallSigma1(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 17), rotate(x, 19)), i32x4.shr_u(x, 10));
}

/** The upper three words of x and the lowest of y. */
// @ts-ignore: decorator
@inline
function across(x: v128, y: v128): v128 {
  return i8x16.shuffle(x, y, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
}

/** W[t..t+3] from x0 = W[t-16..], x1 = W[t-12..], x2 = W[t-8..] and x3 = W[t-4..]. W[t+2] and W[t+3] need W[t] and W[t+1]. */
// @ts-ignore: decorator
@inline
function schedule(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const zero = i32x4.splat(0);
  const sum = i32x4.add(i32x4.add(x0, across(x2, x3)), smallSigma0(across(x0, x1)));
  const upper = i8x16.shuffle(x3, zero, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
  const half = i32x4.add(sum, smallSigma1(upper));
  const lower = i8x16.shuffle(zero, half, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  return i32x4.add(half, smallSigma1(lower));
}

/** Words t to t + 3 of a block, from big-endian. */
// @ts-ignore: decorator
@inline
function words(block: usize): v128 {
  const x = v128.load(block);
  return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** W[t] + K[t] for the rounds to come. */
// @ts-ignore: decorator
@inline
function ready(offset: usize, x: v128, k: usize): void {
  v128.store(SHA256_W + offset, i32x4.add(x, v128.load(k + offset)));
}

/** The 8 words at `state` := the initial hash value (FIPS 180-4, 5.3.3). */
export function sha256Start(state: usize): void {
  store<u32>(state, 0x6a09e667);
  store<u32>(state, 0xbb67ae85, 4);
  store<u32>(state, 0x3c6ef372, 8);
  store<u32>(state, 0xa54ff53a, 12);
  store<u32>(state, 0x510e527f, 16);
  store<u32>(state, 0x9b05688c, 20);
  store<u32>(state, 0x1f83d9ab, 24);
  store<u32>(state, 0x5be0cd19, 28);
}

/** Runs `blocks` blocks of 64 bytes at `data` through the 32 bytes at `state`. SHA256_W is zero afterwards. */
export function sha256Blocks(state: usize, data: usize, blocks: u32): void {
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  for (; blocks > 0; blocks--, data += 64) {
    let x0 = words(data);
    let x1 = words(data + 16);
    let x2 = words(data + 32);
    let x3 = words(data + 48);
    ready(0, x0, K);
    ready(16, x1, K);
    ready(32, x2, K);
    ready(48, x3, K);
    for (let k = K + 64; k < K + 256; k += 64) {
      h = t1(h, 0, e, f, g); d += h; h += t2(a, b, c);
      g = t1(g, 4, d, e, f); c += g; g += t2(h, a, b);
      f = t1(f, 8, c, d, e); b += f; f += t2(g, h, a);
      e = t1(e, 12, b, c, d); a += e; e += t2(f, g, h);
      x0 = schedule(x0, x1, x2, x3); ready(0, x0, k);
      d = t1(d, 16, a, b, c); h += d; d += t2(e, f, g);
      c = t1(c, 20, h, a, b); g += c; c += t2(d, e, f);
      b = t1(b, 24, g, h, a); f += b; b += t2(c, d, e);
      a = t1(a, 28, f, g, h); e += a; a += t2(b, c, d);
      x1 = schedule(x1, x2, x3, x0); ready(16, x1, k);
      h = t1(h, 32, e, f, g); d += h; h += t2(a, b, c);
      g = t1(g, 36, d, e, f); c += g; g += t2(h, a, b);
      f = t1(f, 40, c, d, e); b += f; f += t2(g, h, a);
      e = t1(e, 44, b, c, d); a += e; e += t2(f, g, h);
      x2 = schedule(x2, x3, x0, x1); ready(32, x2, k);
      d = t1(d, 48, a, b, c); h += d; d += t2(e, f, g);
      c = t1(c, 52, h, a, b); g += c; c += t2(d, e, f);
      b = t1(b, 56, g, h, a); f += b; b += t2(c, d, e);
      a = t1(a, 60, f, g, h); e += a; a += t2(b, c, d);
      x3 = schedule(x3, x0, x1, x2); ready(48, x3, k);
    }
    h = t1(h, 0, e, f, g); d += h; h += t2(a, b, c);
    g = t1(g, 4, d, e, f); c += g; g += t2(h, a, b);
    f = t1(f, 8, c, d, e); b += f; f += t2(g, h, a);
    e = t1(e, 12, b, c, d); a += e; e += t2(f, g, h);
    d = t1(d, 16, a, b, c); h += d; d += t2(e, f, g);
    c = t1(c, 20, h, a, b); g += c; c += t2(d, e, f);
    b = t1(b, 24, g, h, a); f += b; b += t2(c, d, e);
    a = t1(a, 28, f, g, h); e += a; a += t2(b, c, d);
    h = t1(h, 32, e, f, g); d += h; h += t2(a, b, c);
    g = t1(g, 36, d, e, f); c += g; g += t2(h, a, b);
    f = t1(f, 40, c, d, e); b += f; f += t2(g, h, a);
    e = t1(e, 44, b, c, d); a += e; e += t2(f, g, h);
    d = t1(d, 48, a, b, c); h += d; d += t2(e, f, g);
    c = t1(c, 52, h, a, b); g += c; c += t2(d, e, f);
    b = t1(b, 56, g, h, a); f += b; b += t2(c, d, e);
    a = t1(a, 60, f, g, h); e += a; a += t2(b, c, d);

    a += load<u32>(state); store<u32>(state, a);
    b += load<u32>(state, 4); store<u32>(state, b, 4);
    c += load<u32>(state, 8); store<u32>(state, c, 8);
    d += load<u32>(state, 12); store<u32>(state, d, 12);
    e += load<u32>(state, 16); store<u32>(state, e, 16);
    f += load<u32>(state, 20); store<u32>(state, f, 20);
    g += load<u32>(state, 24); store<u32>(state, g, 24);
    h += load<u32>(state, 28); store<u32>(state, h, 28);
  }
  const zero = i64x2.splat(0);
  v128.store(SHA256_W, zero);
  v128.store(SHA256_W, zero, 16);
  v128.store(SHA256_W, zero, 32);
  v128.store(SHA256_W, zero, 48);
}
