// A transport to units in the same process.

import { TransportError } from "../errors.ts";
import type { HandleMany, Transport } from "./transport.ts";

/** Lists the units of a service instance: the JSON body of GET /hsms (ep11-wire.md 1.3). */
export type ListHsms = (instance: string) => string;

/**
 * A transport over functions. What they throw becomes a TransportError, which may be retried: a batch of units changes as a
 * whole or not at all.
 */
export function loopback(handleMany: HandleMany, listHsms: ListHsms): Transport {
  return {
    async send(batch) {
      try {
        return handleMany(batch);
      } catch (cause) {
        const error = new TransportError("the units did not take the batch", { retryable: true }, { cause });
        return batch.map(() => error);
      }
    },
    async hsms(instance) {
      try {
        return listHsms(instance);
      } catch (cause) {
        throw new TransportError(`no list of crypto units of instance ${instance}`, { retryable: false }, { cause });
      }
    },
  };
}
