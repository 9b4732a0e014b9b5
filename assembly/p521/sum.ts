// Sums of many affine points for many jobs at once.

import { PT_Q } from "../layout";
import { affineAddMany } from "./affine";
import { fe2HighLanes, fe2LowLanes, fe2Sub, fe2SwapLanes } from "./fe2";
import { feIsZero } from "./fe2-bytes";
import {
  AFFINE2_BYTES, POINT2_BYTES, Y, Z, ptAdd, ptAddAffine, ptAddMixed, ptFromAffine, ptToProjective,
} from "./point";

/** From this many additions on, sharing an inversion beats Jacobian additions. */
// @ts-ignore: decorator
@inline const WORTH_AN_INVERSION: u32 = 12;

/**
 * sums[j] := the sum of the m pairs points[e jobs + j], e < m, as a Jacobian pair, for j < jobs. Pairs are added as a tournament:
 * each round adds the second half of the rows to the first. points is used up.
 * degenerate: jobs bytes; byte j is set to 1, and sums[j] is worthless, if two equal or opposite points met.  work: as for
 * affineAddMany, (m / 2) jobs additions. Constant time, unless points do so meet.
 */
export function sumMany(sums: usize, points: usize, m: u32, jobs: u32, degenerate: usize, work: usize): void {
  while ((m >>> 1) * jobs >= WORTH_AN_INVERSION) {
    const kept = (m + 1) >>> 1;
    const n = (m - kept) * jobs;
    const second = points + <usize>(kept * jobs) * AFFINE2_BYTES;
    while (!affineAddMany(points, points, second, n, n, work)) separate(points, second, n, jobs, degenerate);
    m = kept;
  }
  for (let j: u32 = 0; j < jobs; j++) {
    const sum = sums + <usize>j * POINT2_BYTES;
    const first = points + <usize>j * AFFINE2_BYTES;
    if (m == 1) {
      ptFromAffine(sum, first);
      continue;
    }
    ptAddAffine(sum, first, points + <usize>(jobs + j) * AFFINE2_BYTES);
    for (let e: u32 = 2; e < m; e++) ptAddMixed(sum, points + <usize>(e * jobs + j) * AFFINE2_BYTES);
    if (feIsZero(sum + Z, 0) | feIsZero(sum + Z, 1)) store<u8>(degenerate + j, 1);
  }
}

/** Where p[i] and q[i] have equal x, moves q[i] away, to x + 1, and marks its job. */
function separate(p: usize, q: usize, n: u32, jobs: u32, degenerate: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    const at = <usize>i * AFFINE2_BYTES;
    fe2Sub(PT_Q, q + at, p + at);
    for (let lane: u32 = 0; lane < 2; lane++) {
      if (!feIsZero(PT_Q, lane)) continue;
      const limb = q + at + (<usize>lane << 3);
      store<f64>(limb, load<f64>(limb) + 1);
      store<u8>(degenerate + (i % jobs), 1);
    }
  }
}

/**
 * z := (lane 0 of a + lane 1 of a, lane 0 of b + lane 1 of b), projective, for Jacobian pairs a and b, which may be the same. Right
 * for all points.
 */
export function addAcross(z: usize, a: usize, b: usize): void {
  const q = PT_Q;
  if (a == b) {
    memory.copy(z, a, POINT2_BYTES);
    ptToProjective(z);
    for (let c: usize = 0; c < POINT2_BYTES; c += Y) fe2SwapLanes(q + c, z + c);
  } else {
    for (let c: usize = 0; c < POINT2_BYTES; c += Y) {
      fe2HighLanes(q + c, a + c, b + c);
      fe2LowLanes(z + c, a + c, b + c);
    }
    ptToProjective(z);
    ptToProjective(q);
  }
  ptAdd(z, q);
}
