// A desk to run TKE commands at, in process: a folder for the workstation's files, a fleet in a store of its own, and somebody who
// answers prompts.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** All that a terminal shows, in order: both streams and what was typed. */
  readonly screen: string;
  /** The prompts that were answered. */
  readonly prompts: readonly string[];
  /** What was typed after each, and whether the terminal showed it. */
  readonly typed: readonly { readonly answer: string; readonly echo: boolean }[];
}

export interface RunOptions {
  /** Lines that the user types; without any there is no terminal. */
  readonly answers?: readonly string[];
  /** Whether standard output is a terminal; by default if there is somebody who types. */
  readonly outIsTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Splits at blanks outside of single quotes. */
export function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}

export class Desk {
  readonly root = mkdtempSync(join(tmpdir(), "opentke-desk-"));
  readonly files = join(this.root, "files");
  readonly home = join(this.root, "home");

  constructor() {
    mkdirSync(this.files);
  }

  get env(): Record<string, string> {
    return { CLOUDTKEFILES: this.files, OPENTKE_HOME: this.home, USER: "john.smith" };
  }

  /** Another desk with copies of all files. Nobody may be at work at this one. */
  fork(): Desk {
    const copy = new Desk();
    cpSync(this.root, copy.root, { recursive: true });
    return copy;
  }

  /** Makes a fleet of one service instance unless `options` say otherwise. */
  async fleet(options = "--instances 1 --operational 2 --recovery 2"): Promise<Run> {
    return this.ok(`fleet create ${options}`);
  }

  async run(line: string, { answers, env = {}, signal, ...rest }: RunOptions = {}): Promise<Run> {
    const shown = { out: "", err: "", screen: "" };
    const prompts: string[] = [];
    const typed: Run["typed"][number][] = [];
    const left = [...(answers ?? [])];
    const show = (stream: "out" | "err", text: string): void => {
      shown[stream] += text;
      shown.screen += text;
    };
    const io: Io = {
      out: (text) => show("out", text),
      err: (text) => show("err", text),
      outIsTerminal: rest.outIsTerminal ?? answers !== undefined,
      errIsTerminal: false,
      input: {
        isTerminal: answers !== undefined,
        async line(prompt, echo) {
          show("err", prompt);
          prompts.push(prompt);
          const answer = left.shift();
          if (answer === undefined) throw new Error(`nobody answers: ${prompt}`);
          typed.push({ answer, echo });
          shown.screen += echo ? `${answer}\n` : "\n";
          return new TextEncoder().encode(answer);
        },
      },
      env: { NO_COLOR: "1", ...this.env, ...env },
      signal: signal ?? new AbortController().signal,
    };
    const code = await main(words(line), io);
    if (left.length > 0 && code === 0) throw new Error(`nobody asked for: ${left.join(", ")}\n${shown.screen}`);
    return { code, ...shown, prompts, typed };
  }

  /** Runs a command that must succeed. */
  async ok(line: string, options: RunOptions = {}): Promise<Run> {
    const run = await this.run(line, options);
    if (run.code !== 0) throw new Error(`opentke ${line}: exit ${run.code}\n${run.screen}`);
    return run;
  }

  /** Runs a command that must succeed with --output json; what it printed. */
  async json<T>(line: string, options: RunOptions = {}): Promise<T> {
    return JSON.parse((await this.ok(`${line} --output json`, options)).out) as T;
  }

  /** Writes a file beside the workstation's; its path. */
  write(name: string, text: string): string {
    const path = join(this.root, name);
    writeFileSync(path, text);
    return path;
  }

  /** Names of the workstation's files. */
  list(): string[] {
    return readdirSync(this.files).sort();
  }

  read(name: string): string {
    return readFileSync(join(this.files, name), "utf8");
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
