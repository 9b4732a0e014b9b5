// Admin messages of a request: the envelope every payload has, xcpAdminReq and xcpAdminBlk, get_xcp_info
// (ep11-wire.md 4, 5.1, 5.2, 5.6).
//
//   payload     ::= SEQUENCE { functionId OCTET STRING (4), domain OCTET STRING (4), third OCTET STRING, fourth OCTET STRING }
//   xcpAdminReq ::= payload { 00010029, domain, xcpAdminBlk, SignerInfo* }
//   xcpAdminBlk ::= SEQUENCE { commandId (4), adminDomain (8), moduleId (0 | 16), counter (0 | 16), input }  -- OCTET STRINGs
//   get_xcp_info::= payload { 00010026, domain, subType (4), subQuery (4) }
//
//   3028 0404 00010029 0404 00000016 0418                         query domain attributes, domain 22
//        3016 0404 0001000A 0408 0000001600000000 0400 0400 0400
//        0400
//
// Each layer is decoded by itself, so that a unit can tell which one failed (unit-behaviour.md 8). All are strict DER.

import { readU32, writeU32 } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { elementSize, Reader, Tag, Writer } from "./der.ts";
import { FunctionId } from "./ids.ts";

/** The four fields of any request payload, as they are; a unit answers 7 if there are not four. */
export interface Envelope {
  readonly functionId: Uint8Array;
  readonly domain: Uint8Array;
  readonly third: Uint8Array;
  readonly fourth: Uint8Array;
}

/** xcpAdminReq. */
export interface AdminRequest {
  readonly domain: number;
  /** The encoded xcpAdminBlk: the bytes that are signed. */
  readonly block: Uint8Array;
  /** SignerInfos, one after the other; may be empty. */
  readonly signatures: Uint8Array;
}

/** xcpAdminBlk. Lengths other than the command id's are for the unit to judge: 3/13, 7/15, 163/18. */
export interface AdminBlock {
  readonly commandId: number;
  /** Domain index and domain instance id: 8 bytes. */
  readonly adminDomain: Uint8Array;
  /** Serial number and module instance: 16 bytes, none in queries. */
  readonly moduleId: Uint8Array;
  /** 16 bytes, none in queries. */
  readonly counter: Uint8Array;
  readonly input: Uint8Array;
}

/** A get_xcp_info request. */
export interface XcpInfoRequest {
  readonly domain: number;
  readonly subType: number;
  readonly subQuery: number;
}

/**
 * Reads the four fields of a request payload. Views on `payload`.
 * @throws WireError unless it is exactly one SEQUENCE of four OCTET STRINGs.
 */
export function decodeEnvelope(payload: Uint8Array): Envelope {
  const outer = new Reader(payload);
  const fields = outer.sequence("payload");
  outer.end("payload");
  const envelope = {
    functionId: fields.octets("functionId"),
    domain: fields.octets("domain"),
    third: fields.octets("third field"),
    fourth: fields.octets("fourth field"),
  };
  fields.end("payload");
  return envelope;
}

/** The bytes of an envelope. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const { functionId, domain, third, fourth } = envelope;
  const size =
    elementSize(functionId.length) +
    elementSize(domain.length) +
    elementSize(third.length) +
    elementSize(fourth.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .octets(functionId)
    .octets(domain)
    .octets(third)
    .octets(fourth)
    .finish();
}

/** A 4-byte field as a number, undefined if it has another length. */
export function fieldU32(field: Uint8Array): number | undefined {
  return field.length === 4 ? readU32(field) : undefined;
}

/**
 * Reads an xcpAdminReq in one step: the envelope, its function id and its domain. Views on `payload`; the block is left encoded.
 * @throws WireError if one of them is wrong. A unit, which answers each fault differently, takes {@link decodeEnvelope}.
 */
export function decodeAdminRequest(payload: Uint8Array): AdminRequest {
  const envelope = decodeEnvelope(payload);
  if (fieldU32(envelope.functionId) !== FunctionId.Admin) throw new WireError("functionId", 4, "00010029", "another");
  const domain = fieldU32(envelope.domain);
  if (domain === undefined) throw new WireError("domain", 10, "4 bytes", `${envelope.domain.length}`);
  return { domain, block: envelope.third, signatures: envelope.fourth };
}

/** The bytes of an xcpAdminReq. */
export function encodeAdminRequest(request: AdminRequest): Uint8Array {
  const { block, signatures } = request;
  const size = 12 + elementSize(block.length) + elementSize(signatures.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .u32(FunctionId.Admin)
    .u32(request.domain)
    .octets(block)
    .octets(signatures)
    .finish();
}

/**
 * Reads an xcpAdminBlk. Views on `bytes`.
 * @throws WireError unless it is exactly one SEQUENCE of five OCTET STRINGs with a command id of 4 bytes.
 */
export function decodeAdminBlock(bytes: Uint8Array): AdminBlock {
  const outer = new Reader(bytes);
  const fields = outer.sequence("xcpAdminBlk");
  outer.end("xcpAdminBlk");
  const block = {
    commandId: fields.u32("commandId"),
    adminDomain: fields.octets("adminDomain"),
    moduleId: fields.octets("moduleId"),
    counter: fields.octets("counter"),
    input: fields.octets("input"),
  };
  fields.end("xcpAdminBlk");
  return block;
}

/** The bytes of an xcpAdminBlk: what administrators sign. */
export function encodeAdminBlock(block: AdminBlock): Uint8Array {
  const { adminDomain, moduleId, counter, input } = block;
  const size =
    6 +
    elementSize(adminDomain.length) +
    elementSize(moduleId.length) +
    elementSize(counter.length) +
    elementSize(input.length);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .u32(block.commandId)
    .octets(adminDomain)
    .octets(moduleId)
    .octets(counter)
    .octets(input)
    .finish();
}

/** Domain index and domain instance id as the 8 bytes of an administrative domain. */
export function encodeAdminDomain(domain: number, instance: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU32(bytes, 0, domain);
  writeU32(bytes, 4, instance);
  return bytes;
}

/**
 * Reads a get_xcp_info request from its envelope, whose function id the caller has looked at.
 * @throws WireError if a field is not 4 bytes long.
 */
export function xcpInfoRequestOf(envelope: Envelope): XcpInfoRequest {
  const domain = fieldU32(envelope.domain);
  const subType = fieldU32(envelope.third);
  const subQuery = fieldU32(envelope.fourth);
  if (domain === undefined) throw new WireError("domain", 10, "4 bytes", `${envelope.domain.length}`);
  if (subType === undefined) throw new WireError("subType", 16, "4 bytes", `${envelope.third.length}`);
  if (subQuery === undefined) throw new WireError("subQuery", 22, "4 bytes", `${envelope.fourth.length}`);
  return { domain, subType, subQuery };
}

/** The bytes of a get_xcp_info request. */
export function encodeXcpInfoRequest(request: XcpInfoRequest): Uint8Array {
  return new Writer(26)
    .header(Tag.Sequence, 24)
    .u32(FunctionId.GetXcpInfo)
    .u32(request.domain)
    .u32(request.subType)
    .u32(request.subQuery)
    .finish();
}
