// RecipientInfo: one wrapped key part (ep11-wire.md 11.1, 11.2, 11.4). Strict DER; every byte but four fields is fixed.
//
//   EC, 313 bytes                                        RSA-2048, 316 bytes
//   SEQUENCE {                                           SEQUENCE {
//     INTEGER 3                                            INTEGER 2
//     [0] { [1] { SEQUENCE {                               [0] IMPLICIT OCTET STRING ski (32)
//       OID id-ecPublicKey, BIT STRING 04||X||Y } } }      rsaEncryption, NULL
//     [1] { OCTET STRING ukm (40) }                        OCTET STRING encryptedKey (256) }
//     SEQUENCE { stdDH-sha256kdf, { aes256-wrap, NULL } }
//     SEQUENCE { SEQUENCE { [0] { OCTET STRING ski (32) }, OCTET STRING encryptedKey (40) } } }
//
//   30820135 020103 A08198 A18195 308192 06072A8648CE3D0201 03818600 04..

import { concat, fromHex } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { elementSize, Reader, Tag, Writer } from "./der.ts";
import { KeyType } from "./ids.ts";
import { SKI_SIZE } from "./signer-info.ts";
import { POINT_SIZE, RSA_SIZE } from "./spki.ts";

/** Bytes of the user keying material. */
export const UKM_SIZE = 40;

/** Bytes of a wrapped 32-byte key part (RFC 3394). */
export const WRAPPED_KEY_SIZE = 40;

/** Key agreement: KeyAgreeRecipientInfo, simplified. */
export interface EcRecipientInfo {
  readonly keyType: typeof KeyType.P521;
  /** 04||X||Y, 133 bytes. */
  readonly originator: Uint8Array;
  /** 40 bytes. */
  readonly ukm: Uint8Array;
  /** 32 bytes. */
  readonly recipientSki: Uint8Array;
  /** 40 bytes. */
  readonly encryptedKey: Uint8Array;
}

/** Key transport: KeyTransRecipientInfo. */
export interface RsaRecipientInfo {
  readonly keyType: typeof KeyType.Rsa2048;
  /** 32 bytes. */
  readonly recipientSki: Uint8Array;
  /** 256 bytes. */
  readonly encryptedKey: Uint8Array;
}

export type RecipientInfo = EcRecipientInfo | RsaRecipientInfo;

const VERSION_3 = fromHex("020103");
const VERSION_2 = fromHex("020102");
const ORIGINATOR = fromHex("a08198a1819530819206072a8648ce3d020103818600");
const ALGORITHM = fromHex("301706062b8104010b01300d060960864801650304012d0500");
const RSA_ENCRYPTION = fromHex("300d06092a864886f70d0101010500");

/** Bytes of an EC RecipientInfo before recipientEncryptedKeys: version, originator, ukm, algorithm. */
const EC_FIXED_SIZE = 3 + 22 + POINT_SIZE + 44 + 25;
const RSA_FIXED_SIZE = 3 + 34 + 15;

/** The encrypted key's size that a key part of 32 bytes has. */
export function encryptedKeySize(keyType: KeyType): number {
  return keyType === KeyType.P521 ? WRAPPED_KEY_SIZE : RSA_SIZE;
}

/** The bytes of a RecipientInfo. @throws WireError if a field has the wrong size. */
export function encodeRecipientInfo(info: RecipientInfo): Uint8Array {
  want("recipientSki", info.recipientSki, SKI_SIZE);
  want("encryptedKey", info.encryptedKey, encryptedKeySize(info.keyType));
  return info.keyType === KeyType.P521 ? encodeEc(info) : encodeRsa(info);
}

