// Administrator certificates: X.509 v3 of one shape (ep11-wire.md 10.5, 12; RFC 5280). Strict DER.
//
//   Certificate ::= SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }
//   tbs ::= SEQUENCE { [0] { INTEGER 2 }, serial INTEGER, AlgorithmIdentifier, issuer, validity, subject, spki,
//                      [3] { SEQUENCE { SEQUENCE { 2.5.29.14, OCTET STRING { OCTET STRING ski (32) } } } } }
//   issuer, subject ::= SEQUENCE { SET { SEQUENCE { 2.5.4.11, unit } }, SET { SEQUENCE { 2.5.4.3, name } } }  -- PrintableStrings
//   validity ::= SEQUENCE { GeneralizedTime, GeneralizedTime }
//
//   30820233 30820195 A003020102 020100 300A06082A8648CE3D040304 3046 311B3019 0603 55040B 1312 "TKE Administration" ...
//
// Self-signatures are never checked: IBM's client makes wrong ones for RSA keys and with a signing service (12.3).

import { concat, fromHex } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { elementSize, Reader, Tag, Writer } from "./der.ts";
import { encodeEcdsaSignature } from "./ecdsa-signature.ts";
import { KeyType } from "./ids.ts";
import { RSA_SIGNATURE_SIZE, SKI_SIZE } from "./signer-info.ts";
import { decodeSpki, encodeSpki, keyTypeOfSpki, type PublicKey } from "./spki.ts";

/** Bytes of the name in a certificate, padded with blanks; longer names are refused. */
export const MAX_NAME_SIZE = 30;

/** Bytes of the longest certificate a unit takes. */
export const MAX_ADMIN_CERTIFICATE_SIZE = 12288;

/** The organizational unit of every certificate made by a TKE. */
export const TKE_UNIT = "TKE Administration";

/** A name's two relative distinguished names, each the content of its PrintableString. */
export interface DistinguishedName {
  readonly organizationalUnit: Uint8Array;
  readonly commonName: Uint8Array;
}

/** What is to be signed. */
export interface AdminTbs {
  /** Big-endian magnitude, at most 8 bytes; empty for 0. */
  readonly serial: Uint8Array;
  /** AlgorithmIdentifier, whole element. */
  readonly algorithm: Uint8Array;
  readonly issuer: DistinguishedName;
  /** 15 characters, YYYYMMDDHHMMSSZ. */
  readonly notBefore: Uint8Array;
  readonly notAfter: Uint8Array;
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo, whole element, of any kind of key. */
  readonly spki: Uint8Array;
  /** Of the subject key identifier extension: 32 bytes. */
  readonly ski: Uint8Array;
}

export interface AdminCertificate {
  readonly tbs: AdminTbs;
  /** AlgorithmIdentifier, whole element. */
  readonly algorithm: Uint8Array;
  /** Content of the BIT STRING after its unused-bits octet, which is 0. */
  readonly signature: Uint8Array;
}

const VERSION_3 = fromHex("a003020102");
const ECDSA_SHA512 = fromHex("300a06082a8648ce3d040304");
const SHA256_RSA = fromHex("300b06092a864886f70d01010b");
const ORGANIZATIONAL_UNIT = fromHex("060355040b");
const COMMON_NAME = fromHex("0603550403");
const SUBJECT_KEY_IDENTIFIER = fromHex("0603551d0e");
const TIME_SIZE = 15;
const EXTENSION_SIZE = SUBJECT_KEY_IDENTIFIER.length + 4 + SKI_SIZE;

const text = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NOT_BEFORE = text.encode("20000101000000Z");
const NOT_AFTER = text.encode("21001231235959Z");

/**
 * The TBS of a certificate as a TKE makes it.
 * @param name at most 30 bytes of UTF-8; blanks at the ends are lost
 * @param ski SHA-256 of `key.publicKey`, 32 bytes
 * @throws WireError if the name is too long or the key malformed.
 */
export function encodeAdminTbs(name: string, key: PublicKey, ski: Uint8Array): Uint8Array {
  const commonName = paddedName(name);
  const distinguishedName = { organizationalUnit: text.encode(TKE_UNIT), commonName };
  if (ski.length !== SKI_SIZE) throw new WireError("ski", 0, "32 bytes", `${ski.length}`);
  return encodeTbs({
    serial: new Uint8Array(0),
    algorithm: algorithmOf(key.keyType),
    issuer: distinguishedName,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    subject: distinguishedName,
    spki: encodeSpki(key),
    ski,
  });
}

