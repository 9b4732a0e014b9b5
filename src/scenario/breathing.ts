// In-process units answer at once, so a run would never let the process do anything else: no signal, no progress line. This
// transport lets it breathe between batches, and stops delivering when the run is interrupted.

import { setImmediate as turn } from "node:timers/promises";
import type { Transport } from "../client/transport.ts";
import { InterruptedError } from "../errors.ts";

const BREATH_EVERY_MS = 50;

export function breathing(transport: Transport, signal: AbortSignal): Transport {
  let breathed = performance.now();
  return {
    async send(batch) {
      if (performance.now() - breathed >= BREATH_EVERY_MS) {
        await turn();
        breathed = performance.now();
      }
      if (signal.aborted) throw new InterruptedError("interrupted: nothing more is sent");
      return transport.send(batch);
    },
    hsms: (instance) => transport.hsms(instance),
  };
}
