// The last part of an update: every unit of a service instance gets the master key of a recovery unit of it, which is a fresh
// random one if no unit has any (workstation.md 5.3, step 5).

import type { Client } from "../client/client.ts";
import { commandJob } from "../client/job.ts";
import { RegisterStatus } from "../client/registers.ts";
import { type CryptoUnit, UnitType } from "../client/units.ts";
import { generateRandomWk } from "../commands/generate-random-wk.ts";
import { PreconditionError } from "../errors.ts";
import type { Administrator } from "../workstation/signer.ts";
import { inBatches } from "./batches.ts";
import type { Configuration } from "./configuration.ts";
import type { Participants, UpdateProgress } from "./participants.ts";
import { type Transfer, transferKeys } from "./transfer.ts";
import { instancesOf, type UnitView } from "./view.ts";

/** Where an instance's master key comes from, and who is to get it. */
interface Distribution {
  readonly source: CryptoUnit;
  /** Pattern of its current register; null if that is still to be filled. */
  readonly pattern: Uint8Array | null;
  readonly targets: readonly CryptoUnit[];
}

/**
 * In: the views of all units, as they were before the update (those in imprint mode have no keys). Units whose current register
 * is set keep it; what is pending in the others is an unfinished load, and is replaced.
 */
export async function distributeMasterKeys(
  client: Client,
  views: readonly UnitView[],
  configuration: Configuration,
  participants: Participants,
  progress: (progress: UpdateProgress) => void,
): Promise<void> {
  const signers = configuration.administrators.slice(0, configuration.signatureThreshold);
  const distributions = instancesOf(views).flatMap((own) => distributionOf(own, participants) ?? []);
  const filled = await fillSources(client, distributions, signers, participants, progress);
  const mayLose = { current: false, pending: true };
  const transfers = filled.flatMap(({ source, pattern, targets }) =>
    targets.map((target): Transfer => ({ source, target, pattern: pattern!, signers, mayLose })),
  );
  let begun = 0;
  await inBatches(transfers, async (batch) => {
    for (const _ of batch) progress({ phase: "transfer", at: ++begun, of: transfers.length });
    const results = await transferKeys(client, batch);
    results.forEach((result, at) => {
      if (result.status === "failed") participants.fail(batch[at]!.target, "transfer", result.error);
    });
    return results;
  });
}

/** The first recovery unit that has a master key; if no unit has any, the first one. Null if none is left in the update. */
function distributionOf(views: readonly UnitView[], participants: Participants): Distribution | null {
  const left = views.filter(({ unit }) => participants.active(unit));
  const recovery = left.filter(({ unit }) => unit.type === UnitType.Recovery);
  const view = recovery.find(isSet) ?? (views.some(isSet) ? undefined : recovery[0]);
  const targets = left.filter((one) => one !== view && !isSet(one)).map(({ unit }) => unit);
  if (view) return { source: view.unit, pattern: isSet(view) ? view.registers.current.pattern : null, targets };
  for (const target of targets) participants.fail(target, "generate", noSource(target));
  return null;
}

function isSet({ registers }: UnitView): boolean {
  return registers.current.status === RegisterStatus.Valid;
}

function noSource({ location: unit, instance }: CryptoUnit): PreconditionError {
  const problem = `no recovery unit of service instance ${instance} is ready to give its master key`;
  return new PreconditionError([{ unit, problem, nextStep: "see why its recovery units failed, and run this again" }]);
}

/** A random master key in every source that has none: straight into the current register, as that is empty. */
async function fillSources(
  client: Client,
  distributions: readonly Distribution[],
  signers: readonly Administrator[],
  participants: Participants,
  progress: (progress: UpdateProgress) => void,
): Promise<Distribution[]> {
  const empty = distributions.filter(({ pattern }) => pattern === null);
  if (empty.length > 0) progress({ phase: "generate", at: 1, of: 1 });
  const outcomes = await inBatches(empty, (batch) =>
    client.run(batch.map(({ source }) => commandJob(source, generateRandomWk, undefined, signers.slice(0, 1)))),
  );
  const generated = empty.flatMap((distribution, at) => {
    const outcome = outcomes[at]!;
    if (outcome.ok) return [{ ...distribution, pattern: outcome.value.slice() }];
    const { source, targets } = distribution;
    for (const unit of [source, ...targets]) participants.fail(unit, "generate", outcome.error);
    return [];
  });
  return [...distributions.filter(({ pattern }) => pattern !== null), ...generated];
}
