// Exit codes: a contract with scripts. An error's stable code says which one.

import { OpenTkeError, TransportError } from "../errors.ts";

export const Exit = {
  Done: 0,
  Failed: 1,
  Usage: 2,
  /** Some units are done, the others can be resumed. */
  Partial: 3,
  /** The token was refused. */
  Authentication: 4,
  /** The pre-check failed; nothing was changed. */
  Precheck: 5,
  /** More signatures are wanted before anything can go on. */
  Waiting: 6,
  Interrupted: 130,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

const EXIT_OF_CODE: Readonly<Record<string, Exit>> = {
  ERR_USAGE: Exit.Usage,
  ERR_PARTIAL: Exit.Partial,
  ERR_AUTHENTICATION: Exit.Authentication,
  ERR_PRECONDITION: Exit.Precheck,
  ERR_SIGNATURES_WANTED: Exit.Waiting,
  ERR_INTERRUPTED: Exit.Interrupted,
};

/** The exit code for what ended a command. */
export function exitCodeOf(error: unknown): Exit {
  if (error instanceof TransportError && error.status === 401) return Exit.Authentication;
  if (error instanceof OpenTkeError) return EXIT_OF_CODE[error.code] ?? Exit.Failed;
  return Exit.Failed;
}
