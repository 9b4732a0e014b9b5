// Constant time, checked on what the compiler made of the source. Two checks, each with a control that must fail:
//
//   text   in the named functions, no branch, select, address or division depends on anything loaded from memory
//   trace  whole operations, run on the compiled module with different secrets, take the same branches and touch the same addresses
//
// usage: node scripts/check-ct.mjs [core.wat]      prints one line a check; exits 1 if one fails
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { startCard } from "./ct/card.mjs";
import { instrument } from "./ct/instrument.mjs";
import { CONSTANT_TIME, VARIABLE_TIME } from "./ct/named.mjs";
import { control, scenarios } from "./ct/scenarios.mjs";
import { leaks } from "./ct/taint.mjs";
import { functionsOf, parseWat } from "./ct/wat.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const RUNS = 4;
let failures = 0;

function report(ok, what, detail = "") {
  if (!ok) failures++;
  process.stdout.write(`${ok ? "ok    " : "FAILED"}  ${what}${detail ? `: ${detail}` : ""}\n`);
}

/** The compiled text with its instructions folded into expressions. */
function foldedText(path) {
  const module = binaryen.parseText(readFileSync(path, "utf8"));
  module.setFeatures(binaryen.Features.All);
  return module.emitText();
}

function checkText(text) {
  const functions = new Map(functionsOf(parseWat(text)).map((node) => [node[1], node]));
  let checked = 0;
  for (const name of CONSTANT_TIME) {
    const node = functions.get(`$assembly/${name}`);
    if (!node) {
      report(
        false,
        `text   ${name}`,
        "want this function in the compiled text, got none; it was renamed or inlined: correct the list",
      );
      continue;
    }
    checked++;
    const found = leaks(node);
    if (found.length > 0) report(false, `text   ${name}`, [...new Set(found)].join(", "));
  }
  report(true, `text   ${checked} of ${CONSTANT_TIME.length} named functions read`);
  for (const name of VARIABLE_TIME) {
    const node = functions.get(`$assembly/${name}`);
    report(node !== undefined && leaks(node).length > 0, `text   control: ${name} is found to depend on what it loads`);
  }
}

/** The trace of one run: how many events, and their hash. */
function trace(card, scenario, limit = -1) {
  card.refill();
  scenario.prepare(card);
  card.refill();
  card.exports.trace_reset(limit);
  scenario.run(card);
  return { count: card.exports.trace_count(), hash: card.exports.trace_hash() };
}

const same = (a, b) => a.count === b.count && a.hash === b.hash;

function checkTraces(compiled) {
  const { text, sites } = instrument(compiled);
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  const card = startCard(new WebAssembly.Module(module.emitBinary()));
  card.record(0, card.at(0x100), card.at(0x200), 0, 0);
  card.ok(card.exports.keypairMany(1, card.at(0)));
  card.peer = card.get(0x200, 133);

  for (const scenario of scenarios) {
    trace(card, scenario); // tables that are made once are made now
    const first = trace(card, scenario);
    const others = Array.from({ length: (scenario.runs ?? RUNS) - 1 }, () => trace(card, scenario));
    const other = others.find((run) => !same(run, first));
    report(
      other === undefined,
      `trace  ${scenario.name}`,
      other ? `${first.count} and ${other.count} events; ${where(card, scenario, sites)}` : `${first.count} events`,
    );
  }
  trace(card, control);
  const runs = Array.from({ length: RUNS }, () => trace(card, control));
  report(
    runs.some((run) => !same(run, runs[0])),
    `trace  control: ${control.name} differs`,
  );
}

/** Finds the first event in which two runs differ, by bisection over the length of the prefix. Secrets are new in each run. */
function where(card, scenario, sites) {
  const prefixDiffers = (n) => {
    const seen = new Set();
    for (let i = 0; i < 3; i++) {
      trace(card, scenario, n);
      seen.add(card.exports.trace_at());
    }
    return seen.size > 1;
  };
  let low = -1;
  let high = trace(card, scenario).count - 1;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (prefixDiffers(middle)) high = middle;
    else low = middle;
  }
  trace(card, scenario, high);
  const site = sites[card.exports.trace_site()];
  return site ? `first in ${site.function}, ${site.op}` : "place not found";
}

const compiled = foldedText(process.argv[2] ?? "build/core.wat");
checkText(compiled);
checkTraces(compiled);
if (failures > 0) process.stdout.write(`${failures} failed\n`);
process.exitCode = failures > 0 ? 1 : 0;
