// Questions and answers: sends a batch of questions, verifies every OA signature of the answers in one call of the core, and
// compares each answer with its question.

import type { Core } from "../core/api.ts";
import { encodeXcpInfoRequest } from "../wire/admin.ts";
import { decodeXcpInfoResponse } from "../wire/admin-response.ts";
import { payloadOfCprb } from "../wire/answer.ts";
import { encodeCprbRequest } from "../wire/cprb.ts";
import type { SubType } from "../wire/ids.ts";
import { checkEcho, mismatch, openAnswer, type SignedAnswer } from "./answer.ts";
import type { PinnedRoot } from "./chain.ts";
import { Counters } from "./counters.ts";
import { Delivery } from "./delivery.ts";
import { readFrom } from "./naming.ts";
import { batchEach, mapEach, type Outcome, unwrap } from "./outcome.ts";
import type { Question } from "./question.ts";
import { noTotals, type Totals } from "./statistics.ts";
import type { Transport } from "./transport.ts";
import { type KnownKeys, ModuleTrust } from "./trust.ts";
import type { CryptoUnit } from "./units.ts";
import { Verifier } from "./verification.ts";

export interface SessionOptions {
  readonly transport: Transport;
  /** Verifies answers, and holds the administrators' keys. */
  readonly core: Core;
  /** Where certificate chains must end. */
  readonly roots: readonly PinnedRoot[];
  /** OA keys of modules that were met before. */
  readonly known?: KnownKeys;
}

export class Session {
  readonly counters = new Counters();
  readonly totals: Totals = noTotals();
  readonly #delivery: Delivery;
  readonly #verifier: Verifier;
  readonly #trust: ModuleTrust;

  constructor({ transport, core, roots, known }: SessionOptions) {
    this.#delivery = new Delivery(transport, this.totals);
    this.#verifier = new Verifier(core, this.totals);
    this.#trust = new ModuleTrust(roots, this.#delivery, this.#verifier, known);
  }

  /** The OA keys of the units' modules, whose chains are verified. */
  async oaKeys(units: readonly CryptoUnit[]): Promise<Outcome<Uint8Array>[]> {
    return this.#trust.keysOf(units);
  }

  /**
   * Asks admin questions in one batch of the transport; the modules' certificate chains first, where they are not known yet.
   * Signatures and echoes of the answers are good. A refusal is an answer too: its return code is not looked at.
   */
  async ask(questions: readonly Question[]): Promise<Outcome<SignedAnswer>[]> {
    const keys = await this.#trust.keysOf(questions.map(({ unit }) => unit));
    const asked = mapEach(keys, (oaKey, at) => ({ question: questions[at]!, oaKey }));
    const arrived = await batchEach(asked, (jobs) => this.#delivery.send(jobs.map(({ question }) => question)));
    const opened = mapEach(arrived, (bytes, at) => {
      const { unit, commandId } = questions[at]!;
      return { unit, answer: readFrom(unit, () => openAnswer(bytes), commandId), oaKey: unwrap(keys[at]!) };
    });
    const verified = await batchEach(opened, async (answers) => this.#verifier.answers(answers));
    return mapEach(verified, (answer, at) => this.#accept(questions[at]!, answer));
  }

  /**
   * get_xcp_info for each unit: the payloads. They are not signed; whatever depends on them must be confirmed by a signed answer.
   */
  async askInfo(units: readonly CryptoUnit[], subType: SubType): Promise<Outcome<Uint8Array>[]> {
    const parcels = units.map((unit) => {
      const request = encodeXcpInfoRequest({ domain: unit.domainIndex, subType, subQuery: 0 });
      return { unit, cprb: encodeCprbRequest(unit.domainIndex, request), sent: null };
    });
    const arrived = await this.#delivery.send(parcels);
    return mapEach(arrived, (bytes, at) => {
      const unit = units[at]!;
      const { domain, payload } = readFrom(unit, () => decodeXcpInfoResponse(payloadOfCprb(bytes)));
      if (domain !== unit.domainIndex) throw mismatch(unit, "answer", "domain", `${unit.domainIndex}`, `${domain}`);
      return payload;
    });
  }

  #accept(question: Question, answer: SignedAnswer): SignedAnswer {
    checkEcho(question, answer);
    this.counters.see(question.unit, answer.counter);
    return answer;
  }
}
