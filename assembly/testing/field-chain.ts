// Chains of multiplications mod p, for the benchmarks: one call, so that the crossing from JavaScript costs nothing beside them.

import { fe2Mul } from "../p521/fe2";
import { feFromBytes, feToBytes } from "../p521/fe2-bytes";
import { TABLES } from "../layout";

// Two vectors in the space of the cached tables: nothing is cached in an instance that only does this.
// @ts-ignore: decorator
@inline const X: usize = TABLES;
// @ts-ignore: decorator
@inline const Y: usize = TABLES + 352;

/**
 * Two chains side by side, one in each lane: x := x * y, `times` times.
 * In: x, y, out hold two numbers of 66 octets each, below p. Out: out = x * y^times mod p.
 */
export function test_fieldChain(out: usize, x: usize, y: usize, times: u32): void {
  for (let lane: u32 = 0; lane < 2; lane++) {
    feFromBytes(X, lane, x + 66 * lane);
    feFromBytes(Y, lane, y + 66 * lane);
  }
  for (let i: u32 = 0; i < times; i++) fe2Mul(X, X, Y);
  for (let lane: u32 = 0; lane < 2; lane++) feToBytes(out + 66 * lane, X, lane);
}
