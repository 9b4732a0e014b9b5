// Elements of GF(p) to and from octets and table entries, a lane at a time. Timing depends on no value.

import { FE_LE, FE_WORDS } from "../layout";
import { reverseBytes } from "../lib/be";
import { isZero64, mask64 } from "../lib/ct";
import { FE2_LIMBS, fe2Carry } from "./fe2";

/** Octets of a coordinate, big-endian. */
// @ts-ignore: decorator
@inline export const FE_OCTETS: u32 = 66;

/** The weight of limb i is 2^feWeight(i). */
// @ts-ignore: decorator
@inline
export function feWeight(i: u32): u32 {
  return (521 * i + 21) / 22;
}

/** 2^e.  In: -1022 <= e <= 1023. */
// @ts-ignore: decorator
@inline
export function power(e: i32): f64 {
  return reinterpret<f64>(<u64>(1023 + e) << 52);
}

// @ts-ignore: decorator
@inline
function limbAt(x: usize, lane: u32, i: u32): usize {
  return x + (<usize>i << 4) + (<usize>lane << 3);
}

// @ts-ignore: decorator
@inline
function word(i: u32): i64 {
  return load<i64>(FE_WORDS + (<usize>i << 3));
}

// @ts-ignore: decorator
@inline
function setWord(i: u32, value: i64): void {
  store<i64>(FE_WORDS + (<usize>i << 3), value);
}

/** Bits of limb i: u(i) of fe2.ts. From memory, as to compute it would take most of a conversion's time. */
// @ts-ignore: decorator
@lazy const WIDTHS: usize = memory.data<u8>([24, 24, 24, 23, 24, 24, 23, 24, 24, 23, 24, 24, 23, 24, 24, 23, 24, 24, 23, 24, 24, 23], 16);

// @ts-ignore: decorator
@inline
function width(i: u32): i64 {
  return <i64>load<u8>(WIDTHS + i);
}

/** All ones in the bits of limb i. */
// @ts-ignore: decorator
@inline
export function feLimbMask(i: u32): i64 {
  return (1 << width(i)) - 1;
}

/** Lane `lane` of z := the low 521 bits at FE_LE; wipes those.  Out: 2-loose; the other lane is kept. */
function fromLittle(z: usize, lane: u32): void {
  for (let i: u32 = 0; i < FE2_LIMBS; i++) {
    const bit = feWeight(i);
    const value = (load<i64>(FE_LE + (bit >>> 3)) >> (bit & 7)) & feLimbMask(i);
    store<f64>(limbAt(z, lane, i), <f64>value * power(bit));
  }
  memory.fill(FE_LE, 0, 80);
}

/** Lane `lane` of z := the low 521 bits of the 66 octets at `from`.  Out: 2-loose; the other lane is kept. */
export function feFromBytes(z: usize, lane: u32, from: usize): void {
  reverseBytes(FE_LE, from, FE_OCTETS);
  fromLittle(z, lane);
}

/** z := the 9 little-endian words, in both lanes.  Out: tight. */
export function fe2FromWords(z: usize, words: usize): void {
  for (let lane: u32 = 0; lane < 2; lane++) {
    memory.copy(FE_LE, words, 72);
    fromLittle(z, lane);
  }
  fe2Carry(z, z);
}

/** FE_WORDS := limbs, as integers in 0..2^u(i) - 1, of lane `lane` of x: its value in 0..p.  In: 2^20-loose. */
function reduce(x: usize, lane: u32): void {
  // Limbs are below 2^44, so the first carry past 2^521 is below 2^21 either way, the second is -1, 0 or 1, the third 0.
  let carry: i64 = 0;
  for (let i: u32 = 0; i < FE2_LIMBS; i++) {
    carry += <i64>(load<f64>(limbAt(x, lane, i)) * power(-(<i32>feWeight(i))));
    setWord(i, carry & feLimbMask(i));
    carry >>= width(i);
  }
  for (let pass = 0; pass < 2; pass++) {
    for (let i: u32 = 0; i < FE2_LIMBS; i++) {
      carry += word(i);
      setWord(i, carry & feLimbMask(i));
      carry >>= width(i);
    }
  }
}

/** 1 if FE_WORDS holds p, all ones, else 0. */
function isModulus(): u32 {
  let zeros: i64 = 0;
  for (let i: u32 = 0; i < FE2_LIMBS; i++) zeros |= word(i) ^ feLimbMask(i);
  return isZero64(zeros);
}

/** FE_LE := lane `lane` of x, in 0..p-1, as little-endian octets, until feWipe.  In: 2^20-loose. */
export function feToLittle(x: usize, lane: u32): void {
  reduce(x, lane);
  const keep = ~(<i64>mask64(isModulus())); // p is 0
  for (let i: u32 = 0; i < FE2_LIMBS; i++) {
    const bit = feWeight(i);
    const at = FE_LE + (bit >>> 3);
    store<i64>(at, load<i64>(at) | ((word(i) & keep) << <i64>(bit & 7)));
  }
}

/** The 66 octets at `to` := lane `lane` of x, in 0..p-1.  In: 2^20-loose. */
export function feToBytes(to: usize, x: usize, lane: u32): void {
  feToLittle(x, lane);
  reverseBytes(to, FE_LE, FE_OCTETS);
  feWipe();
}

/** 1 if lane `lane` of x is 0 mod p, else 0.  In: 2^20-loose. */
export function feIsZero(x: usize, lane: u32): u32 {
  reduce(x, lane);
  let seen: i64 = 0;
  for (let i: u32 = 0; i < FE2_LIMBS; i++) seen |= word(i);
  const zero = isZero64(seen) | isModulus();
  memory.fill(FE_WORDS, 0, 8 * FE2_LIMBS);
  return zero;
}

/** 1 if the 66 octets at `from` are a number below p, else 0. */
export function feIsCanonical(from: usize): u32 {
  // Above 2^521 - 1, or equal to it: the top 7 bits not zero, or all others ones.
  const top = load<u8>(from);
  const second = load<u8>(from, 1);
  let zeros = (second ^ 0xff) | (top ^ 1);
  for (let i: u32 = 2; i < FE_OCTETS; i++) zeros |= load<u8>(from + i) ^ 0xff;
  return isZero64(top >>> 1) & (isZero64(zeros) ^ 1);
}

/** Lane zl of z := lane xl of x. */
export function feCopyLane(z: usize, zl: u32, x: usize, xl: u32): void {
  for (let i: u32 = 0; i < FE2_LIMBS; i++) store<f64>(limbAt(z, zl, i), load<f64>(limbAt(x, xl, i)));
}

export function feWipe(): void {
  memory.fill(FE_WORDS, 0, 8 * FE2_LIMBS);
  memory.fill(FE_LE, 0, 80);
}
