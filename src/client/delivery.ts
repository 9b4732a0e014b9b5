// Sends questions and counts them. Whatever a transport does, every question has exactly one outcome.

import { TransportError } from "../errors.ts";
import { naming } from "./naming.ts";
import { failure, type Outcome, success } from "./outcome.ts";
import type { Totals } from "./statistics.ts";
import type { Transport } from "./transport.ts";
import type { CryptoUnit } from "./units.ts";

/** What is sent: a request to a unit; null in `sent` marks a query. */
export interface Parcel {
  readonly unit: CryptoUnit;
  readonly cprb: Uint8Array;
  readonly sent: object | null;
}

export class Delivery {
  readonly #transport: Transport;
  readonly #totals: Totals;

  constructor(transport: Transport, totals: Totals) {
    this.#transport = transport;
    this.#totals = totals;
  }

  /** One transport batch. The answers, not yet looked into, in the order of the parcels. */
  async send(parcels: readonly Parcel[]): Promise<Outcome<Uint8Array>[]> {
    if (parcels.length === 0) return [];
    for (const { sent } of parcels) this.#totals[sent === null ? "queries" : "signedCommands"]++;
    const batch = parcels.map(({ unit, cprb }) => ({ unit: unit.id, cprb }));
    let answers: readonly (Uint8Array | Error)[];
    try {
      answers = await this.#transport.send(batch);
    } catch (cause) {
      return lost(parcels, "the transport did not take the batch", cause);
    }
    if (answers.length === parcels.length) return parcels.map(({ unit }, at) => arrived(unit, answers[at]));
    return lost(parcels, `want ${parcels.length} answers of the transport, got ${answers.length}`);
  }
}

/** A copy: what is verified and what is read must be the same bytes, whatever the transport does with its own. */
function arrived(unit: CryptoUnit, answer: unknown): Outcome<Uint8Array> {
  if (answer instanceof Uint8Array) return success(answer.slice());
  if (answer instanceof Error) return failure(naming(unit, answer));
  return failure(new TransportError(`${unit.location}: no answer`, { retryable: true }));
}

/** Which answer is whose can't be told, so none is. */
function lost(parcels: readonly Parcel[], what: string, cause?: unknown): Outcome<Uint8Array>[] {
  return parcels.map(({ unit }) =>
    failure(new TransportError(`${unit.location}: ${what}`, { retryable: true }, { cause })),
  );
}
