// Big-endian stores, and bytes in the other order. Addresses need no alignment. Timing depends on lengths alone.

// @ts-ignore: decorator
@inline
export function store32be(at: usize, x: u32): void {
  store<u32>(at, bswap<u32>(x));
}

// @ts-ignore: decorator
@inline
export function store64be(at: usize, x: u64): void {
  store<u64>(at, bswap<u64>(x));
}

/** The n bytes at `to` := those at `from` in the other order. They must not overlap. */
export function reverseBytes(to: usize, from: usize, n: u32): void {
  for (; n >= 16; n -= 16, to += 16) {
    const x = v128.load(from + n - 16);
    v128.store(to, i8x16.shuffle(x, x, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  }
  for (; n > 0; n--, to++) store<u8>(to, load<u8>(from + n - 1));
}
