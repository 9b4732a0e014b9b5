// Key part values as a person types them: 64 hexadecimal digits, in bytes from end to end.

import { WorkstationError } from "./errors.ts";

/**
 * Writes the 32 bytes that 64 hexadecimal digits (ASCII, either case) spell into `part`. No branch and no index depends on a digit.
 * @throws WorkstationError if there are more digits, or fewer, or other characters; `part` is zero then.
 */
export function readTypedPart(digits: Uint8Array, part: Uint8Array): void {
  const want = 2 * part.length;
  if (digits.length !== want)
    throw new WorkstationError(`key part value: want ${want} hexadecimal digits, got ${digits.length} characters`);
  let bad = 0;
  for (let at = 0; at < part.length; at++) {
    const high = digitValue(digits[2 * at]!);
    const low = digitValue(digits[2 * at + 1]!);
    bad |= high | low;
    part[at] = (high << 4) | low;
  }
  if (bad >= 0) return;
  part.fill(0);
  throw new WorkstationError(`key part value: want ${want} hexadecimal digits, got another character`);
}

/** Value of a hexadecimal digit, -1 if it is none. */
function digitValue(c: number): number {
  let value = -1;
  value += (((0x2f - c) & (c - 0x3a)) >> 8) & (c - 0x2f);
  value += (((0x40 - c) & (c - 0x47)) >> 8) & (c - 0x36);
  value += (((0x60 - c) & (c - 0x67)) >> 8) & (c - 0x56);
  return value;
}
