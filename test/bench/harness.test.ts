// The harness: who is called when, and the arithmetic. Nothing here depends on how long anything takes.
import { describe, expect, it, vi } from "vitest";
import { quantile, raceCalls, raceRuns, spreadOf } from "../../bench/harness.ts";

describe("quantiles", () => {
  it("interpolate between samples, in any order", () => {
    expect(quantile([4, 1, 3, 2], 0)).toBe(1);
    expect(quantile([4, 1, 3, 2], 1)).toBe(4);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([5, 1, 9], 0.5)).toBe(5);
    expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20);
    expect(quantile([7], 0.75)).toBe(7);
  });
  it("want a sample", () => expect(() => quantile([], 0.5)).toThrow(RangeError));
  it("spread is the interquartile range over the median", () => {
    expect(spreadOf([10, 20, 30, 40, 50])).toBeCloseTo(20 / 30);
    expect(spreadOf([5, 5, 5])).toBe(0);
  });
});

describe("calls", () => {
  it("interleaves the contestants, and begins each round at another one", () => {
    const log: string[] = [];
    const contestant = (backend: string) => ({ backend, operations: 1, run: () => log.push(backend) });
    const timings = raceCalls([contestant("a"), contestant("b"), contestant("c")], { rounds: 3, sampleSeconds: 1e-9 });
    expect(timings.map(({ backend, samples }) => [backend, samples])).toEqual([
      ["a", 3],
      ["b", 3],
      ["c", 3],
    ]);
    const turns = log.filter((backend, i) => backend !== log[i - 1]);
    expect(turns.slice(0, 3)).toEqual(["a", "b", "c"]); // the cold calls
    expect(turns.slice(-9).join("")).toMatch(/abcbcacab$/);
  });

  it("counts operations, not calls", () => {
    const spin = () => {
      for (let i = 0; i < 20_000; i++) Math.sqrt(i);
    };
    const [one, many] = raceCalls(
      [
        { backend: "one", operations: 1, run: spin },
        { backend: "many", operations: 1_000_000, run: spin },
      ],
      { rounds: 3, sampleSeconds: 1e-4 },
    );
    expect(many!.opsPerSecond / one!.opsPerSecond).toBeGreaterThan(1000);
    for (const timing of [one!, many!]) {
      expect(timing.coldOpsPerSecond).toBeGreaterThan(0);
      expect(timing.spread).toBeGreaterThanOrEqual(0);
    }
  });

  it("passes on what the work throws", () => {
    let calls = 0;
    const run = () => {
      if (++calls > 1) throw new Error("broken");
    };
    const race = () => raceCalls([{ backend: "a", operations: 1, run }], { rounds: 1, sampleSeconds: 1e-9 });
    expect(race).toThrow("broken");
  });
});

describe("runs", () => {
  it("prepares before each, one contestant after the other, and fills a round that does not count first", async () => {
    const log: string[] = [];
    const contestant = (backend: string) => ({
      backend,
      operations: 10,
      prepare: async () => void log.push(`prepare ${backend}`),
      run: async () => {
        log.push(`begin ${backend}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`end ${backend}`);
      },
    });
    const timings = await raceRuns([contestant("a"), contestant("b")], { rounds: 2, sampleSeconds: 1e-9 });
    expect(timings.map(({ samples }) => samples)).toEqual([2, 2]);
    const of = (backend: string) => [`prepare ${backend}`, `begin ${backend}`, `end ${backend}`];
    expect(log).toEqual(["a", "b", "b", "a", "a", "b"].flatMap(of));
  });

  it("fill a sample, of which the mean counts; the very first one is the cold figure", async () => {
    // A clock by which the calls take 5, 1, 3, 1, 3 ... milliseconds.
    let calls = 0;
    let now = 0n;
    const clock = vi.spyOn(process.hrtime, "bigint").mockImplementation(() => now);
    const run = async () => {
      now += calls === 0 ? 5_000_000n : calls % 2 === 1 ? 1_000_000n : 3_000_000n;
      calls++;
    };
    try {
      const [timing] = await raceRuns([{ backend: "a", operations: 10, run }], { rounds: 2, sampleSeconds: 0.008 });
      expect(calls).toBe(15 + 4 + 4); // 5 and seven times 1 + 3 before, then twice 1 + 3 + 1 + 3
      expect(timing!.opsPerSecond).toBeCloseTo(10 / 0.002);
      expect(timing!.coldOpsPerSecond).toBeCloseTo(10 / 0.005);
      expect(timing!.spread).toBeCloseTo(0);
    } finally {
      clock.mockRestore();
    }
  });

  it("takes the only call for the cold figure too, if one sample is enough", async () => {
    let calls = 0;
    const run = async () => void calls++;
    const one = { rounds: 1, sampleSeconds: 0 };
    const [timing] = await raceRuns([{ backend: "a", operations: 3, run }], one);
    expect(calls).toBe(1);
    expect(timing!.samples).toBe(1);
    expect(timing!.coldOpsPerSecond).toBe(timing!.opsPerSecond);
  });

  it("passes on a rejection", async () => {
    const run = () => Promise.reject(new Error("broken"));
    await expect(raceRuns([{ backend: "a", operations: 1, run }], { rounds: 1, sampleSeconds: 0 })).rejects.toThrow(
      "broken",
    );
  });
});
