// AES-256 in counter mode (NIST SP 800-38A, 6.5) under keys that are used once: four blocks at a time.

import { AES_KEYS, AES_STATE } from "../layout";
import { encryptFour, KEYS_BYTES, LANES, linear } from "./cipher";
import { expandForward, loadKey } from "./schedule";
import { FROM_FORWARD, TO_FORWARD } from "./tables.gen";

// @ts-ignore: decorator
@inline const PASS_BYTES: u32 = 16 * LANES;

/** Block j of the state := counter block n, in forward form. */
// @ts-ignore: decorator
@inline
function setCounter(j: u32, n: u32): void {
  v128.store(AES_STATE + 16 * j, linear(TO_FORWARD, i32x4(0, 0, 0, bswap<u32>(n))));
}

/** The n bytes at z := themselves xor those at x. */
function xorBytes(z: usize, x: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 16 <= n; i += 16) v128.store(z + i, v128.xor(v128.load(z + i), v128.load(x + i)));
  for (; i < n; i++) store<u8>(z + i, load<u8>(z + i) ^ load<u8>(x + i));
}

/**
 * The n bytes at `data` := themselves xor the key stream of the 32-byte key at `key`; counter blocks are 0, 1, 2 ... as 128-bit
 * big-endian numbers, so a key must never serve two messages. Constant time, n apart. Scratch is wiped.
 */
export function aesCtrOnce(data: usize, n: u32, key: usize): void {
  loadKey(AES_KEYS, key);
  expandForward(AES_KEYS, 1);
  for (let done: u32 = 0; done < n; done += PASS_BYTES) {
    for (let j: u32 = 0; j < LANES; j++) setCounter(j, (done >>> 4) + j);
    encryptFour(AES_STATE, AES_KEYS, 0);
    for (let q = AES_STATE; q < AES_STATE + PASS_BYTES; q += 16) v128.store(q, linear(FROM_FORWARD, v128.load(q)));
    xorBytes(data + done, AES_STATE, min(PASS_BYTES, n - done));
  }
  memory.fill(AES_STATE, 0, PASS_BYTES);
  memory.fill(AES_KEYS, 0, KEYS_BYTES);
}
