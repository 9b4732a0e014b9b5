// Domain attributes (ep11-wire.md 10.1, 10.2; unit-behaviour.md 3): pairs of index and value, both u32.
//
//   00000001 00000002  00000002 00000001  00000003 0FFF2055       thresholds 2 and 1, permissions

import { readU32, writeU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";
import type { Rules } from "./der.ts";

/** Attribute indexes. */
export const AttributeIndex = {
  SignatureThreshold: 1,
  RevocationThreshold: 2,
  Permissions: 3,
  OperationalMode: 4,
  StandardsCompliance: 5,
} as const;
export type AttributeIndex = (typeof AttributeIndex)[keyof typeof AttributeIndex];

/** One attribute; a decoder does not judge the index. */
export interface AttributePair {
  readonly index: number;
  readonly value: number;
}

/** The attributes 1 to 5 of a domain, each a u32. */
export interface DomainAttributes {
  readonly signatureThreshold: number;
  readonly revocationThreshold: number;
  readonly permissions: number;
  readonly operationalMode: number;
  readonly standardsCompliance: number;
}

/** What a client takes for a threshold that a unit does not report. */
export const UNREPORTED_THRESHOLD = 999;

/** Bits of the permissions attribute. */
export const Permission = {
  WkImport: 0x00000001,
  WkExport: 0x00000002,
  Wk1Part: 0x00000004,
  WkRandom: 0x00000008,
  OneSign: 0x00000010,
  CpOneSign: 0x00000020,
  ZeroOneSign: 0x00000040,
  NoDomainImprint: 0x00000080,
  StateImport: 0x00000100,
  StateExport: 0x00000200,
  State1Part: 0x00000400,
  DoNotDisturb: 0x00002000,
} as const;
export type Permission = (typeof Permission)[keyof typeof Permission];

/** Bits of the permissions attribute that allow a change of others, or of a threshold. */
export const ChangeControl = {
  WkImport: 0x00010000,
  WkExport: 0x00020000,
  Wk1Part: 0x00040000,
  WkRandom: 0x00080000,
  SignatureThreshold: 0x00100000,
  RevocationThreshold: 0x00200000,
  OneSign: 0x00400000,
  CpOneSign: 0x00800000,
  ZeroOneSign: 0x01000000,
  StateImport: 0x02000000,
  StateExport: 0x04000000,
  State1Part: 0x08000000,
  DoNotDisturb: 0x80000000,
} as const;
export type ChangeControl = (typeof ChangeControl)[keyof typeof ChangeControl];

/** Bits of the operational mode attribute that this project looks at. */
export const ModeBit = {
  /** Has left imprint mode. Read-only. */
  Authenticated: 0x00000001,
  /** Read-only. */
  BatteryLow: 0x00000100,
} as const;

/** Bits of the standards compliance attribute. */
export const ComplianceBit = {
  Fips2009: 0x001,
  Bsi2009: 0x002,
  Fips2011: 0x004,
  Bsi2011: 0x008,
  BsiCc2017: 0x040,
  Fips2021: 0x080,
  Fips2024: 0x100,
} as const;

const PAIR_SIZE = 8;

/** The pairs one after the other, 8 bytes each. */
export function encodeAttributePairs(pairs: readonly AttributePair[]): Uint8Array {
  const bytes = new Uint8Array(PAIR_SIZE * pairs.length);
  pairs.forEach((pair, i) => {
    writeU32(bytes, PAIR_SIZE * i, pair.index);
    writeU32(bytes, PAIR_SIZE * i + 4, pair.value);
  });
  return bytes;
}

/**
 * Reads pairs. Under "ber", as clients read answers, a fragment of fewer than 8 bytes at the end is ignored; units refuse it.
 * @throws WireError under "der" if the length is not a multiple of 8.
 */
export function decodeAttributePairs(bytes: Uint8Array, rules: Rules = "der"): AttributePair[] {
  if (rules === "der" && bytes.length % PAIR_SIZE !== 0) {
    throw new WireError("attributes", bytes.length, "a multiple of 8 bytes", `${bytes.length}`);
  }
  const pairs: AttributePair[] = [];
  for (let at = 0; at + PAIR_SIZE <= bytes.length; at += PAIR_SIZE) {
    pairs.push({ index: readU32(bytes, at), value: readU32(bytes, at + 4) });
  }
  return pairs;
}

/** The attributes as five pairs, in order of index. */
export function pairsOfAttributes(attributes: DomainAttributes): AttributePair[] {
  return [
    { index: AttributeIndex.SignatureThreshold, value: attributes.signatureThreshold },
    { index: AttributeIndex.RevocationThreshold, value: attributes.revocationThreshold },
    { index: AttributeIndex.Permissions, value: attributes.permissions },
    { index: AttributeIndex.OperationalMode, value: attributes.operationalMode },
    { index: AttributeIndex.StandardsCompliance, value: attributes.standardsCompliance },
  ];
}

/** The attributes in a list of pairs, in any order: unknown indexes are passed over, of repeated ones the last counts. */
export function attributesOfPairs(pairs: readonly AttributePair[]): DomainAttributes {
  const value = (index: AttributeIndex, missing: number): number =>
    pairs.findLast((pair) => pair.index === index)?.value ?? missing;
  return {
    signatureThreshold: value(AttributeIndex.SignatureThreshold, UNREPORTED_THRESHOLD),
    revocationThreshold: value(AttributeIndex.RevocationThreshold, UNREPORTED_THRESHOLD),
    permissions: value(AttributeIndex.Permissions, 0),
    operationalMode: value(AttributeIndex.OperationalMode, 0),
    standardsCompliance: value(AttributeIndex.StandardsCompliance, 0),
  };
}
