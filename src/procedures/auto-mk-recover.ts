// auto-mk-recover: copies the current master key of a recovery unit to other units, also of other service instances
// (workstation.md 7.3).

import type { Client } from "../client/client.ts";
import type { CryptoUnit } from "../client/units.ts";
import { PreconditionError } from "../errors.ts";
import type { Signer } from "../workstation/signer.ts";
import { BATCH_SIZE, inBatches } from "./batches.ts";
import { checkRecovery, type RecoveryCheck } from "./recovery-check.ts";
import { type Losses, type TransferResult, transferKeys } from "./transfer.ts";
import { viewUnits } from "./view.ts";

export interface RecoveryRequest {
  readonly source: CryptoUnit;
  readonly targets: readonly CryptoUnit[];
  /** Those whose keys are at hand; as many as are needed sign. */
  readonly signers: readonly Signer[];
  readonly mayLose: Losses;
}

export interface RecoveredTarget {
  readonly unit: CryptoUnit;
  readonly result: TransferResult;
}

/** Asks all units and checks the preconditions. Changes nothing. */
export async function inspectRecovery(client: Client, request: RecoveryRequest): Promise<RecoveryCheck> {
  const { source, targets, signers, mayLose } = request;
  const views = await viewUnits(client, [source, ...targets]);
  const seen = targets.map((unit, at) => ({ unit, view: views[at + 1]! }));
  return checkRecovery({ unit: source, view: views[0]! }, seen, signers, mayLose);
}

/**
 * Recovers the targets, in batches; those that hold the key already are passed over.
 * @param progress called with the number of targets done, after every batch
 * @throws PreconditionError with all problems if there is one; then nothing has been changed.
 */
export async function autoMkRecover(
  client: Client,
  request: RecoveryRequest,
  progress: (done: number) => void = () => {},
): Promise<RecoveredTarget[]> {
  const check = await inspectRecovery(client, request);
  if (check.problems.length > 0) throw new PreconditionError(check.problems);
  const { source, pattern, threshold } = check;
  const signers = check.signers.slice(0, threshold);
  let done = 0;
  return inBatches(
    request.targets,
    async (batch) => {
      const { mayLose } = request;
      const results = await transferKeys(
        client,
        batch.map((target) => ({ source, target, pattern, signers, mayLose })),
      );
      done += batch.length;
      progress(done);
      return batch.map((unit, at) => ({ unit, result: results[at]! }));
    },
    BATCH_SIZE,
  );
}
