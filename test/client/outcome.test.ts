import { describe, expect, it } from "vitest";
import { attempt, batchEach, failure, mapEach, type Outcome, success, unwrap } from "../../src/client/outcome.ts";

const bad = new Error("bad");
const outcomes: Outcome<number>[] = [success(1), failure(bad), success(3)];

describe("outcomes of a batch", () => {
  it("keep their places through a calculation, and what it throws fails one job alone", () => {
    const next = mapEach(outcomes, (value, at) => {
      if (value === 3) throw new Error(`no ${at}`);
      return value * 10;
    });
    expect(next).toEqual([success(10), failure(bad), failure(new Error("no 2"))]);
  });

  it("keep their places through a batch of those that are still good", async () => {
    const seen: unknown[] = [];
    const next = await batchEach(outcomes, async (values, places) => {
      seen.push(values, places);
      return values.map((value) => success(value * 10));
    });
    expect(seen).toEqual([
      [1, 3],
      [0, 2],
    ]);
    expect(next).toEqual([success(10), failure(bad), success(30)]);
  });

  it("make no batch of nothing", async () => {
    const step = async () => {
      throw new Error("must not be called");
    };
    expect(await batchEach([failure(bad)], step)).toEqual([failure(bad)]);
  });

  it("turn whatever is thrown into an Error", () => {
    const thrown = attempt(() => {
      throw "text";
    });
    expect(thrown).toEqual(failure(new Error("text")));
    expect(() => unwrap(thrown)).toThrow("text");
    expect(unwrap(attempt(() => 5))).toBe(5);
  });
});
