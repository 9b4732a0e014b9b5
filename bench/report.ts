// What a run tells: the JSON that is kept, and the table that is read.

import { BACKEND_NAMES } from "./backends/backend.ts";
import { type Result, SUITES, type Suite } from "./task.ts";

export interface ReportedResult {
  readonly suite: Suite;
  readonly name: string;
  readonly backend: string;
  /** Single operations, also in batches; recovered units in the recovery suite. */
  readonly opsPerSecond: number;
  /** Interquartile range of the samples over their median. */
  readonly spread: number;
  readonly samples: number;
  /** Units of one recovery. */
  readonly units?: number;
}

export interface Environment {
  /** Processor, number of its cores, operating system. */
  readonly machine: string;
  readonly node: string;
  readonly v8: string;
  /** SHA-256 of core.wasm, hex; empty if the card took no part. */
  readonly coreSha256: string;
  /** ISO 8601. */
  readonly date: string;
}

export interface Report extends Environment {
  readonly results: readonly ReportedResult[];
}

export function reportOf(environment: Environment, results: readonly Result[]): Report {
  return {
    ...environment,
    results: results.map(({ suite, name, backend, opsPerSecond, spread, samples, units }) => {
      return { suite, name, backend, opsPerSecond, spread, samples, ...(units === undefined ? {} : { units }) };
    }),
  };
}

/** How often `backend` is as fast as `than` at a task; undefined if one of them did not take part. */
export function ratioOf(
  results: readonly Pick<ReportedResult, "name" | "backend" | "opsPerSecond">[],
  name: string,
  backend: string,
  than: string,
): number | undefined {
  const speed = (of: string) =>
    results.find((result) => result.name === name && result.backend === of)?.opsPerSecond ?? Number.NaN;
  const ratio = speed(backend) / speed(than);
  return Number.isNaN(ratio) ? undefined : ratio;
}

/** The names of all tasks that have results, in the order in which they ran. */
export function namesOf(results: readonly Pick<ReportedResult, "name">[]): string[] {
  return [...new Set(results.map((result) => result.name))];
}

// --- the table ---

export function tableHeader(suite: Suite): string {
  const cells = BACKEND_NAMES.flatMap((name) => [`${name} ops/s`, "spread", "cold"]);
  return row([`${suite}`, ...cells, "x node", "x noble"]);
}

/** One line for a task: each back end's median, spread and cold figure, then the card's ratios to the others. */
export function tableRow(results: readonly Result[]): string {
  const name = results[0]?.name ?? "";
  const cells = BACKEND_NAMES.flatMap((backend) => {
    const result = results.find((one) => one.backend === backend);
    if (result === undefined) return ["-", "", ""];
    return [rate(result.opsPerSecond), percent(result.spread), rate(result.coldOpsPerSecond)];
  });
  const ratios = ["node", "noble"].map((than) => times(ratioOf(results, name, "wasm", than)));
  return row([name, ...cells, ...ratios]);
}

/** What the columns mean. */
export const LEGEND = `ops/s: median of single operations a second, also in batches; recovered units in the recovery suite
spread: interquartile range over the median; cold: the first call on a fresh core; x: ratio of the medians, wasm to the other
`;

const FIRST_COLUMN = 24;
const COLUMN_WIDTHS = [13, 7, 11, 13, 7, 11, 13, 7, 11, 8, 8];

function row(cells: readonly string[]): string {
  const [first, ...others] = cells;
  return `${first!.padEnd(FIRST_COLUMN)}${others.map((cell, i) => cell.padStart(COLUMN_WIDTHS[i]!)).join("")}\n`;
}

/** Three significant digits, and no fraction from 100 on. */
export function rate(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Number(value.toPrecision(3)))));
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}

function times(ratio: number | undefined): string {
  return ratio === undefined ? "-" : `${rate(ratio)}x`;
}

// --- reading one back ---

/**
 * A report from its JSON.
 * @throws TypeError naming the first field that is not as it should be.
 */
export function parseReport(json: string): Report {
  const { machine, node, v8, coreSha256, date, results, ...others } = objectAt("report", JSON.parse(json));
  noOthers("report", others);
  if (!Array.isArray(results)) throw new TypeError(`results: want an array, got ${typeof results}`);
  return {
    machine: textAt("machine", machine),
    node: textAt("node", node),
    v8: textAt("v8", v8),
    coreSha256: textAt("coreSha256", coreSha256),
    date: textAt("date", date),
    results: results.map((value, i) => parseResult(`results[${i}]`, value)),
  };
}

function parseResult(at: string, value: unknown): ReportedResult {
  const { suite, name, backend, opsPerSecond, spread, samples, units, ...others } = objectAt(at, value);
  noOthers(at, others);
  const known = SUITES.find((one) => one === suite);
  if (known === undefined) throw new TypeError(`${at}.suite: want one of ${SUITES.join(", ")}, got ${String(suite)}`);
  return {
    suite: known,
    name: textAt(`${at}.name`, name),
    backend: textAt(`${at}.backend`, backend),
    opsPerSecond: numberAt(`${at}.opsPerSecond`, opsPerSecond),
    spread: numberAt(`${at}.spread`, spread),
    samples: numberAt(`${at}.samples`, samples),
    ...(units === undefined ? {} : { units: numberAt(`${at}.units`, units) }),
  };
}

function objectAt(at: string, value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new TypeError(`${at}: want an object, got ${typeof value}`);
  return value as Record<string, unknown>;
}

function noOthers(at: string, others: Record<string, unknown>): void {
  const [first] = Object.keys(others);
  if (first !== undefined) throw new TypeError(`${at}: want no field but the known ones, got ${first}`);
}

function textAt(at: string, value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`${at}: want text, got ${typeof value}`);
  return value;
}

function numberAt(at: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw new TypeError(`${at}: want a number from 0 on, got ${String(value)}`);
  }
  return value;
}
