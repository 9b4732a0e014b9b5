// A stage: requests that are served together, each step for all of them at once (design: batches all the way down).
//
//   open the modules' keys -> verify all signatures -> policy, in order -> execute -> seal -> commit
//
// Until the commit nothing has happened: changed secrets are in copies of slots, changed states are values that nobody has seen.

import type { Core, UnitSlot } from "../core/api.ts";
import { ReturnCode } from "../wire/codes.ts";
import { unitContext } from "./contexts.ts";
import { type Card, Done, type Handler, type Job, type Outcome } from "./handler.ts";
import { answerInfo } from "./info.ts";
import { AdminItem, type Item, type Turn } from "./item.ts";
import type { OaKeys } from "./oa-keys.ts";
import { Admission, answerQuery, signatureRefusal } from "./policy.ts";
import { distinctSigners } from "./quorum.ts";
import { Refusal, Refused } from "./refusal.ts";
import { shortAnswer } from "./request.ts";
import type { Secrets } from "./secrets.ts";
import type { AuditEntry, Change, UnitState, UnitStore } from "./state.ts";

/** What stages work with. */
export interface Workshop {
  readonly core: Core;
  readonly store: UnitStore;
  readonly secrets: Secrets;
  readonly oaKeys: OaKeys;
  readonly clock: () => Date;
}

export class Stage implements Card {
  readonly core: Core;
  readonly #workshop: Workshop;
  readonly #items: readonly Item[];
  /** Items that are answered with a signature. */
  readonly #admin: AdminItem[] = [];
  /** Copies of slots made by handlers, as long as they are not the units' own. */
  readonly #copies = new Set<UnitSlot>();

  constructor(workshop: Workshop, items: readonly Item[]) {
    this.core = workshop.core;
    this.#workshop = workshop;
    this.#items = items;
  }

  /**
   * Decides all items, and answers those whose answers are not signed. If the commit fails, nothing has changed.
   * @returns the others, whose answers are to be signed while the modules' keys are open
   * @throws whatever the store or the card threw.
   */
  run(): readonly AdminItem[] {
    try {
      this.#open();
      this.#verify();
      this.#decide();
      this.#execute();
      this.#commit();
      return this.#admin;
    } finally {
      for (const slot of this.#copies) this.core.unitFree(slot);
      for (const { turn } of this.#items) turn.settle(turn.state);
    }
  }

  copy(slot: UnitSlot): UnitSlot {
    const copy = this.core.unitCopy(slot);
    this.#copies.add(copy);
    return copy;
  }

  /** Opens the keys that will sign. A module without one can't do anything, and says so unsigned. */
  #open(): void {
    for (const item of this.#items) {
      if (!(item instanceof AdminItem)) continue;
      const { turn, message, handler } = item;
      item.key = this.#workshop.oaKeys.get(turn.module);
      if (item.key === null) {
        item.answer = shortAnswer(message.header, turn.state.domain, ReturnCode.IBM_INTERNAL_ERROR);
        continue;
      }
      this.#admin.push(item);
      if (handler) item.admission = new Admission(handler, message.block, turn.state, turn.module);
    }
  }

  /** All signatures of the stage in one call, speculatively: what a command before changes is at most the counter. */
  #verify(): void {
    const items = this.#admin.filter((item) => !item.forced && item.admission?.refusal(item.turn.counter) === null);
    for (const item of items) item.signatures = item.admission!.signatures(item.message);
    const jobs = items.flatMap(({ signatures }) => signatures);
    if (jobs.length === 0) return;
    const verdicts = this.core.verifyQuorum(jobs);
    let at = 0;
    for (const item of items) {
      item.verdicts = verdicts.slice(at, at + item.signatures.length);
      at += item.signatures.length;
    }
  }

  /** Steps 6 to 15 for each request, in order. */
  #decide(): void {
    for (const item of this.#items) {
      const { turn } = item;
      if (!(item instanceof AdminItem)) {
        item.answer = answerInfo(item.message, turn.state, turn.module, this.#workshop.clock());
        continue;
      }
      if (item.key === null) continue;
      item.outcome = item.handler ? admitted(item) : queried(item);
      item.counter = turn.counter;
      item.domainInstance = turn.state.domainInstance;
    }
  }

