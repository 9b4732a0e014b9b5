// Scalars mod n to and from octets and words. Scalars, aliasing and timing as in sc-limbs.ts. Octets are big-endian.

import { SC_LE, SC_WIDE } from "../layout";
import { reverseBytes } from "../lib/be";
import { isZero64, mask64 } from "../lib/ct";
import { isBelowOrder, LIMBS, limb, MASK29, scCanonical, scClear, scFoldWide, scSub, setLimb } from "./sc-limbs";

// @ts-ignore: decorator
@inline export const SC_OCTETS: u32 = 66;
/** What scRandom takes: 521 bits and 135 more. */
// @ts-ignore: decorator
@inline export const SC_RANDOM_OCTETS: u32 = 82;
// @ts-ignore: decorator
@inline const WIDE_LIMBS: u32 = 23;

/** SC_WIDE[0 .. WIDE_LIMBS - 1] := the number in the n octets at `from`.  In: n <= 82. */
function loadWide(from: usize, n: u32): void {
  reverseBytes(SC_LE, from, n);
  for (let i: u32 = 0; i < WIDE_LIMBS; i++) {
    const bit = 29 * i;
    setLimb(SC_WIDE, i, <i64>(load<u64>(SC_LE + (bit >>> 3)) >>> (bit & 7)) & MASK29);
  }
}

function wipe(): void {
  memory.fill(SC_WIDE, 0, 96);
  memory.fill(SC_LE, 0, 96);
}

/** If the 66 octets at `from` are a number below n: z := that number, canonical, and 1. Otherwise z := 0, and 0. */
export function scFromBytes(z: usize, from: usize): u32 {
  loadWide(from, SC_OCTETS);
  const canonical = isBelowOrder(SC_WIDE);
  const mask = <i64>mask64(canonical);
  scClear(z);
  for (let i: u32 = 0; i < LIMBS; i++) setLimb(z, i, limb(SC_WIDE, i) & mask);
  wipe();
  return canonical;
}

/** z := the number in the 64 octets of a SHA-512 digest, canonical: 512 bits are always below n (FIPS 186-5, 6.4.1). */
export function scFromDigest(z: usize, digest: usize): void {
  loadWide(digest, 64);
  scClear(z);
  for (let i: u32 = 0; i < LIMBS; i++) setLimb(z, i, limb(SC_WIDE, i));
  wipe();
}

/** z := the number below 2^521 in the 66 octets at `from`, mod n, canonical: for a coordinate of a point. */
export function scFromCoordinate(z: usize, from: usize): void {
  loadWide(from, SC_OCTETS);
  scClear(z);
  for (let i: u32 = 0; i < LIMBS; i++) setLimb(z, i, limb(SC_WIDE, i));
  scCanonical(z, z);
  wipe();
}

/**
 * z := the 82 octets at `from` mod n, or 1 should that be 0; canonical. From uniform octets z is uniform in 1..n-1 within
 * 2^-134 (FIPS 186-5, A.2.1: a number of 64 bits more than n or longer, reduced).
 */
export function scRandom(z: usize, from: usize): void {
  loadWide(from, SC_RANDOM_OCTETS);
  scClear(z);
  scFoldWide(z, SC_WIDE, SC_WIDE + 72);
  scCanonical(z, z);
  setLimb(z, 0, limb(z, 0) | <i64>scIsZero(z));
  wipe();
}

/** SC_LE[0..71] := x mod n as little-endian words. */
function storeWords(x: usize): void {
  scCanonical(SC_WIDE, x);
  for (let w: u32 = 0; w < 18; w++) {
    const i = (32 * w) / 29;
    const bit = (32 * w) % 29;
    const word = (limb(SC_WIDE, i) >> bit) | (limb(SC_WIDE, i + 1) << (29 - bit)) | (limb(SC_WIDE, i + 2) << (58 - bit));
    store<u32>(SC_LE + (<usize>w << 2), <u32>word);
  }
}

/** The 72 bytes at `words` := x mod n as 9 little-endian u64, for recoding into windows. words may be x. */
export function scToWords(words: usize, x: usize): void {
  storeWords(x);
  memory.copy(words, SC_LE, 72);
  wipe();
}

/** The 66 octets at `to` := x mod n. */
export function scToBytes(to: usize, x: usize): void {
  storeWords(x);
  reverseBytes(to, SC_LE, SC_OCTETS);
  wipe();
}

/** 1 if x = 0 mod n, else 0. */
export function scIsZero(x: usize): u32 {
  scCanonical(SC_WIDE, x);
  let seen: i64 = 0;
  for (let i: u32 = 0; i < LIMBS; i++) seen |= limb(SC_WIDE, i);
  wipe();
  return isZero64(seen);
}

/** 1 if x = y mod n, else 0. */
export function scIsEqual(x: usize, y: usize): u32 {
  scSub(SC_WIDE, x, y);
  return scIsZero(SC_WIDE);
}
