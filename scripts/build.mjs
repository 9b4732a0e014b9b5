// Builds everything: core.wasm and its test variants from assembly/, then dist/ from src/ and bench/.
// usage: node scripts/build.mjs [wasm | ts]
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const what = process.argv[2] ?? "all";

const targets = [
  ["core", "assembly/index.ts"],
  ["core-loop", "assembly/index.ts"],
  ["testing", "assembly/testing.ts"],
  ["testing-loop", "assembly/testing.ts"],
  ["bench", "assembly/bench.ts"],
];

async function assemble(target, entry) {
  const { error, stderr } = await asc.main([entry, "--config", "asconfig.json", "--target", target]);
  if (error) {
    process.stderr.write(stderr.toString());
    throw new Error(`asc failed for target ${target}: ${error.message}`);
  }
}

if (what !== "ts") {
  mkdirSync("build", { recursive: true });
  for (const [target, entry] of targets) if (existsSync(entry)) await assemble(target, entry);
}
if (what !== "wasm") {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], { stdio: "inherit" });
  mkdirSync("dist/src/core", { recursive: true });
  copyFileSync("src/core/core.wasm", "dist/src/core/core.wasm");
  copyFileSync("build/bench.wasm", "dist/bench/bench.wasm");
}
