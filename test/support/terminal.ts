// A process to run command lines in, without one.

import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";

export interface Transcript {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface TerminalOptions {
  readonly outIsTerminal?: boolean;
  readonly errIsTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs `opentke` with these arguments (split at spaces if given as one text). */
export async function opentke(args: string | readonly string[], options: TerminalOptions = {}): Promise<Transcript> {
  let out = "";
  let err = "";
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outIsTerminal: options.outIsTerminal ?? false,
    errIsTerminal: options.errIsTerminal ?? false,
    input: {
      isTerminal: false,
      line: async (prompt) => {
        throw new Error(`there is nobody to answer: ${prompt}`);
      },
    },
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
  };
  const argv = typeof args === "string" ? args.split(" ").filter((word) => word !== "") : args;
  const code = await main(argv, io);
  return { code, out, err };
}
