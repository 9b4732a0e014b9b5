// Makes the page of diagrams from a report of `opentke bench --json`.
// usage: node scripts/plot.mjs <report.json> <page.svg>
import { readFileSync, writeFileSync } from "node:fs";
import { plotOf } from "../dist/bench/plot.js";
import { parseReport } from "../dist/bench/report.js";

const [report, page, ...rest] = process.argv.slice(2);
if (!report || !page || rest.length > 0) {
  process.stderr.write("usage: node scripts/plot.mjs <report.json> <page.svg>\n");
  process.exit(2);
}
writeFileSync(page, plotOf(parseReport(readFileSync(report, "utf8"))));
