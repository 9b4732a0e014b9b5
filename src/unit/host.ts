// The simulated crypto units of a store: CPRBs in, CPRBs out. In-process calls, worker threads and HTTP are transports around it.

import type { Core, RootKey, UnitSlot } from "../core/api.ts";
import { Status } from "../core/status.ts";
import { UnknownUnitError, WrongDomainError } from "./errors.ts";
import { forcedItem, type Strike } from "./forced.ts";
import { AdminItem, InfoItem, type Item, Turn } from "./item.ts";
import { OaKeys } from "./oa-keys.ts";
import { planStages } from "./plan.ts";
import { readMessage } from "./request.ts";
import { signAnswers } from "./response.ts";
import { Secrets } from "./secrets.ts";
import { Stage, type Workshop } from "./stage.ts";
import type { UnitStore } from "./state.ts";

/** A request CPRB and the unit it is for. */
export interface UnitRequest {
  /** The unit's id. */
  readonly unit: string;
  readonly cprb: Uint8Array;
  /** What the client says the request belongs to, beside the protocol; for the audit log. At most 128 characters. */
  readonly job?: string;
}

export interface UnitHostOptions {
  /** Units whose secrets are kept open in the card: 1 to a quarter of its slots, by default at most 1,024. */
  readonly hotUnits?: number;
  /** Modules whose OA keys are kept open in the card: 1 to half of its slots, by default at most 256. */
  readonly hotModules?: number;
  /** The modules' clock. */
  readonly clock?: () => Date;
}

/** Requests served together at most. */
const MAX_STAGE = 256;
const MAX_HOT_UNITS = 1024;
const MAX_HOT_MODULES = 256;

export class UnitHost {
  readonly #store: UnitStore;
  readonly #workshop: Workshop;
  readonly #stageLimit: number;

