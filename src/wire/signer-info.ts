// SignerInfo: signatures on requests and on answers (ep11-wire.md 7 and 8). Several are concatenated with no outer SET.
//
//   SignerInfo ::= SEQUENCE { version INTEGER 3, ski [0] IMPLICIT OCTET STRING (32),
//                             digestAlgorithm, signatureAlgorithm AlgorithmIdentifier, signature OCTET STRING }
//
//   3081CF 020103 8020 6669..A1 300D0609608648016503040203 0500 300C06082A8648CE3D040304 0500 04818A 308187 0241.. 0242..
//
// P-521 signs with ECDSA and SHA-512; RSA-2048 with ANSI X9.31 and SHA-256 under the id of rsaEncryption.

import { fromHex } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { elementSize, Reader, Tag, Writer } from "./der.ts";
import { decodeEcdsaSignature, encodeEcdsaSignature } from "./ecdsa-signature.ts";
import { KeyType } from "./ids.ts";

/** Bytes of a subject key identifier. */
export const SKI_SIZE = 32;

/** Bytes of an RSA-2048 signature. */
export const RSA_SIGNATURE_SIZE = 256;

/** One signature and who made it. */
export interface SignerInfo {
  readonly keyType: KeyType;
  /** 32 bytes. */
  readonly ski: Uint8Array;
  /** P-521: r || s, 132 bytes. RSA-2048: 256 bytes. */
  readonly signature: Uint8Array;
}

const VERSION_3 = fromHex("020103");

/** AlgorithmIdentifiers, each with its NULL parameter first, which we write, and without it, which units accept too. */
const SHA256 = [fromHex("300d06096086480165030402010500"), fromHex("300b0609608648016503040201")] as const;
const SHA512 = [fromHex("300d06096086480165030402030500"), fromHex("300b0609608648016503040203")] as const;
const RSA_ENCRYPTION = [fromHex("300d06092a864886f70d0101010500"), fromHex("300b06092a864886f70d010101")] as const;
const ECDSA_SHA512 = [fromHex("300c06082a8648ce3d0403040500"), fromHex("300a06082a8648ce3d040304")] as const;
const DIGESTS = [...SHA512, ...SHA256];
const SIGNATURES = [...ECDSA_SHA512, ...RSA_ENCRYPTION];

const ECDSA_SHA512_OID = fromHex("06082a8648ce3d040304");

/** Bytes before the signature's OCTET STRING: version, SKI, algorithms. */
const EC_FIXED_SIZE = 3 + 34 + 15 + 14;
const RSA_FIXED_SIZE = 3 + 34 + 15 + 15;

