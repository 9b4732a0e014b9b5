// Processes that tests start: programs of test/children, compiled once, each test file for itself.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const out = join(root, "build", "children", `${process.pid}`);
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** Compiles the programs and what they import; the folder that they are in. */
export function compileChildren(): string {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", join(root, "test", "children"), "--outDir", out]);
  mkdirSync(join(out, "src", "core"), { recursive: true });
  copyFileSync(join(root, "src", "core", "core.wasm"), join(out, "src", "core", "core.wasm"));
  return join(out, "test", "children");
}

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first line on standard output. @throws Error if the process ends without one */
  readonly ready: Promise<string>;
  /** Resolves when the process has ended and its output is read. */
  readonly ended: Promise<{ readonly lines: readonly string[]; readonly errors: string; readonly code: number | null }>;
}

export function startChild(folder: string, name: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, [join(folder, `${name}.js`), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  let errors = "";
  child.stderr.on("data", (data: Buffer) => {
    errors += data.toString();
  });
  const ended = new Promise<Awaited<Child["ended"]>>((resolve) => {
    child.on("close", (code) => resolve({ lines, errors, code }));
  });
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      resolve(line);
    });
    void ended.then(() => reject(new Error(`${name} ended without a word: ${errors}`)));
  });
  ready.catch(() => {});
  return { process: child, ready, ended };
}
