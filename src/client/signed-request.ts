// Requests that change something: their blocks, the administrators' signatures, and the requests made of both
// (ep11-wire.md 5.1, 5.2, 5.5 and, for the import of key parts, 10.13).

import { concat, EMPTY } from "../bytes.ts";
import { encodeAdminBlock, encodeAdminRequest } from "../wire/admin.ts";
import type { DomainAttributes } from "../wire/attributes.ts";
import { encodeCprbRequest } from "../wire/cprb.ts";
import { encodeSignerInfos } from "../wire/signer-info.ts";
import type { CommandInput, CommandJob } from "./job.ts";
import type { Question, Sent } from "./question.ts";
import { keyTypeOfSigner, type SigningJob, type SigningKey } from "./signing.ts";
import type { CryptoUnit } from "./units.ts";

/** A request with everything but its signatures. */
export interface Draft {
  readonly unit: CryptoUnit;
  readonly commandId: number;
  readonly signers: readonly SigningKey[];
  readonly sent: Sent;
  /** Encoded blocks: every signer signs every one. */
  readonly blocks: readonly Uint8Array[];
  /** Whether the blocks' requests are parts within another, unsigned one. */
  readonly nested: boolean;
}

/** The blocks of a command, with the attributes that were read for it. */
export function draftOf(job: CommandJob<unknown>, sent: Sent, attributes: DomainAttributes): Draft {
  const { unit, commandId, signers, input } = job;
  const blocks = inputsOf(input, attributes).map((bytes) => encodeAdminBlock({ commandId, ...sent, input: bytes }));
  return { unit, commandId, signers, sent, blocks, nested: input.kind === "parts" };
}

function inputsOf(input: CommandInput, attributes: DomainAttributes): readonly Uint8Array[] {
  if (input.kind === "parts") return input.parts;
  return [input.kind === "plain" ? input.bytes : input.make(attributes)];
}

/** What is to be signed: block by block, for each block signer by signer. */
export function signJobsOf({ blocks, signers }: Draft): SigningJob[] {
  return blocks.flatMap((message) => signers.map(({ key }) => ({ key, message })));
}

/** The request. In: the signatures in the order of {@link signJobsOf}. */
export function requestOf(draft: Draft, signatures: readonly Uint8Array[]): Question {
  const { unit, commandId, sent, signers } = draft;
  const domain = unit.domainIndex;
  const requests = draft.blocks.map((block, at) => {
    const first = at * signers.length;
    const infos = signers.map((signer, k) => {
      return { keyType: keyTypeOfSigner(signer), ski: signer.ski, signature: signatures[first + k]! };
    });
    return encodeAdminRequest({ domain, block, signatures: encodeSignerInfos(infos) });
  });
  const payload = draft.nested ? nest(draft, requests) : requests[0]!;
  return { unit, commandId, cprb: encodeCprbRequest(domain, payload), sent };
}

/** The outer request: same command, same counter, the parts' requests as its input. */
function nest({ unit, commandId, sent }: Draft, parts: readonly Uint8Array[]): Uint8Array {
  const block = encodeAdminBlock({ commandId, ...sent, input: concat(...parts) });
  return encodeAdminRequest({ domain: unit.domainIndex, block, signatures: EMPTY });
}
