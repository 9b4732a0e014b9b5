// Masks for values that must not steer control flow or addresses. A condition is a u32 that is 0 or 1; a mask is all zeros or
// all ones. No function here branches.

/** All ones if bit is 1, zero if bit is 0. In: bit 0 or 1. */
// @ts-ignore: decorator
@inline
export function mask32(bit: u32): u32 {
  return 0 - bit;
}

/** All ones if bit is 1, zero if bit is 0. In: bit 0 or 1. */
// @ts-ignore: decorator
@inline
export function mask64(bit: u32): u64 {
  return 0 - <u64>bit;
}

/** 1 if x is 0, else 0. */
// @ts-ignore: decorator
@inline
export function isZero32(x: u32): u32 {
  return ((x | (0 - x)) >>> 31) ^ 1;
}

/** 1 if x is 0, else 0. */
// @ts-ignore: decorator
@inline
export function isZero64(x: u64): u32 {
  return (<u32>((x | (0 - x)) >>> 63)) ^ 1;
}

/** 1 if the n bytes at a and b are equal, else 0. Time depends on n alone. */
export function equalBytes(a: usize, b: usize, n: u32): u32 {
  let difference: u32 = 0;
  for (let i: u32 = 0; i < n; i++) difference |= <u32>(load<u8>(a + i) ^ load<u8>(b + i));
  return isZero32(difference);
}

/** z := bit ? x : z over n bytes. In: bit 0 or 1. z and x may be equal. Time depends on n alone. */
export function assignBytes(z: usize, x: usize, n: u32, bit: u32): void {
  const mask = <u8>mask32(bit);
  for (let i: u32 = 0; i < n; i++) {
    const old = load<u8>(z + i);
    store<u8>(z + i, old ^ (mask & (old ^ load<u8>(x + i))));
  }
}
