// Changes to units as commands would make them.

import type { AuditEntry, Change, UnitState } from "../../src/unit/state.ts";
import { incrementCounter } from "../../src/wire/counter.ts";

/** What an accepted command does to a unit: the counter goes up, and `change` happens. */
export function step(previous: UnitState, change: Partial<UnitState> = {}, entry: Partial<AuditEntry> = {}): Change {
  const next = { ...previous, ...change, counter: incrementCounter(previous.counter) };
  const audit: AuditEntry = {
    unit: previous.id,
    command: 0x0d,
    returnCode: 0,
    reasonCode: null,
    signers: [new Uint8Array(32).fill(7)],
    counter: next.counter,
    before: previous.registers,
    after: next.registers,
    job: null,
    ...entry,
  };
  return { previous, next, audit: [audit] };
}
