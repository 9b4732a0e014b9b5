// Commands whose processes are searched when they are done (test/children/searched.ts).

import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Finding, Hunt } from "./hunt.ts";
import { type Desk, words } from "./tke-desk.ts";

export interface Searched {
  readonly code: number;
  readonly output: string;
  /** In its memory, its command line and its environment. */
  readonly findings: readonly Finding[];
}

export interface SearchOptions {
  /** What is kept in memory of a kind, as a control. */
  readonly plant?: { readonly kind: string; readonly bytes: Uint8Array };
  readonly env?: Readonly<Record<string, string>>;
}

/** A command in a process that stays when it is done. */
export interface Kept {
  readonly pid: number;
  readonly output: () => string;
  /** The exit code, when it is done. @throws Error if the process ends before */
  readonly done: Promise<number>;
  readonly interrupt: () => void;
  readonly kill: () => void;
}

/** Starts a command. */
export function kept(children: string, desk: Desk, line: string, { plant, env = {} }: SearchOptions = {}): Kept {
  const masked = plant && Buffer.from(plant.bytes).map((byte) => byte ^ 0xa5);
  const control = plant ? { OPENTKE_TEST_PLANT: `${plant.kind}:${Buffer.from(masked!).toString("hex")}` } : {};
  const child = spawn(process.execPath, [join(children, "searched.js"), ...words(line)], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ...desk.env, ...control, ...env },
  });
  let output = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (data: Buffer) => {
      output += data.toString("utf8");
    });
  const ended = new Promise<never>((_, reject) => {
    child.on("close", () => reject(new Error(`opentke ${line} ended before it was searched:\n${output}`)));
  });
  ended.catch(() => {});
  const done = Promise.race([ended, lineOf(child.stdio[3] as Readable).then(Number)]);
  done.catch(() => {});
  return {
    pid: child.pid!,
    output: () => output,
    done,
    interrupt: () => child.kill("SIGINT"),
    kill: () => child.kill("SIGKILL"),
  };
}

/** Runs a command to its end, then searches its process. `hunt` is made when the command is done: it may need to know what came of it. */
export async function searched(
  children: string,
  desk: Desk,
  line: string,
  hunt: Hunt | (() => Promise<Hunt>),
  options: SearchOptions = {},
): Promise<Searched> {
  const process = kept(children, desk, line, options);
  try {
    const code = await process.done;
    const made = typeof hunt === "function" ? await hunt() : hunt;
    return { code, output: process.output(), findings: made.inProcess(process.pid) };
  } finally {
    process.kill();
  }
}

function lineOf(stream: Readable): Promise<string> {
  return new Promise((resolve) => stream.once("data", (data: Buffer) => resolve(data.toString().trim())));
}
