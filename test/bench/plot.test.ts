// The page of diagrams: well-formed, self-contained, and nothing that was measured is missing.
import { describe, expect, it } from "vitest";
import { plotOf } from "../../bench/plot.ts";
import { logScale } from "../../bench/plot-svg.ts";
import { reportOf } from "../../bench/report.ts";
import type { Result } from "../../bench/task.ts";
import { result } from "../support/bench-results.ts";

const environment = {
  machine: 'A <fast> & "new" one',
  node: "20",
  v8: "11",
  coreSha256: "0123456789abcdef",
  date: "2026-01-02T00:00:00Z",
};
const recovery = (name: string, backend: string, speed: number): Result => ({
  ...result(name, backend, speed),
  suite: "recovery",
});
const results: Result[] = [
  ...["sign", "verify-cached", "ecdh"].flatMap((name, i) => [
    result(name, "wasm", 10_000 * (i + 1)),
    result(name, "node", 1000),
    result(name, "noble", 150),
  ]),
  result("field-mul", "wasm", 2e7),
  result("field-mul", "noble", 2e6),
  ...[10, 100, 1000, 10_000].map((size) => recovery(`recover-fleet-${size}`, "wasm", 400)),
  ...[10, 100].map((size) => recovery(`recover-fleet-${size}`, "node", 20)),
  recovery("recover-fleet-10", "noble", 2),
  ...[1, 2, 4, 8].flatMap((t) =>
    ["wasm", "node", "noble"].map((backend) => recovery(`recover-unit-t${t}`, backend, 80 / t)),
  ),
];
const svg = plotOf(reportOf(environment, results));
const tips = [...svg.matchAll(/<circle[^>]*class="(\w+)"[^>]*><title>([^<]*)<\/title>/g)].map((match) =>
  match.slice(1),
);

describe("plot", () => {
  it("has a ratio for each task that node took part in", () => {
    for (const [name, ratio] of [
      ["sign", "10.0"],
      ["verify-cached", "20.0"],
      ["ecdh", "30.0"],
      ["recover-fleet-100", "20.0"],
      ["recover-unit-t4", "1.00"],
    ]) {
      expect(tips).toContainEqual(["wasm", `${name}: wasm ${ratio} times node`]);
      expect(svg).toContain(`>${name}</text>`);
    }
    expect(tips).toContainEqual(["noble", "sign: noble 0.150 times node"]);
    expect(svg).not.toContain(">field-mul<");
  });

  it("has every point of every series of costs", () => {
    for (const size of ["10", "100", "1,000", "10,000"])
      expect(tips).toContainEqual(["wasm", `wasm, ${size}: 2.50 ms`]);
    for (const size of ["10", "100"]) expect(tips).toContainEqual(["node", `node, ${size}: 50.0 ms`]);
    expect(tips).toContainEqual(["noble", "noble, 10: 500 ms"]);
    for (const t of [1, 2, 4, 8])
      for (const backend of ["wasm", "node", "noble"])
        expect(tips).toContainEqual([backend, `${backend}, ${t}: ${(12.5 * t).toFixed(t === 8 ? 0 : 1)} ms`]);
    expect(svg.match(/<path [^>]*class="line wasm"/g)).toHaveLength(2);
  });

  it("is well-formed, escapes what it is told, and loads nothing from elsewhere", () => {
    const open: string[] = [];
    for (const [, close, tag, empty] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
      if (close) expect(open.pop()).toBe(tag);
      else if (!empty) open.push(tag!);
    }
    expect(open).toEqual([]);
    expect(svg).toContain("A &lt;fast&gt; &amp; &quot;new&quot; one");
    expect(svg).not.toMatch(/\b(?:href|src|url|@import|NaN|Infinity|undefined)\b/);
  });

  it("follows a dark theme", () => {
    const [, light, dark] = /svg \{([\s\S]*)@media \(prefers-color-scheme: dark\) \{([\s\S]*?)\}/.exec(svg)!;
    const names = (css: string) => [...css.matchAll(/--(\w+):/g)].map((match) => match[1]);
    expect(names(dark!)).toEqual(names(light!));
    expect(names(light!).length).toBeGreaterThan(4);
  });

  it("leaves out what was not measured", () => {
    const few = plotOf(reportOf(environment, results.slice(0, 3)));
    expect(few).toContain(">sign</text>");
    expect(few).not.toContain("Cost of");
    expect(plotOf(reportOf(environment, []))).toContain("</svg>");
  });
});

describe("logarithmic scale", () => {
  it("maps equal ratios to equal distances", () => {
    const { of, ticks } = logScale([1, 1000], 0, 300, [1]);
    expect([1, 10, 100, 1000].map((value) => Math.round(of(value)))).toEqual([0, 100, 200, 300]);
    expect(ticks).toEqual([1, 10, 100, 1000]);
  });
  it("widens to the next ticks", () => {
    const { of, ticks } = logScale([3, 40], 0, 100, [1, 2, 5]);
    expect(ticks).toEqual([2, 5, 10, 20, 50]);
    expect([Math.round(of(2)), Math.round(of(50))]).toEqual([0, 100]);
    expect(logScale([10, 0.15], 0, 1, [1, 2, 5]).ticks).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10]);
  });
  it("stands a single value", () => expect(logScale([10], 5, 95, [1]).of(10)).toBe(5));
});
