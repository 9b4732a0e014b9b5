// Domain info, the answer to get_xcp_info 3 (ep11-wire.md 5.6): 80 bytes, of which clients allow more.
//
//   offset  0  u32  domain index                     68  u32  flags
//           4  32   pattern of the current WK        72  u32  operational mode
//          36  32   pattern of the new WK            76  u32  [1 in the sample of a real unit]
//   patterns of empty registers are zeros

import { readU32, writeU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";

export const DOMAIN_INFO_SIZE = 80;

/** Bytes of a verification pattern. */
export const PATTERN_SIZE = 32;

/** The flags that clients and our units look at. */
export const DomainFlag = {
  AdministratorsPresent: 0x01,
  CurrentWkPresent: 0x02,
  NextWkPresent: 0x04,
  NextWkCommitted: 0x08,
  LeftImprintMode: 0x10,
  ProtectedKeyAllowed: 0x20,
  EnforcesImprintMode: 0x80000000,
} as const;

/** State of a register. */
export const RegisterStatus = {
  Empty: "Empty",
  Valid: "Valid",
  FullUncommitted: "Full Uncommitted",
  FullCommitted: "Full Committed",
} as const;
export type RegisterStatus = (typeof RegisterStatus)[keyof typeof RegisterStatus];

export interface DomainInfo {
  readonly domain: number;
  /** 32 bytes each; zeros if the register is empty. */
  readonly currentPattern: Uint8Array;
  readonly newPattern: Uint8Array;
  /** {@link DomainFlag}s. */
  readonly flags: number;
  /** Operational mode, then a word whose meaning is not known: 1 in the sample of a real unit. */
  readonly mode: readonly [number, number];
}

/** The 80 bytes of a domain info. */
export function encodeDomainInfo(info: DomainInfo): Uint8Array {
  const bytes = new Uint8Array(DOMAIN_INFO_SIZE);
  writeU32(bytes, 0, info.domain);
  bytes.set(info.currentPattern, 4);
  bytes.set(info.newPattern, 36);
  writeU32(bytes, 68, info.flags);
  writeU32(bytes, 72, info.mode[0]);
  writeU32(bytes, 76, info.mode[1]);
  return bytes;
}

/** Reads a domain info; bytes after the first 80 are ignored. Patterns are views. @throws WireError if there are fewer. */
export function decodeDomainInfo(bytes: Uint8Array): DomainInfo {
  if (bytes.length < DOMAIN_INFO_SIZE) throw new WireError("domain info", 0, "80 bytes or more", `${bytes.length}`);
  return {
    domain: readU32(bytes, 0),
    currentPattern: bytes.subarray(4, 36),
    newPattern: bytes.subarray(36, 68),
    flags: readU32(bytes, 68),
    mode: [readU32(bytes, 72), readU32(bytes, 76)],
  };
}

/** State of the current register: Empty or Valid. */
export function currentRegisterStatus(info: DomainInfo): RegisterStatus {
  return (info.flags & DomainFlag.CurrentWkPresent) !== 0 ? RegisterStatus.Valid : RegisterStatus.Empty;
}

/** State of the new register: Empty, Full Uncommitted or Full Committed. */
export function newRegisterStatus(info: DomainInfo): RegisterStatus {
  if ((info.flags & DomainFlag.NextWkPresent) === 0) return RegisterStatus.Empty;
  return (info.flags & DomainFlag.NextWkCommitted) !== 0
    ? RegisterStatus.FullCommitted
    : RegisterStatus.FullUncommitted;
}
