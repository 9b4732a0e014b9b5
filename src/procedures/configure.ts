// Administrators and thresholds for units in imprint mode, without a word about master keys: what an operator does by hand with
// cryptounit-admin-add and cryptounit-thrhld-set (workstation.md 9) before a master key is loaded or recovered.

import { inImprintMode } from "../client/attributes.ts";
import type { Client } from "../client/client.ts";
import { commandJob, queryJob } from "../client/job.ts";
import type { CryptoUnit } from "../client/units.ts";
import { queryDomainAttributes } from "../commands/query-domain-attributes.ts";
import { zeroizeDomain } from "../commands/zeroize-domain.ts";
import { PreconditionError } from "../errors.ts";
import { inBatches } from "./batches.ts";
import { type Configuration, configurationProblems } from "./configuration.ts";
import { Participants, type UnitResult, type UpdateProgress } from "./participants.ts";
import { unreadableUnit } from "./recovery-problems.ts";
import { type Step, stepJob } from "./update-steps.ts";

/**
 * Units go side by side, step by step; one that fails drops out, and the others go on.
 * @throws PreconditionError with all problems if the configuration is wrong or a unit is not in imprint mode; then nothing has
 * been changed.
 */
export async function configureUnits(
  client: Client,
  units: readonly CryptoUnit[],
  configuration: Configuration,
  progress: (progress: UpdateProgress) => void = () => {},
): Promise<UnitResult[]> {
  const wrong = await configurationProblems(client, configuration);
  if (wrong.length > 0) throw new PreconditionError(wrong);
  await requireImprintMode(client, units);
  const participants = new Participants();
  progress({ phase: "zeroize", at: 1, of: 1 });
  const zeroized = await inBatches(units, (batch) =>
    client.run(batch.map((unit) => commandJob(unit, zeroizeDomain, undefined, []))),
  );
  participants.settle(units, zeroized, "zeroize");
  const steps = stepsFor(configuration);
  for (const [at, step] of steps.entries()) {
    const phase = step.kind === "set" ? "thresholds" : "administrators";
    progress(phase === "thresholds" ? { phase, at: 1, of: 1 } : { phase, at: at + 1, of: steps.length - 1 });
    const active = units.filter((unit) => participants.active(unit));
    const outcomes = await inBatches(active, (batch) => client.run(batch.map((unit) => stepJob(unit, step))));
    participants.settle(active, outcomes, phase);
  }
  return units.map((unit) => participants.result(unit));
}

async function requireImprintMode(client: Client, units: readonly CryptoUnit[]): Promise<void> {
  const read = await inBatches(units, (batch) =>
    client.query(batch.map((unit) => queryJob(unit, queryDomainAttributes, undefined))),
  );
  const problems = read.flatMap((outcome, at) => {
    const unit = units[at]!;
    if (!outcome.ok) return [unreadableUnit(unit, outcome.error)];
    if (inImprintMode(outcome.value)) return [];
    return [
      { unit: unit.location, problem: "is not in imprint mode", nextStep: "zeroize it with 'cryptounit-zeroize'" },
    ];
  });
  if (problems.length > 0) throw new PreconditionError(problems);
}

/** Every administrator, unsigned; then the thresholds, signed by as many as they want, which ends imprint mode. */
function stepsFor({ administrators, signatureThreshold, revocationThreshold }: Configuration): Step[] {
  const signers = administrators.slice(0, signatureThreshold);
  return [
    ...administrators.map((administrator): Step => ({ kind: "add", administrator, signers: [] })),
    { kind: "set", signatureThreshold, revocationThreshold, signers },
  ];
}
