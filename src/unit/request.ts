// The outer layer of a request, down to the admin block: steps 1 to 5 of unit-behaviour.md 8. What is wrong here is answered
// without a signature, and without a look at the unit's state.

import { EMPTY } from "../bytes.ts";
import { WireError } from "../errors.ts";
import {
  type AdminBlock,
  decodeAdminBlock,
  decodeEnvelope,
  type Envelope,
  fieldU32,
  xcpInfoRequestOf,
} from "../wire/admin.ts";
import { encodeAdminResponse, encodeXcpInfoResponse } from "../wire/admin-response.ts";
import { ReturnCode } from "../wire/codes.ts";
import { type CprbRequest, decodeCprbRequest, encodeCprbError, encodeCprbResponse } from "../wire/cprb.ts";
import { FunctionId } from "../wire/ids.ts";

/** An admin command or query. Views on the request's CPRB. */
export interface AdminMessage {
  readonly kind: "admin";
  /** Of the CPRB, 32 bytes. */
  readonly header: Uint8Array;
  /** The encoded xcpAdminBlk: what is signed. */
  readonly message: Uint8Array;
  readonly block: AdminBlock;
  /** SignerInfos, one after the other. */
  readonly signatures: Uint8Array;
}

/** get_xcp_info. */
export interface InfoMessage {
  readonly kind: "info";
  readonly header: Uint8Array;
  readonly subType: number;
}

/** A request that is answered already. */
export interface RefusedMessage {
  readonly kind: "refused";
  readonly answer: Uint8Array;
}

/** A request for another domain, which should not have come here. */
export interface StrayMessage {
  readonly kind: "stray";
  readonly domain: number;
}

export type Message = AdminMessage | InfoMessage | RefusedMessage | StrayMessage;

/** CPRB return and reason code for a header that is not one (ep11-wire.md 4). */
const HEADER_INVALID = { returnCode: 12, reasonCode: 1 } as const;

/** Reads a request to the unit that is domain `domain` of its module. Never throws, whatever the bytes. */
export function readMessage(bytes: Uint8Array, domain: number): Message {
  const cprb = attempt(decodeCprbRequest, bytes);
  if (cprb === null) {
    return { kind: "refused", answer: encodeCprbError(bytes, HEADER_INVALID.returnCode, HEADER_INVALID.reasonCode) };
  }
  if (cprb.domain !== domain) return { kind: "stray", domain: cprb.domain };
  const envelope = attempt(decodeEnvelope, cprb.payload);
  if (envelope === null) return refused(cprb, ReturnCode.ARGUMENTS_BAD);
  const functionId = fieldU32(envelope.functionId);
  if (functionId !== FunctionId.Admin && functionId !== FunctionId.GetXcpInfo) {
    return refused(cprb, ReturnCode.IBM_API_MISMATCH);
  }
  if (fieldU32(envelope.domain) !== domain) return refused(cprb, ReturnCode.SLOT_ID_INVALID);
  return functionId === FunctionId.Admin ? adminMessage(cprb, envelope) : infoMessage(cprb, envelope);
}

/** The CPRB of a short answer. */
export function shortAnswer(header: Uint8Array, domain: number, returnCode: number): Uint8Array {
  return encodeCprbResponse(header, encodeAdminResponse({ form: "short", domain, returnCode }));
}

function adminMessage(cprb: CprbRequest, envelope: Envelope): Message {
  const block = attempt(decodeAdminBlock, envelope.third);
  if (block === null) return refused(cprb, ReturnCode.ARGUMENTS_BAD);
  return { kind: "admin", header: cprb.header, message: envelope.third, block, signatures: envelope.fourth };
}

function infoMessage(cprb: CprbRequest, envelope: Envelope): Message {
  const request = attempt(xcpInfoRequestOf, envelope);
  if (request !== null) return { kind: "info", header: cprb.header, subType: request.subType };
  const { domain } = cprb;
  const answer = encodeXcpInfoResponse({ domain, returnCode: ReturnCode.ARGUMENTS_BAD, payload: EMPTY });
  return { kind: "refused", answer: encodeCprbResponse(cprb.header, answer) };
}

function refused(cprb: CprbRequest, returnCode: number): RefusedMessage {
  return { kind: "refused", answer: shortAnswer(cprb.header, cprb.domain, returnCode) };
}

function attempt<In, Out>(decode: (input: In) => Out, input: In): Out | null {
  try {
    return decode(input);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
