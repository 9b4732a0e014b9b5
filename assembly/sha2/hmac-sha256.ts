// HMAC-SHA-256 (FIPS 198-1, RFC 2104) of data in one piece or in several.
//
//   hmacSha256(out, key, keyLen, data, n)   out := the code of the n bytes at data; out may overlap key and data
//   hmacSha256Init(ctx, key, keyLen)        begin, with a key of any length
//   hmacSha256Update(ctx, data, n)          take n more bytes; any n, 0 included
//   hmacSha256Final(out, ctx)               out := the code of all bytes taken; ctx is wiped
//
// A context is HMAC_SHA256_CONTEXT_BYTES anywhere in memory: the inner hash's context | the outer's. It may be
// copied: copies of a context after Init serve for many messages under one key. Time depends on the lengths alone.

import { HMAC_SHA256_CONTEXT, HMAC_SHA256_KEY } from "../layout";
import { SHA256_BLOCK_BYTES, SHA256_BYTES, SHA256_CONTEXT_BYTES, sha256, sha256Final, sha256Init, sha256Update } from "./sha256";

// @ts-ignore: decorator
@inline export const HMAC_SHA256_CONTEXT_BYTES: usize = 2 * SHA256_CONTEXT_BYTES;
// @ts-ignore: decorator
@inline const OUTER: usize = SHA256_CONTEXT_BYTES;

/** The block at HMAC_SHA256_KEY: every byte ^= x, eight times in x. */
function xorKey(x: u64): void {
  for (let at = HMAC_SHA256_KEY; at < HMAC_SHA256_KEY + 64; at += 8) store<u64>(at, load<u64>(at) ^ x);
}

export function hmacSha256Init(ctx: usize, key: usize, keyLen: u32): void {
  if (keyLen > SHA256_BLOCK_BYTES) sha256(HMAC_SHA256_KEY, key, keyLen);
  else memory.copy(HMAC_SHA256_KEY, key, keyLen); // the rest of the block is zero
  xorKey(0x3636363636363636);
  sha256Init(ctx);
  sha256Update(ctx, HMAC_SHA256_KEY, SHA256_BLOCK_BYTES);
  xorKey(0x3636363636363636 ^ 0x5c5c5c5c5c5c5c5c);
  sha256Init(ctx + OUTER);
  sha256Update(ctx + OUTER, HMAC_SHA256_KEY, SHA256_BLOCK_BYTES);
  memory.fill(HMAC_SHA256_KEY, 0, 64);
}

// @ts-ignore: decorator
@inline
export function hmacSha256Update(ctx: usize, data: usize, n: u32): void {
  sha256Update(ctx, data, n);
}

export function hmacSha256Final(out: usize, ctx: usize): void {
  sha256Final(HMAC_SHA256_KEY, ctx);
  sha256Update(ctx + OUTER, HMAC_SHA256_KEY, SHA256_BYTES);
  sha256Final(out, ctx + OUTER);
  memory.fill(HMAC_SHA256_KEY, 0, 32);
}

export function hmacSha256(out: usize, key: usize, keyLen: u32, data: usize, n: u32): void {
  hmacSha256Init(HMAC_SHA256_CONTEXT, key, keyLen);
  hmacSha256Update(HMAC_SHA256_CONTEXT, data, n);
  hmacSha256Final(out, HMAC_SHA256_CONTEXT);
}
