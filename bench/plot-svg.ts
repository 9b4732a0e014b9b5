// Pieces of SVG text, and logarithmic axes.

export interface Panel {
  readonly x: number;
  readonly y: number;
  readonly svg: string;
}

export function escapeXml(value: string): string {
  return value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

const at = (value: number): string => value.toFixed(1).replace(/\.0$/, "");

export function text(x: number, y: number, value: string, classes = ""): string {
  return `<text x="${at(x)}" y="${at(y)}" class="${classes}">${escapeXml(value)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, classes: string): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${classes}"/>`;
}

/** A dot with a tooltip. */
export function dot(x: number, y: number, radius: number, classes: string, tip: string): string {
  return `<circle cx="${at(x)}" cy="${at(y)}" r="${radius}" class="${classes}"><title>${escapeXml(tip)}</title></circle>`;
}

export function path(points: readonly (readonly [number, number])[], classes: string): string {
  const d = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join("");
  return `<path d="${d}" class="${classes}"/>`;
}

export interface LogScale {
  readonly of: (value: number) => number;
  /** Round values within the domain. */
  readonly ticks: readonly number[];
}

/** Maps values to `start`..`end`, by their logarithm. The domain is the values' own, widened to the next tick. */
export function logScale(values: readonly number[], start: number, end: number, steps: readonly number[]): LogScale {
  const low = widened(Math.min(...values), steps, -1);
  const high = widened(Math.max(...values), steps, 1);
  const span = Math.log(high / low) || 1;
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** decade).toPrecision(3));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return { of: (value) => start + (Math.log(value / low) / span) * (end - start), ticks };
}

/** The nearest step times a power of ten below (direction -1) or above (1). */
function widened(value: number, steps: readonly number[], direction: -1 | 1): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  const candidates = [0.1, 1, 10].flatMap((scale) =>
    steps.map((step) => Number((step * decade * scale).toPrecision(3))),
  );
  const fitting = candidates.filter((candidate) => (direction < 0 ? candidate <= value : candidate >= value));
  return direction < 0 ? Math.max(...fitting) : Math.min(...fitting);
}
