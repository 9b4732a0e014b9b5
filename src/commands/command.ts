// What every command module exports, and the parts that several of them share.

import { EMPTY } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { type Refusal, ReturnCode } from "../wire/codes.ts";
import { PATTERN_SIZE } from "../wire/domain-info.ts";
import type { CommandId, SubType } from "../wire/ids.ts";

/**
 * One admin command, both directions: a client encodes the input and decodes the output, a unit the other way round.
 * Decoders return views and throw WireError; I or O is undefined where the command has no input or output.
 */
export interface Command<I, O> {
  readonly id: CommandId;
  /** Unique, for logs and for finding a unit's handler. */
  readonly name: string;
  /** Where its format is fixed. */
  readonly section: string;
  /** What a unit answers if `decodeInput` throws. */
  readonly malformedInput: Refusal;
  encodeInput(input: I): Uint8Array;
  decodeInput(bytes: Uint8Array): I;
  encodeOutput(output: O): Uint8Array;
  decodeOutput(bytes: Uint8Array): O;
}

/** One kind of get_xcp_info: not an admin command, so it has no block and no signature. */
export interface InfoQuery<O> {
  readonly subType: SubType;
  readonly name: string;
  readonly section: string;
  encodeOutput(output: O): Uint8Array;
  decodeOutput(bytes: Uint8Array): O;
}

/** The input half of a command that takes none; given one, a unit answers 33 without a reason. */
export const noInput = {
  malformedInput: { returnCode: ReturnCode.DATA_LEN_RANGE },
  encodeInput: (_: undefined): Uint8Array => EMPTY,
  decodeInput: (bytes: Uint8Array): undefined => nothing(bytes, "input"),
} as const;

/** The output half of a command that returns nothing. */
export const noOutput = {
  encodeOutput: (_: undefined): Uint8Array => EMPTY,
  decodeOutput: (bytes: Uint8Array): undefined => nothing(bytes, "output"),
} as const;

/** The output half of a command that returns the verification pattern of a key. */
export const patternOutput = {
  encodeOutput: (pattern: Uint8Array): Uint8Array => fixed("pattern", pattern, PATTERN_SIZE),
  decodeOutput: (bytes: Uint8Array): Uint8Array => fixed("pattern", bytes, PATTERN_SIZE),
} as const;

/** The input half of a command that names the new key by its verification pattern. */
export const patternInput = {
  malformedInput: { returnCode: ReturnCode.DATA_LEN_RANGE, reasonCode: 48 },
  encodeInput: (pattern: Uint8Array): Uint8Array => fixed("pattern", pattern, PATTERN_SIZE),
  decodeInput: (bytes: Uint8Array): Uint8Array => fixed("pattern", bytes, PATTERN_SIZE),
} as const;

/** `bytes` itself. @throws WireError unless it has this size. */
export function fixed(field: string, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw new WireError(field, 0, `${size} bytes`, `${bytes.length}`);
  return bytes;
}

function nothing(bytes: Uint8Array, field: string): undefined {
  fixed(field, bytes, 0);
  return undefined;
}
