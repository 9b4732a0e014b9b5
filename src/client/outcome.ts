// What became of one job of a batch. A batch never throws for one of its jobs, so that one failing unit spoils no other.

export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Failure {
  readonly ok: false;
  readonly error: Error;
}

export type Outcome<T> = Success<T> | Failure;

export function success<T>(value: T): Success<T> {
  return { ok: true, value };
}

/** A failed job. What was thrown becomes an Error if it is none. */
export function failure(error: unknown): Failure {
  return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
}

/** The outcome of a calculation that may throw. */
export function attempt<T>(calculate: () => T): Outcome<T> {
  try {
    return success(calculate());
  } catch (error) {
    return failure(error);
  }
}

/** The value of a job. @throws its error if it failed. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw outcome.error;
}

/** The next calculation for every job that is still good; what it throws fails that job alone. `at` is the job's place. */
export function mapEach<T, U>(outcomes: readonly Outcome<T>[], next: (value: T, at: number) => U): Outcome<U>[] {
  return outcomes.map((outcome, at) => (outcome.ok ? attempt(() => next(outcome.value, at)) : outcome));
}

/**
 * The next step for the jobs that are still good, as one batch; failed jobs keep their places and errors. `step` gets the
 * values and their places, and answers in the same order.
 */
export async function batchEach<T, U>(
  outcomes: readonly Outcome<T>[],
  step: (values: T[], places: number[]) => Promise<readonly Outcome<U>[]>,
): Promise<Outcome<U>[]> {
  const values: T[] = [];
  const places: number[] = [];
  outcomes.forEach((outcome, at) => {
    if (!outcome.ok) return;
    values.push(outcome.value);
    places.push(at);
  });
  const stepped = values.length > 0 ? await step(values, places) : [];
  let taken = 0;
  return outcomes.map((outcome) => (outcome.ok ? stepped[taken++]! : outcome));
}

/** The values of the jobs that did not fail, with their places. */
export function successes<T>(outcomes: readonly Outcome<T>[]): { value: T; at: number }[] {
  return outcomes.flatMap((outcome, at) => (outcome.ok ? [{ value: outcome.value, at }] : []));
}
