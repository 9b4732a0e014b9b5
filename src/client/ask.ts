// What is sent in an exchange, and what becomes of the answers.

import { encodeXcpInfoRequest } from "../wire/admin.ts";
import { outputOf } from "../wire/answer.ts";
import { encodeCprbRequest } from "../wire/cprb.ts";
import type { SignedAnswer } from "./answer.ts";
import type { Parcel } from "./delivery.ts";
import type { CommandJob, InfoJob, Inquiry, QueryJob } from "./job.ts";
import { readFrom } from "./naming.ts";
import { type Question, query } from "./question.ts";

/** A question to which the answer is signed, and what makes a result of an answer that is to be believed. */
export interface SignedAsk<T> {
  readonly question: Question;
  readonly result: (answer: SignedAnswer) => T;
}

/** A get_xcp_info, and what makes a result of its payload, which nobody has signed. */
export interface InfoAsk<T> {
  readonly info: Parcel;
  readonly result: (payload: Uint8Array) => T;
}

export type Ask<T> = SignedAsk<T> | InfoAsk<T>;

/** In: a command and its signed request. */
export function commandAsk<T>({ unit, commandId, decode }: CommandJob<T>, question: Question): SignedAsk<T> {
  return { question, result: (answer) => readFrom(unit, () => decode(outputOf(answer)), commandId) };
}

export function inquiryAsk<T>(job: Inquiry<T>): Ask<T> {
  return "subType" in job ? infoAsk(job) : queryAsk(job);
}

function queryAsk<T>({ unit, commandId, input, decode }: QueryJob<T>): SignedAsk<T> {
  return {
    question: query(unit, commandId, input),
    result: (answer) => readFrom(unit, () => decode(outputOf(answer), answer), commandId, input),
  };
}

function infoAsk<T>({ unit, subType, decode }: InfoJob<T>): InfoAsk<T> {
  const request = encodeXcpInfoRequest({ domain: unit.domainIndex, subType, subQuery: 0 });
  return {
    info: { unit, cprb: encodeCprbRequest(unit.domainIndex, request), sent: null },
    result: (payload) => readFrom(unit, () => decode(payload)),
  };
}
