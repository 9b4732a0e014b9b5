// The entropy pool. The host lets getRandomValues write into it; the card takes bytes from the front, wipes what it took, and
// never hands out a byte twice. Taking never depends on what the bytes are.

import { ENTROPY, ENTROPY_BYTES } from "../layout";
import { Status } from "../status";

let taken: u32 = ENTROPY_BYTES; // nothing to take until the host has filled the pool

/** Bytes that can still be taken. */
export function entropyLeft(): u32 {
  return ENTROPY_BYTES - taken;
}

/** The host has written ENTROPY_BYTES fresh bytes at ENTROPY. */
export function entropyFilled(): void {
  taken = 0;
}

/** Nothing can be taken any more until the host fills the pool. */
export function entropyDrop(): void {
  taken = ENTROPY_BYTES;
}

/** Moves n bytes to `to` and wipes them in the pool. Status.NeedEntropy, and nothing moved, if fewer than n are left. */
export function entropyTake(to: usize, n: u32): Status {
  if (n > entropyLeft()) return Status.NeedEntropy;
  const at = ENTROPY + taken;
  memory.copy(to, at, n);
  memory.fill(at, 0, n);
  taken += n;
  return Status.Ok;
}
