// The drill: build a throw-away fleet, initialise it, break it, recover it, and prove that every key is back.

import { InterruptedError } from "../errors.ts";
import { type CanaryTrial, storeCanaries, tryCanaries } from "./canaries.ts";
import { reinitialise, strike } from "./damage.ts";
import type { FleetOptions } from "./options.ts";
import { ordersAfter } from "./orders.ts";
import { type Patterns, proveCanaries, proveLoss, proveRegisters, type RecoveryProof, readPatterns } from "./proofs.ts";
import { type RecoveryFigures, recover } from "./recover.ts";
import { type DrillReport, type Finding, Phase, type PhaseTime } from "./report.ts";
import { type Cores, initialise, newStage, type Stage, type StageHooks } from "./stage.ts";
import { planStrikes, type StrikePlan } from "./strikes.ts";
import { summarise } from "./summary.ts";

export interface DrillHooks extends StageHooks {
  /** Called when a phase is over; the next one begins when it is done. */
  readonly after?: (phase: Phase, stage: Stage, plan: StrikePlan) => void | Promise<void>;
}

/** Everything that a drill saw. */
export interface Observations {
  readonly options: FleetOptions;
  readonly core: string;
  readonly plan: StrikePlan;
  readonly patterns: Patterns;
  /** Canaries in struck units, after the strike and at the end. */
  readonly afterStrike: readonly CanaryTrial[];
  readonly atEnd: readonly CanaryTrial[];
  readonly figures: RecoveryFigures;
  readonly registers: RecoveryProof;
  readonly findings: readonly Finding[];
  readonly phases: readonly PhaseTime[];
}

/**
 * @throws UsageError if an option is out of bounds; InterruptedError; ScenarioError if the fleet could not be made ready. A
 * recovery that fails, and a proof that does not hold, are findings of the report.
 */
export async function drill(options: FleetOptions, cores: Cores, hooks: DrillHooks = {}): Promise<DrillReport> {
  const stage = newStage(options, cores, hooks);
  try {
    return summarise(stage.layout, await perform(options, cores, stage, hooks));
  } catch (error) {
    throw hooks.signal?.aborted ? stopped(hooks, error) : error;
  } finally {
    stage.close();
  }
}

const STOPPED = "Interrupted. The fleet was a throw-away one: nothing is left of it.";
const STOPPED_STANDING = "Interrupted. Crypto units may be struck and not yet recovered: see 'opentke fleet show'.";

function stopped({ house }: DrillHooks, cause?: unknown): InterruptedError {
  return new InterruptedError(house?.standing ? STOPPED_STANDING : STOPPED, { cause });
}

async function perform(options: FleetOptions, cores: Cores, stage: Stage, hooks: DrillHooks): Promise<Observations> {
  const { fleet, layout } = stage;
  const { progress = () => {} } = hooks;
  const plan = planStrikes(layout, stage.random.fork("strikes"));
  const phases: PhaseTime[] = [];
  const run = async <T>(phase: Phase, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    phases.push({ phase, seconds: (performance.now() - start) / 1000 });
    await hooks.after?.(phase, stage, plan);
    // What an interrupt kept from being sent is no finding about the fleet.
    if (hooks.signal?.aborted) throw stopped(hooks);
    return result;
  };

  await run(Phase.Initialise, () => (stage.isInitialised ? undefined : initialise(stage, hooks)));
  const patterns = await run(Phase.Canaries, () => {
    storeCanaries(fleet, layout.serviceInstances, plan.takeover);
    return readPatterns(stage);
  });
  await run(Phase.Strike, () => strike(stage, plan));
  const afterStrike = await run(Phase.ProveLoss, () => tryCanaries(fleet, plan));
  await run(Phase.Reinitialise, () => reinitialise(stage, plan, progress));
  const figures = await run(Phase.Recover, async () =>
    recover(stage, ordersAfter(plan, layout, await stage.list()), hooks),
  );
  const { registers, lost, atEnd } = await run(Phase.ProveRecovery, async () => ({
    registers: await proveRegisters(stage, plan.takeover, patterns),
    lost: proveCanaries(stage, plan),
    atEnd: tryCanaries(fleet, plan),
  }));
  const findings = [...proveLoss(afterStrike), ...figures.findings, ...registers.findings, ...lost];
  const core = cores.units.name;
  return { options, core, plan, patterns, afterStrike, atEnd, figures, registers, findings, phases };
}
