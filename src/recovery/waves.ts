// Runs a plan in waves: the same step for many targets at once, one wave after the other. The units' registers are the truth:
// every transfer begins by asking its target, so a run that was interrupted is resumed by running the plan, or a new one, again.

import { fromHex, toHex } from "../bytes.ts";
import type { Client } from "../client/client.ts";
import { difference } from "../client/statistics.ts";
import type { CryptoUnit } from "../client/units.ts";
import { PreconditionError, UsageError } from "../errors.ts";
import { BATCH_SIZE } from "../procedures/batches.ts";
import { Found } from "../procedures/recovery-check.ts";
import type { Signer } from "../procedures/signers.ts";
import { type Losses, type Transfer, type TransferResult, TransferStep, transferKeys } from "../procedures/transfer.ts";
import type { PlannedTarget, RecoveryGroup, RecoveryPlan } from "./plan.ts";
import { errorReport, type RecoveryReport, reportOf, type UnitReport } from "./report.ts";

export interface RunOptions {
  /** Administrators whose keys are at hand: as many as the threshold of those in the plan. */
  readonly signers: readonly Signer[];
  /** Most targets in a wave. */
  readonly waveSize?: number;
  /** Told after every wave. */
  readonly progress?: (progress: RecoveryProgress) => void;
  /** Once aborted, no further wave begins. */
  readonly signal?: AbortSignal;
}

export interface RecoveryProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

const NO_LOSS: Losses = { current: false, pending: false };

type Tally = { -readonly [K in keyof RecoveryProgress]: number };

/** A target on its way to the key. */
interface Task {
  readonly target: PlannedTarget;
  readonly transfer: Omit<Transfer, "source" | "target">;
  /** Ids of the group's units that hold the key. */
  readonly holders: Set<string>;
  /** Sources that failed it. */
  tried: number;
  report: UnitReport;
}

/**
 * Runs a plan. A unit that fails stops no other one.
 * @throws PreconditionError if the plan has problems, UsageError if signers are missing; then nothing has been changed.
 */
export async function runRecovery(client: Client, plan: RecoveryPlan, options: RunOptions): Promise<RecoveryReport> {
  if (plan.problems.length > 0) throw new PreconditionError(plan.problems);
  const tasks = plan.groups.flatMap((group) => tasksOf(group, plan, options.signers));
  const waiting = tasks.filter(({ report }) => report.status === "waiting");
  const tally = { done: tasks.length - waiting.length, failed: 0, total: tasks.length };
  const before = client.statistics;
  const start = performance.now();
  for (const stage of [1, 2]) {
    const due = waiting.filter(({ target }) => target.stage === stage);
    await runStage(client, due, tally, options);
  }
  const seconds = (performance.now() - start) / 1000;
  const units = tasks.map(({ report }) => report);
  return reportOf(units, seconds, difference(before, client.statistics));
}

function tasksOf(group: RecoveryGroup, plan: RecoveryPlan, supplied: readonly Signer[]): Task[] {
  const named = supplied.filter(({ ski }) => group.signers.includes(toHex(ski)));
  const signers = named.slice(0, group.threshold);
  if (signers.length < group.threshold)
    throw new UsageError(
      `signers of ${group.source.location}: want ${group.threshold} of the plan's, got ${signers.length}`,
    );
  const pattern = fromHex(group.pattern, "pattern");
  const holders = new Set(group.holders);
  return group.targets.map((target) => {
    const status = target.found === Found.Holds ? "already" : "waiting";
    // What was approved is the loss of what the plan shows: a key that came later is refused.
    const mayLose = target.found === Found.Other ? plan.mayLose : NO_LOSS;
    const transfer = { pattern, signers, mayLose };
    return { target, transfer, holders, tried: 0, report: { unit: target.unit, source: group.source, status } };
  });
}

/** Waves until nothing of the stage is left. What a source could not export is tried again with the next one. */
async function runStage(client: Client, due: readonly Task[], tally: Tally, options: RunOptions): Promise<void> {
  const { waveSize = BATCH_SIZE, progress = () => {}, signal } = options;
  const queue = [...due];
  for (let from = 0; from < queue.length && !signal?.aborted; ) {
    const wave = queue.slice(from, from + waveSize);
    from += wave.length;
    const transfers = wave.map(transferOf);
    const results = await transferKeys(client, transfers);
    wave.forEach((task, at) => {
      if (settle(task, transfers[at]!.source, results[at]!)) queue.push(task);
      else count(tally, task);
    });
    progress({ ...tally });
  }
}

function count(tally: Tally, { report }: Task): void {
  tally.done++;
  if (report.status === "failed") tally.failed++;
}

function transferOf({ target, transfer, holders, tried }: Task): Transfer {
  return { ...transfer, source: sourceOf(target, holders, tried), target: target.unit };
}

/** The best source that holds the key and has not failed yet; the last one is the order's own and always does. */
function sourceOf({ sources }: PlannedTarget, holders: ReadonlySet<string>, tried: number): CryptoUnit {
  const able = sources.filter(({ id }, at) => holders.has(id) || at === sources.length - 1);
  return able[Math.min(tried, able.length - 1)]!;
}

/** Notes what became of a task. Out: whether another source is to be tried. */
function settle(task: Task, source: CryptoUnit, result: TransferResult): boolean {
  const { unit, sources } = task.target;
  if (result.status !== "failed") {
    task.holders.add(unit.id);
    task.report = { unit, source, status: result.status === "already" ? "already" : "recovered" };
    return false;
  }
  if (result.step === TransferStep.Export && source.id !== sources.at(-1)!.id) {
    task.tried++;
    return true;
  }
  task.report = { unit, source, status: "failed", step: result.step, error: errorReport(result.error) };
  return false;
}
