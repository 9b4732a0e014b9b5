// Query device certificate (ep11-wire.md 10.6): one id, two questions. The administrative domain is eight zero bytes.
//
//   In: nothing. Out: number of certificates (u32).
//   In: an index (u32). Out: that certificate; past the end of the chain, 96/60.

import { readU32, u32 } from "../bytes.ts";
import { ReturnCode } from "../wire/codes.ts";
import { CommandId } from "../wire/ids.ts";
import { type Command, fixed, noInput } from "./command.ts";

const section = "ep11-wire.md 10.6";

/** The count. */
export const queryDeviceCertificateCount: Command<undefined, number> = {
  id: CommandId.QueryDeviceCertificate,
  name: "query-device-certificate-count",
  section,
  ...noInput,
  encodeOutput: u32,
  decodeOutput: (bytes) => readU32(fixed("number of certificates", bytes, 4)),
};

/** One certificate. */
export const queryDeviceCertificate: Command<number, Uint8Array> = {
  id: CommandId.QueryDeviceCertificate,
  name: "query-device-certificate",
  section,
  malformedInput: { returnCode: ReturnCode.DATA_LEN_RANGE, reasonCode: 59 },
  encodeInput: u32,
  decodeInput: (bytes) => readU32(fixed("certificate index", bytes, 4)),
  encodeOutput: (certificate) => certificate,
  decodeOutput: (bytes) => bytes,
};
