// Answers: xcpAdminRsp, xcpAdminRspBlk and the answer to get_xcp_info (ep11-wire.md 5.3, 5.4, 5.6).
//
//   xcpAdminRsp    ::= SEQUENCE { functionId (4), domain (4), returnCode (4), xcpAdminRspBlk, SignerInfo* }
//                    | SEQUENCE { functionId (4), domain (4), returnCode (4) }            -- short: an error, unsigned
//   xcpAdminRspBlk ::= SEQUENCE { commandId (4), adminDomain (8), moduleId (16), counter (16), returnCode (4), output }
//   get_xcp_info   ::= SEQUENCE { functionId (4), domain (4), returnCode (4), payload }   -- all fields OCTET STRINGs
//
//   3012 0404 00010029 0404 00000015 0404 00000003                a short answer: return code 3
//
// Decoders serve clients: they take any definite length and ignore bytes after the outer SEQUENCE, as real units' answers need
// ("ber" in der.ts). What they accept encodes to the canonical form, which is what our own units send.

import { readU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { elementSize, Reader, Tag, Writer } from "./der.ts";
import { FunctionId } from "./ids.ts";

/** xcpAdminRsp with a block in it. Its return code is 0 unless the infrastructure failed. */
export interface FullAdminResponse {
  readonly form: "full";
  readonly domain: number;
  readonly returnCode: number;
  /** The encoded xcpAdminRspBlk: the bytes that are signed. */
  readonly block: Uint8Array;
  /** SignerInfos, one after the other. */
  readonly signatures: Uint8Array;
}

/** xcpAdminRsp that only says what went wrong. */
export interface ShortAdminResponse {
  readonly form: "short";
  readonly domain: number;
  /** Not 0. */
  readonly returnCode: number;
}

export type AdminResponse = FullAdminResponse | ShortAdminResponse;

/** xcpAdminRspBlk. */
export interface AdminResponseBlock {
  readonly commandId: number;
  /** Domain index and current domain instance id: 8 bytes. */
  readonly adminDomain: Uint8Array;
  /** Serial number (8 ASCII) and module instance: 16 bytes. */
  readonly moduleId: Uint8Array;
  /** The unit's current value: 16 bytes. */
  readonly counter: Uint8Array;
  readonly returnCode: number;
  /** The result; after an error, the reason code as u32, or nothing. */
  readonly output: Uint8Array;
}

/** The answer to get_xcp_info. */
export interface XcpInfoResponse {
  readonly domain: number;
  readonly returnCode: number;
  readonly payload: Uint8Array;
}

/** The bytes of an xcpAdminRsp, full or short. */
export function encodeAdminResponse(response: AdminResponse): Uint8Array {
  const { domain, returnCode } = response;
  if (response.form === "short") {
    return new Writer(20).header(Tag.Sequence, 18).u32(FunctionId.Admin).u32(domain).u32(returnCode).finish();
  }
  const { block, signatures } = response;
  const size = 18 + elementSize(block.length) + elementSize(signatures.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .u32(FunctionId.Admin)
    .u32(domain)
    .u32(returnCode)
    .octets(block)
    .octets(signatures)
    .finish();
}

/**
 * Reads an xcpAdminRsp of either form. Views on `payload`. The signature is not looked at.
 * @throws WireError, also for a short form with return code 0 and for four fields.
 */
export function decodeAdminResponse(payload: Uint8Array): AdminResponse {
  const fields = new Reader(payload, "ber").sequence("xcpAdminRsp");
  const functionId = fields.u32("functionId");
  if (functionId !== FunctionId.Admin) throw new WireError("functionId", 4, "00010029", functionId.toString(16));
  const domain = fields.u32("domain");
  const returnCode = fields.u32("returnCode");
  if (!fields.more) {
    if (returnCode === 0) throw new WireError("xcpAdminRsp", fields.offset, "a block after return code 0", "the end");
    return { form: "short", domain, returnCode };
  }
  const block = fields.octets("xcpAdminRspBlk");
  const signatures = fields.octets("signatures");
  fields.end("xcpAdminRsp");
  return { form: "full", domain, returnCode, block, signatures };
}

/** The bytes of an xcpAdminRspBlk: what the OA key signs. */
export function encodeAdminResponseBlock(block: AdminResponseBlock): Uint8Array {
  const size =
    12 +
    elementSize(block.adminDomain.length) +
    elementSize(block.moduleId.length) +
    elementSize(block.counter.length) +
    elementSize(block.output.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .u32(block.commandId)
    .octets(block.adminDomain)
    .octets(block.moduleId)
    .octets(block.counter)
    .u32(block.returnCode)
    .octets(block.output)
    .finish();
}

/**
 * Reads an xcpAdminRspBlk. Views on `bytes`.
 * @throws WireError unless all six fields are there, the first five with their sizes.
 */
export function decodeAdminResponseBlock(bytes: Uint8Array): AdminResponseBlock {
  const fields = new Reader(bytes, "ber").sequence("xcpAdminRspBlk");
  const block = {
    commandId: fields.u32("commandId"),
    adminDomain: fields.octets("adminDomain", 8),
    moduleId: fields.octets("moduleId", 16),
    counter: fields.octets("counter", 16),
    returnCode: fields.u32("returnCode"),
    output: fields.octets("output"),
  };
  fields.end("xcpAdminRspBlk");
  return block;
}

/** The reason code in the output of a failed command; undefined if the output has fewer than 4 bytes. */
export function reasonCodeOf(output: Uint8Array): number | undefined {
  return output.length < 4 ? undefined : readU32(output);
}

/** The bytes of an answer to get_xcp_info. */
export function encodeXcpInfoResponse(response: XcpInfoResponse): Uint8Array {
  const size = 18 + elementSize(response.payload.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .u32(FunctionId.GetXcpInfo)
    .u32(response.domain)
    .u32(response.returnCode)
    .octets(response.payload)
    .finish();
}

/** Reads an answer to get_xcp_info. Views on `payload`. Real units' return codes here are not known to mean anything. */
export function decodeXcpInfoResponse(payload: Uint8Array): XcpInfoResponse {
  const fields = new Reader(payload, "ber").sequence("get_xcp_info");
  const functionId = fields.u32("functionId");
  if (functionId !== FunctionId.GetXcpInfo) throw new WireError("functionId", 4, "00010026", functionId.toString(16));
  const response = {
    domain: fields.u32("domain"),
    returnCode: fields.u32("returnCode"),
    payload: fields.octets("payload"),
  };
  fields.end("get_xcp_info");
  return response;
}
