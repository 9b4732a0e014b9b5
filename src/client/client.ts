// The administrator's end of the protocol. Batch first: every call takes jobs for any number of units and answers job by job, so
// that one failing unit spoils no other. Calls that concern the same unit are to be made one after the other.

import { queryModuleInfo } from "../commands/query-module-info.ts";
import type { Core } from "../core/api.ts";
import type { ModuleInfo } from "../wire/module-info.ts";
import { type Ask, commandAsk, inquiryAsk } from "./ask.ts";
import type { PinnedRoot } from "./chain.ts";
import { regroup } from "./groups.ts";
import { type CommandJob, type Inquiry, infoJob, type QueryJob, type ReadyCommand, readingJob } from "./job.ts";
import { attempt, batchEach, mapEach, type Outcome, success, unwrap } from "./outcome.ts";
import type { Question } from "./question.ts";
import { type Registers, registersJob } from "./registers.ts";
import { Session } from "./session.ts";
import { type Draft, draftOf, requestOf, signJobsOf } from "./signed-request.ts";
import { type SigningKey, signAll } from "./signing.ts";
import type { Statistics } from "./statistics.ts";
import type { Transport } from "./transport.ts";
import type { KnownKeys } from "./trust.ts";
import { type CryptoUnit, readUnitList } from "./units.ts";

/** Lists of questions that go out together, and their outcomes list by list. */
type Inquiries = readonly (readonly Inquiry<unknown>[])[];
type OutcomesOf<L extends Inquiries> = {
  -readonly [K in keyof L]: L[K] extends readonly Inquiry<infer T>[] ? Outcome<T>[] : never;
};

export interface ClientOptions {
  readonly transport: Transport;
  /** Holds the administrators' P-521 keys and signs with them; verifies what the units sign. */
  readonly core: Core;
  /** The roots at which certificate chains of modules may end; anything else is refused. */
  readonly roots: readonly PinnedRoot[];
  /** OA keys of modules that were met before: one that has another key now is refused. */
  readonly known?: KnownKeys;
}

export class Client {
  readonly #transport: Transport;
  readonly #core: Core;
  readonly #session: Session;

  constructor(options: ClientOptions) {
    this.#transport = options.transport;
    this.#core = options.core;
    this.#session = new Session(options);
  }

  /** What this client has done so far. */
  get statistics(): Statistics {
    return { ...this.#session.totals };
  }

  /** The crypto units of a service instance, in the order in which they are numbered. @throws TransportError, WireError. */
  async units(instance: string): Promise<CryptoUnit[]> {
    return readUnitList(instance, await this.#transport.hsms(instance));
  }

  /** The OA key of each unit's module, 133 bytes: its certificate chain is good. */
  async oaKeys(units: readonly CryptoUnit[]): Promise<Outcome<Uint8Array>[]> {
    return this.#session.oaKeys(units);
  }

  /**
   * Asks any number of lists of questions in one batch. A refusal is a UnitError, an answer that is not to be believed a
   * CheckError. Answers to get_xcp_info are not signed: see {@link Registers}.
   */
  async ask<L extends Inquiries>(...lists: L): Promise<OutcomesOf<L>> {
    const [, ...outcomes] = await this.send([], ...lists);
    return outcomes as OutcomesOf<L>;
  }

  /** Queries, in one batch. */
  async query<T>(jobs: readonly QueryJob<T>[]): Promise<Outcome<T>[]> {
    const [outcomes] = await this.ask(jobs);
    return outcomes;
  }

  /** The master key registers, in one batch. Not signed: see {@link Registers}. */
  async registers(units: readonly CryptoUnit[]): Promise<Outcome<Registers>[]> {
    const [outcomes] = await this.ask(units.map(registersJob));
    return outcomes;
  }

  /** What the units' modules say of themselves, in one batch. Not signed. */
  async modules(units: readonly CryptoUnit[]): Promise<Outcome<ModuleInfo>[]> {
    const [outcomes] = await this.ask(units.map((unit) => infoJob(unit, queryModuleInfo)));
    return outcomes;
  }

  /** Commands that change something: reads each unit's attributes for each command in one batch, then sends them in one. */
  async run<T>(jobs: readonly CommandJob<T>[]): Promise<Outcome<T>[]> {
    const [readings] = await this.ask(jobs.map(({ unit }) => readingJob(unit)));
    return batchEach(readings, async (ready, places) => {
      const [outcomes] = await this.send(ready.map((reading, k) => ({ job: jobs[places[k]!]!, reading })));
      return outcomes;
    });
  }

  /**
   * Sends commands, each with a reading of its own, and behind them, in the same batch, lists of questions: such as the readings for
   * the next commands. Signs all commands in one call of the core (and one of each key outside of it). Those to the same unit
   * keep their order and have ascending counters.
   */
  async send<T, L extends Inquiries>(
    commands: readonly ReadyCommand<T>[],
    ...behind: L
  ): Promise<[Outcome<T>[], ...OutcomesOf<L>]> {
    const requests = await this.#sign(commands.map((command) => attempt(() => this.#draft(command))));
    const asks = mapEach<Question, Ask<unknown>>(requests, (request, at) => commandAsk(commands[at]!.job, request));
    const all = [...asks, ...behind.flat().map((job) => success(inquiryAsk(job)))];
    const outcomes = await batchEach(all, (ready) => this.#session.ask(ready));
    const lists = regroup(
      outcomes,
      [commands, ...behind].map(({ length }) => length),
    );
    return lists as [Outcome<T>[], ...OutcomesOf<L>];
  }

  /** Signs 100 zero bytes with each key and forgets the result (workstation.md 4): why a key can't be used, null if it can. */
  async tryKeys(keys: readonly SigningKey[]): Promise<(Error | null)[]> {
    return Promise.all(keys.map((key) => this.#whyNot(key)));
  }

  async #whyNot({ key }: SigningKey): Promise<Error | null> {
    try {
      const [outcome] = await signAll(this.#core, [{ key, message: new Uint8Array(100) }]);
      return outcome!.ok ? null : outcome!.error;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #draft({ job, reading }: ReadyCommand<unknown>): Draft {
    const { adminDomain, moduleId, attributes } = reading;
    const counter = this.#session.counters.next(job.unit, reading.counter);
    return draftOf(job, { adminDomain, moduleId, counter }, attributes);
  }

  /** All signatures of all drafts; a draft that lacks one fails. */
  async #sign(drafts: readonly Outcome<Draft>[]): Promise<Outcome<Question>[]> {
    const jobs = drafts.map((draft) => (draft.ok ? signJobsOf(draft.value) : []));
    const signatures = await signAll(this.#core, jobs.flat());
    this.#session.totals.signaturesMade += signatures.filter(({ ok }) => ok).length;
    const groups = regroup(
      signatures,
      jobs.map(({ length }) => length),
    );
    return mapEach(drafts, (draft, at) => requestOf(draft, groups[at]!.map(unwrap)));
  }
}
