// RSA-2048 keys with known numbers, and RSA by BigInt to check others against.

import { createPrivateKey, type KeyObject } from "node:crypto";
import { readVectors } from "./vectors.ts";

/** Of a vector file, hexadecimal. */
export interface RsaNumbers {
  readonly n: string;
  readonly d: string;
  readonly p: string;
  readonly q: string;
}

export const big = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
export const bytesOf = (value: bigint, size = 256): Uint8Array =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * size, "0"), "hex"));

/** base^exponent mod modulus. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * b) % modulus;
    b = (b * b) % modulus;
  }
  return result;
}

/** The private key for node:crypto. */
export function rsaKey({ n, d, p, q }: RsaNumbers): KeyObject {
  const [P, Q, D] = [p, q, d].map((hex) => BigInt(`0x${hex}`)) as [bigint, bigint, bigint];
  const field = (value: bigint, size: number) => Buffer.from(bytesOf(value, size)).toString("base64url");
  const jwk = {
    kty: "RSA",
    n: Buffer.from(n, "hex").toString("base64url"),
    e: "AQAB",
    d: field(D, 256),
    p: field(P, 128),
    q: field(Q, 128),
    dp: field(D % (P - 1n), 128),
    dq: field(D % (Q - 1n), 128),
    qi: field(power(Q, P - 2n, P), 128),
  };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** The two RSA keys of the certificates' vectors. */
export const RSA_NUMBERS: readonly RsaNumbers[] = ["rsa1", "rsa2"].map((wanted) => {
  const { cases } = readVectors<{ readonly key?: string; readonly privateKey: RsaNumbers }>("admin-certs.json");
  return cases.find(({ key }) => key === wanted)!.privateKey;
});
