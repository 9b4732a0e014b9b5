// The benchmark suite: what `npm run bench` and `opentke bench` run.

import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { UsageError } from "../src/errors.ts";
import type { Backend } from "./backends/backend.ts";
import { loadBackends } from "./backends/load.ts";
import { environment } from "./environment.ts";
import type { Sampling } from "./harness.ts";
import { operationTasks } from "./operations.ts";
import { plotOf } from "./plot.ts";
import { primitiveTasks } from "./primitives.ts";
import { recoveryTasks } from "./recovery.ts";
import { LEGEND, type Report, reportOf, tableHeader, tableRow } from "./report.ts";
import { type Result, runTask, SUITES, type Suite, type Task } from "./task.ts";

export { SUITES, type Suite } from "./task.ts";

export interface BenchOptions {
  /** All suites if it is left out. */
  readonly suite?: Suite;
  /** Where to write the report. */
  readonly json?: string;
  /** Where to write the page of diagrams (SVG). */
  readonly plot?: string;
  /** Fewer and shorter samples, smaller fleets. */
  readonly quick: boolean;
}

export interface BenchIo {
  /** Data: the table. */
  readonly out: (text: string) => void;
  /** Talk: what is under way. */
  readonly err: (text: string) => void;
  readonly errIsTerminal: boolean;
  readonly signal: AbortSignal;
}

/** What is run, and how thoroughly. */
export interface Plan {
  readonly tasks: readonly Task[];
  /** Of suites 1 and 2; recoveries say themselves how often they are run. */
  readonly sampling: Sampling;
}

const FULL: Sampling = { rounds: 15, sampleSeconds: 0.1 };
const QUICK: Sampling = { rounds: 5, sampleSeconds: 0.02 };
const CLEAR_LINE = "\r\u001b[K";

/**
 * Runs the suites that are asked for, prints the table row by row, writes the files.
 * @throws UsageError if a file can't be written, before anything is run.
 * @throws DisagreementError if the back ends do not compute the same; nothing is written then.
 */
export async function runBench(options: BenchOptions, io: BenchIo): Promise<Report> {
  requireFolder("json", options.json);
  requireFolder("plot", options.plot);
  const backends = await loadBackends();
  try {
    const report = reportOf(environment(), await runPlan(planOf(options), backends, io));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    if (options.plot !== undefined) writeFileSync(options.plot, plotOf(report));
    return report;
  } finally {
    for (const backend of backends) backend.core.dispose();
  }
}

function requireFolder(option: string, file: string | undefined): void {
  if (file === undefined) return;
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch (cause) {
    throw new UsageError(`--${option}: want a file in a folder that can be written to, got '${file}'.`, { cause });
  }
}

export function planOf({ suite, quick }: Pick<BenchOptions, "suite" | "quick">): Plan {
  const tasks = [...primitiveTasks, ...operationTasks, ...recoveryTasks(quick)];
  return {
    tasks: tasks.filter((task) => suite === undefined || task.suite === suite),
    sampling: quick ? QUICK : FULL,
  };
}

export async function runPlan({ tasks, sampling }: Plan, backends: readonly Backend[], io: BenchIo): Promise<Result[]> {
  const results: Result[] = [];
  for (const suite of SUITES) {
    const own = tasks.filter((task) => task.suite === suite);
    if (own.length > 0) io.out(tableHeader(suite));
    for (const task of own) {
      await turn(); // a task may not let the process look at anything else, such as an interrupt
      io.signal.throwIfAborted();
      if (io.errIsTerminal) io.err(`${CLEAR_LINE}${task.name} ...`);
      const rows = await runTask(task, backends, sampling);
      if (io.errIsTerminal) io.err(CLEAR_LINE);
      io.out(tableRow(rows));
      results.push(...rows);
    }
  }
  io.out(LEGEND);
  return results;
}
