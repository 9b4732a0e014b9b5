// RSA-2048 on the host: the one exception to "secrets are in the card alone" that units have (SECURITY.md). Administrators'
// signatures are verified here, and the card counts them; importer keys are made here, sealed by the card, and decrypt here, and the
// card takes the padding off.
//
// node:crypto does it, raw. It is fetched when it is needed, so that units with P-521 keys alone run where there is none.

import { equal, toHex } from "../bytes.ts";
import { modulusOf } from "../wire/spki.ts";
import { x931Block } from "../wire/x931.ts";

type NodeCrypto = typeof import("node:crypto");

function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as { readonly process?: NodeJS.Process };
  return process?.getBuiltinModule?.("node:crypto");
}

/** Whether this host can do RSA. If not, units know no such keys. */
export function hasRsa(): boolean {
  return nodeCrypto() !== undefined;
}

/** @throws Error if {@link hasRsa} is not so. */
function required(): NodeCrypto {
  const crypto = nodeCrypto();
  if (crypto === undefined)
    throw new Error("want node:crypto for RSA keys, got a host without; run units of this fleet in Node");
  return crypto;
}

/**
 * Whether `signature`, 256 bytes, is the key's X9.31 signature of the message: s^e or n - s^e is the block. On a host without RSA none
 * is.
 * @param publicKey RSAPublicKey, 270 bytes
 */
export function verifyX931(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const crypto = nodeCrypto();
  const modulus = modulusOf(publicKey);
  if (crypto === undefined || !isBelow(signature, modulus)) return false;
  const block = x931Block(crypto.createHash("sha256").update(message).digest());
  const power = rawPublic(crypto, publicKey, signature);
  return power !== null && (equal(power, block) || integer(power) + integer(block) === integer(modulus));
}

/** signature^e mod n, 256 bytes; null if OpenSSL does not take n for a modulus. */
function rawPublic(crypto: NodeCrypto, publicKey: Uint8Array, signature: Uint8Array): Uint8Array | null {
  try {
    const key = crypto.createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "pkcs1" });
    return crypto.publicEncrypt({ key, padding: crypto.constants.RSA_NO_PADDING }, signature);
  } catch {
    return null;
  }
}

export interface RsaKeyPair {
  /** RSAPublicKey, 270 bytes. */
  readonly publicKey: Uint8Array;
  /** PKCS #8, for the caller to seal and to wipe. */
  readonly privateKey: Uint8Array;
}

/** A fresh RSA-2048 key with exponent 65537. Takes some hundred milliseconds. */
export function generateRsaKey(): RsaKeyPair {
  const keys = required().generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 0x10001 });
  return {
    publicKey: new Uint8Array(keys.publicKey.export({ format: "der", type: "pkcs1" })),
    privateKey: keys.privateKey.export({ format: "der", type: "pkcs8" }),
  };
}

/**
 * c^d mod n of each ciphertext, 256 bytes each, padding on: for the card, and then for the caller to wipe. A ciphertext that is none,
 * n or more, becomes zeros, which are no padding either.
 * @param privateKey PKCS #8
 */
export function decryptRaw({ publicKey, privateKey }: RsaKeyPair, ciphertexts: readonly Uint8Array[]): Uint8Array[] {
  const crypto = required();
  const modulus = modulusOf(publicKey);
  const der = Buffer.from(privateKey.buffer, privateKey.byteOffset, privateKey.length); // no copy
  const key = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return ciphertexts.map((ciphertext) => {
    if (!isBelow(ciphertext, modulus)) return new Uint8Array(modulus.length);
    return crypto.privateDecrypt({ key, padding: crypto.constants.RSA_NO_PADDING }, ciphertext);
  });
}

/** a < b, big-endian and of equal length. Public values only. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  return integer(a) < integer(b);
}

function integer(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}
