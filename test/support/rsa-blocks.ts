// Blocks of RSAES-PKCS1-v1_5 (RFC 8017, 7.2.1) with a 32-byte key part, right and wrong.

import { randomBytes } from "node:crypto";

export const BLOCK_SIZE = 256;
/** Place of the zero before the part. */
export const SEPARATOR = 223;

/** 00 | 02 | random padding without zeros | 00 | part. */
export function rsaBlock(part: Uint8Array): Uint8Array {
  const block = Uint8Array.from(randomBytes(BLOCK_SIZE), (byte) => byte || 1);
  block.set([0, 2]);
  block[SEPARATOR] = 0;
  block.set(part, SEPARATOR + 1);
  return block;
}

/** A right block's padding around a message of another size. */
function withMessage(message: Uint8Array): Uint8Array {
  const block = Uint8Array.from(randomBytes(BLOCK_SIZE), (byte) => byte || 1);
  block.set([0, 2]);
  block[BLOCK_SIZE - message.length - 1] = 0;
  block.set(message, BLOCK_SIZE - message.length);
  return block;
}

/** Blocks whose padding is wrong or whose message is not 32 bytes, by what is wrong. */
export function wrongBlocks(part: Uint8Array): [string, Uint8Array][] {
  const good = rsaBlock(part);
  const nonzero = Uint8Array.from(part, (byte) => byte || 1);
  return [
    ["first byte 01", good.with(0, 1)],
    ["first byte 80", good.with(0, 0x80)],
    ["block type 1", good.with(1, 1)],
    ["block type 0", good.with(1, 0)],
    ["a zero at the beginning of the padding", good.with(2, 0)],
    ["a zero as the eighth byte of padding", good.with(9, 0)],
    ["a zero in the middle", good.with(128, 0)],
    ["a zero at the end of the padding", good.with(SEPARATOR - 1, 0)],
    ["no zero after the padding", good.with(SEPARATOR, 0xff)],
    ["a part of 31 bytes", withMessage(nonzero.subarray(1))],
    ["a part of 33 bytes", withMessage(new Uint8Array([9, ...nonzero]))],
    ["no part", withMessage(new Uint8Array(0))],
    ["zeros", new Uint8Array(BLOCK_SIZE)],
    ["ones", new Uint8Array(BLOCK_SIZE).fill(0xff)],
  ];
}
