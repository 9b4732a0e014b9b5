// What a unit knows about a command: the facts that policy.ts decides by, and what the command does. Formats are in commands/.

import { EMPTY, equal } from "../bytes.ts";
import type { Command } from "../commands/command.ts";
import type { Core, Registers, UnitSlot } from "../core/api.ts";
import { Status } from "../core/status.ts";
import { WireError } from "../errors.ts";
import type { AdminBlock } from "../wire/admin.ts";
import { Refusal, Refused } from "./refusal.ts";
import type { ModuleState, UnitState } from "./state.ts";

/** A command that was allowed: what it is executed with. */
export interface Job<Input> {
  /** The unit before the command. */
  readonly state: UnitState;
  readonly input: Input;
  /** The unit's secrets, to be read and copied, not changed. Only handlers that ask for `secrets` have it. */
  readonly slot: UnitSlot;
}

/** What a command did. It counts only if it is committed. */
export class Done {
  readonly output: Uint8Array;
  /** The unit after it, counter and sealed secrets apart; null if nothing else has changed. */
  readonly next: UnitState | null;
  /** Where the unit's secrets are from now on; null if they have not changed. */
  readonly slot: UnitSlot | null;

  constructor(output: Uint8Array, next: UnitState | null = null, slot: UnitSlot | null = null) {
    this.output = output;
    this.next = next;
    this.slot = slot;
  }
}

export type Outcome = Done | Refusal;

/** The card, as far as handlers work with it. */
export interface Card {
  readonly core: Core;
  /** A copy of a unit's slot, to be changed. It is wiped unless a Done that names it is committed. */
  copy(slot: UnitSlot): UnitSlot;
}

/** Bytes with administrators' signatures on them. */
export interface Signed {
  readonly message: Uint8Array;
  /** SignerInfos, one after the other. */
  readonly signatures: Uint8Array;
  /** Distinct signers wanted. */
  readonly required: number;
}

/** A command that changes the unit, if only its counter. Steps are those of unit-behaviour.md 8. */
export interface Handler<Input> {
  readonly id: number;
  /** Step 11: whether it is served in imprint mode. */
  readonly imprint: boolean;
  /** Whether the unit's state stays as it is, the counter apart. */
  readonly readOnly: boolean;
  /** Whether it works with the unit's secrets. */
  readonly secrets: boolean;
  /** Step 12: the input, as far as it can be judged without the unit's state. */
  parse(input: Uint8Array, block: AdminBlock): Input | Refusal;
  /** Step 13, in imprint mode alone. */
  rehearse?(state: UnitState, input: Input): Refusal | null;
  /** Step 14: distinct signers wanted on the block (4.1); 0: its signatures are not looked at. */
  required(state: UnitState, input: Input): number;
  /** Step 14: signed parts inside the input. */
  parts?(input: Input): readonly Signed[];
  /** Step 15: permissions. */
  permit?(state: UnitState, input: Input): Refusal | null;
  /** Steps 16 and 17, for all jobs of a stage, each of another unit unless the handler is read-only. One outcome for each. */
  execute(jobs: readonly Job<Input>[], card: Card): Outcome[];
}

/** A query: unsigned, without effect. */
export interface Query {
  readonly id: number;
  /** Whether the block's administrative domain must be the unit's (step 7). */
  readonly ownDomain: boolean;
  /** The output. */
  answer(input: Uint8Array, state: UnitState, module: ModuleState): Uint8Array | Refusal;
}

// --- what many handlers share ----------------------------------------------------------------------------------------------

/** The input half of a format. */
type InputFormat<Input> = Pick<Command<Input, unknown>, "id" | "malformedInput" | "decodeInput">;

/** Reads a command's input by its format; what does not decode gets the format's refusal. */
export function reader<Input>(format: InputFormat<Input>): (input: Uint8Array) => Input | Refusal {
  const malformed = new Refusal(format.malformedInput.returnCode, format.malformedInput.reasonCode);
  return (input) => {
    try {
      return format.decodeInput(input);
    } catch (error) {
      if (error instanceof WireError) return malformed;
      throw error;
    }
  };
}

/** Id and step 12 of a command whose input its format judges completely. */
export function reads<Input>(format: InputFormat<Input>): Pick<Handler<Input>, "id" | "parse"> {
  return { id: format.id, parse: reader(format) };
}

/** Signers wanted: S, the signature threshold; 0 in imprint mode. */
export function signatureThreshold({ attributes }: UnitState): number {
  return attributes.signatureThreshold;
}

/** Signers wanted: one. For commands that imprint mode does not allow. */
export function oneSignature(): number {
  return 1;
}

/** Executes jobs one by one. */
export function each<Input>(
  execute: (job: Job<Input>, card: Card) => Outcome,
): (jobs: readonly Job<Input>[], card: Card) => Outcome[] {
  return (jobs, card) => jobs.map((job) => execute(job, card));
}

// --- steps of the register lifecycle -----------------------------------------------------------------------------------------

/** A step that the card takes on a copy of the unit's secrets. */
export function transition(job: Job<unknown>, card: Card, step: (core: Core, slot: UnitSlot) => Status): Outcome {
  const slot = card.copy(job.slot);
  const status = step(card.core, slot);
  return status === Status.Ok ? registersChanged(job.state, card, slot) : refusalOf(status);
}

/** The outcome of a step whose result `slot` holds; nothing has changed if all is as it was. */
export function registersChanged(state: UnitState, card: Card, slot: UnitSlot, output: Uint8Array = EMPTY): Done {
  const registers = card.core.registers(slot);
  return sameRegisters(state.registers, registers) ? new Done(output) : new Done(output, { ...state, registers }, slot);
}

/** The unit's words for the card's. */
export function refusalOf(status: Status): Refusal {
  return REFUSALS.get(status) ?? Refused.internalError;
}

const REFUSALS: ReadonlyMap<Status, Refusal> = new Map([
  [Status.CurrentEmpty, Refused.currentEmpty],
  [Status.NewEmpty, Refused.nextEmpty],
  [Status.NotCommitted, Refused.nextNotCommitted],
  [Status.PatternMismatch, Refused.patternMismatch],
  [Status.BothOccupied, Refused.bothOccupied],
  [Status.SameKey, Refused.sameKey],
  [Status.NoImporter, Refused.importerMissing],
]);

function sameRegisters(a: Registers, b: Registers): boolean {
  return (
    samePattern(a.current, b.current) &&
    samePattern(a.next?.pattern ?? null, b.next?.pattern ?? null) &&
    a.next?.committed === b.next?.committed
  );
}

function samePattern(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equal(a, b);
}
