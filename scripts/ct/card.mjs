// A card driven by hand: the instrumented module, with what the traced operations need around it.

import { randomFillSync } from "node:crypto";

const RECORD = { job: 16, sign: 16, unit: 20, export: 24, import: 48, part: 213 };

/** Starts a module made by instrument(). In: its compiled form. */
export function startCard(module) {
  const { exports } = new WebAssembly.Instance(module, {});
  const bytes = new Uint8Array(exports.memory.buffer);
  const view = new DataView(exports.memory.buffer);
  const base = exports.EXCHANGE.value;

  const card = {
    exports,
    bytes,
    base,
    /** Fresh entropy in the whole pool. */
    refill() {
      randomFillSync(bytes, exports.ENTROPY.value, exports.ENTROPY_BYTES.value);
      exports.entropyFilled();
    },
    put: (offset, data) => bytes.set(data, base + offset),
    get: (offset, n) => bytes.slice(base + offset, base + offset + n),
    /** u32 fields of a record in the exchange region. */
    record: (offset, ...fields) => fields.forEach((field, i) => view.setUint32(base + offset + 4 * i, field, true)),
    at: (offset) => base + offset,
    /** Throws unless a call returned Status.Ok. */
    ok(status) {
      if (status !== 0) throw new Error(`want status 0, got ${status}: the scenario is wrong`);
    },
    /** An array of slot numbers or the like. */
    list: (offset, ...numbers) => numbers.forEach((number, i) => view.setUint32(base + offset + 4 * i, number, true)),
  };
  card.refill();
  return card;
}

export { RECORD };
