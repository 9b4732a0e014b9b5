// The AES internals, for the tests. Blocks are 16 bytes at q, in the form that each function wants.

import { decryptOne, encryptOne, lastRound, lastUnround, linear, round, table, unround } from "../aes/cipher";
import {
  A_OVER, FROM_BACKWARD, FROM_FORWARD, INVERSE, SUB, SUB_2, TO_BACKWARD, TO_FORWARD,
} from "../aes/tables.gen";

export { aesCtrOnce as test_aesCtrOnce } from "../aes/ctr";
export { decryptFour as test_aesDecryptFour, encryptFour as test_aesEncryptFour } from "../aes/cipher";
export {
  expandBackward as test_aesExpandBackward,
  expandForward as test_aesExpandForward,
  loadKey as test_aesLoadKey,
} from "../aes/schedule";

export function test_aesToForward(q: usize): void { v128.store(q, linear(TO_FORWARD, v128.load(q))); }
export function test_aesFromForward(q: usize): void { v128.store(q, linear(FROM_FORWARD, v128.load(q))); }
export function test_aesToBackward(q: usize): void { v128.store(q, linear(TO_BACKWARD, v128.load(q))); }
export function test_aesFromBackward(q: usize): void { v128.store(q, linear(FROM_BACKWARD, v128.load(q))); }

export function test_aesEncryptOne(q: usize, keys: usize): void { v128.store(q, encryptOne(v128.load(q), keys)); }
export function test_aesDecryptOne(q: usize, keys: usize): void { v128.store(q, decryptOne(v128.load(q), keys)); }

// One round each, with the round key at `key`.
export function test_aesRound(q: usize, key: usize): void {
  const s0 = table(SUB), s1 = table(SUB + 16), d0 = table(SUB_2), d1 = table(SUB_2 + 16);
  v128.store(q, round(v128.load(q), v128.load(key), table(INVERSE), table(A_OVER), s0, s1, d0, d1));
}
export function test_aesLastRound(q: usize, key: usize): void {
  const s0 = table(SUB), s1 = table(SUB + 16);
  v128.store(q, lastRound(v128.load(q), v128.load(key), table(INVERSE), table(A_OVER), s0, s1));
}
export function test_aesUnround(q: usize, key: usize): void {
  v128.store(q, unround(v128.load(q), v128.load(key), table(INVERSE), table(A_OVER)));
}
export function test_aesLastUnround(q: usize, key: usize): void {
  v128.store(q, lastUnround(v128.load(q), v128.load(key), table(INVERSE), table(A_OVER)));
}
