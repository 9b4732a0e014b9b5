// Transaction counters: big-endian unsigned integers of a fixed width, 16 bytes on the wire (ep11-wire.md 5.5).
//
//   00 .. 00 FF + 1 = 00 .. 01 00        FF .. FF + 1 = 00 .. 00

/** Bytes of a transaction counter. */
export const COUNTER_SIZE = 16;

/** counter + 1 in the same width, wrapping to zero. */
export function incrementCounter(counter: Uint8Array): Uint8Array {
  return addToCounter(counter, 1);
}

/** counter + n in the same width, wrapping; n is an integer from 0 to 2^32 - 1. */
export function addToCounter(counter: Uint8Array, n: number): Uint8Array {
  const sum = counter.slice();
  let carry = n;
  for (let i = sum.length - 1; i >= 0 && carry > 0; i--) {
    carry += sum[i]!;
    sum[i] = carry % 256;
    carry = Math.floor(carry / 256);
  }
  return sum;
}

/** Negative, zero or positive as a is less than, equal to or greater than b. Both have the same width. */
export function compareCounters(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
