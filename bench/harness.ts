// Timing, of calls on the benchmark package. Contestants are interleaved: each round takes one sample of every contestant, in an
// order that turns from round to round, so that a slow minute of the machine hits all of them alike. Statistics are of all rounds
// together.
//
// A sample lasts: what the contestant before it has left in the processor's caches, which is most of the time of a single short
// run, is then a small part of it, whoever goes first and however slow the others are.

import Benchmark from "benchmark";

/** A back end at one task. */
export interface Contestant {
  readonly backend: string;
  /** Single operations that one call of `run` performs. */
  readonly operations: number;
  /** The work. */
  readonly run: () => unknown;
  /** Done before each call of `run` by raceRuns, untimed. */
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

/** Samples' time that asynchronous work is run for before it is timed: it is more code than a call is, and takes longer to be compiled. */
const WARM_UP = 4;

/**
 * Times asynchronous work. A sample is as many calls as fill it, each prepared. What is run before the first round does not count: it
 * compiles and builds tables, and its first call gives the cold figure. If one round is enough, its work is so long that its
 * beginning does not matter: it is the only one then, and gives both figures.
 */
export async function raceRuns(
  contestants: readonly Contestant[],
  { rounds, sampleSeconds }: Sampling,
): Promise<Timing[]> {
  const cold: number[] = [];
  const samples: number[][] = contestants.map(() => []);
  for (let round = rounds === 1 ? 1 : 0; round <= rounds; round++) {
    for (const i of turned(contestants.length, round)) {
      const seconds = await sampleRuns(contestants[i]!, round > 0 ? sampleSeconds : WARM_UP * sampleSeconds);
      cold[i] ??= seconds[0]!;
      if (round > 0) samples[i]!.push(mean(seconds));
    }
  }
  return contestants.map((contestant, i) => timing(contestant, samples[i]!, cold[i]!));
}

/** Seconds of each call of one sample. */
async function sampleRuns({ prepare, run }: Contestant, sampleSeconds: number): Promise<number[]> {
  const seconds: number[] = [];
  for (let left = sampleSeconds; left > 0 || seconds.length === 0; left -= seconds.at(-1)!) {
    await prepare?.();
    const start = process.hrtime.bigint();
    await run();
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  return seconds;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
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
