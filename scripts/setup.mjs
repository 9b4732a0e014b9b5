// Makes a fresh clone ready: installs the exact dependencies, then builds. Does nothing where nothing has changed.
// usage: node scripts/setup.mjs
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `opentke: want Node >= 20.19, got ${process.versions.node}; install a newer Node and try again\n`,
  );
  process.exit(1);
}

/** SHA-256 over the names and contents of all files below the given paths. */
function digest(paths) {
  const hash = createHash("sha256");
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else if (!path.endsWith(".wasm")) hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  };
  paths.forEach(add);
  return hash.digest("hex");
}

/** Runs `work` unless it ran before with the same inputs and its outputs are still there. */
function step(stamp, inputs, outputs, work) {
  const wanted = digest(inputs);
  const done = existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && outputs.every((path) => existsSync(path));
  if (done) return;
  rmSync(stamp, { force: true });
  work();
  mkdirSync("build", { recursive: true });
  writeFileSync(stamp, wanted);
}

// What children print goes to standard error: standard output belongs to the command that follows.
const run = (file, args) => execFileSync(file, args, { stdio: ["ignore", 2, 2] });
const say = (text) => process.stderr.write(`${text}\n`);

step(
  "node_modules/.opentke-stamp",
  ["package-lock.json"],
  ["node_modules/typescript", "node_modules/assemblyscript"],
  () => {
    say("installing dependencies...");
    const npm = process.env.npm_execpath;
    if (npm) run(process.execPath, [npm, "ci", "--no-audit", "--no-fund"]);
    else run("npm", ["ci", "--no-audit", "--no-fund"]);
  },
);
const wasm = [
  "src/core/core.wasm",
  "build/core.wat",
  "build/core-loop.wasm",
  "build/testing.wasm",
  "build/testing-loop.wasm",
];
step("build/wasm-stamp", ["assembly", "asconfig.json", "scripts/build.mjs", "package-lock.json"], wasm, () => {
  say("building core.wasm...");
  run(process.execPath, ["scripts/build.mjs", "wasm"]);
});
const ts = ["build/wasm-stamp", "src", "bench", "tsconfig.json", "package.json", "scripts/build.mjs"];
step("build/ts-stamp", ts, ["dist/src/cli/bin.js", "dist/src/core/core.wasm"], () => {
  say("compiling...");
  rmSync("dist", { recursive: true, force: true });
  run(process.execPath, ["scripts/build.mjs", "ts"]);
});