/** The bytes of a SignerInfo, as administrators write it. */
export function encodeSignerInfo(info: SignerInfo): Uint8Array {
  const ec = info.keyType === KeyType.P521;
  if (info.ski.length !== SKI_SIZE) throw new WireError("ski", 0, "32 bytes", `${info.ski.length}`);
  if (!ec && info.signature.length !== RSA_SIGNATURE_SIZE) {
    throw new WireError("signature", 0, "256 bytes", `${info.signature.length}`);
  }
  const signature = ec ? encodeEcdsaSignature(info.signature) : info.signature;
  const size = (ec ? EC_FIXED_SIZE : RSA_FIXED_SIZE) + elementSize(signature.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .raw(VERSION_3)
    .element(Tag.Context0, info.ski)
    .raw(ec ? SHA512[0] : SHA256[0])
    .raw(ec ? ECDSA_SHA512[0] : RSA_ENCRYPTION[0])
    .octets(signature)
    .finish();
}

/** The SignerInfos one after the other: the signatures of an xcpAdminReq. */
export function encodeSignerInfos(infos: readonly SignerInfo[]): Uint8Array {
  const encoded = infos.map(encodeSignerInfo);
  const writer = new Writer(encoded.reduce((size, bytes) => size + bytes.length, 0));
  for (const bytes of encoded) writer.raw(bytes);
  return writer.finish();
}

/**
 * Reads the signatures of an xcpAdminReq: strict DER, except that algorithm parameters may be missing; what it accepts
 * encodes to the same bytes with the NULLs in place. SKIs and RSA signatures are views on `bytes`.
 * @throws WireError if one of them is malformed, has unknown algorithms, or a signature of an impossible size: 193/22.
 */
export function decodeSignerInfos(bytes: Uint8Array): SignerInfo[] {
  const reader = new Reader(bytes);
  const infos: SignerInfo[] = [];
  while (reader.more) infos.push(readSignerInfo(reader));
  return infos;
}

/** How many SignerInfos `bytes` holds, by their outermost headers alone; undefined if these do not fit. */
export function countSignerInfos(bytes: Uint8Array): number | undefined {
  const reader = new Reader(bytes);
  let count = 0;
  try {
    for (; reader.more; count++) reader.raw(Tag.Sequence, "SignerInfo");
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  return count;
}

function readSignerInfo(reader: Reader): SignerInfo {
  const fields = reader.sequence("SignerInfo");
  fields.literal([VERSION_3], "SignerInfo version");
  const ski = fields.take(Tag.Context0, "SignerInfo ski", SKI_SIZE);
  const start = fields.offset;
  const ec = fields.literal(DIGESTS, "digest algorithm") < 2;
  if (fields.literal(SIGNATURES, "signature algorithm") < 2 !== ec) {
    throw new WireError("SignerInfo", start, "SHA-512 with ECDSA or SHA-256 with RSA", "another pair");
  }
  const content = fields.octets("signature", ec ? -1 : RSA_SIGNATURE_SIZE);
  fields.end("SignerInfo");
  if (!ec) return { keyType: KeyType.Rsa2048, ski, signature: content };
  return { keyType: KeyType.P521, ski, signature: decodeEcdsaSignature(content) };
}

/**
 * A module's signature on an answer, as EP11 units write it: the SEQUENCE and the signature with two-byte lengths.
 * @param ski the OA key's, 32 bytes
 * @param signature r || s, 132 bytes
 */
export function encodeOaSignerInfo(ski: Uint8Array, signature: Uint8Array): Uint8Array {
  if (ski.length !== SKI_SIZE) throw new WireError("ski", 0, "32 bytes", `${ski.length}`);
  const der = encodeEcdsaSignature(signature);
  const size = EC_FIXED_SIZE + 4 + der.length;
  const writer = new Writer(4 + size);
  longHeader(writer, Tag.Sequence, size).raw(VERSION_3).element(Tag.Context0, ski).raw(SHA512[0]).raw(ECDSA_SHA512[0]);
  return longHeader(writer, Tag.OctetString, der.length).raw(der).finish();
}

function longHeader(writer: Writer, tag: number, length: number): Writer {
  return writer.raw(Uint8Array.of(tag, 0x82, length >>> 8, length));
}

/** A module's signature on an answer. */
export interface OaSignature {
  /** The key's identifier as the module wrote it; nothing depends on it. */
  readonly ski: Uint8Array;
  /** r || s, 132 bytes. */
  readonly signature: Uint8Array;
}

/**
 * The ecdsa-with-SHA512 signature of an answer: any definite lengths, algorithm parameters not looked at, r and s with leading
 * zeros allowed. A CEX8 module adds a Dilithium signature; it must come second, since IBM's client cannot step over a first
 * one either, and it is not read.
 * @throws WireError if there is none or the first SignerInfo is malformed.
 */
export function decodeOaSignature(signatures: Uint8Array): OaSignature {
  const fields = new Reader(signatures, "ber").sequence("OA SignerInfo");
  fields.take(Tag.Integer, "SignerInfo version", 1);
  const ski = fields.take(Tag.Context0, "SignerInfo ski", SKI_SIZE);
  fields.sequence("digest algorithm").take(Tag.Oid, "digest algorithm");
  fields.sequence("signature algorithm").literal([ECDSA_SHA512_OID], "signature algorithm");
  const content = fields.octets("signature");
  fields.end("OA SignerInfo");
  return { ski, signature: decodeEcdsaSignature(content, "ber") };
}
