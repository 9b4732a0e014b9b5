// Timing on the benchmark package. Contestants are interleaved: each round takes one sample of every contestant, in an order that
// turns from round to round, so that a slow minute of the machine hits all of them alike. Statistics are of all rounds together.

import Benchmark from "benchmark";

/** A back end at one task. */
export interface Contestant {
  readonly backend: string;
  /** Single operations that one call of `run` performs. */
  readonly operations: number;
  /** The work. */
  readonly run: () => unknown;
  /** Done before each sample of raceRuns, untimed. */
  readonly prepare?: () => Promise<void>;
}

export interface Sampling {
  /** Rounds: samples of each contestant. */
  readonly rounds: number;
  /** Shortest time of one sample, in seconds. */
  readonly sampleSeconds: number;
}

export interface Timing {
  readonly backend: string;
  /** Median over the samples; of single operations. */
  readonly opsPerSecond: number;
  /** Interquartile range of the samples over their median. */
  readonly spread: number;
  readonly samples: number;
  /** The same from the very first call, before any table was built or any code compiled for speed. */
  readonly coldOpsPerSecond: number;
}

/** Times calls that return at once. */
export function raceCalls(contestants: readonly Contestant[], { rounds, sampleSeconds }: Sampling): Timing[] {
  const cold = contestants.map(({ run }) => secondsOf(run));
  const clocks = contestants.map(({ run }) => callClock(run, sampleSeconds));
  for (const clock of clocks) clock(); // compiles, and builds the tables of keys that have earned one
  const samples: number[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const i of turned(contestants.length, round)) samples[i]!.push(clocks[i]!());
  }
  return contestants.map((contestant, i) => timing(contestant, samples[i]!, cold[i]!));
}

/**
 * Times asynchronous work, one call a sample. A call before them gives the cold figure; if one sample is enough, it is both, as
 * then the work is so long that its beginning does not matter.
 */
export async function raceRuns(contestants: readonly Contestant[], samples: number): Promise<Timing[]> {
  const seconds: number[][] = contestants.map(() => []);
  const calls = samples === 1 ? 1 : samples + 1;
  for (let round = 0; round < calls; round++) {
    for (const i of turned(contestants.length, round)) {
      const contestant = contestants[i]!;
      await contestant.prepare?.();
      seconds[i]!.push(await runClock(contestant.run));
    }
  }
  return contestants.map((contestant, i) => timing(contestant, seconds[i]!.slice(-samples), seconds[i]![0]!));
}

function timing({ backend, operations }: Contestant, seconds: readonly number[], cold: number): Timing {
  return {
    backend,
    opsPerSecond: operations / quantile(seconds, 0.5),
    spread: spreadOf(seconds),
    samples: seconds.length,
    coldOpsPerSecond: operations / cold,
  };
}

/** One sample and no more: benchmark would otherwise go on for five seconds and a hundred samples by itself. */
const ONE_SAMPLE = { minSamples: 1, maxTime: -1, async: false } as const;

/** Each call takes one sample: seconds of one `run`. */
function callClock(run: () => unknown, sampleSeconds: number): () => number {
  const bench = new Benchmark({ ...ONE_SAMPLE, fn: run, minTime: sampleSeconds });
  return () => {
    bench.run();
    if (bench.error) throw bench.error;
    // How many calls fill a sample is known now; benchmark forgets it.
    Object.assign(bench, { initCount: Math.max(1, Math.round(sampleSeconds / bench.times.period)) });
    return bench.times.period;
  };
}

/** Seconds that `run` takes until its promise is fulfilled. */
function runClock(run: () => unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const fn = (deferred: Benchmark.Deferred) => {
      Promise.resolve(run()).then(() => deferred.resolve(), reject);
    };
    const bench = new Benchmark({ ...ONE_SAMPLE, defer: true, fn, minTime: Number.MIN_VALUE, initCount: 1 });
    bench.on("complete", () => resolve(bench.times.period));
    bench.run();
  });
}

function secondsOf(run: () => unknown): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** 0..length-1, begun at another place each round. */
function turned(length: number, round: number): number[] {
  return Array.from({ length }, (_, i) => (i + round) % length);
}

/** Quantile by linear interpolation; `q` in 0..1. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new RangeError(`want one sample or more, got ${values.length}`);
  return low + (high - low) * (at - Math.floor(at));
}

/** Interquartile range over the median. */
export function spreadOf(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / quantile(values, 0.5);
}