  /** `core` must have the storage key under which the store's secrets are sealed. It is used, not owned. */
  constructor(core: Core, store: UnitStore, options: UnitHostOptions = {}) {
    const hotUnits = share("hotUnits", options.hotUnits, MAX_HOT_UNITS, Math.floor(core.unitSlots / 4));
    const hotModules = share("hotModules", options.hotModules, MAX_HOT_MODULES, Math.floor(core.keySlots / 2));
    this.#store = store;
    // No stage touches more units or modules than can be open at once.
    this.#stageLimit = Math.min(MAX_STAGE, hotUnits, hotModules);
    this.#workshop = {
      core,
      store,
      secrets: new Secrets(core, hotUnits),
      oaKeys: new OaKeys(core, hotModules),
      clock: options.clock ?? (() => new Date()),
    };
  }

  /**
   * Answers a batch, each request in its place. Requests to one unit are served in the order given; state is durable before an
   * answer is returned. In the place of an answer may be an Error: {@link UnknownUnitError} or {@link WrongDomainError} for a
   * request that reached no unit, or what the store or the card threw, and then that request has changed nothing, nor has any
   * that comes after it for the same unit. Never throws for what is in a request.
   */
  handleMany(batch: readonly UnitRequest[]): (Uint8Array | Error)[] {
    const items = this.#read(batch);
    const waiting = items.filter((item): item is Item => item instanceof InfoItem || item instanceof AdminItem);
    this.#serve(waiting);
    return items.map((item) => (item instanceof InfoItem || item instanceof AdminItem ? item.answer! : item));
  }

  /** A batch of one. @throws the Error that handleMany returns. */
  handle(unit: string, cprb: Uint8Array): Uint8Array {
    const answer = this.handleMany([{ unit, cprb }])[0]!;
    if (answer instanceof Error) throw answer;
    return answer;
  }

  /**
   * Does to a unit what nobody has signed, whatever its permissions. Durable and audited as the command of that id, without
   * signers.
   * @throws UnknownUnitError, or what the store or the card threw.
   */
  strike(unit: string, strike: Strike): void {
    const turn = this.#turn(unit);
    if (turn === null) throw new UnknownUnitError(unit);
    const item = forcedItem(turn, strike);
    this.#serve([item]);
    if (item.answer instanceof Error) throw item.answer;
  }

  /**
   * Fresh root keys of the unit's key storage, wrapped under its current master key; null if there is none.
   * @throws UnknownUnitError
   */
  rootKeyGenerate(unit: string, count: number): RootKey[] | null {
    const slot = this.#slot(unit);
    return slot === null ? null : this.#workshop.core.rootKeyGenerate(slot, count);
  }

  /**
   * For each blob the root key's pattern if the unit's current master key unwraps it, else null.
   * @throws UnknownUnitError
   */
  rootKeyPatterns(unit: string, blobs: readonly Uint8Array[]): (Uint8Array | null)[] {
    const slot = this.#slot(unit);
    return slot === null ? blobs.map(() => null) : this.#workshop.core.rootKeyPatterns(slot, blobs);
  }

  /**
   * For each blob the same root key under the unit's new master key, or null if the current one doesn't unwrap it; null for all if
   * the unit has no current key or none that is committed.
   * @throws UnknownUnitError
   */
  rootKeyRewrap(unit: string, blobs: readonly Uint8Array[]): readonly (RootKey | null)[] | null {
    const slot = this.#slot(unit);
    const result = slot === null ? null : this.#workshop.core.rootKeyRewrap(slot, blobs);
    return result?.status === Status.Ok ? result.keys : null;
  }

  /** Wipes all secrets that are open in the card. The host can still be used: it opens them again. */
  close(): void {
    this.#workshop.secrets.clear();
    this.#workshop.oaKeys.clear();
  }

  /** Items for the units, and what else is known of a request already: its answer, or why there is none. */
  #read(batch: readonly UnitRequest[]): (Item | Uint8Array | Error)[] {
    const turns = new Map<string, Turn | null>();
    return batch.map(({ unit, cprb, job }) => {
      const known = turns.get(unit);
      const turn = known === undefined ? this.#turn(unit) : known;
      if (known === undefined) turns.set(unit, turn);
      return turn === null ? new UnknownUnitError(unit) : readItem(turn, cprb, job);
    });
  }

  #turn(unit: string): Turn | null {
    const state = this.#store.unit(unit);
    const module = state && this.#store.module(state.serial);
    return state && module ? new Turn(state, module) : null;
  }

  /**
   * Stage by stage, and the answers of all of them signed in one call. After a stage that failed none is begun: what it came to may be
   * what the others build on.
   */
  #serve(items: readonly Item[]): void {
    let failure: Error | null = null;
    let decided: AdminItem[] = [];
    for (const stage of planStages(items, this.#stageLimit)) {
      // The modules' keys stay open for as many answers as one stage may have.
      if (decided.length + stage.length > this.#stageLimit) {
        failure ??= this.#sign(decided);
        decided = [];
      }
      failure ??= failureOf(() => decided.push(...new Stage(this.#workshop, stage).run()));
      if (failure !== null) for (const item of stage) item.answer = failure;
    }
    this.#sign(decided);
  }

  #sign(items: readonly AdminItem[]): Error | null {
    const failure = failureOf(() => signAnswers(this.#workshop.core, items));
    if (failure !== null) for (const item of items) item.answer = failure;
    return failure;
  }

  /** Slot with the secrets of a unit; null if their seal does not open. */
  #slot(unit: string): UnitSlot | null {
    const state = this.#store.unit(unit);
    if (state === undefined) throw new UnknownUnitError(unit);
    return this.#workshop.secrets.open([state])[0]!;
  }
}

function readItem(turn: Turn, cprb: Uint8Array, job: string | null = null): Item | Uint8Array | Error {
  const { id, domain } = turn.state;
  const message = readMessage(cprb, domain);
  if (message.kind === "admin") return new AdminItem(turn, message, { job });
  if (message.kind === "info") return new InfoItem(turn, message);
  return message.kind === "refused" ? message.answer : new WrongDomainError(id, domain, message.domain);
}

/** What was thrown, as an Error; null if nothing was. */
function failureOf(work: () => void): Error | null {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error("the stage failed", { cause: error });
  }
}

function share(name: string, wanted: number | undefined, usual: number, most: number): number {
  const value = wanted ?? Math.min(usual, most);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${name}: want 1 to ${most}, got ${value}`);
}
