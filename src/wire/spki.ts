// SubjectPublicKeyInfo of the two key types (ep11-wire.md 10.10; RFC 5480, RFC 8017).
//
//   P-521, 158 bytes:  30819B 3010 06072A8648CE3D0201 06052B81040023 03818600 04||X||Y
//   RSA,   294 bytes:  30820122 300D06092A864886F70D0101010500 0382010F00 RSAPublicKey
//                      RSAPublicKey, 270 bytes: 3082010A 0282010100 n(256) 0203010001

import { concat, fromHex } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { KeyType } from "./ids.ts";

/** Bytes of an uncompressed P-521 point, 04||X||Y. */
export const POINT_SIZE = 133;

/** Bytes of an RSA-2048 modulus. */
export const RSA_SIZE = 256;

/** Bytes of the DER RSAPublicKey of a 2048-bit modulus and exponent 65537. */
export const RSA_PUBLIC_KEY_SIZE = 270;

/** Bytes of the two encodings. */
export const P521_SPKI_SIZE = 158;
export const RSA_SPKI_SIZE = 294;

const P521_PREFIX = fromHex("30819b301006072a8648ce3d020106052b8104002303818600");
const RSA_PREFIX = fromHex("30820122300d06092a864886f70d01010105000382010f00");
const RSA_KEY_PREFIX = fromHex("3082010a0282010100");
const EXPONENT_65537 = fromHex("0203010001");

/** A public key. SKIs are hashes of `publicKey`. */
export interface PublicKey {
  readonly keyType: KeyType;
  /** P-521: 04||X||Y, 133 bytes. RSA-2048: the DER RSAPublicKey, 270 bytes. */
  readonly publicKey: Uint8Array;
}

/** The SubjectPublicKeyInfo of a key. */
export function encodeSpki(key: PublicKey): Uint8Array {
  checkPublicKey(key.keyType, key.publicKey, 0);
  return concat(key.keyType === KeyType.P521 ? P521_PREFIX : RSA_PREFIX, key.publicKey);
}

/**
 * Reads a SubjectPublicKeyInfo. The key is a view on `bytes`; whether a point is on the curve is not checked.
 * @throws WireError unless it is a P-521 key, uncompressed, or an RSA-2048 key with exponent 65537.
 */
export function decodeSpki(bytes: Uint8Array): PublicKey {
  const keyType = keyTypeOfSpki(bytes);
  if (keyType === undefined) {
    throw new WireError("SubjectPublicKeyInfo", 0, "a P-521 or RSA-2048 key", `${bytes.length} other bytes`);
  }
  return { keyType, publicKey: bytes.subarray(keyType === KeyType.P521 ? P521_PREFIX.length : RSA_PREFIX.length) };
}

/** The type of the key in a SubjectPublicKeyInfo; undefined for any key we cannot use. */
export function keyTypeOfSpki(bytes: Uint8Array): KeyType | undefined {
  if (bytes.length === P521_SPKI_SIZE && startsWith(bytes, P521_PREFIX, 0) && bytes[25] === 4) return KeyType.P521;
  const rsa = bytes.length === RSA_SPKI_SIZE && startsWith(bytes, RSA_PREFIX, 0);
  return rsa && isRsaPublicKey(bytes.subarray(RSA_PREFIX.length)) ? KeyType.Rsa2048 : undefined;
}

/** The type of a {@link PublicKey} by its size. */
export function keyTypeOf(publicKey: Uint8Array): KeyType {
  return publicKey.length === POINT_SIZE ? KeyType.P521 : KeyType.Rsa2048;
}

/** The RSAPublicKey of a 2048-bit modulus (256 bytes, top bit set) and exponent 65537. */
export function encodeRsaPublicKey(modulus: Uint8Array): Uint8Array {
  const key = concat(RSA_KEY_PREFIX, modulus, EXPONENT_65537);
  checkPublicKey(KeyType.Rsa2048, key, 0);
  return key;
}

/** The modulus, a view of 256 bytes, of an RSAPublicKey with exponent 65537. */
export function modulusOf(publicKey: Uint8Array): Uint8Array {
  checkPublicKey(KeyType.Rsa2048, publicKey, 0);
  return publicKey.subarray(RSA_KEY_PREFIX.length, RSA_KEY_PREFIX.length + RSA_SIZE);
}

/** @throws WireError unless `publicKey` has the form of its type. */
function checkPublicKey(keyType: KeyType, publicKey: Uint8Array, offset: number): void {
  if (keyType === KeyType.P521) {
    if (publicKey.length === POINT_SIZE && publicKey[0] === 4) return;
    throw new WireError("public key", offset, "133 bytes starting with 04", `${publicKey.length} bytes`);
  }
  if (isRsaPublicKey(publicKey)) return;
  throw new WireError("public key", offset, "an RSA-2048 key with exponent 65537", `${publicKey.length} bytes`);
}

function isRsaPublicKey(key: Uint8Array): boolean {
  return (
    key.length === RSA_PUBLIC_KEY_SIZE &&
    startsWith(key, RSA_KEY_PREFIX, 0) &&
    key[RSA_KEY_PREFIX.length]! >= 0x80 &&
    startsWith(key, EXPONENT_65537, RSA_KEY_PREFIX.length + RSA_SIZE)
  );
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array, at: number): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}
