// HMAC-SHA-512 (FIPS 198-1, RFC 2104) of data in one piece or in several.
//
//   hmacSha512(out, key, keyLen, data, n)   out := the code of the n bytes at data; out may overlap key and data
//   hmacSha512Init(ctx, key, keyLen)        begin, with a key of any length
//   hmacSha512Update(ctx, data, n)          take n more bytes; any n, 0 included
//   hmacSha512Final(out, ctx)               out := the code of all bytes taken; ctx is wiped
//
// A context is HMAC_SHA512_CONTEXT_BYTES anywhere in memory: the inner hash's context | the outer's. It may be
// copied: copies of a context after Init serve for many messages under one key. Time depends on the lengths alone.

import { HMAC_SHA512_CONTEXT, HMAC_SHA512_KEY } from "../layout";
import { SHA512_BLOCK_BYTES, SHA512_BYTES, SHA512_CONTEXT_BYTES, sha512, sha512Final, sha512Init, sha512Update } from "./sha512";

// @ts-ignore: decorator
@inline export const HMAC_SHA512_CONTEXT_BYTES: usize = 2 * SHA512_CONTEXT_BYTES;
// @ts-ignore: decorator
@inline const OUTER: usize = SHA512_CONTEXT_BYTES;

/** The block at HMAC_SHA512_KEY: every byte ^= x, eight times in x. */
function xorKey(x: u64): void {
  for (let at = HMAC_SHA512_KEY; at < HMAC_SHA512_KEY + 128; at += 8) store<u64>(at, load<u64>(at) ^ x);
}

export function hmacSha512Init(ctx: usize, key: usize, keyLen: u32): void {
  if (keyLen > SHA512_BLOCK_BYTES) sha512(HMAC_SHA512_KEY, key, keyLen);
  else memory.copy(HMAC_SHA512_KEY, key, keyLen); // the rest of the block is zero
  xorKey(0x3636363636363636);
  sha512Init(ctx);
  sha512Update(ctx, HMAC_SHA512_KEY, SHA512_BLOCK_BYTES);
  xorKey(0x3636363636363636 ^ 0x5c5c5c5c5c5c5c5c);
  sha512Init(ctx + OUTER);
  sha512Update(ctx + OUTER, HMAC_SHA512_KEY, SHA512_BLOCK_BYTES);
  memory.fill(HMAC_SHA512_KEY, 0, 128);
}

// @ts-ignore: decorator
@inline
export function hmacSha512Update(ctx: usize, data: usize, n: u32): void {
  sha512Update(ctx, data, n);
}

export function hmacSha512Final(out: usize, ctx: usize): void {
  sha512Final(HMAC_SHA512_KEY, ctx);
  sha512Update(ctx + OUTER, HMAC_SHA512_KEY, SHA512_BYTES);
  sha512Final(out, ctx + OUTER);
  memory.fill(HMAC_SHA512_KEY, 0, 64);
}

export function hmacSha512(out: usize, key: usize, keyLen: u32, data: usize, n: u32): void {
  hmacSha512Init(HMAC_SHA512_CONTEXT, key, keyLen);
  hmacSha512Update(HMAC_SHA512_CONTEXT, data, n);
  hmacSha512Final(out, HMAC_SHA512_CONTEXT);
}
