// CPRB: a 32-byte header and a payload (ep11-wire.md 4).
//
//   offset  0  u16  header length, 0020      8  u32  partition       20  8 bytes  zero
//           2  u8   version, 04             12  u32  domain index    28  u32      payload length
//           3  u16  zero                    16  u16  return code     32           payload
//           5  u8   flags, 80               18  u16  reason code
//           6  u16  sub-type, "T4"
//
//   00200400008054340000000000000016000000000000000000000000 0000002A 30280404...

import { readU16, readU32, writeU16, writeU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";

/** Bytes of a CPRB header. */
export const CPRB_HEADER_SIZE = 32;

const VERSION = 4;
const FLAGS = 0x80;
const SUBTYPE_T4 = 0x5434;

const At = {
  Version: 2,
  Flags: 5,
  Subtype: 6,
  Domain: 12,
  ReturnCode: 16,
  ReasonCode: 18,
  Reserved2: 20,
  Length: 28,
} as const;

/** A request's CPRB. The header is kept, since a response repeats it. */
export interface CprbRequest {
  /** 32 bytes. */
  readonly header: Uint8Array;
  readonly domain: number;
  readonly payload: Uint8Array;
}

/** A response's CPRB. The payload is only worth reading if both codes are 0. */
export interface CprbResponse {
  readonly domain: number;
  readonly returnCode: number;
  readonly reasonCode: number;
  readonly payload: Uint8Array;
}

/** The CPRB of a request. */
export function encodeCprbRequest(domain: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CPRB_HEADER_SIZE + payload.length);
  writeRequestHeader(bytes, domain);
  writeU32(bytes, At.Length, payload.length);
  bytes.set(payload, CPRB_HEADER_SIZE);
  return bytes;
}

/**
 * Reads a request. Views on `bytes`; header and payload together are `bytes` again.
 * @throws WireError if the header length, the version, the sub-type or the payload length is wrong: return code 12, reason 1.
 */
export function decodeCprbRequest(bytes: Uint8Array): CprbRequest {
  if (bytes.length < CPRB_HEADER_SIZE) throw new WireError("CPRB", 0, "32 bytes or more", `${bytes.length}`);
  if (readU16(bytes, 0) !== CPRB_HEADER_SIZE) throw new WireError("CPRB length", 0, "32", `${readU16(bytes, 0)}`);
  if (bytes[At.Version] !== VERSION) throw new WireError("CPRB version", At.Version, "4", `${bytes[At.Version]}`);
  if (readU16(bytes, At.Subtype) !== SUBTYPE_T4) throw new WireError("CPRB subtype", At.Subtype, "T4", "another");
  const length = readU32(bytes, At.Length);
  const present = bytes.length - CPRB_HEADER_SIZE;
  if (length !== present) throw new WireError("CPRB payload length", At.Length, `${present}`, `${length}`);
  return {
    header: bytes.subarray(0, CPRB_HEADER_SIZE),
    domain: readU32(bytes, At.Domain),
    payload: bytes.subarray(CPRB_HEADER_SIZE),
  };
}

/** The CPRB of a response: the request's header with both codes 0 and the payload's length. */
export function encodeCprbResponse(requestHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CPRB_HEADER_SIZE + payload.length);
  writeResponseHeader(bytes, requestHeader, 0, 0);
  writeU32(bytes, At.Length, payload.length);
  bytes.set(payload, CPRB_HEADER_SIZE);
  return bytes;
}

/** A CPRB with codes and no payload. `request` is what arrived, however broken; what it has of a header is repeated. */
export function encodeCprbError(request: Uint8Array, returnCode: number, reasonCode: number): Uint8Array {
  const bytes = new Uint8Array(CPRB_HEADER_SIZE);
  writeResponseHeader(bytes, request, returnCode, reasonCode);
  return bytes;
}

/**
 * Reads a response. Views on `bytes`; bytes after the payload are ignored, and of the header only codes and lengths count.
 * @throws WireError if the header or the payload is not there in full.
 */
export function decodeCprbResponse(bytes: Uint8Array): CprbResponse {
  if (bytes.length < CPRB_HEADER_SIZE) throw new WireError("CPRB", 0, "32 bytes or more", `${bytes.length}`);
  const length = readU32(bytes, At.Length);
  const present = bytes.length - CPRB_HEADER_SIZE;
  if (length > present) throw new WireError("CPRB payload", CPRB_HEADER_SIZE, `${length} bytes`, `${present}`);
  return {
    domain: readU32(bytes, At.Domain),
    returnCode: readU16(bytes, At.ReturnCode),
    reasonCode: readU16(bytes, At.ReasonCode),
    payload: bytes.subarray(CPRB_HEADER_SIZE, CPRB_HEADER_SIZE + length),
  };
}

function writeRequestHeader(bytes: Uint8Array, domain: number): void {
  writeU16(bytes, 0, CPRB_HEADER_SIZE);
  bytes[At.Version] = VERSION;
  bytes[At.Flags] = FLAGS;
  writeU16(bytes, At.Subtype, SUBTYPE_T4);
  writeU32(bytes, At.Domain, domain);
}

function writeResponseHeader(bytes: Uint8Array, request: Uint8Array, returnCode: number, reasonCode: number): void {
  if (request.length >= CPRB_HEADER_SIZE) bytes.set(request.subarray(0, At.ReturnCode));
  else writeRequestHeader(bytes, 0);
  writeU16(bytes, At.ReturnCode, returnCode);
  writeU16(bytes, At.ReasonCode, reasonCode);
}
