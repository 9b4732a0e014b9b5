// Uncompressed points (SEC 1, 2.3.3): 04, x, y, 133 octets.

import { FE2_B, PT_T } from "../layout";
import { FE2_BYTES, fe2Add, fe2Carry, fe2MulSub, fe2Sqr, fe2SqrSub } from "./fe2";
import { FE_OCTETS, feFromBytes, feIsCanonical, feIsZero, feToBytes } from "./fe2-bytes";
import { Y } from "./point";

// @ts-ignore: decorator
@inline export const POINT_OCTETS: u32 = 133;

/** Lane `lane` of the affine pair p := the octets as they are, not checked.  Out: 2-loose. */
export function ptFromBytes(p: usize, lane: u32, octets: usize): void {
  feFromBytes(p, lane, octets + 1);
  feFromBytes(p + Y, lane, octets + 1 + FE_OCTETS);
}

/** Carries p, and returns for each lane, as bits 0 and 1, whether it is on the curve.  In: p 2^18-loose. */
export function ptOnCurve(p: usize): u32 {
  const x = p;
  const y = p + Y;
  fe2Carry(x, x);
  fe2Carry(y, y);
  const t = PT_T;
  const u = PT_T + FE2_BYTES;
  fe2Sqr(t, x);
  fe2Add(u, x, x);
  fe2Add(u, u, x);
  fe2MulSub(t, t, x, u);
  fe2Add(t, t, FE2_B); // x^3 - 3 x + b
  fe2SqrSub(u, y, t);
  return (feIsZero(u, 0)) | (feIsZero(u, 1) << 1);
}

/** 1 if the 133 octets have lead byte 04 and coordinates below p, else 0. */
export function ptIsUncompressed(octets: usize): u32 {
  return <u32>(load<u8>(octets) == 4) & feIsCanonical(octets + 1) & feIsCanonical(octets + 1 + FE_OCTETS);
}

/** The 133 octets := lane `lane` of the affine pair p. */
export function ptToBytes(octets: usize, p: usize, lane: u32): void {
  store<u8>(octets, 4);
  feToBytes(octets + 1, p, lane);
  feToBytes(octets + 1 + FE_OCTETS, p + Y, lane);
}
