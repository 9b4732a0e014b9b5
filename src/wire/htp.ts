// HTPRequest and HTPResponse: a CPRB as text between a client and the catcher (ep11-wire.md 2 and 3).
//
//   181;PCI request;XPNUM   ;3;        ;0020040000805434...        length, literal, rule, module index, 8 blanks, CPRB
//   900;00       0       0<138 blanks>;0020040000005434...         length, information (156 characters), CPRB
//   157; 9      27       0CATCHER ...                              an error has no CPRB
//
// Lengths count the characters after their own digits. We write hexadecimal in upper case, as IBM's client does.

import { fromHex, toHex } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { CPRB_HEADER_SIZE } from "./cprb.ts";

export interface HtpRequest {
  readonly moduleIndex: number;
  readonly cprb: Uint8Array;
}

/** The catcher's error information; absent codes read as "". The three codes are decimal text without padding. */
export interface HtpError {
  readonly errorType: string;
  readonly returnCode: string;
  readonly reasonCode: string;
  readonly programId: string;
  readonly errorLocation: string;
  readonly errorText: string;
}

export type HtpResponse =
  | { readonly success: true; readonly cprb: Uint8Array }
  | { readonly success: false; readonly error: HtpError };

/** A request the catcher cannot read, with the error type and return code it answers; the reason is 0. */
export class HtpRequestError extends WireError {
  readonly errorType: number;
  readonly returnCode: number;

  constructor(errorType: number, returnCode: number, field: string, want: string, got: string) {
    super(field, 0, want, got);
    this.errorType = errorType;
    this.returnCode = returnCode;
  }
}

const LITERAL = "PCI request";
const RULE = "XPNUM   ";
const BLANKS = "        ";

const INFO_SIZE = 156;
const SUCCESS_INFO = "000000000000000000".padEnd(INFO_SIZE);

/** The HTPRequest that carries a CPRB to a module. */
export function encodeHtpRequest(request: HtpRequest): string {
  return counted(`;${LITERAL};${RULE};${request.moduleIndex};${BLANKS};${toHex(request.cprb).toUpperCase()}`);
}

/**
 * Reads an HTPRequest; leading zeros in the module index and lower-case hexadecimal are accepted.
 * @throws HtpRequestError saying what the catcher answers.
 */
export function decodeHtpRequest(text: string): HtpRequest {
  const fields = text.split(";");
  if (fields.length !== 6) throw new HtpRequestError(9, 27, "HTPRequest", "6 fields", `${fields.length}`);
  const [length, literal, rule, module, blanks, hex] = fields as [string, string, string, string, string, string];
  const present = `${text.length - length.length}`;
  if (length !== present) throw new HtpRequestError(9, 27, "HTPRequest length", present, `"${length.slice(0, 20)}"`);
  if (literal !== LITERAL || rule !== RULE || blanks !== BLANKS) {
    throw new HtpRequestError(11, 3, "HTPRequest", "PCI request, rule XPNUM, 8 blanks", "other text");
  }
  if (!/^\d{1,9}$/.test(module)) throw new HtpRequestError(9, 40, "module index", "a number", "other text");
  return { moduleIndex: Number(module), cprb: cprbOf(hex) };
}

function cprbOf(hex: string): Uint8Array {
  let cprb: Uint8Array;
  try {
    cprb = fromHex(hex, "CPRB");
  } catch {
    throw new HtpRequestError(9, 43, "CPRB", "hexadecimal", "other text");
  }
  if (cprb.length < CPRB_HEADER_SIZE) throw new HtpRequestError(9, 43, "CPRB", "32 bytes or more", `${cprb.length}`);
  return cprb;
}

/** The HTPResponse that carries a CPRB, or an error: codes are padded with blanks, since zeros would hide them from clients. */
export function encodeHtpResponse(response: HtpResponse): string {
  if (response.success) return counted(`;${SUCCESS_INFO};${toHex(response.cprb).toUpperCase()}`);
  const { errorType, returnCode, reasonCode, programId, errorLocation, errorText } = response.error;
  const codes = errorType.padStart(2) + returnCode.padStart(8) + reasonCode.padStart(8);
  return counted(`;${codes}${fixed(programId, 8)}${fixed(errorLocation, 30)}${fixed(errorText, 100)}`);
}

/** The error information a catcher of ours gives. */
export function htpError(errorType: number, returnCode: number, reasonCode: number, errorText: string): HtpError {
  return {
    errorType: `${errorType}`,
    returnCode: `${returnCode}`,
    reasonCode: `${reasonCode}`,
    programId: "OPENTKE",
    errorLocation: "",
    errorText,
  };
}

/**
 * Reads an HTPResponse. The length is not looked at, nor are more than 156 characters of information, nor a fourth field.
 * @throws WireError if the information is missing or short, or, after success, the CPRB is missing or not hexadecimal.
 */
export function decodeHtpResponse(text: string): HtpResponse {
  const [, info, hex] = text.split(";", 3);
  if (info === undefined) throw new WireError("HTPResponse", 0, "error information", "none");
  if (info.length < INFO_SIZE) {
    throw new WireError("HTPResponse", text.indexOf(";") + 1, "156 characters of information", `${info.length}`);
  }
  if (info.slice(0, 2) !== "00") return { success: false, error: errorOf(info) };
  if (hex === undefined) throw new WireError("HTPResponse", text.length, "a CPRB", "the end");
  const cprb = fromHex(hex, "CPRB");
  if (cprb.length < CPRB_HEADER_SIZE) throw new WireError("CPRB", 0, "32 bytes or more", `${cprb.length}`);
  return { success: true, cprb };
}

function errorOf(info: string): HtpError {
  const field = (from: number, to: number): string => info.slice(from, to).trim();
  return {
    errorType: field(0, 2),
    returnCode: field(2, 10),
    reasonCode: field(10, 18),
    programId: field(18, 26),
    errorLocation: field(26, 56),
    errorText: field(56, INFO_SIZE),
  };
}

/** Text cut or padded to a width; separators would break the message. */
function fixed(text: string, width: number): string {
  return text.replaceAll(";", ",").slice(0, width).padEnd(width);
}

function counted(rest: string): string {
  return `${rest.length}${rest}`;
}
