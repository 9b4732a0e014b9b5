// Transaction counters as the client keeps them, one record for each unit that it has talked to.
//
// A unit's state changes only when its counter does, and every signed answer carries the counter. So an answer with a counter
// older than one seen before tells of a state that is gone: it is a replay, and refused. Counters that were signed are never
// signed again, whatever became of the command.

import { CheckError } from "../errors.ts";
import { COUNTER_SIZE, compareCounters, incrementCounter } from "../wire/counter.ts";
import type { CryptoUnit } from "./units.ts";

interface Record {
  /** The newest that a verified answer carried. */
  seen: Uint8Array;
  /** The newest that a command was signed with. */
  used: Uint8Array;
}

const NONE = new Uint8Array(COUNTER_SIZE);

export class Counters {
  /** By module and domain: what holds a counter is the domain, not the name under which the cloud lists it. */
  readonly #records = new Map<string, Record>();

  /**
   * Notes the counter of a verified answer.
   * @throws CheckError if a newer one was seen before.
   */
  see(unit: CryptoUnit, counter: Uint8Array): void {
    const record = this.#record(unit);
    const order = compareCounters(counter, record.seen);
    if (order < 0)
      throw new CheckError(
        "answer",
        `${unit.location}: the answer is older than one seen before (transaction counter)`,
      );
    if (order > 0) record.seen = counter.slice();
  }

  /** The counter for the next command, after `current` was read: one more than any read or used (ep11-wire.md 5.5). */
  next(unit: CryptoUnit, current: Uint8Array): Uint8Array {
    const record = this.#record(unit);
    record.used = incrementCounter(compareCounters(record.used, current) > 0 ? record.used : current);
    return record.used;
  }

  #record(unit: CryptoUnit): Record {
    const key = `${unit.serial}.${unit.domainIndex}`;
    let record = this.#records.get(key);
    if (record === undefined) {
      record = { seen: NONE, used: NONE };
      this.#records.set(key, record);
    }
    return record;
  }
}
