// Jobs of a batch: one question to one unit, or one command to it.

import type { Command, InfoQuery } from "../commands/command.ts";
import { queryDomainAttributes } from "../commands/query-domain-attributes.ts";
import type { AdminResponseBlock } from "../wire/admin-response.ts";
import type { DomainAttributes } from "../wire/attributes.ts";
import type { SubType } from "../wire/ids.ts";
import type { SigningKey } from "./signing.ts";
import type { CryptoUnit } from "./units.ts";

export type { SigningKey };

/** A query, with what makes a result of its answer. */
export interface QueryJob<T> {
  readonly unit: CryptoUnit;
  readonly commandId: number;
  readonly input: Uint8Array;
  /** In: the output, and the block that it came in. */
  readonly decode: (output: Uint8Array, block: AdminResponseBlock) => T;
}

/** A get_xcp_info, with what makes a result of its payload. Not signed: whatever depends on it must be confirmed by a signed answer. */
export interface InfoJob<T> {
  readonly unit: CryptoUnit;
  readonly subType: SubType;
  readonly decode: (payload: Uint8Array) => T;
}

/** What is asked and changes nothing. */
export type Inquiry<T> = QueryJob<T> | InfoJob<T>;

/** What is read of a unit for its next command, and for no other one: what the command must name, and the attributes. */
export interface Reading extends Pick<AdminResponseBlock, "adminDomain" | "moduleId" | "counter"> {
  readonly attributes: DomainAttributes;
}

/** What a command that changes something carries. */
export type CommandInput =
  | { readonly kind: "plain"; readonly bytes: Uint8Array }
  /** Made of the attributes that are read just before the command. */
  | { readonly kind: "from-attributes"; readonly make: (attributes: DomainAttributes) => Uint8Array }
  /** Each part a request of its own, which the signers sign; the outer request is unsigned (ep11-wire.md 10.13). */
  | { readonly kind: "parts"; readonly parts: readonly Uint8Array[] };

/** A command that changes something, with what makes a result of its answer. */
export interface CommandJob<T> {
  readonly unit: CryptoUnit;
  readonly commandId: number;
  readonly input: CommandInput;
  /** Exactly these sign; none in imprint mode. */
  readonly signers: readonly SigningKey[];
  readonly decode: (output: Uint8Array) => T;
}

/** A command whose reading has been made. */
export interface ReadyCommand<T> {
  readonly job: CommandJob<T>;
  readonly reading: Reading;
}

export function queryJob<I, O>(unit: CryptoUnit, command: Command<I, O>, input: I): QueryJob<O> {
  return { unit, commandId: command.id, input: command.encodeInput(input), decode: command.decodeOutput };
}

export function infoJob<O>(unit: CryptoUnit, { subType, decodeOutput }: InfoQuery<O>): InfoJob<O> {
  return { unit, subType, decode: decodeOutput };
}

/** The query of the attributes that goes before every command (ep11-wire.md 5.5). */
export function readingJob(unit: CryptoUnit): QueryJob<Reading> {
  const decode = (output: Uint8Array, { adminDomain, moduleId, counter }: AdminResponseBlock): Reading => {
    return { adminDomain, moduleId, counter, attributes: queryDomainAttributes.decodeOutput(output) };
  };
  return { ...queryJob(unit, queryDomainAttributes, undefined), decode };
}

/** @throws WireError if the input can't be encoded. */
export function commandJob<I, O>(
  unit: CryptoUnit,
  command: Command<I, O>,
  input: I,
  signers: readonly SigningKey[],
): CommandJob<O> {
  const bytes = command.encodeInput(input);
  return { unit, commandId: command.id, input: { kind: "plain", bytes }, signers, decode: command.decodeOutput };
}

/** A command whose input depends on the unit's attributes as they are just before it. */
export function adjustment<I, O>(
  unit: CryptoUnit,
  command: Command<I, O>,
  input: (attributes: DomainAttributes) => I,
  signers: readonly SigningKey[],
): CommandJob<O> {
  const make = (attributes: DomainAttributes): Uint8Array => command.encodeInput(input(attributes));
  return {
    unit,
    commandId: command.id,
    input: { kind: "from-attributes", make },
    signers,
    decode: command.decodeOutput,
  };
}
