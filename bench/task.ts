// A task is a row of the table: the same work for every back end. Before it is timed, all back ends must give the same answer;
// then each is timed on a fresh core, so that the first call is a cold one.

import type { Core } from "../src/core/api.ts";
import { OpenTkeError } from "../src/errors.ts";
import type { Backend } from "./backends/backend.ts";
import { type Contestant, raceCalls, raceRuns, type Sampling, type Timing } from "./harness.ts";

export const SUITES = ["primitives", "operations", "recovery"] as const;
export type Suite = (typeof SUITES)[number];

export interface Task {
  readonly suite: Suite;
  /** As in the JSON: verify-cached, recover-fleet-100. */
  readonly name: string;
  /** Names of the back ends that take part; all of them if there is no list. */
  readonly only?: readonly string[];
  /** Units that one sample recovers. */
  readonly units?: number;
  /** Set if the work is asynchronous, and prepared before each call: how it is timed, whatever the sampling of the suite is. */
  readonly sampling?: Sampling;
  /**
   * What the back end makes of fixed inputs; the same text on all that work. What it makes at random, `all` check.
   * @throws DisagreementError if one of them does not accept it.
   */
  answer(backend: Backend, all: readonly Backend[]): string | Promise<string>;
  /** The work, ready to begin, on a core that has done nothing yet. */
  contestant(backend: Backend): Contestant | Promise<Contestant>;
}

export interface Result extends Timing {
  readonly suite: Suite;
  readonly name: string;
  readonly units?: number;
}

/** Back ends differ in what they compute, so comparing their speed would mean nothing. */
export class DisagreementError extends OpenTkeError {
  readonly code: string = "ERR_DISAGREEMENT";

  constructor(what: string, answers: readonly (readonly [string, string])[]) {
    const list = answers.map(([backend, answer]) => `${backend}: ${answer}`).join("; ");
    super(`${what}: want the same answer of all back ends, got ${list}`);
  }
}

/**
 * Lets the back ends agree, then times them.
 * @throws DisagreementError before anything is timed.
 */
export async function runTask(task: Task, backends: readonly Backend[], sampling: Sampling): Promise<Result[]> {
  const taking = backends.filter((backend) => task.only?.includes(backend.name) ?? true);
  await agree(task, taking, backends);
  const fresh: Core[] = [];
  try {
    const contestants: Contestant[] = [];
    for (const backend of taking) {
      const core = await backend.newCore();
      fresh.push(core);
      contestants.push(await task.contestant({ ...backend, core }));
    }
    const timings = task.sampling ? await raceRuns(contestants, task.sampling) : raceCalls(contestants, sampling);
    const { suite, name, units } = task;
    return timings.map((timing) => ({ suite, name, ...timing, ...(units === undefined ? {} : { units }) }));
  } finally {
    for (const core of fresh) core.dispose();
  }
}

/** @throws DisagreementError unless every back end accepts `what`. */
export function confirm(what: string, all: readonly Backend[], accepts: (backend: Backend) => boolean): void {
  const answers = all.map((backend) => [backend.name, accepts(backend) ? "accepted" : "refused"] as const);
  if (answers.some(([, answer]) => answer === "refused")) throw new DisagreementError(what, answers);
}

async function agree(task: Task, taking: readonly Backend[], all: readonly Backend[]): Promise<void> {
  const answers: [string, string][] = [];
  for (const backend of taking) answers.push([backend.name, await task.answer(backend, all)]);
  if (new Set(answers.map(([, answer]) => answer)).size > 1) throw new DisagreementError(task.name, answers);
}
