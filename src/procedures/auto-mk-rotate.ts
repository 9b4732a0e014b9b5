// auto-mk-rotate: another random master key for a service instance, its key storage re-encrypted for it (workstation.md 7.2).
//
//   generate    -> importer keys -> export next  -> import    -> commit -> M1, 30 s -> key storage -> M2 -> finalize
//   in a recovery  in all others    from that one   in others    everywhere                                everywhere
//
// Until the commit is done everywhere nothing depends on the new key, and an interrupted rotation is run again. From then on the key
// must not be replaced: cryptounit-mk-rotate goes on.

import type { Client } from "../client/client.ts";
import { type CommandJob, commandJob } from "../client/job.ts";
import type { KeyStorage } from "../client/key-storage.ts";
import { batchEach, unwrap } from "../client/outcome.ts";
import { RegisterStatus, type Registers, samePattern } from "../client/registers.ts";
import { exportJob, importerKeyJob, importJob } from "../client/transfer-jobs.ts";
import type { CryptoUnit } from "../client/units.ts";
import { clearPendingWk } from "../commands/clear-pending-wk.ts";
import { commitPendingWk } from "../commands/commit-pending-wk.ts";
import { generateRandomWk } from "../commands/generate-random-wk.ts";
import { CheckError, PreconditionError } from "../errors.ts";
import type { Signer } from "../workstation/signer.ts";
import { inBatches } from "./batches.ts";
import { sceneOf } from "./mk-rotate.ts";
import {
  finishRotation,
  RotationError,
  type RotationOptions,
  type RotationRequest,
  runEverywhere,
  textOf,
  waitOnClock,
} from "./rotation.ts";
import { checkAutoRotation, pendingUnits, type RotationCheck, rotationSource } from "./rotation-check.ts";
import type { KnownSigner } from "./signers.ts";

const DELAY = 30_000;

export interface AutoRotationOptions extends RotationOptions {
  /** Replaces the key in the new registers even if root keys may be under it: they are lost then. */
  readonly replacePending?: boolean;
  /** Milliseconds in which key storage finds the new keys; 30 seconds by default. */
  readonly delay?: number;
}

/** Asks all units and key storage, and checks the preconditions. Changes nothing. */
export async function inspectAutoRotation<S extends KnownSigner>(
  client: Client,
  keyStorage: KeyStorage,
  units: readonly CryptoUnit[],
  signers: readonly S[],
  replacePending = false,
): Promise<RotationCheck<S>> {
  const scene = await sceneOf(client, units, signers);
  return checkAutoRotation(scene, await keyStorage.status(units[0]!.instance), replacePending);
}

/**
 * As many signatures as the threshold says. The pattern of the master key that is now current.
 * @throws PreconditionError with all problems if there is one, and then nothing has been changed; RotationError naming the command
 * that goes on.
 */
export async function autoMkRotate<S extends KnownSigner>(
  client: Client,
  { keyStorage, units, signers, open }: RotationRequest<S>,
  options: AutoRotationOptions = {},
): Promise<Uint8Array> {
  const { progress = () => {}, wait = waitOnClock, replacePending = false, delay = DELAY } = options;
  const check = await inspectAutoRotation(client, keyStorage, units, signers, replacePending);
  if (check.problems.length > 0) throw new PreconditionError(check.problems);
  const opened = await open(check.signers.slice(0, check.threshold));
  const pattern = await commitNewKey(client, check, opened, progress);
  progress({ phase: "committed", delay });
  await finishRotation(client, keyStorage, units, pattern, opened[0]!, { progress, wait }, delay);
  return pattern;
}

/** One new random key, committed in all units; its pattern. @throws RotationError */
async function commitNewKey(
  client: Client,
  { views }: RotationCheck<KnownSigner>,
  signers: readonly Signer[],
  progress: NonNullable<RotationOptions["progress"]>,
): Promise<Uint8Array> {
  const source = rotationSource(views)!.unit;
  const units = views.map(({ unit }) => unit);
  try {
    await clearPending(client, pendingUnits(views), signers, progress);
    progress({ phase: "generate" });
    const generated = await client.run([commandJob(source, generateRandomWk, undefined, signers.slice(0, 1))]);
    const pattern = unwrap(generated[0]!).slice();
    progress({ phase: "transfer" });
    const targets = units.filter((unit) => unit !== source);
    await inBatches(targets, (batch) => transferNext(client, source, batch, pattern, signers));
    progress({ phase: "commit" });
    const commit = (unit: CryptoUnit): CommandJob<unknown> => commandJob(unit, commitPendingWk, pattern, signers);
    const isCommitted = ({ next }: Registers): boolean =>
      next.status === RegisterStatus.FullCommitted && samePattern(next.pattern, pattern);
    const failed = await runEverywhere(client, units, commit, isCommitted);
    if (failed) throw failed;
    return pattern;
  } catch (cause) {
    throw new RotationError(`the new master key is not in all crypto units: ${textOf(cause)}`, "auto-mk-rotate", {
      cause,
    });
  }
}

/** What a rotation that stopped before its commit has left. */
async function clearPending(
  client: Client,
  units: readonly CryptoUnit[],
  signers: readonly Signer[],
  progress: NonNullable<RotationOptions["progress"]>,
): Promise<void> {
  if (units.length === 0) return;
  progress({ phase: "clear" });
  const job = (unit: CryptoUnit) => commandJob(unit, clearPendingWk, undefined, signers.slice(0, 1));
  const failed = await runEverywhere(client, units, job, ({ next }) => next.status === RegisterStatus.Empty);
  if (failed) throw failed;
}

/** The new key of the source to the new registers of the targets. @throws the first failure */
async function transferNext(
  client: Client,
  source: CryptoUnit,
  targets: readonly CryptoUnit[],
  pattern: Uint8Array,
  signers: readonly Signer[],
): Promise<undefined[]> {
  const one = signers.slice(0, 1);
  const keys = await client.run(targets.map((target) => importerKeyJob(target, one)));
  const parts = await batchEach(keys, (values) =>
    client.run(values.map((key) => exportJob(source, key, signers, "next"))),
  );
  const loaded = await batchEach(parts, (values, places) =>
    client.run(values.map((part, k) => importJob(targets[places[k]!]!, [part], one))),
  );
  return loaded.map((outcome, at) => {
    const told = unwrap(outcome);
    // A unit that tells no pattern compares it at the commit, which names it.
    if (told !== undefined && !samePattern(told, pattern))
      throw new CheckError(
        "pattern",
        `${targets[at]!.location}: the imported key is not the one of ${source.location}`,
      );
    return undefined;
  });
}
