// SHA-256 (FIPS 180-4, 6.2) of data in one piece or in several.
//
//   sha256(out, data, n)          out := the digest of the n bytes at data; out may overlap data
//   sha256Init(ctx)               begin
//   sha256Update(ctx, data, n)    take n more bytes; any n, 0 included
//   sha256Final(out, ctx)         out := the digest of all bytes taken; ctx is wiped
//
// A context is SHA256_CONTEXT_BYTES anywhere in memory: state 32 | bytes of an unfinished block 64 | count of bytes, u64, at 96.
// It holds no address, so it may be copied, to go on twice from one prefix. Time depends on the lengths alone.

import { SHA256_CONTEXT } from "../layout";
import { store32be, store64be } from "../lib/be";
import { sha256Blocks, sha256Start } from "./sha256-block";

// @ts-ignore: decorator
@inline export const SHA256_BYTES: u32 = 32;
// @ts-ignore: decorator
@inline export const SHA256_BLOCK_BYTES: u32 = 64;
// @ts-ignore: decorator
@inline export const SHA256_CONTEXT_BYTES: usize = 112;
// @ts-ignore: decorator
@inline const BLOCK: usize = 32;
// @ts-ignore: decorator
@inline const COUNT: usize = 96;

export function sha256Init(ctx: usize): void {
  sha256Start(ctx);
  store<u64>(ctx, 0, COUNT);
}

export function sha256Update(ctx: usize, data: usize, n: u32): void {
  const count = load<u64>(ctx, COUNT);
  store<u64>(ctx, count + n, COUNT);
  const used = <u32>count & 63;
  if (used > 0) {
    const free = SHA256_BLOCK_BYTES - used;
    if (n < free) {
      memory.copy(ctx + BLOCK + used, data, n);
      return;
    }
    memory.copy(ctx + BLOCK + used, data, free);
    sha256Blocks(ctx, ctx + BLOCK, 1);
    data += free;
    n -= free;
  }
  sha256Blocks(ctx, data, n >>> 6);
  const rest = n & 63;
  memory.copy(ctx + BLOCK, data + (n - rest), rest);
}

export function sha256Final(out: usize, ctx: usize): void {
  const count = load<u64>(ctx, COUNT);
  let used = <u32>count & 63;
  store<u8>(ctx + BLOCK + used, 0x80);
  used++;
  if (used > 56) {
    memory.fill(ctx + BLOCK + used, 0, 64 - used);
    sha256Blocks(ctx, ctx + BLOCK, 1);
    used = 0;
  }
  memory.fill(ctx + BLOCK + used, 0, 56 - used);
  store64be(ctx + BLOCK + 56, count << 3);
  sha256Blocks(ctx, ctx + BLOCK, 1);
  for (let i: usize = 0; i < 32; i += 4) store32be(out + i, load<u32>(ctx + i));
  memory.fill(ctx, 0, SHA256_CONTEXT_BYTES);
}

export function sha256(out: usize, data: usize, n: u32): void {
  sha256Init(SHA256_CONTEXT);
  sha256Update(SHA256_CONTEXT, data, n);
  sha256Final(out, SHA256_CONTEXT);
}
