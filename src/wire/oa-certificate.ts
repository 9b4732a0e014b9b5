// Device (OA) certificates in the OA2 layout of CEX6P and CEX7P (ep11-wire.md 9.2). Five sections after a 32-byte header, each
// followed by its pad, which its length leaves out:
//
//   header 32          45 00 00 05, byte count u32, lengths of the five sections u32 each, zero u32
//   info 4 + 4         algorithm id u32
//   metadata L1 + 3    SEQUENCE of OCTET STRINGs; L1 = 173 + n, n the length of the OA info
//   auxiliary 83 + 5   absent if its length is 0, and then without a pad
//   SPKI 158 + 2       P-521
//   signer info 207 + 1   over everything before it; r and s 66 bytes each, leading zeros kept
//
// IBM's client slices at these offsets and checks none of the DER between them, which is a reconstruction: so does this decoder,
// since real modules may differ there. What it accepts encodes to the canonical form, which is what our own modules have.

import { concat, fromHex, readU32, writeU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { RAW_SIGNATURE_SIZE } from "./ecdsa-signature.ts";
import { KeyType } from "./ids.ts";
import { SKI_SIZE } from "./signer-info.ts";
import { encodeSpki, P521_SPKI_SIZE, POINT_SIZE } from "./spki.ts";

/** The signed part of a certificate. */
export interface OaCertificateBody {
  /** u32 each. */
  readonly algorithmId: number;
  readonly objectVersion: number;
  /** Bytes. */
  readonly rootCa: number;
  readonly trustBits: number;
  readonly issuingSegment: number;
  readonly subjectSegment: number;
  /** 8, 12 and 32 bytes. */
  readonly adapterType: Uint8Array;
  readonly adapterId: Uint8Array;
  readonly sourceConfiguration: Uint8Array;
  /** u32 each. */
  readonly creationBoot: number;
  readonly keyKind: number;
  /** 32 bytes each. */
  readonly subjectSki: Uint8Array;
  readonly signerSki: Uint8Array;
  /** 16 bytes. */
  readonly signingTime: Uint8Array;
  /** At most 85 bytes: 80 in certificates made by segment 3, none in those made by miniboot. */
  readonly oaInfo: Uint8Array;
  readonly auxiliary: OaAuxiliary | undefined;
  /** 04||X||Y, 133 bytes. */
  readonly publicKey: Uint8Array;
}

/** The auxiliary section. */
export interface OaAuxiliary {
  readonly version: number;
  /** 64 bytes. */
  readonly segmentHash: Uint8Array;
  /** u32 each. */
  readonly owner2: number;
  readonly owner3: number;
}

export interface OaCertificate extends OaCertificateBody {
  /** The bytes that are signed. */
  readonly body: Uint8Array;
  /** r || s, 132 bytes. */
  readonly signature: Uint8Array;
}

/** Return code and reason code for an index past the end of the chain: it tells a client that the chain is complete. */
export const END_OF_CHAIN = { returnCode: 96, reasonCode: 60 } as const;

const MAGIC = 0x45;
const HEADER_SIZE = 32;
const INFO_SIZE = 4;
const METADATA_FIXED_SIZE = 173;
const AUXILIARY_SIZE = 83;
const SIGNER_SIZE = 207;
const Pad = { Info: 4, Metadata: 3, Auxiliary: 5, Spki: 2, Signer: 1 } as const;
const MAX_OA_INFO = 85;

/** Total lengths of the CEX8 format, which has another layout. */
const CEX8_SIZES: readonly number[] = [7973, 7810];

const SPKI_POINT = P521_SPKI_SIZE - POINT_SIZE;
const SIGNER_HEAD = fromHex("3081cc0201038020");
const SIGNER_ALGORITHMS = fromHex("300b0609608648016503040203300a06082a8648ce3d04030404818b3081880242");

/** The bytes to be signed. @throws WireError if a field has the wrong size. */
export function encodeOaBody(body: OaCertificateBody): Uint8Array {
  const metadata = metadataOf(body);
  const auxiliary = body.auxiliary === undefined ? [] : [auxiliaryOf(body.auxiliary), new Uint8Array(Pad.Auxiliary)];
  const sections = concat(
    ...[infoOf(body.algorithmId), metadata, new Uint8Array(Pad.Metadata)],
    ...auxiliary,
    ...[encodeSpki({ keyType: KeyType.P521, publicKey: body.publicKey }), new Uint8Array(Pad.Spki)],
  );
  const header = new Uint8Array(HEADER_SIZE);
  header.set([MAGIC, 0, 0, 5]);
  const total = HEADER_SIZE + sections.length + SIGNER_SIZE + Pad.Signer;
  const auxiliarySize = body.auxiliary === undefined ? 0 : AUXILIARY_SIZE;
  [total, INFO_SIZE, metadata.length, auxiliarySize, P521_SPKI_SIZE, SIGNER_SIZE].forEach((value, i) => {
    writeU32(header, 4 + 4 * i, value);
  });
  return concat(header, sections);
}

/**
 * The certificate: a body and its signer info.
 * @param body from {@link encodeOaBody}
 * @param signerSki the parent key's, 32 bytes
 * @param signature the parent key's over `body`: r || s, 132 bytes
 */
export function attachOaSignature(body: Uint8Array, signerSki: Uint8Array, signature: Uint8Array): Uint8Array {
  want("signer ski", signerSki, SKI_SIZE);
  want("signature", signature, RAW_SIGNATURE_SIZE);
  const [r, s] = [signature.subarray(0, 66), signature.subarray(66)];
  return concat(body, SIGNER_HEAD, signerSki, SIGNER_ALGORITHMS, r, Uint8Array.of(0x02, 0x42), s, new Uint8Array(1));
}

/**
 * Reads a certificate. All but the signature are views on `bytes`. SKIs and signature are not checked, nor is the point.
 * @throws WireError if it is in another format, or a section is missing or has an impossible length.
 */
export function decodeOaCertificate(bytes: Uint8Array): OaCertificate {
  const at = sectionsOf(bytes);
  const auxiliary = at.auxiliary === undefined ? undefined : readAuxiliary(bytes, at.auxiliary);
  const s = at.signer;
  return {
    ...readMetadata(bytes.subarray(at.metadata, at.metadataEnd)),
    algorithmId: readU32(bytes, HEADER_SIZE),
    auxiliary,
    publicKey: bytes.subarray(at.spki + SPKI_POINT, at.spki + P521_SPKI_SIZE),
    body: bytes.subarray(0, s),
    signature: concat(bytes.subarray(s + 73, s + 139), bytes.subarray(s + 141, s + 207)),
  };
}

/**
 * The 133 bytes 04||X||Y of a module's OA public key as workstation files hold it: these bytes, or a CEX5 structure with the
 * point's length at 24..25 and the point from 26 on.
 * @throws WireError for anything else.
 */
export function decodeOaPublicKey(bytes: Uint8Array): Uint8Array {
  const cex5 = bytes.length >= 26 + POINT_SIZE && bytes[24] === 0 && bytes[25] === POINT_SIZE;
  const point = cex5 ? bytes.subarray(26, 26 + POINT_SIZE) : bytes;
  if (point.length !== POINT_SIZE || point[0] !== 4) {
    throw new WireError("OA public key", 0, "133 bytes starting with 04", `${bytes.length} bytes`);
  }
  return point;
}

interface Sections {
  readonly metadata: number;
  readonly metadataEnd: number;
  readonly auxiliary: number | undefined;
  readonly spki: number;
  readonly signer: number;
}

/** Offsets of the sections, from the lengths in the header. */
function sectionsOf(bytes: Uint8Array): Sections {
  if (CEX8_SIZES.includes(bytes.length)) throw new WireError("OA certificate", 0, "the OA2 format", "the CEX8 format");
  if (bytes.length < HEADER_SIZE) throw new WireError("OA certificate", 0, "a header of 32 bytes", `${bytes.length}`);
  if (bytes[0] !== MAGIC) throw new WireError("OA certificate", 0, "the OA2 format (45)", "another format");
  const metadata = readU32(bytes, 12);
  const auxiliary = readU32(bytes, 16);
  wantSize("info length", 8, readU32(bytes, 8), INFO_SIZE);
  if (metadata < METADATA_FIXED_SIZE || metadata > METADATA_FIXED_SIZE + 255) {
    throw new WireError("metadata length", 12, "173 to 428", `${metadata}`);
  }
  if (auxiliary !== 0) wantSize("auxiliary length", 16, auxiliary, AUXILIARY_SIZE);
  wantSize("SPKI length", 20, readU32(bytes, 20), P521_SPKI_SIZE);
  wantSize("signer info length", 24, readU32(bytes, 24), SIGNER_SIZE);
  const atMetadata = HEADER_SIZE + INFO_SIZE + Pad.Info;
  const atAuxiliary = atMetadata + metadata + Pad.Metadata;
  const atSpki = auxiliary === 0 ? atAuxiliary : atAuxiliary + AUXILIARY_SIZE + Pad.Auxiliary;
  const atSigner = atSpki + P521_SPKI_SIZE + Pad.Spki;
  wantSize("OA certificate length", 0, bytes.length, atSigner + SIGNER_SIZE + Pad.Signer);
  const oaInfo = bytes[atMetadata + METADATA_FIXED_SIZE - 1]!;
  wantSize("OA info length", atMetadata + METADATA_FIXED_SIZE - 1, oaInfo, metadata - METADATA_FIXED_SIZE);
  if (bytes[atSpki + SPKI_POINT] !== 4)
    throw new WireError("SPKI", atSpki + SPKI_POINT, "an uncompressed point", "another");
  return {
    metadata: atMetadata,
    metadataEnd: atMetadata + metadata,
    auxiliary: auxiliary === 0 ? undefined : atAuxiliary,
    spki: atSpki,
    signer: atSigner,
  };
}

function wantSize(field: string, offset: number, got: number, size: number): void {
  if (got !== size) throw new WireError(field, offset, `${size}`, `${got}`);
}

function want(field: string, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw new WireError(field, 0, `${size} bytes`, `${bytes.length}`);
  return bytes;
}

function infoOf(algorithmId: number): Uint8Array {
  const info = new Uint8Array(INFO_SIZE + Pad.Info);
  writeU32(info, 0, algorithmId);
  return info;
}

function metadataOf(body: OaCertificateBody): Uint8Array {
  const { oaInfo } = body;
  if (oaInfo.length > MAX_OA_INFO) throw new WireError("OA info", 0, "85 bytes or fewer", `${oaInfo.length}`);
  const bytes = new Uint8Array(METADATA_FIXED_SIZE + oaInfo.length);
  bytes.set([0x30, 0x81, METADATA_FIXED_SIZE - 3 + oaInfo.length, 0x04, 0x04]);
  writeU32(bytes, 5, body.objectVersion);
  bytes.set([0x04, 0x04, body.rootCa, body.trustBits, body.issuingSegment, body.subjectSegment], 9);
  bytes.set([0x04, 0x08, ...want("adapter type", body.adapterType, 8)], 15);
  bytes.set([0x04, 0x0c, ...want("adapter id", body.adapterId, 12)], 25);
  bytes.set([0x04, 0x20, ...want("source configuration", body.sourceConfiguration, 32)], 39);
  bytes.set([0x04, 0x04], 73);
  writeU32(bytes, 75, body.creationBoot);
  bytes.set([0x04, 0x04], 79);
  writeU32(bytes, 81, body.keyKind);
  bytes.set([0x04, 0x20, ...want("subject ski", body.subjectSki, SKI_SIZE)], 85);
  bytes.set([0x04, 0x20, ...want("signer ski", body.signerSki, SKI_SIZE)], 119);
  bytes.set([0x04, 0x10, ...want("signing time", body.signingTime, 16)], 153);
  bytes.set([0x04, oaInfo.length, ...oaInfo], 171);
  return bytes;
}

function readMetadata(m: Uint8Array): Omit<OaCertificateBody, "algorithmId" | "auxiliary" | "publicKey"> {
  return {
    objectVersion: readU32(m, 5),
    rootCa: m[11]!,
    trustBits: m[12]!,
    issuingSegment: m[13]!,
    subjectSegment: m[14]!,
    adapterType: m.subarray(17, 25),
    adapterId: m.subarray(27, 39),
    sourceConfiguration: m.subarray(41, 73),
    creationBoot: readU32(m, 75),
    keyKind: readU32(m, 81),
    subjectSki: m.subarray(87, 119),
    signerSki: m.subarray(121, 153),
    signingTime: m.subarray(155, 171),
    oaInfo: m.subarray(173),
  };
}

function auxiliaryOf(auxiliary: OaAuxiliary): Uint8Array {
  const bytes = new Uint8Array(AUXILIARY_SIZE);
  bytes.set([0x30, 0x51, 0x02, 0x01, auxiliary.version, 0x04, 0x40]);
  bytes.set(want("segment hash", auxiliary.segmentHash, 64), 7);
  bytes.set([0x04, 0x04], 71);
  writeU32(bytes, 73, auxiliary.owner2);
  bytes.set([0x04, 0x04], 77);
  writeU32(bytes, 79, auxiliary.owner3);
  return bytes;
}

function readAuxiliary(bytes: Uint8Array, at: number): OaAuxiliary {
  return {
    version: bytes[at + 4]!,
    segmentHash: bytes.subarray(at + 7, at + 71),
    owner2: readU32(bytes, at + 73),
    owner3: readU32(bytes, at + 79),
  };
}
