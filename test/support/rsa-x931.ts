// ANSI X9.31 with SHA-256 by BigInt: what administrators with RSA-2048 keys sign (ep11-wire.md 7).

import { createHash } from "node:crypto";
import { concat, fromHex, toHex } from "../../src/bytes.ts";

/** The 256-byte block that is raised to the private exponent. */
export function x931Block(data: Uint8Array): Uint8Array {
  const padding = new Uint8Array(220).fill(0xbb);
  const digest = createHash("sha256").update(data).digest();
  return concat(Uint8Array.of(0x6b), padding, Uint8Array.of(0xba), digest, Uint8Array.of(0x34, 0xcc));
}

/** Whether `signature` to the power of 65537 is the block of `data`. */
export function x931Verify(modulus: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const n = BigInt(`0x${toHex(modulus)}`);
  let power = BigInt(`0x${toHex(signature)}`);
  const base = power;
  for (let i = 0; i < 16; i++) power = (power * power) % n;
  const block = ((power * base) % n).toString(16).padStart(512, "0");
  return toHex(fromHex(block)) === toHex(x931Block(data));
}
