// From an answer's bytes to its result, one layer at a time: what a client does before and after it verifies the OA signature,
// which comes between `adminBlockOf` and `outputOf`, since refusals are signed too (ep11-wire.md 5.4).

import { TransportError } from "../errors.ts";
import {
  type AdminResponseBlock,
  decodeAdminResponse,
  decodeXcpInfoResponse,
  type FullAdminResponse,
  reasonCodeOf,
} from "./admin-response.ts";
import { unitError } from "./codes.ts";
import { decodeCprbResponse } from "./cprb.ts";
import { decodeHtpResponse } from "./htp.ts";
import { htpErrorMeaning, isRetryableHtpError } from "./htp-codes.ts";

/** The CPRB in an HTPResponse. @throws TransportError if the catcher reports an error; WireError. */
export function cprbOfHtp(text: string): Uint8Array {
  const response = decodeHtpResponse(text);
  if (response.success) return response.cprb;
  const { errorType, returnCode, reasonCode, errorText } = response.error;
  const meaning = htpErrorMeaning(errorType, returnCode, reasonCode);
  const explained = [meaning, errorText].filter((part) => part !== undefined && part !== "").join("; ");
  const codes = `type ${errorType}, return code ${returnCode}, reason ${reasonCode}`;
  const message = `the catcher answered ${codes}${explained === "" ? "" : `: ${explained}`}`;
  throw new TransportError(message, { retryable: isRetryableHtpError(errorType) });
}

/** The payload in a response's CPRB. @throws UnitError if it holds a return or reason code; WireError. */
export function payloadOfCprb(cprb: Uint8Array): Uint8Array {
  const { returnCode, reasonCode, payload } = decodeCprbResponse(cprb);
  if (returnCode !== 0 || reasonCode !== 0) throw unitError("cprb", returnCode, reasonCode);
  return payload;
}

/** The block and its signatures in the payload of an answer to a command. @throws UnitError if it holds a code; WireError. */
export function adminBlockOf(payload: Uint8Array): FullAdminResponse {
  const response = decodeAdminResponse(payload);
  if (response.form === "short" || response.returnCode !== 0) throw unitError("rsp", response.returnCode);
  return response;
}

/** The output of a block whose signature has been verified. @throws UnitError if it holds a code. */
export function outputOf(block: AdminResponseBlock): Uint8Array {
  if (block.returnCode !== 0) throw unitError("unit", block.returnCode, reasonCodeOf(block.output));
  return block.output;
}

/** The info in the payload of an answer to get_xcp_info; its return code is not looked at, as in IBM's client. */
export function infoOf(payload: Uint8Array): Uint8Array {
  return decodeXcpInfoResponse(payload).payload;
}
