// The nonce of an ECDSA signature on P-521 with SHA-512: RFC 6979, 3.2, a generator of type HMAC_DRBG seeded with the private key
// and the digest, and with fresh entropy if there is some (3.6): then a weak entropy source does no harm, and neither does a
// fault that signs one digest twice.
//
// The seed lies in one piece at NONCE_SEED, as the generator takes it in:
//   0 V 64 | 64 separator 1 | 65 int2octets(private key) 66 | 131 bits2octets(digest) 66
// A digest of 512 bits is below n, so bits2octets only puts two zero octets before it.

import { NONCE_HMAC, NONCE_KEYED, NONCE_SCALAR, NONCE_SEED, NONCE_T } from "../layout";
import {
  HMAC_SHA512_CONTEXT_BYTES, hmacSha512Final, hmacSha512Init, hmacSha512Update,
} from "../sha2/hmac-sha512";
import { SC_OCTETS, scClear, scFromBytes, scIsZero } from "./sc";

// @ts-ignore: decorator
@inline const V: usize = NONCE_SEED;
// @ts-ignore: decorator
@inline const V_BYTES: u32 = 64;
// @ts-ignore: decorator
@inline const SEPARATOR: usize = NONCE_SEED + 64;
// @ts-ignore: decorator
@inline const PRIVATE_KEY: usize = NONCE_SEED + 65;
// @ts-ignore: decorator
@inline const DIGEST: usize = NONCE_SEED + 133;
// @ts-ignore: decorator
@inline const SEED_BYTES: u32 = 197;

/**
 * The 66 octets at k := a nonce in 1..n-1 for the private key in the 66 octets at scalar and the 64 bytes of a SHA-512 digest.
 * extra: extraLen bytes of fresh entropy, which need not be uniform; none, and k is a function of key and digest alone.
 * attempt: how many good candidates to pass over: 0, or 1 more after each that gave r = 0 or s = 0 (RFC 6979, 3.2.h).
 * Constant time, but for the number of candidates that were thrown away: it tells nothing of the one that was kept, and a first
 * candidate is refused with probability 2^-262.
 */
export function nonce(k: usize, scalar: usize, digest: usize, extra: usize, extraLen: u32, attempt: u32 = 0): void {
  memory.fill(V, 0x01, V_BYTES);
  memory.copy(PRIVATE_KEY, scalar, SC_OCTETS);
  memory.copy(DIGEST, digest, 64);
  hmacSha512Init(NONCE_KEYED, NONCE_T, 64); // K = 0
  rekey(0x00, SEED_BYTES, extra, extraLen);
  rekey(0x01, SEED_BYTES, extra, extraLen);
  while (true) {
    candidate(k);
    if (isNonce(k)) {
      if (attempt == 0) break;
      attempt--;
    }
    rekey(0x00, V_BYTES + 1, 0, 0);
  }
  memory.fill(NONCE_SEED, 0, 208);
  memory.fill(NONCE_KEYED, 0, HMAC_SHA512_CONTEXT_BYTES);
}

/** K := HMAC(K, V | separator | seed | extra), V := HMAC(K, V).  n: the bytes of V, separator and seed. */
function rekey(separator: u8, n: u32, extra: usize, extraLen: u32): void {
  store<u8>(SEPARATOR, separator);
  hmacSha512Update(NONCE_KEYED, NONCE_SEED, n);
  hmacSha512Update(NONCE_KEYED, extra, extraLen);
  hmacSha512Final(NONCE_T, NONCE_KEYED);
  hmacSha512Init(NONCE_KEYED, NONCE_T, 64);
  memory.fill(NONCE_T, 0, 64);
  next();
}

/** V := HMAC(K, V). */
function next(): void {
  memory.copy(NONCE_HMAC, NONCE_KEYED, HMAC_SHA512_CONTEXT_BYTES);
  hmacSha512Update(NONCE_HMAC, V, V_BYTES);
  hmacSha512Final(V, NONCE_HMAC);
}

/** The 66 octets at k := the first 521 bits of the next two V. */
function candidate(k: usize): void {
  next();
  memory.copy(NONCE_T, V, V_BYTES);
  next();
  memory.copy(NONCE_T + 64, V, V_BYTES);
  let above: u32 = 0;
  for (let i: u32 = 0; i < SC_OCTETS; i++) {
    const octet = <u32>load<u8>(NONCE_T + i);
    store<u8>(k + i, (above << 1) | (octet >>> 7));
    above = octet;
  }
  memory.fill(NONCE_T, 0, 128);
}

/** Whether the 66 octets at k are a number in 1..n-1. */
export function isNonce(k: usize): u32 {
  scFromBytes(NONCE_SCALAR, k); // 0 if k is n or more
  const zero = scIsZero(NONCE_SCALAR);
  scClear(NONCE_SCALAR);
  return zero ^ 1;
}
