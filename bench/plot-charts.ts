// The charts of the page.

import { BACKEND_NAMES } from "./backends/backend.ts";
import { dot, line, logScale, path, text } from "./plot-svg.ts";
import { namesOf, type Report, rate, ratioOf } from "./report.ts";

export interface Chart {
  /** 0 if the report has nothing to show. */
  readonly height: number;
  readonly svg: string;
}

const EMPTY: Chart = { height: 0, svg: "" };
const ROW = 24;
const TOP = 62;
const LABELS = 190;
const RIGHT = 96;

/** A row for each task: the card's speed and noble's, in multiples of node's. */
export function ratioChart({ results }: Report, width: number): Chart {
  const rows = namesOf(results).flatMap((name) => {
    const wasm = ratioOf(results, name, "wasm", "node");
    return wasm === undefined ? [] : [{ name, wasm, noble: ratioOf(results, name, "noble", "node") }];
  });
  if (rows.length === 0) return EMPTY;
  const values = rows.flatMap(({ wasm, noble }) => [wasm, noble ?? 1]);
  const x = logScale([...values, 1], LABELS, width - RIGHT, [1, 2, 5]);
  const bottom = TOP + rows.length * ROW;
  const grid = x.ticks.map((tick) => {
    const classes = tick === 1 ? "base" : "grid";
    return (
      line(x.of(tick), TOP - 8, x.of(tick), bottom, classes) + text(x.of(tick), bottom + 18, `${tick}x`, "tick middle")
    );
  });
  const marks = rows.map(({ name, wasm, noble }, i) => {
    const y = TOP + i * ROW + ROW / 2;
    const tip = `${name}: wasm ${rate(wasm)} times node`;
    const other =
      noble === undefined ? "" : dot(x.of(noble), y, 4.5, "noble", `${name}: noble ${rate(noble)} times node`);
    return (
      text(LABELS - 14, y + 4.5, name, "end") +
      line(x.of(1), y, x.of(wasm), y, "stem wasm") +
      other +
      dot(x.of(wasm), y, 6, "wasm", tip) +
      text(x.of(wasm) + (wasm < 1 ? -13 : 13), y + 4.5, `${rate(wasm)}x`, wasm < 1 ? "value end" : "value")
    );
  });
  const head =
    text(0, 16, "Speed in multiples of node:crypto, same run", "head") +
    legend(0, 38, [
      ["wasm", "core.wasm"],
      ["noble", "@noble"],
    ]) +
    text(200, 42, "the line at 1x is node:crypto; logarithmic", "note");
  return { height: bottom + 24, svg: [head, ...grid, ...marks].join("\n") };
}

function legend(x: number, y: number, entries: readonly (readonly [string, string])[]): string {
  return entries
    .map(([backend, label], i) => dot(x + 6 + i * 96, y, 5, backend, label) + text(x + 16 + i * 96, y + 4.5, label))
    .join("");
}

export interface CostOptions {
  readonly title: string;
  /** What runs along the horizontal axis. */
  readonly axis: string;
  /** The tasks that belong to it; the group is the value on the axis. */
  readonly names: RegExp;
}

const HEIGHT = 300;
const LEFT = 52;

/** A line for each back end: milliseconds for each recovered unit. */
export function costChart({ results }: Report, width: number, { title, axis, names }: CostOptions): Chart {
  const series = BACKEND_NAMES.map((backend) => {
    const points = results.flatMap(({ name, opsPerSecond, backend: of }) => {
      const group = names.exec(name)?.[1];
      return of === backend && group !== undefined ? [{ at: Number(group), cost: 1000 / opsPerSecond }] : [];
    });
    return { backend, points };
  }).filter(({ points }) => points.length > 0);
  const all = series.flatMap(({ points }) => points);
  if (all.length === 0) return EMPTY;
  const positions = [...new Set(all.map((point) => point.at))].sort((a, b) => a - b);
  const x = logScale(positions, LEFT + 8, width - RIGHT, positions.every(isPowerOfTen) ? [1] : [1, 2, 4, 8]);
  const y = logScale(
    all.map((point) => point.cost),
    HEIGHT - 44,
    48,
    [1, 2, 5],
  );
  const grid = y.ticks.map(
    (tick) =>
      line(LEFT, y.of(tick), width - RIGHT, y.of(tick), "grid") + text(LEFT - 8, y.of(tick) + 4, `${tick}`, "tick end"),
  );
  const columns = positions.map((at) => text(x.of(at), HEIGHT - 24, at.toLocaleString("en"), "tick middle"));
  const lines = series.map(({ backend, points }) => {
    const last = points.at(-1)!;
    const dots = points.map(({ at, cost }) =>
      dot(x.of(at), y.of(cost), 5, backend, `${backend}, ${at.toLocaleString("en")}: ${rate(cost)} ms`),
    );
    return (
      path(
        points.map(({ at, cost }) => [x.of(at), y.of(cost)] as const),
        `line ${backend}`,
      ) +
      dots.join("") +
      text(x.of(last.at) + 11, y.of(last.cost) + 4.5, `${backend} ${rate(last.cost)} ms`, "value")
    );
  });
  const head =
    text(0, 16, title, "head") +
    text(0, 36, "milliseconds a unit, whole protocol, both sides; logarithmic", "note") +
    text((LEFT + width - RIGHT) / 2, HEIGHT - 4, axis, "tick middle");
  return { height: HEIGHT, svg: [head, ...grid, ...columns, ...lines].join("\n") };
}

function isPowerOfTen(value: number): boolean {
  return Number.isInteger(Math.log10(value));
}
