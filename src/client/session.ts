// Questions and answers: sends a batch of questions, verifies every OA signature of the answers in one call of the core, and
// compares each answer with its question.

import type { Core } from "../core/api.ts";
import { decodeXcpInfoResponse } from "../wire/admin-response.ts";
import { payloadOfCprb } from "../wire/answer.ts";
import { checkEcho, mismatch, openAnswer } from "./answer.ts";
import type { Ask } from "./ask.ts";
import type { PinnedRoot } from "./chain.ts";
import { Counters } from "./counters.ts";
import { Delivery, type Parcel } from "./delivery.ts";
import { readFrom } from "./naming.ts";
import { batchEach, mapEach, type Outcome, success, unwrap } from "./outcome.ts";
import { noTotals, type Totals } from "./statistics.ts";
import type { Transport } from "./transport.ts";
import { type KnownKeys, ModuleTrust } from "./trust.ts";
import type { CryptoUnit } from "./units.ts";
import { type KeyedAnswer, Verifier } from "./verification.ts";

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
   * One batch of the transport; the modules' certificate chains first, where they are not known yet. Results are made of answers
   * whose signatures and echoes are good, in the order of the questions. A refusal is an answer too: its return code is not looked at.
   */
  async ask<T>(asks: readonly Ask<T>[]): Promise<Outcome<T>[]> {
    const keys = await this.#keysFor(asks);
    const parcels = mapEach(keys, (_, at) => parcelOf(asks[at]!));
    const arrived = await batchEach(parcels, (ready) => this.#delivery.send(ready));
    const opened = mapEach(arrived, (bytes, at) => this.#open(asks[at]!, bytes, unwrap(keys[at]!)));
    return mapEach(this.#verify(opened), ({ result }) => result());
  }

  /** The OA keys that must have signed; null where nothing is signed. */
  async #keysFor(asks: readonly Ask<unknown>[]): Promise<Outcome<Uint8Array | null>[]> {
    const signed = asks.flatMap((ask) => ("question" in ask ? [ask.question.unit] : []));
    const keys = await this.#trust.keysOf(signed);
    let next = 0;
    return asks.map((ask) => ("question" in ask ? keys[next++]! : success(null)));
  }

  #open<T>(ask: Ask<T>, bytes: Uint8Array, oaKey: Uint8Array | null): Opened<T> {
    if ("info" in ask) {
      const payload = payloadFrom(ask.info.unit, bytes);
      return { signed: null, result: () => ask.result(payload) };
    }
    const { question, result } = ask;
    const { unit, commandId } = question;
    const answer = readFrom(unit, () => openAnswer(bytes), commandId);
    return {
      signed: { unit, answer, oaKey: oaKey! },
      result: () => {
        checkEcho(question, answer);
        this.counters.see(unit, answer.counter);
        return result(answer);
      },
    };
  }

  /** All OA signatures in one call of the core. */
  #verify<T>(opened: readonly Outcome<Opened<T>>[]): Outcome<Opened<T>>[] {
    const signed = opened.flatMap((one) => (one.ok && one.value.signed ? [one.value.signed] : []));
    const verdicts = this.#verifier.answers(signed);
    let next = 0;
    return mapEach(opened, (one) => {
      if (one.signed) unwrap(verdicts[next++]!);
      return one;
    });
  }
}

/** An answer taken apart. Its result is to be made when its signature, if it must have one, is known to be good. */
interface Opened<T> {
  readonly signed: KeyedAnswer | null;
  readonly result: () => T;
}

function parcelOf(ask: Ask<unknown>): Parcel {
  return "question" in ask ? ask.question : ask.info;
}

function payloadFrom(unit: CryptoUnit, bytes: Uint8Array): Uint8Array {
  const { domain, payload } = readFrom(unit, () => decodeXcpInfoResponse(payloadOfCprb(bytes)));
  if (domain === unit.domainIndex) return payload;
  throw mismatch(unit, "answer", "domain", `${unit.domainIndex}`, `${domain}`);
}
