// Parameter maps, in and out of the WK export (ep11-wire.md 10.12). Entries come in any order.
//
//   map ::= SEQUENCE OF OCTET STRING { tag (2), index (4), data }
//
//   30 08 04 06 001C 00000001       M policy 1

import { readU16, readU32, writeU16, writeU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { elementSize, Reader, type Rules, Tag, Writer } from "./der.ts";

/** Tags of entries. */
export const ParameterTag = {
  DomainAdministratorSkis: 0x000a,
  DomainAdministratorCertificates: 0x000b,
  DomainInfo: 0x000c,
  DomainAttributes: 0x000f,
  DomainTransactionCounter: 0x0011,
  OaCertificate: 0x0015,
  ControlPoints: 0x0017,
  /** Data: a RecipientInfo. Index: of the part. */
  EncryptedKeyPart: 0x0019,
  /** Data: a SignerInfo. Index: of the part. */
  KeyPartSignature: 0x001a,
  /** Index: the number of parts. */
  KeyPartCount: 0x001b,
  /** Index: the number of parts needed to rebuild the key. */
  PolicyM: 0x001c,
  /** Data: a KPH certificate. Index: 0, 1, ... */
  KphCertificate: 0x001d,
  /** Index: {@link Scope} bits. */
  Scope: 0x001f,
} as const;
export type ParameterTag = (typeof ParameterTag)[keyof typeof ParameterTag];

/** Bits of the state scope restriction. */
export const Scope = {
  DomainDataOnly: 0x01,
  NonSensitiveOnly: 0x02,
  NoKphCertificates: 0x04,
  NoOaCertificates: 0x08,
} as const;

export interface Parameter {
  /** u16; a {@link ParameterTag} or one not known here. */
  readonly tag: number;
  /** u32 */
  readonly index: number;
  readonly data: Uint8Array;
}

const HEAD_SIZE = 6;

/** The bytes of a parameter map, in the order given. */
export function encodeParameterMap(parameters: readonly Parameter[]): Uint8Array {
  let size = 0;
  for (const { data } of parameters) size += elementSize(HEAD_SIZE + data.length);
  const writer = new Writer(elementSize(size)).header(Tag.Sequence, size);
  const head = new Uint8Array(HEAD_SIZE);
  for (const { tag, index, data } of parameters) {
    writeU16(head, 0, tag);
    writeU32(head, 2, index);
    writer
      .header(Tag.OctetString, HEAD_SIZE + data.length)
      .raw(head)
      .raw(data);
  }
  return writer.finish();
}

/**
 * Reads a parameter map. Data are views on `bytes`. Under "ber", as clients read answers, any definite length is taken and bytes
 * after the map are ignored.
 * @throws WireError unless it is a SEQUENCE of OCTET STRINGs of 6 bytes or more each.
 */
export function decodeParameterMap(bytes: Uint8Array, rules: Rules = "der"): Parameter[] {
  const outer = new Reader(bytes, rules);
  const entries = outer.sequence("parameter map");
  if (rules === "der") outer.end("parameter map");
  const parameters: Parameter[] = [];
  while (entries.more) {
    const at = entries.offset;
    const entry = entries.octets("parameter");
    if (entry.length < HEAD_SIZE) throw new WireError("parameter", at, "6 bytes or more", `${entry.length}`);
    parameters.push({ tag: readU16(entry, 0), index: readU32(entry, 2), data: entry.subarray(HEAD_SIZE) });
  }
  return parameters;
}

/** Data of the last entry with this tag and index; undefined if there is none. */
export function findParameter(parameters: readonly Parameter[], tag: number, index: number): Uint8Array | undefined {
  return parameters.findLast((parameter) => parameter.tag === tag && parameter.index === index)?.data;
}
