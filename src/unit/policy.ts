// Who may do what, and in which order it is checked: steps 6 to 15 of unit-behaviour.md 8, for all commands, in one place. Step
// 6, whether there is such a command, is the tables of handlers/; steps 16 and 17 are the handlers' own.

import { readU32 } from "../bytes.ts";
import type { QuorumVerdict } from "../core/api.ts";
import type { AdminBlock } from "../wire/admin.ts";
import { COUNTER_SIZE, compareCounters } from "../wire/counter.ts";
import { inImprintMode } from "./attributes.ts";
import type { Handler, Query } from "./handler.ts";
import { quorumRefusal, readSignatures, type Signatures } from "./quorum.ts";
import { Refusal, Refused } from "./refusal.ts";
import type { AdminMessage } from "./request.ts";
import type { ModuleState, UnitState } from "./state.ts";

const ADMIN_DOMAIN_SIZE = 8;
const MODULE_ID_SIZE = 16;
const SERIAL_SIZE = 8;

/** Step 7: the output of a query. */
export function answerQuery(
  query: Query,
  { adminDomain, input }: AdminBlock,
  state: UnitState,
  module: ModuleState,
): Uint8Array | Refusal {
  const own = adminDomain.length === ADMIN_DOMAIN_SIZE && readU32(adminDomain) === state.domain;
  return query.ownDomain && !own ? Refused.domainIndex : query.answer(input, state, module);
}

/** Steps 8 to 15 of one command, against the state that its unit has when a stage begins. */
export class Admission {
  readonly #block: AdminBlock;
  /** Steps 8 and 9. */
  readonly #misaddressed: Refusal | null;
  /** Steps 11 to 13. */
  readonly #unfit: Refusal | null;
  readonly #handler: Handler<unknown>;
  readonly #state: UnitState;
  /** The command's input, if nothing is wrong with it. */
  readonly input: unknown;

  constructor(handler: Handler<unknown>, block: AdminBlock, state: UnitState, module: ModuleState) {
    this.#block = block;
    this.#handler = handler;
    this.#state = state;
    this.#misaddressed = domainRefusal(block, state) ?? moduleRefusal(block, module);
    const input = this.#misaddressed ?? fitInput(handler, block, state);
    this.#unfit = input instanceof Refusal ? input : null;
    this.input = input;
  }

  /** The first of steps 8 to 13 that fails while the unit's counter is `counter`, or null. Step 10 is between the others. */
  refusal(counter: Uint8Array): Refusal | null {
    return this.#misaddressed ?? counterRefusal(this.#block, counter) ?? this.#unfit;
  }

  /** Step 14, first half: the signatures to be verified, on the block, on parts of the input, or none. */
  signatures(message: AdminMessage): Signatures[] {
    const { administrators } = this.#state;
    const required = this.#handler.required(this.#state, this.input);
    const parts = this.#handler.parts?.(this.input) ?? [];
    const signed =
      required > 0 ? [{ message: message.message, signatures: message.signatures, required }, ...parts] : parts;
    return signed.map((one) => readSignatures(one, administrators));
  }

  /** Step 15. */
  forbidden(): Refusal | null {
    return this.#handler.permit?.(this.#state, this.input) ?? null;
  }
}

/** Step 14, second half: the first set of signatures that is not good enough decides. */
export function signatureRefusal(
  signatures: readonly Signatures[],
  verdicts: readonly QuorumVerdict[],
): Refusal | null {
  for (const [i, one] of signatures.entries()) {
    const refusal = quorumRefusal(one, verdicts[i]!);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Step 8. */
function domainRefusal({ adminDomain }: AdminBlock, state: UnitState): Refusal | null {
  if (adminDomain.length !== ADMIN_DOMAIN_SIZE) return Refused.domainFormat;
  if (readU32(adminDomain) !== state.domain) return Refused.domainIndex;
  return readU32(adminDomain, 4) === state.domainInstance ? null : Refused.domainInstance;
}

/** Step 9. */
function moduleRefusal({ moduleId }: AdminBlock, { serial, instance }: ModuleState): Refusal | null {
  if (moduleId.length !== MODULE_ID_SIZE) return Refused.moduleFormat;
  for (let i = 0; i < instance.length; i++)
    if (moduleId[SERIAL_SIZE + i] !== instance[i]) return Refused.moduleInstance;
  for (let i = 0; i < SERIAL_SIZE; i++) if (moduleId[i] !== serial.charCodeAt(i)) return Refused.serialNumber;
  return null;
}

/** Step 10. */
function counterRefusal(block: AdminBlock, counter: Uint8Array): Refusal | null {
  if (block.counter.length !== COUNTER_SIZE) return Refused.counterFormat;
  return compareCounters(block.counter, counter) > 0 ? null : Refused.counterPassed;
}

/** Steps 11 to 13. */
function fitInput(handler: Handler<unknown>, block: AdminBlock, state: UnitState): unknown {
  const imprint = inImprintMode(state.attributes);
  if (imprint && !handler.imprint) return Refused.imprintMode;
  const input = handler.parse(block.input, block);
  if (input instanceof Refusal || !imprint) return input;
  return handler.rehearse?.(state, input) ?? input;
}
