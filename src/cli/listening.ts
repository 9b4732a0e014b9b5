// Options of whatever listens: ports, certificates, files.

import { readFileSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { type Arguments, wholeNumber } from "./command.ts";

const MAX_PORT = 65_535;

/** A certificate and its key, in PEM; null if neither is named. @throws UsageError */
export function tlsOf(argv: Arguments): { cert: string; key: string } | null {
  const [cert, key] = [argv["tls-cert"], argv["tls-key"]];
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) throw new UsageError("Want --tls-cert and --tls-key together.");
  return { cert: readText("tls-cert", `${cert}`), key: readText("tls-key", `${key}`) };
}

/** @throws UsageError unless it is a port, or 0. */
export function portOf(argv: Arguments, option: string): number {
  const value = wholeNumber(argv, option);
  if (value > MAX_PORT) throw new UsageError(`--${option}: want 0 to ${MAX_PORT}, got ${value}.`);
  return value;
}

/** `-` is the standard input. @throws UsageError if the file cannot be read. */
export function readText(option: string, file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new UsageError(`--${option}: '${file}' cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}
