// A transport that tells what passes through it: who was asked what, who signed it, what came back, how long it took. It reads
// identifiers, counters and codes; never what a command carries or returns.

import { toHex } from "../bytes.ts";
import { commandFor, INFO_QUERIES } from "../commands/registry.ts";
import { UnitError } from "../errors.ts";
import { decodeAdminBlock, decodeEnvelope, type Envelope as Fields, fieldU32 } from "../wire/admin.ts";
import { decodeAdminResponseBlock } from "../wire/admin-response.ts";
import { adminBlockOf, infoOf, outputOf, payloadOfCprb } from "../wire/answer.ts";
import { decodeCprbRequest } from "../wire/cprb.ts";
import { Reader } from "../wire/der.ts";
import { CommandId, FunctionId } from "../wire/ids.ts";
import { decodeSignerInfos } from "../wire/signer-info.ts";
import type { Envelope, Transport } from "./transport.ts";
import { type CryptoUnit, readUnitList } from "./units.ts";

/** What a request asks for, as far as it is anybody's business. */
export interface Asked {
  /** Name of the command; its id in hexadecimal if it is not known. */
  readonly command: string;
  /** Of a command that changes something, else null. */
  readonly counter: bigint | null;
  /** Subject key identifiers in hexadecimal, each once. */
  readonly signers: readonly string[];
}

/** What came back: 0, a refusal's codes, or what was wrong. */
export type Answered =
  | { readonly returnCode: 0 }
  | { readonly returnCode: number; readonly reasonCode: number | undefined; readonly symbol: string }
  | { readonly problem: string };

/** One request and its answer. */
export interface Exchange extends Asked {
  readonly kind: "exchange";
  /** hsm_id. */
  readonly id: string;
  /** The unit, if it is in a list that was read. */
  readonly unit: CryptoUnit | undefined;
  readonly answer: Answered;
  /** From sending the batch that it was in, to its answers. */
  readonly milliseconds: number;
  /** Requests in that batch. */
  readonly batch: number;
}

/** A list of crypto units. */
export interface Listing {
  readonly kind: "list";
  readonly instance: string;
  readonly answer: { readonly units: number } | { readonly problem: string };
  readonly milliseconds: number;
}

/** An HTTP request, each attempt for itself. */
export interface HttpExchange {
  readonly kind: "http";
  readonly method: string;
  readonly url: string;
  /** HTTP status, or why there is none. */
  readonly answer: { readonly status: number } | { readonly problem: string };
  readonly milliseconds: number;
}

export type WireEvent = Exchange | Listing | HttpExchange;
export type Observer = (event: WireEvent) => void;

/** The same transport, its events told to `tell`. What is sent and what comes back is the same bytes. */
export function observed(transport: Transport, tell: Observer): Transport {
  const known = new Map<string, CryptoUnit>();
  return {
    async send(batch) {
      const from = performance.now();
      const answers = await transport.send(batch);
      const milliseconds = performance.now() - from;
      for (const [at, { unit, cprb }] of batch.entries())
        tell({
          kind: "exchange",
          id: unit,
          unit: known.get(unit),
          ...askedIn(cprb),
          answer: answeredIn(answers[at], cprb),
          milliseconds,
          batch: batch.length,
        });
      return answers;
    },
    async hsms(instance) {
      const from = performance.now();
      let answer: Listing["answer"] = { problem: "no list" };
      try {
        const body = await transport.hsms(instance);
        answer = listIn(instance, body, known);
        return body;
      } catch (error) {
        answer = { problem: messageOf(error) };
        throw error;
      } finally {
        tell({ kind: "list", instance, answer, milliseconds: performance.now() - from });
      }
    },
  };
}

/** Notes the units of a list. Never throws. */
function listIn(instance: string, body: string, known: Map<string, CryptoUnit>): Listing["answer"] {
  try {
    const units = readUnitList(instance, body);
    for (const unit of units) known.set(unit.id, unit);
    return { units: units.length };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** What a request CPRB asks for. Never throws. */
function askedIn(cprb: Envelope["cprb"]): Asked {
  try {
    const fields = decodeEnvelope(decodeCprbRequest(cprb).payload);
    if (fieldU32(fields.functionId) === FunctionId.GetXcpInfo) return { ...NOTHING, command: infoName(fields) };
    const { commandId, counter, input } = decodeAdminBlock(fields.third);
    const command = commandFor(commandId, input)?.name ?? commandId.toString(16).padStart(8, "0");
    const own = skisIn(fields.fourth);
    const signers = commandId === CommandId.ImportWk ? [...own, ...skisOfParts(input)] : own;
    return { command, counter: counterOf(counter), signers: [...new Set(signers)] };
  } catch {
    return NOTHING;
  }
}

const NOTHING: Asked = { command: "(malformed request)", counter: null, signers: [] };

function infoName({ third }: Fields): string {
  const subType = fieldU32(third);
  return Object.values(INFO_QUERIES).find((query) => query.subType === subType)?.name ?? `info ${subType}`;
}

function counterOf(bytes: Uint8Array): bigint | null {
  return bytes.length === 0 ? null : BigInt(`0x${toHex(bytes)}`);
}

function skisIn(signatures: Uint8Array): string[] {
  return decodeSignerInfos(signatures).map(({ ski }) => toHex(ski));
}

/** Key parts are requests of their own within the import, signed one by one (ep11-wire.md 10.13). */
function skisOfParts(input: Uint8Array): string[] {
  const skis: string[] = [];
  for (const reader = new Reader(input); reader.more; ) {
    const part = reader.sequence("key part");
    for (const field of ["functionId", "domain", "block"]) part.octets(field);
    skis.push(...skisIn(part.octets("signatures")));
  }
  return skis;
}

/** What an answer says of itself; its OA signature is for the client to verify. Never throws. */
function answeredIn(answer: Uint8Array | Error | undefined, request: Uint8Array): Answered {
  if (!(answer instanceof Uint8Array)) return { problem: answer === undefined ? "no answer" : messageOf(answer) };
  try {
    const payload = payloadOfCprb(answer);
    const isInfo = fieldU32(decodeEnvelope(decodeCprbRequest(request).payload).functionId) === FunctionId.GetXcpInfo;
    if (isInfo) infoOf(payload);
    else outputOf(decodeAdminResponseBlock(adminBlockOf(payload).block));
    return { returnCode: 0 };
  } catch (error) {
    if (!(error instanceof UnitError)) return { problem: `malformed answer: ${messageOf(error)}` };
    const { returnCode, reasonCode, codeName: symbol } = error;
    return { returnCode, reasonCode, symbol };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