function encodeEc(info: EcRecipientInfo): Uint8Array {
  want("originator", info.originator, POINT_SIZE);
  want("ukm", info.ukm, UKM_SIZE);
  const key = 36 + elementSize(info.encryptedKey.length);
  const size = EC_FIXED_SIZE + elementSize(elementSize(key));
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .raw(VERSION_3)
    .raw(ORIGINATOR)
    .raw(info.originator)
    .header(Tag.Explicit1, UKM_SIZE + 2)
    .octets(info.ukm)
    .raw(ALGORITHM)
    .header(Tag.Sequence, elementSize(key))
    .header(Tag.Sequence, key)
    .header(Tag.Explicit0, SKI_SIZE + 2)
    .octets(info.recipientSki)
    .octets(info.encryptedKey)
    .finish();
}

function encodeRsa(info: RsaRecipientInfo): Uint8Array {
  const size = RSA_FIXED_SIZE + elementSize(info.encryptedKey.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .raw(VERSION_2)
    .element(Tag.Context0, info.recipientSki)
    .raw(RSA_ENCRYPTION)
    .octets(info.encryptedKey)
    .finish();
}

/**
 * Reads a RecipientInfo. Views on `bytes`; whether the originator's point is on the curve is not checked.
 * @throws WireError if the structure or any size is wrong.
 */
export function decodeRecipientInfo(bytes: Uint8Array): RecipientInfo {
  const info = parseRecipientInfo(bytes);
  want("encryptedKey", info.encryptedKey, encryptedKeySize(info.keyType));
  return info;
}

/**
 * As {@link decodeRecipientInfo}, but the encrypted key may have any size: a unit has an own reason for that (24, after the
 * recipient's SKI was looked at) besides the one for the structure (23).
 */
export function parseRecipientInfo(bytes: Uint8Array): RecipientInfo {
  const outer = new Reader(bytes);
  const fields = outer.sequence("RecipientInfo");
  outer.end("RecipientInfo");
  const ec = fields.literal([VERSION_3, VERSION_2], "RecipientInfo version") === 0;
  const info = ec ? parseEc(fields) : parseRsa(fields);
  fields.end("RecipientInfo");
  return info;
}

function parseEc(fields: Reader): EcRecipientInfo {
  fields.literal([ORIGINATOR], "originator");
  const originator = fields.view(POINT_SIZE, "originator");
  const ukm = fields.enter(Tag.Explicit1, "ukm");
  const ukmBytes = ukm.octets("ukm", UKM_SIZE);
  ukm.end("ukm");
  fields.literal([ALGORITHM], "key encryption algorithm");
  const keys = fields.sequence("recipientEncryptedKeys");
  const key = keys.sequence("recipientEncryptedKey");
  keys.end("recipientEncryptedKeys");
  const identifier = key.enter(Tag.Explicit0, "recipientSki");
  const recipientSki = identifier.octets("recipientSki", SKI_SIZE);
  identifier.end("recipientSki");
  const encryptedKey = key.octets("encryptedKey");
  key.end("recipientEncryptedKey");
  return { keyType: KeyType.P521, originator, ukm: ukmBytes, recipientSki, encryptedKey };
}

function parseRsa(fields: Reader): RsaRecipientInfo {
  const recipientSki = fields.take(Tag.Context0, "recipientSki", SKI_SIZE);
  fields.literal([RSA_ENCRYPTION], "key encryption algorithm");
  return { keyType: KeyType.Rsa2048, recipientSki, encryptedKey: fields.octets("encryptedKey") };
}

const SHARED_INFO_PREFIX = fromHex("3043300d060960864801650304012d0500a02a0428");
const SHARED_INFO_SUFFIX = fromHex("a206040400000100");

/**
 * ECC-CMS-SharedInfo (RFC 3278, 8.2) for AES-256 wrap: what the X9.63 KDF takes besides Z and the counter, 69 bytes.
 * @param ukm 40 bytes
 */
export function encodeSharedInfo(ukm: Uint8Array): Uint8Array {
  want("ukm", ukm, UKM_SIZE);
  return concat(SHARED_INFO_PREFIX, ukm, SHARED_INFO_SUFFIX);
}

function want(field: string, bytes: Uint8Array, size: number): void {
  if (bytes.length !== size) throw new WireError(field, 0, `${size} bytes`, `${bytes.length}`);
}
