// Errors that say which unit they are about.

import { EMPTY } from "../bytes.ts";
import { commandFor } from "../commands/registry.ts";
import { AuthenticationError, CheckError, TransportError, UnitError, WireError } from "../errors.ts";
import type { CryptoUnit } from "./units.ts";

/**
 * The error with the unit's location in front, and the name of the command if it is a refusal. A malformed answer (WireError)
 * becomes a CheckError; errors that are none of the line's or the unit's stay as they are.
 */
export function naming(unit: CryptoUnit, error: unknown, command?: string): unknown {
  const { location } = unit;
  if (error instanceof UnitError) {
    const about = command === undefined ? location : `${location}: ${command}`;
    return new UnitError(`${about}: ${error.message}`, { ...detailsOf(error), unit, command }, { cause: error });
  }
  if (error instanceof WireError)
    return new CheckError("answer", `${location}: malformed answer: ${error.message}`, { cause: error });
  if (!(error instanceof TransportError)) return error;
  const { retryable, status } = error;
  const details = status === undefined ? { retryable } : { retryable, status };
  const Kind = error instanceof AuthenticationError ? AuthenticationError : TransportError;
  return new Kind(`${location}: ${error.message}`, details, { cause: error });
}

function detailsOf({ source, returnCode, reasonCode, codeName }: UnitError) {
  return { source, returnCode, reasonCode, codeName };
}

/**
 * Reads something that a unit said; what is thrown names the unit, and the command that it was an answer to.
 * @param input of that command: two commands with one id differ in having any
 */
export function readFrom<T>(unit: CryptoUnit, read: () => T, commandId?: number, input: Uint8Array = EMPTY): T {
  try {
    return read();
  } catch (error) {
    throw naming(unit, error, commandId === undefined ? undefined : commandFor(commandId, input)?.name);
  }
}
