// The benchmarks' build: what they time and the card does not export. Chains of multiplications mod p, in one call, so that the
// crossing from JavaScript costs nothing beside them.

import { TABLES } from "./layout";
import { FE2_BYTES, fe2Mul } from "./p521/fe2";
import { FE_OCTETS, feFromBytes, feToBytes } from "./p521/fe2-bytes";

export { EXCHANGE } from "./layout";

// Two pairs of elements in the space of the cached tables, of which this build has none.
// @ts-ignore: decorator
@inline const X: usize = TABLES;
// @ts-ignore: decorator
@inline const Y: usize = TABLES + FE2_BYTES;

/**
 * Two chains side by side, one in each lane: x := x * y, `times` times.
 * In: x, y, out hold two numbers of 66 octets each, below p. Out: out = x * y^times mod p.
 */
export function fieldChain(out: usize, x: usize, y: usize, times: u32): void {
  for (let lane: u32 = 0; lane < 2; lane++) {
    feFromBytes(X, lane, x + FE_OCTETS * lane);
    feFromBytes(Y, lane, y + FE_OCTETS * lane);
  }
  for (let i: u32 = 0; i < times; i++) fe2Mul(X, X, Y);
  for (let lane: u32 = 0; lane < 2; lane++) feToBytes(out + FE_OCTETS * lane, X, lane);
}
