// Errors that say which unit they are about.

import { AuthenticationError, CheckError, TransportError, UnitError, WireError } from "../errors.ts";
import type { CryptoUnit } from "./units.ts";

/**
 * The error with the unit's location in front. A malformed answer (WireError) becomes a CheckError; errors that are none of the
 * line's or the unit's stay as they are.
 */
export function naming({ location }: CryptoUnit, error: unknown): unknown {
  if (error instanceof UnitError) return new UnitError(`${location}: ${error.message}`, error, { cause: error });
  if (error instanceof WireError)
    return new CheckError("answer", `${location}: malformed answer: ${error.message}`, { cause: error });
  if (!(error instanceof TransportError)) return error;
  const { retryable, status } = error;
  const details = status === undefined ? { retryable } : { retryable, status };
  const Kind = error instanceof AuthenticationError ? AuthenticationError : TransportError;
  return new Kind(`${location}: ${error.message}`, details, { cause: error });
}

/** Reads something that a unit said; what is thrown names the unit. */
export function readFrom<T>(unit: CryptoUnit, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw naming(unit, error);
  }
}
