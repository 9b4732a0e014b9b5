// A request on its way through a stage, and the unit it is for.

import type { QuorumVerdict, UnitSlot } from "../core/api.ts";
import type { Handler, Outcome, Query } from "./handler.ts";
import { HANDLERS, QUERIES } from "./handlers/index.ts";
import type { OaKey } from "./oa-keys.ts";
import type { Admission } from "./policy.ts";
import type { Signatures } from "./quorum.ts";
import type { AdminMessage, InfoMessage } from "./request.ts";
import type { AuditEntry, Change, ModuleState, UnitState } from "./state.ts";

/** A unit in a batch: its durable state, and what the stage under way makes of it. */
export class Turn {
  readonly module: ModuleState;
  state: UnitState;
  /** The counter after the last command accepted. */
  counter: Uint8Array;
  /** The state after the command that changed more than the counter: at most one in a stage, and then the last. */
  next: UnitState | null = null;
  /** The slot with the secrets of `next`, if they changed. */
  slot: UnitSlot | null = null;
  audit: AuditEntry[] = [];

  constructor(state: UnitState, module: ModuleState) {
    this.module = module;
    this.state = state;
    this.counter = state.counter;
  }

  /** What the stage comes to. */
  change(): Change {
    return { previous: this.state, next: { ...(this.next ?? this.state), counter: this.counter }, audit: this.audit };
  }

  /** Begins anew from `state`: what the stage led to or, if nothing came of it, the state before. */
  settle(state: UnitState): void {
    this.state = state;
    this.counter = state.counter;
    this.next = null;
    this.slot = null;
    this.audit = [];
  }
}

/** A get_xcp_info. */
export class InfoItem {
  readonly turn: Turn;
  readonly message: InfoMessage;
  readonly readOnly = true;
  answer: Uint8Array | Error | null = null;

  constructor(turn: Turn, message: InfoMessage) {
    this.turn = turn;
    this.message = message;
  }
}

/** An admin command or query. */
export class AdminItem {
  readonly turn: Turn;
  readonly message: AdminMessage;
  /** One of the two, or none: step 6. */
  readonly handler: Handler<unknown> | undefined;
  readonly query: Query | undefined;
  /** Steps 8 to 15 are passed over: a command that did not come through the protocol. */
  readonly forced: boolean;
  readonly job: string | null;
  answer: Uint8Array | Error | null = null;

  /** Signs the answer. */
  key: OaKey | null = null;
  admission: Admission | null = null;
  signatures: readonly Signatures[] = [];
  verdicts: readonly QuorumVerdict[] = [];
  /** Whether the command's counter was consumed. */
  accepted = false;
  /** The unit's secrets, for handlers that ask for them. */
  slot: UnitSlot | null = null;
  /** What came of it; null as long as nothing speaks against the command. */
  outcome: Outcome | null = null;
  /** The unit's counter and domain instance after it. */
  counter: Uint8Array;
  domainInstance: number;

  constructor(
    turn: Turn,
    message: AdminMessage,
    { forced = false, job = null }: { readonly forced?: boolean; readonly job?: string | null } = {},
  ) {
    this.turn = turn;
    this.message = message;
    this.forced = forced;
    this.job = job;
    this.handler = HANDLERS.get(message.block.commandId);
    this.query = QUERIES.get(message.block.commandId);
    this.counter = turn.counter;
    this.domainInstance = turn.state.domainInstance;
  }

  /** Whether it leaves the unit as it is, the counter apart. */
  get readOnly(): boolean {
    return this.handler?.readOnly ?? true;
  }
}

export type Item = InfoItem | AdminItem;
