import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distance, nearest } from "../../src/cli/suggest.ts";

const word = fc.string({ maxLength: 8 });

describe("did you mean", () => {
  it.each([
    ["dril", "drill", 1],
    ["dirll", "drill", 1],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["drill", "drill", 0],
  ])("%s is %s in so many steps", (a, b, steps) => expect(distance(a, b)).toBe(steps));

  it("distance is 0 for equal words alone, symmetric, and at most the longer length", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  it("finds the nearest, and nothing for words that are far from all", () => {
    expect(nearest("--instnces", ["--instances", "--recovery"])).toBe("--instances");
    expect(nearest("frobnicate", ["drill", "bench"])).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
  });
});
