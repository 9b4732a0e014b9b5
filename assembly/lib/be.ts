// Big-endian loads and stores. Addresses need no alignment.

// @ts-ignore: decorator
@inline
export function load32be(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

// @ts-ignore: decorator
@inline
export function store32be(at: usize, x: u32): void {
  store<u32>(at, bswap<u32>(x));
}

// @ts-ignore: decorator
@inline
export function load64be(at: usize): u64 {
  return bswap<u64>(load<u64>(at));
}

// @ts-ignore: decorator
@inline
export function store64be(at: usize, x: u64): void {
  store<u64>(at, bswap<u64>(x));
}
