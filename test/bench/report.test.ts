// The report: ratios, the JSON there and back, the table.
import { describe, expect, it } from "vitest";
import { type Environment, parseReport, rate, ratioOf, reportOf, tableHeader, tableRow } from "../../bench/report.ts";
import { result } from "../support/bench-results.ts";

const environment: Environment = {
  machine: "Processor, 2 cores, linux x64",
  node: "20.20.2",
  v8: "11.3",
  coreSha256: "ab".repeat(32),
  date: "2026-01-02T03:04:05.678Z",
};
const results = [
  result("sign", "wasm", 12_000),
  result("sign", "node", 500),
  result("sign", "noble", 480),
  result("field-mul", "wasm", 20e6),
  result("field-mul", "noble", 2e6),
  { ...result("recover-fleet-100", "wasm", 250), suite: "recovery" as const, units: 100 },
];

describe("ratios", () => {
  it("say how often one is as fast as the other", () => {
    expect(ratioOf(results, "sign", "wasm", "node")).toBe(24);
    expect(ratioOf(results, "sign", "wasm", "noble")).toBe(25);
    expect(ratioOf(results, "sign", "noble", "node")).toBe(0.96);
    expect(ratioOf(results, "field-mul", "wasm", "noble")).toBe(10);
  });
  it("are undefined where one did not take part", () => {
    expect(ratioOf(results, "field-mul", "wasm", "node")).toBeUndefined();
    expect(ratioOf(results, "verify", "wasm", "node")).toBeUndefined();
  });
});

describe("JSON", () => {
  const report = reportOf(environment, results);
  const json = JSON.stringify(report);

  it("has the fields of the format and no others", () => {
    expect(Object.keys(report)).toEqual(["machine", "node", "v8", "coreSha256", "date", "results"]);
    expect(Object.keys(report.results[0]!)).toEqual(["suite", "name", "backend", "opsPerSecond", "spread", "samples"]);
    expect(Object.keys(report.results[5]!).at(-1)).toBe("units");
  });
  it("comes back as it was", () => expect(parseReport(json)).toEqual(report));

  const spoiled: [string, (report: Record<string, unknown>) => unknown, RegExp][] = [
    ["no machine", ({ machine: _, ...others }) => others, /^machine: want text/],
    ["a field more", (good) => ({ ...good, more: 1 }), /^report: .* got more/],
    ["results that are no array", (good) => ({ ...good, results: {} }), /^results: want an array/],
    ["a result that is no object", (good) => ({ ...good, results: [1] }), /^results\[0\]: want an object/],
    ["an unknown suite", (good) => withResult(good, { suite: "x" }), /^results\[0\]\.suite: .* got x/],
    ["a negative speed", (good) => withResult(good, { opsPerSecond: -1 }), /^results\[0\]\.opsPerSecond/],
    ["no speed at all", (good) => withResult(good, { opsPerSecond: null }), /^results\[0\]\.opsPerSecond/],
    ["units as text", (good) => withResult(good, { units: "10" }), /^results\[0\]\.units/],
    ["a result's field more", (good) => withResult(good, { coldOpsPerSecond: 1 }), /^results\[0\]: .* got cold/],
  ];
  it.each(spoiled)("is refused with %s", (_, spoil, message) => {
    expect(() => parseReport(JSON.stringify(spoil(JSON.parse(json))))).toThrow(message);
  });
  const withResult = (good: Record<string, unknown>, change: object) => {
    return { ...good, results: [{ ...(good["results"] as object[])[0], ...change }] };
  };
});

describe("table", () => {
  it("shows medians, spreads, cold figures and ratios in columns that line up", () => {
    const lines = [tableHeader("operations"), tableRow(results.slice(0, 3)), tableRow(results.slice(3, 5))];
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[1]).toMatch(/^sign +12,000 +2\.5% +6,000 +500 +2\.5% +250 +480 +2\.5% +240 +24\.0x +25\.0x\n$/);
    expect(lines[2]).toMatch(/^field-mul +20,000,000 +2\.5% +10,000,000 +- +2,000,000 +2\.5% +1,000,000 +- +10\.0x\n$/);
  });
  it.each([
    [0.123456, "0.123"],
    [1.23456, "1.23"],
    [12.3456, "12.3"],
    [123.456, "123"],
    [1234.6, "1,235"],
    [99.96, "100"],
  ])("writes %f as %s", (value, text) => expect(rate(value)).toBe(text));
});
