// Clears current master key registers: cryptounit-mk-clrcur. What was wrapped under the key is useless until the key is back.

import type { Client } from "../client/client.ts";
import { commandJob } from "../client/job.ts";
import type { Outcome } from "../client/outcome.ts";
import type { CryptoUnit } from "../client/units.ts";
import { clearCurrentWk } from "../commands/clear-current-wk.ts";
import type { Signer } from "../workstation/signer.ts";
import { inBatches } from "./batches.ts";

/** One signature for each unit: the signer is an administrator of all of them. */
export function clearCurrentRegisters(
  client: Client,
  units: readonly CryptoUnit[],
  signer: Signer,
): Promise<Outcome<undefined>[]> {
  return inBatches(units, (batch) =>
    client.run(batch.map((unit) => commandJob(unit, clearCurrentWk, undefined, [signer]))),
  );
}
