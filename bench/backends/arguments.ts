// Checks of a caller's arguments: each throws RangeError "want X, got Y".

export function fixed(name: string, bytes: Uint8Array, size: number): void {
  if (bytes.length !== size) throw new RangeError(`want ${name} of ${size} bytes, got ${bytes.length}`);
}

export function inRange(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`want ${name} in ${low}..${high}, got ${value}`);
  }
}

export function count(name: string, items: readonly unknown[], low: number, high: number): void {
  inRange(`number of ${name}`, items.length, low, high);
}
