// Brings service instances to a configuration, and gives all units of each one master key (workstation.md 5.3). Units go side by
// side, step by step; one that fails drops out, and the others go on. What was interrupted can be run again.

import { inImprintMode } from "../client/attributes.ts";
import type { Client } from "../client/client.ts";
import { commandJob } from "../client/job.ts";
import type { Outcome } from "../client/outcome.ts";
import type { CryptoUnit } from "../client/units.ts";
import { zeroizeDomain } from "../commands/zeroize-domain.ts";
import { PreconditionError, type Problem } from "../errors.ts";
import { inBatches } from "./batches.ts";
import { type Configuration, configurationProblems } from "./configuration.ts";
import { distributeMasterKeys } from "./master-keys.ts";
import { Participants, type UnitResult, type UpdatePhase, type UpdateProgress } from "./participants.ts";
import { unreadableUnit } from "./recovery-problems.ts";
import { transitionProblems } from "./transition.ts";
import { type Step, stepJob, updateOrder, updateSteps } from "./update-steps.ts";
import { instancesOf, type NamedView, viewNamedUnits } from "./view.ts";

export interface UpdateOptions {
  /** Told what is about to be done. */
  readonly progress?: (progress: UpdateProgress) => void;
  /** More that must be so before anything is changed. */
  readonly alsoRequire?: (views: readonly NamedView[]) => readonly Problem[];
}

/**
 * Updates all units of one or more service instances. In: every unit of each of them.
 * @throws PreconditionError with all problems if there is one; then nothing has been changed.
 */
export async function update(
  client: Client,
  units: readonly CryptoUnit[],
  configuration: Configuration,
  { progress = () => {}, alsoRequire = () => [] }: UpdateOptions = {},
): Promise<UnitResult[]> {
  const participants = new Participants();
  let views = await checkUpdate(client, units, configuration, alsoRequire);
  const pristine = views.filter(({ attributes }) => inImprintMode(attributes));
  await zeroizeAll(client, pristine, participants, progress);
  if (pristine.some(({ administrators }) => administrators.length > 0)) {
    const remaining = units.filter((unit) => participants.active(unit));
    const seen = await viewNamedUnits(client, remaining);
    participants.settle(remaining, seen, "zeroize");
    views = judged(seen, configuration, alsoRequire, []);
  }
  await runSteps(client, views, configuration, participants, progress);
  await distributeMasterKeys(client, views, configuration, participants, progress);
  return units.map((unit) => participants.result(unit));
}

/**
 * All that an update checks before it changes anything. Out: what the units say.
 * @throws PreconditionError with all problems if there is one.
 */
export async function checkUpdate(
  client: Client,
  units: readonly CryptoUnit[],
  configuration: Configuration,
  alsoRequire: NonNullable<UpdateOptions["alsoRequire"]> = () => [],
): Promise<NamedView[]> {
  const wrong = await configurationProblems(client, configuration);
  if (wrong.length > 0) throw new PreconditionError(wrong);
  return checkedViews(client, units, configuration, alsoRequire);
}

/** What the units say, if nothing speaks against the update. */
async function checkedViews(
  client: Client,
  units: readonly CryptoUnit[],
  configuration: Configuration,
  alsoRequire: NonNullable<UpdateOptions["alsoRequire"]>,
): Promise<NamedView[]> {
  const seen = await viewNamedUnits(client, units);
  const unreadable = seen.flatMap((outcome, at) => (outcome.ok ? [] : [unreadableUnit(units[at]!, outcome.error)]));
  return judged(seen, configuration, alsoRequire, unreadable);
}

/** The views there are. @throws PreconditionError if something speaks against the update */
function judged(
  seen: readonly Outcome<NamedView>[],
  configuration: Configuration,
  alsoRequire: NonNullable<UpdateOptions["alsoRequire"]>,
  unreadable: readonly Problem[],
): NamedView[] {
  const views = seen.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  const transitions = instancesOf(views).flatMap((own) => transitionProblems(own, configuration));
  const problems = [...unreadable, ...alsoRequire(views), ...transitions];
  if (problems.length > 0) throw new PreconditionError(problems);
  return views;
}

/** Undoes what a firmware update may have done to units in imprint mode, and what an interrupted update did. */
async function zeroizeAll(
  client: Client,
  views: readonly NamedView[],
  participants: Participants,
  progress: (progress: UpdateProgress) => void,
): Promise<void> {
  const units = views.map(({ unit }) => unit);
  if (units.length > 0) progress({ phase: "zeroize", at: 1, of: 1 });
  const outcomes = await inBatches(units, (batch) =>
    client.run(batch.map((unit) => commandJob(unit, zeroizeDomain, undefined, []))),
  );
  participants.settle(units, outcomes, "zeroize");
}

/** The first command of every unit, then the second one of every unit, and so on. */
async function runSteps(
  client: Client,
  views: readonly NamedView[],
  configuration: Configuration,
  participants: Participants,
  progress: (progress: UpdateProgress) => void,
): Promise<void> {
  const scripts = views.map((view) => ({ unit: view.unit, steps: scriptOf(view, configuration) }));
  const longest = Math.max(0, ...scripts.map(({ steps }) => steps.length));
  for (let at = 0; at < longest; at++) {
    const due = scripts.flatMap(({ unit, steps }) => {
      const step = steps[at];
      return step && participants.active(unit) ? [{ unit, step }] : [];
    });
    const phase: UpdatePhase = due.every(({ step }) => step.kind === "set") ? "thresholds" : "administrators";
    progress(phase === "thresholds" ? { phase, at: 1, of: 1 } : { phase, at: at + 1, of: longest - 1 });
    const outcomes = await inBatches(due, (batch) => client.run(batch.map(({ unit, step }) => stepJob(unit, step))));
    participants.settle(
      due.map(({ unit }) => unit),
      outcomes,
      phase,
    );
  }
}

/** A unit in imprint mode has been zeroized: it has no administrators any more. */
function scriptOf(view: NamedView, configuration: Configuration): Step[] {
  const now = inImprintMode(view.attributes) ? { ...view, administrators: [] } : view;
  const order = updateOrder(now, configuration);
  return order === null ? [] : updateSteps(now, configuration, order);
}
