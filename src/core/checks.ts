// Checks of a caller's arguments: each throws RangeError "want X, got Y".

/** @throws RangeError unless `bytes` has `size` bytes. */
export function fixed(name: string, bytes: Uint8Array, size: number): void {
  if (bytes.length !== size) throw new RangeError(`want ${name} of ${size} bytes, got ${bytes.length}`);
}

/** @throws RangeError unless `value` is an integer in low..high. */
export function inRange(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`want ${name} in ${low}..${high}, got ${value}`);
  }
}
