// SHA-512 (FIPS 180-4, 6.4) of data in one piece or in several.
//
//   sha512(out, data, n)          out := the digest of the n bytes at data; out may overlap data
//   sha512Init(ctx)               begin
//   sha512Update(ctx, data, n)    take n more bytes; any n, 0 included
//   sha512Final(out, ctx)         out := the digest of all bytes taken; ctx is wiped
//
// A context is SHA512_CONTEXT_BYTES anywhere in memory: state 64 | bytes of an unfinished block 128 | count of bytes, u64, at 192.
// It holds no address, so it may be copied, to go on twice from one prefix. Time depends on the lengths alone.

import { SHA512_CONTEXT } from "../layout";
import { store64be } from "../lib/be";
import { sha512Blocks, sha512Start } from "./sha512-block";

// @ts-ignore: decorator
@inline export const SHA512_BYTES: u32 = 64;
// @ts-ignore: decorator
@inline export const SHA512_BLOCK_BYTES: u32 = 128;
// @ts-ignore: decorator
@inline export const SHA512_CONTEXT_BYTES: usize = 208;
// @ts-ignore: decorator
@inline const BLOCK: usize = 64;
// @ts-ignore: decorator
@inline const COUNT: usize = 192;

export function sha512Init(ctx: usize): void {
  sha512Start(ctx);
  store<u64>(ctx, 0, COUNT);
}

export function sha512Update(ctx: usize, data: usize, n: u32): void {
  const count = load<u64>(ctx, COUNT);
  store<u64>(ctx, count + n, COUNT);
  const used = <u32>count & 127;
  if (used > 0) {
    const free = SHA512_BLOCK_BYTES - used;
    if (n < free) {
      memory.copy(ctx + BLOCK + used, data, n);
      return;
    }
    memory.copy(ctx + BLOCK + used, data, free);
    sha512Blocks(ctx, ctx + BLOCK, 1);
    data += free;
    n -= free;
  }
  sha512Blocks(ctx, data, n >>> 7);
  const rest = n & 127;
  memory.copy(ctx + BLOCK, data + (n - rest), rest);
}

export function sha512Final(out: usize, ctx: usize): void {
  const count = load<u64>(ctx, COUNT);
  let used = <u32>count & 127;
  store<u8>(ctx + BLOCK + used, 0x80);
  used++;
  if (used > 112) {
    memory.fill(ctx + BLOCK + used, 0, 128 - used);
    sha512Blocks(ctx, ctx + BLOCK, 1);
    used = 0;
  }
  memory.fill(ctx + BLOCK + used, 0, 120 - used); // a count of bits of 128 bits whose upper half is zero
  store64be(ctx + BLOCK + 120, count << 3);
  sha512Blocks(ctx, ctx + BLOCK, 1);
  for (let i: usize = 0; i < 64; i += 8) store64be(out + i, load<u64>(ctx + i));
  memory.fill(ctx, 0, SHA512_CONTEXT_BYTES);
}

export function sha512(out: usize, data: usize, n: u32): void {
  sha512Init(SHA512_CONTEXT);
  sha512Update(SHA512_CONTEXT, data, n);
  sha512Final(out, SHA512_CONTEXT);
}
