// What guards quality beside the tests: types, lint, generated code, the compiled text and traces of the card.
// usage: node scripts/check.mjs
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
let failed = 0;

function check(what, file, args) {
  const { status } = spawnSync(file, args, { stdio: "inherit" });
  process.stdout.write(`${status === 0 ? "ok    " : "FAILED"}  ${what}\n`);
  if (status !== 0) failed++;
}

/** Runs a generator and fails if the file it writes is not the one that is committed. */
function generated(script, output) {
  const before = readFileSync(output);
  check(`${script} runs`, process.execPath, [script]);
  const same = before.equals(readFileSync(output));
  process.stdout.write(`${same ? "ok    " : "FAILED"}  ${output} is what ${script} writes\n`);
  if (!same) failed++;
}

const node = process.execPath;
check("types", node, ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.json"]);
check("types of the tests", node, ["node_modules/typescript/bin/tsc", "-p", "test/tsconfig.json"]);
check("lint and format", node, ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."]);
generated("scripts/gen-p521-kernel.mjs", "assembly/p521/fe2.gen.ts");
generated("scripts/gen-aes-tables.mjs", "assembly/aes/tables.gen.ts");
check("constant time", node, ["scripts/check-ct.mjs"]);
process.exitCode = failed > 0 ? 1 : 0;
