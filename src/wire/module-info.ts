// Module info, the answer to get_xcp_info 1 (ep11-wire.md 5.6): 196 bytes, of which clients allow more.
//
//   offset   0  u32  API ordinal            8  u8 x 4  API and CSP version, major and minor each
//            4  u32  firmware id           12  32 x 3  firmware, XCP and CSP configuration hashes
//          108  8+8  serial number, module instance      124  16  UTC time, text
//          140  u32 x 14  modes, flags, counts and sizes, in the order of `WORDS`

import { readU32, writeU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";

export const MODULE_INFO_SIZE = 196;

/** The u32 fields from offset 140 on. */
const WORDS = [
  "operatingMode2",
  "operatingMode1",
  "pkcs11Flags",
  "extendedFlags",
  "domains",
  "symmetricStateSize",
  "digestStateSize",
  "pinBlobSize",
  "symmetricKeyBlobSize",
  "spkiSize",
  "privateKeyBlobSize",
  "maxPayloadSize",
  "controlPointProfileSize",
  "controlPoints",
] as const;

export interface ModuleInfo extends Readonly<Record<(typeof WORDS)[number], number>> {
  readonly apiOrdinal: number;
  readonly firmwareId: number;
  /** Major and minor. */
  readonly apiVersion: readonly [number, number];
  readonly cspVersion: readonly [number, number];
  /** Hashes of 32 bytes. */
  readonly firmwareConfiguration: Uint8Array;
  readonly xcpConfiguration: Uint8Array;
  readonly cspConfiguration: Uint8Array;
  /** Serial number (8 ASCII) and module instance: 16 bytes. */
  readonly moduleId: Uint8Array;
  /** Text of 16 bytes. */
  readonly utcTime: Uint8Array;
}

/** The 196 bytes of a module info. */
export function encodeModuleInfo(info: ModuleInfo): Uint8Array {
  const bytes = new Uint8Array(MODULE_INFO_SIZE);
  writeU32(bytes, 0, info.apiOrdinal);
  writeU32(bytes, 4, info.firmwareId);
  bytes.set(info.apiVersion, 8);
  bytes.set(info.cspVersion, 10);
  bytes.set(info.firmwareConfiguration, 12);
  bytes.set(info.xcpConfiguration, 44);
  bytes.set(info.cspConfiguration, 76);
  bytes.set(info.moduleId, 108);
  bytes.set(info.utcTime, 124);
  WORDS.forEach((word, i) => {
    writeU32(bytes, 140 + 4 * i, info[word]);
  });
  return bytes;
}

/** Reads a module info; bytes after the first 196 are ignored. Byte fields are views. @throws WireError if there are fewer. */
export function decodeModuleInfo(bytes: Uint8Array): ModuleInfo {
  if (bytes.length < MODULE_INFO_SIZE) throw new WireError("module info", 0, "196 bytes or more", `${bytes.length}`);
  const word = (i: number): number => readU32(bytes, 140 + 4 * i);
  return {
    apiOrdinal: readU32(bytes, 0),
    firmwareId: readU32(bytes, 4),
    apiVersion: [bytes[8]!, bytes[9]!],
    cspVersion: [bytes[10]!, bytes[11]!],
    firmwareConfiguration: bytes.subarray(12, 44),
    xcpConfiguration: bytes.subarray(44, 76),
    cspConfiguration: bytes.subarray(76, 108),
    moduleId: bytes.subarray(108, 124),
    utcTime: bytes.subarray(124, 140),
    operatingMode2: word(0),
    operatingMode1: word(1),
    pkcs11Flags: word(2),
    extendedFlags: word(3),
    domains: word(4),
    symmetricStateSize: word(5),
    digestStateSize: word(6),
    pinBlobSize: word(7),
    symmetricKeyBlobSize: word(8),
    spkiSize: word(9),
    privateKeyBlobSize: word(10),
    maxPayloadSize: word(11),
    controlPointProfileSize: word(12),
    controlPoints: word(13),
  };
}

/** The serial number in a module identifier: its first 8 bytes as text. */
export function serialNumberOf(moduleId: Uint8Array): string {
  return String.fromCharCode(...moduleId.subarray(0, 8));
}
