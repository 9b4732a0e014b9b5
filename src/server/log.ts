// Structured logs: one JSON object a line. Fields are chosen one by one where they are logged: ids, routes, commands, codes, times.
// Header fields, bodies and query strings never are, so neither is a token or anything of a key.

import { type Logger, pino } from "pino";
import type { LogLevel } from "./log-levels.ts";

export type { Logger, LogLevel };

/** A logger that hands its lines to `write`. */
export function createLog(level: LogLevel, write: (line: string) => void): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
}

/** A logger that says nothing. */
export function noLog(): Logger {
  return createLog("silent", () => {});
}
