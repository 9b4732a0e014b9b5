// auto-mk-recover over a stage: what is timed, alone.

import type { CryptoUnit } from "../client/units.ts";
import { recoveryUnitsOf, type ServiceInstance, type Unit } from "../fleet/topology.ts";
import { planRecovery } from "../recovery/plan.ts";
import { runRecovery } from "../recovery/waves.ts";
import { ScenarioError } from "./failures.ts";
import { type Batch, type Listed, NO_LOSS, ordersWithin } from "./orders.ts";
import { type ProgressLine, recoveryProgress } from "./progress.ts";
import type { Finding } from "./report.ts";
import type { Stage, StageHooks } from "./stage.ts";

export interface RecoveryFigures {
  /** Targets that got the key. */
  readonly recovered: number;
  /** From the first question of the pre-check to the last answer. */
  readonly seconds: number;
  readonly signedCommands: number;
  /** Administrators' by the units, modules' by the client. */
  readonly signaturesVerified: number;
  /** Problems of the pre-check, and units that failed. */
  readonly findings: readonly Finding[];
}

/** Plans and runs batches one after the other. A batch whose pre-check finds problems is not run. */
export async function recover(
  stage: Stage,
  batches: readonly Batch[],
  hooks: StageHooks = {},
): Promise<RecoveryFigures> {
  const { client, signaturesAccepted } = stage;
  const before = client.statistics;
  const accepted = signaturesAccepted();
  const findings: Finding[] = [];
  const start = performance.now();
  let recovered = 0;
  for (const batch of batches) recovered += await recoverBatch(stage, batch, hooks, findings);
  const seconds = (performance.now() - start) / 1000;
  const after = client.statistics;
  return {
    recovered,
    seconds,
    signedCommands: after.signedCommands - before.signedCommands,
    signaturesVerified: after.signaturesVerified - before.signaturesVerified + signaturesAccepted() - accepted,
    findings,
  };
}

/**
 * Recovers struck units of an initialised fleet, each instance's from its first recovery unit that is not among them.
 * @param known the units of all instances, if they have been listed already
 * @throws ScenarioError if an instance has none.
 */
export async function recoverUnits(
  stage: Stage,
  units: readonly CryptoUnit[],
  known?: Listed,
): Promise<RecoveryFigures> {
  const struck = new Set(units.map(({ id }) => id));
  const listed = known ?? (await stage.list());
  const orders = stage.layout.serviceInstances.flatMap((instance) =>
    ordersWithin(instance, struck, listed, sourceIn(instance, struck)),
  );
  return recover(stage, [{ orders, mayLose: NO_LOSS }]);
}

function sourceIn(instance: ServiceInstance, struck: ReadonlySet<string>): Unit {
  const source = recoveryUnitsOf(instance).find(({ id }) => !struck.has(id));
  if (!source) throw new ScenarioError(`service instance ${instance.id}: want a recovery unit that is not struck`);
  return source;
}

async function recoverBatch(
  { client, administrators: signers }: Stage,
  { orders, mayLose }: Batch,
  { progress, signal }: StageHooks,
  findings: Finding[],
): Promise<number> {
  const plan = await planRecovery(client, orders, { signers, mayLose });
  for (const { unit, problem } of plan.problems) findings.push({ unit, finding: `pre-check: ${problem}` });
  if (plan.problems.length > 0) return 0;
  const show: ProgressLine = progress ?? (() => {});
  const report = await runRecovery(client, plan, {
    signers,
    progress: recoveryProgress(show),
    ...(signal ? { signal } : {}),
  });
  for (const { unit, status, step, error } of report.units)
    if (status === "failed")
      findings.push({ unit: unit.location, finding: `recovery failed at ${step}: ${error?.message}` });
  return report.counts.recovered;
}
