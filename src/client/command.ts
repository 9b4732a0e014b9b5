// Commands that change something: their blocks, the administrators' signatures, and the requests made of both
// (ep11-wire.md 5.1, 5.2, 5.5 and, for the import of key parts, 10.13).

import { concat, EMPTY } from "../bytes.ts";
import type { KeySlot, SignJob } from "../core/api.ts";
import { encodeAdminBlock, encodeAdminRequest } from "../wire/admin.ts";
import type { DomainAttributes } from "../wire/attributes.ts";
import { encodeCprbRequest } from "../wire/cprb.ts";
import { KeyType } from "../wire/ids.ts";
import { encodeSignerInfos } from "../wire/signer-info.ts";
import type { Question, Sent } from "./question.ts";
import type { CryptoUnit } from "./units.ts";

/** An administrator's key in the core that signs. */
export interface SigningKey {
  /** 32 bytes. */
  readonly ski: Uint8Array;
  readonly key: KeySlot;
}

export interface Command<T> {
  readonly unit: CryptoUnit;
  readonly commandId: number;
  /** Exactly these sign. */
  readonly signers: readonly SigningKey[];
  readonly input: CommandInput;
  /** The result in the output of a success. */
  readonly decode: (output: Uint8Array) => T;
}

export type CommandInput =
  | { readonly kind: "plain"; readonly bytes: Uint8Array }
  /** Made of the attributes that are read just before the command. */
  | { readonly kind: "from-attributes"; readonly make: (attributes: DomainAttributes) => Uint8Array }
  /** Each part a request of its own, which the signers sign; the outer request is unsigned. */
  | { readonly kind: "parts"; readonly parts: readonly Uint8Array[] };

/** A command with everything but its signatures. */
export interface Draft {
  readonly unit: CryptoUnit;
  readonly commandId: number;
  readonly signers: readonly SigningKey[];
  readonly sent: Sent;
  /** Encoded blocks: every signer signs every one. */
  readonly blocks: readonly Uint8Array[];
  readonly nested: boolean;
}

/** The blocks of a command. */
export function draft(command: Command<unknown>, sent: Sent, attributes: DomainAttributes): Draft {
  const { unit, commandId, signers, input } = command;
  const blocks = inputsOf(input, attributes).map((bytes) => encodeAdminBlock({ commandId, ...sent, input: bytes }));
  return { unit, commandId, signers, sent, blocks, nested: input.kind === "parts" };
}

function inputsOf(input: CommandInput, attributes: DomainAttributes): readonly Uint8Array[] {
  if (input.kind === "parts") return input.parts;
  return [input.kind === "plain" ? input.bytes : input.make(attributes)];
}

/** What is to be signed: block by block, for each block signer by signer. */
export function signJobs({ blocks, signers }: Draft): SignJob[] {
  return blocks.flatMap((message) => signers.map(({ key }) => ({ key, message })));
}

/** The request. In: the signatures (132 bytes each) in the order of {@link signJobs}. */
export function request(draft: Draft, signatures: readonly Uint8Array[]): Question {
  const { unit, commandId, sent, signers } = draft;
  const domain = unit.domainIndex;
  const requests = draft.blocks.map((block, at) => {
    const infos = signers.map(({ ski }, k) => {
      return { keyType: KeyType.P521, ski, signature: signatures[at * signers.length + k]! };
    });
    return encodeAdminRequest({ domain, block, signatures: encodeSignerInfos(infos) });
  });
  const payload = draft.nested ? nest(draft, requests) : requests[0]!;
  return { unit, commandId, cprb: encodeCprbRequest(domain, payload), sent };
}

/** The unsigned outer request: same command, same counter, the parts' requests as its input. */
function nest({ unit, commandId, sent }: Draft, requests: readonly Uint8Array[]): Uint8Array {
  const block = encodeAdminBlock({ commandId, ...sent, input: concat(...requests) });
  return encodeAdminRequest({ domain: unit.domainIndex, block, signatures: EMPTY });
}
