// Scalars as sums of signed odd digits, for tables of odd multiples.
//
// For an odd k and `rows` windows of w bits, w rows >= 520, with b(i) = bits w i + 1 .. w i + w of k:
//
//   k = sum over i of (2 b(i) + 1 - 2^w) 2^(w i)  +  2^(w rows)
//
// Every digit is odd, so none is zero and no step is left out; the last one is always 1. If rows is even the last power is
// written 2^(w rows + 1) - 2^(w rows), so that the number of digits, (rows + 2) & ~1, is
// always even. An even k is replaced by n - k and
// all signs change. Zero becomes n.

import { RECODE_K } from "../layout";
import { mask64 } from "../lib/ct";
import { ORDER } from "./curve";

/** Bytes of a digit: (|digit| - 1) / 2 in the low bits, its sign in bit 31. */
// @ts-ignore: decorator
@inline export const DIGIT_BYTES: usize = 4;

/** RECODE_K := k or n - k, whichever is odd. Returns 1 for n - k, else 0. */
function makeOdd(words: usize): u32 {
  const even = <u32>~load<u64>(words) & 1;
  const mask = mask64(even);
  let borrow: u64 = 0;
  for (let i: usize = 0; i < 72; i += 8) {
    const k = load<u64>(words + i);
    const n = load<u64>(ORDER + i);
    const difference = n - k - borrow;
    borrow = ((~n & k) | (~(n ^ k) & difference)) >>> 63;
    store<u64>(RECODE_K + i, k ^ (mask & (k ^ difference)));
  }
  return even;
}

/**
 * The (rows + 2) & ~1 digits of k, least significant first, at `digits`.  In: k at `words`, 9 little-endian words, below n;
 * w <= 10, w rows in 520..540. Constant time.
 */
export function recode(digits: usize, words: usize, w: u32, rows: u32): void {
  const negated = makeOdd(words);
  const half = <u32>1 << (w - 1);
  for (let i: u32 = 0; i < rows; i++) {
    const bit = w * i + 1;
    const b = <u32>(load<u64>(RECODE_K + (bit >>> 3)) >>> (bit & 7)) & (2 * half - 1);
    const negative = (b >>> (w - 1)) ^ 1;
    const index = (b ^ (0 - negative)) & (half - 1);
    store<u32>(digits, index | ((negative ^ negated) << 31));
    digits += DIGIT_BYTES;
  }
  if (!(rows & 1)) {
    store<u32>(digits, (negated ^ 1) << 31);
    digits += DIGIT_BYTES;
  }
  store<u32>(digits, negated << 31);
  memory.fill(RECODE_K, 0, 80);
}
