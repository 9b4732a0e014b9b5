// RSAES-PKCS1-v1_5 (RFC 8017, 7.2.2): a 32-byte key part in the 256-byte block that RSA-2048 decryption gives.
//
//   00 | 02 | 221 bytes, none of them 00 | 00 | key part 32
//
// As the part has but one size, every byte has its place: there is no end of the padding to be searched for, and nothing that a
// Bleichenbacher attack (CRYPTO '98) could learn except whether all of it is right.

import { isZero32, mask64 } from "../lib/ct";

// @ts-ignore: decorator
@inline export const BLOCK_BYTES: u32 = 256;
/** Place of the zero between padding and part. */
// @ts-ignore: decorator
@inline const SEPARATOR: usize = 223;

/**
 * z, 32 bytes := z xor part if the padding of the block is right, which returns 1; else z stays, and 0. They do not overlap.
 * Constant time.
 */
export function xorUnpadded(z: usize, block: usize): u32 {
  let wrong = <u32>load<u8>(block) | (<u32>load<u8>(block, 1) ^ 2) | <u32>load<u8>(block, SEPARATOR);
  for (let i: usize = 2; i < SEPARATOR; i++) wrong |= isZero32(<u32>load<u8>(block + i));
  const good = isZero32(wrong);
  const mask = mask64(good);
  const part = block + SEPARATOR + 1;
  for (let i: usize = 0; i < 32; i += 8) store<u64>(z + i, load<u64>(z + i) ^ (mask & load<u64>(part + i)));
  return good;
}