  /** Steps 16 and 17, all jobs of a handler at once. */
  #execute(): void {
    const ready = this.#withSecrets(this.#admin.filter(({ accepted, outcome }) => accepted && outcome === null));
    for (const [handler, items] of groupByHandler(ready)) {
      const outcomes = handler.execute(items.map(jobOf), this);
      for (const [i, item] of items.entries()) conclude(item, outcomes[i]!);
    }
  }

  /** Opens the secrets that commands ask for. One whose unit's seal does not open gets no further. */
  #withSecrets(items: readonly AdminItem[]): readonly AdminItem[] {
    const turns = [...new Set(items.filter(({ handler }) => handler?.secrets).map(({ turn }) => turn))];
    if (turns.length === 0) return items;
    const slots = this.#workshop.secrets.open(turns.map(({ state }) => state));
    const open = new Map(turns.map((turn, i) => [turn, slots[i]!]));
    for (const item of items) {
      if (!item.handler?.secrets) continue;
      item.slot = open.get(item.turn) ?? null;
      if (item.slot === null) item.outcome = Refused.internalError;
    }
    return items.filter(({ outcome }) => outcome === null);
  }

  /** One durable step for all units of the stage; then their new secrets take the place of the old ones. */
  #commit(): void {
    for (const item of this.#admin) if (item.accepted) item.turn.audit.push(auditEntry(item));
    const turns = [...new Set(this.#admin.filter(({ accepted }) => accepted).map(({ turn }) => turn))];
    if (turns.length === 0) return;
    this.#seal(turns.filter(({ slot }) => slot !== null));
    const changes = turns.map((turn) => turn.change());
    this.#workshop.store.commit(changes);
    for (const [i, turn] of turns.entries()) this.#settle(turn, changes[i]!);
  }

  /** Seals changed secrets in one call, each bound to the state it belongs to. */
  #seal(turns: readonly Turn[]): void {
    const kept = turns.filter(({ next }) => hasSecrets(next!));
    const jobs = kept.map(({ next, slot }) => ({ slot: slot!, context: unitContext(next!) }));
    const blobs = jobs.length === 0 ? [] : this.core.unitSeal(jobs);
    for (const turn of turns) turn.next = { ...turn.next!, sealed: null };
    kept.forEach((turn, i) => {
      turn.next = { ...turn.next!, sealed: blobs[i]! };
    });
  }

  #settle(turn: Turn, { previous, next }: Change): void {
    const { secrets } = this.#workshop;
    if (next.sealed === null) secrets.forget(next.id);
    else if (next.sealed !== previous.sealed) {
      secrets.replace(next, turn.slot!);
      this.#copies.delete(turn.slot!);
    }
    turn.settle(next);
  }
}

/** Steps 8 to 15 of a command. Its counter is consumed between the signatures and all that comes after. */
function admitted(item: AdminItem): Refusal | null {
  const { turn, message, admission, forced } = item;
  const refusal = admission!.refusal(turn.counter) ?? signatureRefusal(item.signatures, item.verdicts);
  if (refusal !== null && !forced) return refusal;
  turn.counter = message.block.counter.slice();
  item.accepted = true;
  return forced ? null : admission!.forbidden();
}

/** Steps 6 and 7 of anything else. */
function queried({ query, message, turn }: AdminItem): Outcome {
  if (query === undefined) return Refused.unknownCommand;
  const output = answerQuery(query, message.block, turn.state, turn.module);
  return output instanceof Refusal ? output : new Done(output);
}

function conclude(item: AdminItem, outcome: Outcome): void {
  item.outcome = outcome;
  if (outcome instanceof Refusal || outcome.next === null) return;
  item.domainInstance = outcome.next.domainInstance;
  item.turn.next = outcome.next;
  item.turn.slot = outcome.slot;
}

function groupByHandler(items: readonly AdminItem[]): Map<Handler<unknown>, AdminItem[]> {
  const groups = new Map<Handler<unknown>, AdminItem[]>();
  for (const item of items) {
    const group = groups.get(item.handler!);
    if (group) group.push(item);
    else groups.set(item.handler!, [item]);
  }
  return groups;
}

function jobOf({ turn, admission, slot }: AdminItem): Job<unknown> {
  return { state: turn.state, input: admission!.input, slot: slot! };
}

function hasSecrets({ registers, importer }: UnitState): boolean {
  return registers.current !== null || registers.next !== null || importer !== null;
}

function auditEntry({ turn, message, signatures, outcome, counter, job }: AdminItem): AuditEntry {
  const refusal = outcome instanceof Refusal ? outcome : null;
  const { registers } = turn.state;
  return {
    unit: turn.state.id,
    command: message.block.commandId,
    returnCode: refusal?.returnCode ?? ReturnCode.OK,
    reasonCode: refusal?.reasonCode ?? null,
    signers: distinctSigners(signatures),
    counter,
    before: registers,
    after: outcome instanceof Done ? (outcome.next?.registers ?? registers) : registers,
    job,
  };
}
