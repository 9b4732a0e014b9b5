// The administrator's end of the protocol. Batch first: every call takes jobs for any number of units and answers job by job, so
// that one failing unit spoils no other. Calls that concern the same unit are to be made one after the other.

import type { InfoQuery } from "../commands/command.ts";
import { queryDomainAttributes } from "../commands/query-domain-attributes.ts";
import { queryDomainInfo } from "../commands/query-domain-info.ts";
import { queryModuleInfo } from "../commands/query-module-info.ts";
import type { Core } from "../core/api.ts";
import { outputOf } from "../wire/answer.ts";
import type { ModuleInfo } from "../wire/module-info.ts";
import { mismatch } from "./answer.ts";
import type { PinnedRoot } from "./chain.ts";
import { regroup } from "./groups.ts";
import type { CommandJob, QueryJob } from "./job.ts";
import { readFrom } from "./naming.ts";
import { batchEach, mapEach, type Outcome, unwrap } from "./outcome.ts";
import { type Question, query } from "./question.ts";
import { type Registers, registersOf } from "./registers.ts";
import { Session } from "./session.ts";
import { type Draft, draftOf, requestOf, signJobsOf } from "./signed-request.ts";
import { type SigningKey, signAll } from "./signing.ts";
import type { Statistics } from "./statistics.ts";
import type { Transport } from "./transport.ts";
import type { KnownKeys } from "./trust.ts";
import { type CryptoUnit, readUnitList } from "./units.ts";

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

  /** Queries, in one batch. A refusal is a UnitError, an answer that is not to be believed a CheckError. */
  async query<T>(jobs: readonly QueryJob<T>[]): Promise<Outcome<T>[]> {
    const answers = await this.#session.ask(jobs.map(({ unit, commandId, input }) => query(unit, commandId, input)));
    return mapEach(answers, (answer, at) => {
      const { unit, decode, commandId, input } = jobs[at]!;
      return readFrom(unit, () => decode(outputOf(answer)), commandId, input);
    });
  }

  /** The master key registers, in one batch. Not signed: see {@link Registers}. */
  async registers(units: readonly CryptoUnit[]): Promise<Outcome<Registers>[]> {
    const infos = await this.#info(units, queryDomainInfo);
    return mapEach(infos, (info, at) => {
      const unit = units[at]!;
      if (info.domain === unit.domainIndex) return registersOf(info);
      throw mismatch(unit, "answer", "domain", `${unit.domainIndex}`, `${info.domain}`);
    });
  }

  /** What the units' modules say of themselves, in one batch. Not signed. */
  async modules(units: readonly CryptoUnit[]): Promise<Outcome<ModuleInfo>[]> {
    return this.#info(units, queryModuleInfo);
  }

  /**
   * Commands that change something. Reads each unit's attributes for each command in one batch, signs all commands in one call of
   * the core (and one of each key outside of it) and sends them in one batch, those to the same unit in the order given and with ascending counters.
   */
  async run<T>(jobs: readonly CommandJob<T>[]): Promise<Outcome<T>[]> {
    const requests = await this.#sign(await this.#draft(jobs));
    const answers = await batchEach(requests, (questions) => this.#session.ask(questions));
    return mapEach(answers, (answer, at) => {
      const { unit, decode, commandId } = jobs[at]!;
      return readFrom(unit, () => decode(outputOf(answer)), commandId);
    });
  }

  /** Signs 100 zero bytes with each key and forgets the result: whether the keys can be used (workstation.md 4). */
  async tryKeys(keys: readonly SigningKey[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.#canSign(key)));
  }

  async #canSign({ key }: SigningKey): Promise<boolean> {
    try {
      return (await signAll(this.#core, [{ key, message: new Uint8Array(100) }]))[0]!.ok;
    } catch {
      return false;
    }
  }

  /** Domain instance, module id, attributes and the next counter for each command, from an answer read for it alone. */
  async #draft(jobs: readonly CommandJob<unknown>[]): Promise<Outcome<Draft>[]> {
    const answers = await this.#session.ask(jobs.map(({ unit }) => query(unit, queryDomainAttributes.id)));
    return mapEach(answers, (answer, at) => {
      const job = jobs[at]!;
      const attributes = readFrom(
        job.unit,
        () => queryDomainAttributes.decodeOutput(outputOf(answer)),
        queryDomainAttributes.id,
      );
      const counter = this.#session.counters.next(job.unit, answer.counter);
      return draftOf(job, { adminDomain: answer.adminDomain, moduleId: answer.moduleId, counter }, attributes);
    });
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

  async #info<T>(units: readonly CryptoUnit[], kind: InfoQuery<T>): Promise<Outcome<T>[]> {
    const payloads = await this.#session.askInfo(units, kind.subType);
    return mapEach(payloads, (payload, at) => readFrom(units[at]!, () => kind.decodeOutput(payload)));
  }
}
