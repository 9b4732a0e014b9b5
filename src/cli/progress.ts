// One line on standard error that is written over and over, on a terminal alone.

import type { Io } from "./io.ts";

export interface Progress {
  /** Shows the line in place of the one before; too frequent ones are skipped. */
  show(line: string): void;
  /** Takes the line away. */
  clear(): void;
}

const CLEAR_LINE = "\r\u001b[K";
const LEAST_INTERVAL_MS = 80;

export function progressOn(io: Pick<Io, "err" | "errIsTerminal">, quiet: boolean): Progress {
  if (quiet || !io.errIsTerminal) return { show: () => {}, clear: () => {} };
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(line) {
      const now = performance.now();
      if (now - shownAt < LEAST_INTERVAL_MS) return;
      shownAt = now;
      io.err(`${CLEAR_LINE}${line}`);
    },
    clear() {
      if (shownAt > Number.NEGATIVE_INFINITY) io.err(CLEAR_LINE);
      shownAt = Number.NEGATIVE_INFINITY;
    },
  };
}
