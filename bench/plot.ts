// One SVG page of a report, to be read at a glance: how often the card is as fast as the baselines, and what a recovered unit costs
// against the size of the fleet and against the threshold. Self-contained; follows the reader's light or dark theme.

import { type Chart, costChart, ratioChart } from "./plot-charts.ts";
import { escapeXml, type Panel, text } from "./plot-svg.ts";
import type { Report } from "./report.ts";

const WIDTH = 1080;
const MARGIN = 40;
const FOOT = 28;
const GAP = 48;
const HEADER = 92;

/** The page, as the text of an SVG file. */
export function plotOf(report: Report): string {
  const half = (WIDTH - 2 * MARGIN - GAP) / 2;
  const ratios = ratioChart(report, WIDTH - 2 * MARGIN);
  const costs: Chart[] = [
    costChart(report, half, {
      title: "Cost of a recovered unit, by size of the fleet",
      axis: "units in the fleet",
      names: /^recover-fleet-(\d+)$/,
    }),
    costChart(report, half, {
      title: "Cost of recovering one unit, by threshold",
      axis: "signatures wanted",
      names: /^recover-unit-t(\d+)$/,
    }),
  ].filter((chart) => chart.height > 0);
  const panels: Panel[] = [{ x: MARGIN, y: HEADER, ...ratios }];
  const below = HEADER + ratios.height + (ratios.height > 0 ? GAP : 0);
  costs.forEach((chart, i) => {
    panels.push({ x: MARGIN + i * (half + GAP), y: below, ...chart });
  });
  const height = below + Math.max(0, ...costs.map((chart) => chart.height)) + FOOT;
  return page(report, panels, height);
}

function page(report: Report, panels: readonly Panel[], height: number): string {
  const { machine, node, date, coreSha256 } = report;
  const card = coreSha256 === "" ? "no card" : `core.wasm ${coreSha256.slice(0, 12)}`;
  const source = `${machine} · Node ${node} · ${card} · ${date.slice(0, 10)}`;
  const body = panels.map(({ x, y, svg }) => `<g transform="translate(${x} ${y})">${svg}</g>`).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">OpenTKE benchmarks: ${escapeXml(source)}</title>
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${height}"/>
${text(MARGIN, 46, "OpenTKE: WebAssembly core beside node:crypto and @noble", "title")}
${text(MARGIN, 70, source, "note")}
${body}
</svg>
`;
}

/** Colours by role; the second set is for dark themes. */
const STYLE = `
svg { --page:#fcfcfb; --ink:#1a1a19; --soft:#5f5e59; --grid:#e4e3dd; --wasm:#1f6fd0; --node:#c2570c; --noble:#7a7870;
  font: 13px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --page:#191918; --ink:#f2f1ec; --soft:#a9a79e; --grid:#34332f; --wasm:#5aa2f5; --node:#f0914a; --noble:#a3a198; }
}
.page { fill: var(--page); }
text { fill: var(--ink); }
.title { font-size: 21px; font-weight: 600; }
.head { font-size: 15px; font-weight: 600; }
.note, .tick { fill: var(--soft); font-size: 12px; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.value { font-weight: 600; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--grid); stroke-width: 1; }
.base { stroke: var(--soft); stroke-width: 1; }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; }
.wasm { fill: var(--wasm); } .line.wasm, .stem.wasm { fill: none; stroke: var(--wasm); }
.node { fill: var(--node); } .line.node { fill: none; stroke: var(--node); }
.noble { fill: var(--noble); } .line.noble { fill: none; stroke: var(--noble); }
.stem { stroke-width: 3; stroke-linecap: round; opacity: .45; }
`;