/**
 * The certificate of a TBS.
 * @param signature P-521: r || s, 132 bytes; RSA-2048: 256 bytes
 */
export function attachAdminSignature(tbs: Uint8Array, keyType: KeyType, signature: Uint8Array): Uint8Array {
  if (keyType === KeyType.P521) return encodeCertificate(tbs, ECDSA_SHA512, encodeEcdsaSignature(signature));
  if (signature.length !== RSA_SIGNATURE_SIZE) throw new WireError("signature", 0, "256 bytes", `${signature.length}`);
  return encodeCertificate(tbs, SHA256_RSA, signature);
}

/** As {@link attachAdminSignature} for P-521, with the signature in DER, as a signing service returns it: put in unchanged. */
export function attachDerSignature(tbs: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCertificate(tbs, ECDSA_SHA512, signature);
}

/** The bytes of a certificate: the inverse of {@link decodeAdminCertificate}. */
export function encodeAdminCertificate(certificate: AdminCertificate): Uint8Array {
  return encodeCertificate(encodeTbs(certificate.tbs), certificate.algorithm, certificate.signature);
}

/**
 * Reads a certificate with a key of any kind: {@link adminKeyOf}. Views on `bytes`.
 * @throws WireError if it is not X.509 of the shape above: 32/40.
 */
export function decodeAdminCertificate(bytes: Uint8Array): AdminCertificate {
  const outer = new Reader(bytes);
  const fields = outer.sequence("certificate");
  outer.end("certificate");
  const tbs = readTbs(fields.sequence("tbsCertificate"));
  const algorithm = readAlgorithm(fields);
  const bits = fields.take(Tag.BitString, "signature");
  if (bits[0] !== 0) throw new WireError("signature", fields.offset - bits.length, "0 unused bits", "another number");
  fields.end("certificate");
  return { tbs, algorithm, signature: bits.subarray(1) };
}

/** The administrator's key; undefined if it is neither P-521 nor RSA-2048 (32/138). Its SKI is for the caller to compare. */
export function adminKeyOf(certificate: AdminCertificate): PublicKey | undefined {
  const { spki } = certificate.tbs;
  return keyTypeOfSpki(spki) === undefined ? undefined : decodeSpki(spki);
}

/** The administrator's name: the issuer's common name without blanks at its ends. */
export function adminNameOf(certificate: AdminCertificate): string {
  return decoder.decode(certificate.tbs.issuer.commonName).replace(/^ +| +$/g, "");
}

/** Whether a TKE made the certificate. */
export function isTkeCertificate(certificate: AdminCertificate): boolean {
  return decoder.decode(certificate.tbs.issuer.organizationalUnit).includes(TKE_UNIT);
}

function paddedName(name: string): Uint8Array {
  const bytes = text.encode(name);
  if (bytes.length > MAX_NAME_SIZE)
    throw new WireError("administrator name", 0, "30 bytes or fewer", `${bytes.length}`);
  const padded = new Uint8Array(MAX_NAME_SIZE).fill(0x20);
  padded.set(bytes);
  return padded;
}

function algorithmOf(keyType: KeyType): Uint8Array {
  return keyType === KeyType.P521 ? ECDSA_SHA512 : SHA256_RSA;
}

