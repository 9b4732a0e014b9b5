// What a command may touch of the process: two streams, the environment, the interrupt. Tests put their own in its place.

import { type Input, streamInput } from "./input.ts";

export interface Io {
  /** Data: standard output. */
  readonly out: (text: string) => void;
  /** Talk: standard error. */
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly input: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user interrupts, or the process is told to end. */
  readonly signal: AbortSignal;
}

/**
 * The process's own streams. A reader that goes away (`opentke drill | head -1`) ends the output, not the work. The first
 * interrupt (or SIGTERM) asks to stop; the second ends the process at once.
 */
export function processIo(): Io {
  const interrupt = new AbortController();
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(code);
      interrupt.abort();
    });
  const err = writer(process.stderr);
  return {
    out: writer(process.stdout),
    err,
    input: streamInput(process.stdin, err, { signal: interrupt.signal, abort: () => interrupt.abort() }),
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    env: process.env,
    signal: interrupt.signal,
  };
}

/** Writes to a stream until its reader is gone; any other error of the stream is thrown. */
export function writer(stream: NodeJS.WritableStream): (text: string) => void {
  let open = true;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    open = false;
    if (error.code !== "EPIPE") throw error;
  });
  return (text) => {
    if (open) stream.write(text);
  };
}
