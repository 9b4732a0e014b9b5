// Jobs of a batch: one query of one unit, or one command to it.

import type { Command } from "../commands/command.ts";
import type { DomainAttributes } from "../wire/attributes.ts";
import type { SigningKey } from "./signing.ts";
import type { CryptoUnit } from "./units.ts";

export type { SigningKey };

/** A query, with what makes a result of its answer. */
export interface QueryJob<T> {
  readonly unit: CryptoUnit;
  readonly commandId: number;
  readonly input: Uint8Array;
  readonly decode: (output: Uint8Array) => T;
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

export function queryJob<I, O>(unit: CryptoUnit, command: Command<I, O>, input: I): QueryJob<O> {
  return { unit, commandId: command.id, input: command.encodeInput(input), decode: command.decodeOutput };
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
