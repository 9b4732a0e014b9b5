// AES-256 in counter mode (NIST SP 800-38A, 6.5) under keys that are used once: eight blocks at a time.

import { AES_KEYS, AES_STATE, AES_WORD } from "../layout";
import { store32be } from "../lib/be";
import { AES_LANES, AES_PLANES, aesEncrypt, aesExpandKeys, transpose } from "./lanes";

/**
 * The n bytes at `data` := themselves xor the key stream of the 32-byte key at `key`; counter blocks are 0, 1, 2 ... as 128-bit
 * big-endian numbers, so a key must never serve two messages. Constant time, n apart. Scratch is wiped.
 */
export function aesCtrOnce(data: usize, n: u32, key: usize): void {
  for (let j: usize = 0; j < AES_PLANES; j += 16) {
    memory.copy(AES_KEYS + j, key, 16);
    memory.copy(AES_KEYS + AES_PLANES + j, key + 16, 16);
  }
  aesExpandKeys();
  for (let done: u32 = 0; done < n; done += <u32>AES_PLANES) {
    memory.fill(AES_STATE, 0, AES_PLANES);
    for (let j: u32 = 0; j < AES_LANES; j++) store32be(AES_STATE + 16 * j + 12, (done >>> 4) + j);
    transpose(AES_STATE);
    aesEncrypt(AES_STATE);
    transpose(AES_STATE);
    const left = min(<u32>AES_PLANES, n - done);
    for (let i: u32 = 0; i < left; i++) {
      store<u8>(data + done + i, load<u8>(data + done + i) ^ load<u8>(AES_STATE + i));
    }
  }
  memory.fill(AES_STATE, 0, AES_PLANES);
  memory.fill(AES_WORD, 0, AES_PLANES);
  memory.fill(AES_KEYS, 0, 15 * AES_PLANES);
}
