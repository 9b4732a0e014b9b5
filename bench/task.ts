// A task is a row of the table: the same work for every back end. Before it is timed, all back ends must give the same answer.

import type { Backend } from "./backends/backend.ts";
import { type Contestant, raceCalls, raceRuns, type Sampling, type Timing } from "./harness.ts";

export const SUITES = ["primitives", "operations", "recovery"] as const;
export type Suite = (typeof SUITES)[number];

/** A back end, ready to begin. */
export interface Start {
  /** What it makes of the task's fixed inputs; the same text on every back end that works. */
  readonly answer: string;
  readonly contestant: Contestant;
  /** Gives back what the start took. */
  readonly finish?: () => void;
}

export interface Task {
  readonly suite: Suite;
  /** As in the JSON: verify-cached, recover-fleet-100. */
  readonly name: string;
  /** Names of the back ends that take part; all of them if there is no list. */
  readonly only?: readonly string[];
  /** Units that one sample recovers. */
  readonly units?: number;
  /** True if each call of the work is asynchronous, and a sample of its own. */
  readonly runs?: boolean;
  /** `all` are the back ends that check what this one makes. */
  start(backend: Backend, all: readonly Backend[]): Start | Promise<Start>;
}

export interface Result extends Timing {
  readonly suite: Suite;
  readonly name: string;
  readonly units?: number;
}

/** Back ends differ in what they compute, so comparing their speed would mean nothing. */
export class DisagreementError extends Error {
  constructor(task: string, answers: readonly (readonly [string, string])[]) {
    const list = answers.map(([backend, answer]) => `${backend}: ${answer}`).join("; ");
    super(`${task}: want the same answer of all back ends, got ${list}`);
    this.name = new.target.name;
  }
}

/**
 * Lets the back ends agree, then times them.
 * @throws DisagreementError before anything is timed.
 */
export async function runTask(task: Task, backends: readonly Backend[], sampling: Sampling): Promise<Result[]> {
  const { suite, name, units } = task;
  const taking = backends.filter((backend) => task.only?.includes(backend.name) ?? true);
  const starts: Start[] = [];
  try {
    for (const backend of taking) starts.push(await task.start(backend, backends));
    if (new Set(starts.map((start) => start.answer)).size > 1) {
      throw new DisagreementError(
        name,
        starts.map((start, i) => [taking[i]!.name, start.answer]),
      );
    }
    const contestants = starts.map((start) => start.contestant);
    const timings = task.runs ? await raceRuns(contestants, sampling) : raceCalls(contestants, sampling);
    return timings.map((timing) => ({ suite, name, ...timing, ...(units === undefined ? {} : { units }) }));
  } finally {
    for (const start of starts) start.finish?.();
  }
}
