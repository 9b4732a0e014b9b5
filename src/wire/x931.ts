// ANSI X9.31 with SHA-256 under RSA-2048: what administrators with RSA keys sign (ep11-wire.md 7).
//
//   6B | 220 times BB | BA | SHA-256 (32) | 34 (SHA-256) | CC
//
// signature = block^d mod n, 256 bytes. The standard would have the smaller of it and n - it; IBM's client does not look.

import { WireError } from "../errors.ts";

export const X931_BLOCK_SIZE = 256;

const DIGEST_SIZE = 32;
const DIGEST_AT = 222;

/** The block of a message whose SHA-256 is `digest`. */
export function x931Block(digest: Uint8Array): Uint8Array {
  if (digest.length !== DIGEST_SIZE) throw new WireError("digest", 0, `${DIGEST_SIZE} bytes`, `${digest.length}`);
  const block = new Uint8Array(X931_BLOCK_SIZE).fill(0xbb);
  block[0] = 0x6b;
  block[DIGEST_AT - 1] = 0xba;
  block.set(digest, DIGEST_AT);
  block.set([0x34, 0xcc], DIGEST_AT + DIGEST_SIZE);
  return block;
}