function encodeCertificate(tbs: Uint8Array, algorithm: Uint8Array, signature: Uint8Array): Uint8Array {
  const size = tbs.length + algorithm.length + elementSize(1 + signature.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .raw(tbs)
    .raw(algorithm)
    .header(Tag.BitString, 1 + signature.length)
    .byte(0)
    .raw(signature)
    .finish();
}

function encodeTbs(tbs: AdminTbs): Uint8Array {
  const content = concat(
    VERSION_3,
    unsigned(tbs.serial),
    tbs.algorithm,
    encodeName(tbs.issuer),
    sequence(element(Tag.GeneralizedTime, tbs.notBefore), element(Tag.GeneralizedTime, tbs.notAfter)),
    encodeName(tbs.subject),
    tbs.spki,
    encodeExtension(tbs.ski),
  );
  return sequence(content);
}

function encodeExtension(ski: Uint8Array): Uint8Array {
  return new Writer(EXTENSION_SIZE + 6)
    .header(Tag.Explicit3, EXTENSION_SIZE + 4)
    .header(Tag.Sequence, EXTENSION_SIZE + 2)
    .header(Tag.Sequence, EXTENSION_SIZE)
    .raw(SUBJECT_KEY_IDENTIFIER)
    .header(Tag.OctetString, SKI_SIZE + 2)
    .octets(ski)
    .finish();
}

function encodeName(name: DistinguishedName): Uint8Array {
  const rdn = (type: Uint8Array, value: Uint8Array): Uint8Array =>
    element(Tag.Set, sequence(type, element(Tag.PrintableString, value)));
  return sequence(rdn(ORGANIZATIONAL_UNIT, name.organizationalUnit), rdn(COMMON_NAME, name.commonName));
}

function sequence(...content: readonly Uint8Array[]): Uint8Array {
  return element(Tag.Sequence, concat(...content));
}

function element(tag: number, content: Uint8Array): Uint8Array {
  return new Writer(elementSize(content.length)).element(tag, content).finish();
}

function unsigned(magnitude: Uint8Array): Uint8Array {
  const sign = magnitude.length === 0 || magnitude[0]! >= 0x80 ? [0] : [];
  return element(Tag.Integer, Uint8Array.of(...sign, ...magnitude));
}

function readTbs(fields: Reader): AdminTbs {
  fields.literal([VERSION_3], "certificate version");
  const serial = fields.unsigned("serial");
  if (serial.length > 8) throw new WireError("serial", fields.offset, "64 bits or fewer", `${serial.length} bytes`);
  const algorithm = readAlgorithm(fields);
  const issuer = readName(fields, "issuer");
  const validity = fields.sequence("validity");
  const notBefore = validity.take(Tag.GeneralizedTime, "notBefore", TIME_SIZE);
  const notAfter = validity.take(Tag.GeneralizedTime, "notAfter", TIME_SIZE);
  validity.end("validity");
  const subject = readName(fields, "subject");
  const spki = fields.raw(Tag.Sequence, "subjectPublicKeyInfo");
  checkSpkiShape(spki);
  const ski = readExtension(fields);
  fields.end("tbsCertificate");
  return { serial, algorithm, issuer, notBefore, notAfter, subject, spki, ski };
}

function readAlgorithm(fields: Reader): Uint8Array {
  const algorithm = fields.raw(Tag.Sequence, "algorithm");
  new Reader(algorithm).sequence("algorithm").take(Tag.Oid, "algorithm");
  return algorithm;
}

function readName(fields: Reader, field: string): DistinguishedName {
  const name = fields.sequence(field);
  const organizationalUnit = readRdn(name, ORGANIZATIONAL_UNIT, field);
  const commonName = readRdn(name, COMMON_NAME, field);
  name.end(field);
  return { organizationalUnit, commonName };
}

function readRdn(name: Reader, type: Uint8Array, field: string): Uint8Array {
  const set = name.enter(Tag.Set, field);
  const attribute = set.sequence(field);
  set.end(field);
  attribute.literal([type], field);
  const value = attribute.take(Tag.PrintableString, field);
  attribute.end(field);
  return value;
}

/** A SEQUENCE of an algorithm and a BIT STRING, whatever the kind of key. */
function checkSpkiShape(spki: Uint8Array): void {
  const fields = new Reader(spki).sequence("subjectPublicKeyInfo");
  readAlgorithm(fields);
  fields.take(Tag.BitString, "subjectPublicKey");
  fields.end("subjectPublicKeyInfo");
}

function readExtension(fields: Reader): Uint8Array {
  const wrapper = fields.enter(Tag.Explicit3, "extensions");
  const list = wrapper.sequence("extensions");
  wrapper.end("extensions");
  const extension = list.sequence("extension");
  list.end("extensions");
  extension.literal([SUBJECT_KEY_IDENTIFIER], "extension");
  const value = new Reader(extension.octets("extension", SKI_SIZE + 2));
  extension.end("extension");
  return value.octets("subjectKeyIdentifier", SKI_SIZE);
}
