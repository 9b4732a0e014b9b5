// The contract with scripts: exit codes, and the stable codes of errors, of which each leads to one exit code. `opentke help exit-codes`
// and `opentke help error-codes` print these tables.

import { AuthenticationError, InterruptedError, OpenTkeError, TransportError } from "../errors.ts";

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

/** What each exit code means. */
export const EXIT_MEANINGS: Readonly<Record<Exit, string>> = {
  [Exit.Done]: "done",
  [Exit.Failed]: "failed; the error says what was changed, if anything",
  [Exit.Usage]: "usage: the command line makes no sense as written; nothing was changed",
  [Exit.Partial]: "partly done; the error says where, and how to go on",
  [Exit.Authentication]: "the endpoint did not accept the access token",
  [Exit.Precheck]: "the pre-check failed; nothing was changed",
  [Exit.Waiting]: "waiting for signatures: more administrators must sign than keys are selected; nothing was changed",
  [Exit.Interrupted]: "interrupted; what was done stays done, and the command can be run again",
};

/** A class of failures, as programs know it. */
export interface ErrorKind {
  readonly exit: Exit;
  readonly meaning: string;
}

/** Every `code` that an error can have. */
export const ERROR_KINDS: Readonly<Record<string, ErrorKind>> = {
  ERR_USAGE: { exit: Exit.Usage, meaning: "options or answers make no sense as written" },
  ERR_PRECONDITION: { exit: Exit.Precheck, meaning: "something that the command needs is not so (problems)" },
  ERR_SIGNATURES_WANTED: { exit: Exit.Waiting, meaning: "too few signature keys are selected (problems)" },
  ERR_PARTIAL: { exit: Exit.Partial, meaning: "done in some crypto units, not in others (done, notDone, unknown)" },
  ERR_NOT_SEEN: { exit: Exit.Failed, meaning: "done, but the crypto units could not be looked at afterwards" },
  ERR_UNIT: { exit: Exit.Failed, meaning: "a crypto unit refused a command (returnCode, reasonCode, symbol)" },
  ERR_CHECK: { exit: Exit.Failed, meaning: "an answer is not to be believed: signature, chain, echo or pattern" },
  ERR_TRANSPORT: { exit: Exit.Failed, meaning: "no answer, or an HTTP status of failure (statusCode)" },
  ERR_AUTHENTICATION: { exit: Exit.Authentication, meaning: "the access token was refused" },
  ERR_INTERRUPTED: { exit: Exit.Interrupted, meaning: "the user stopped it" },
  ERR_WORKSTATION: {
    exit: Exit.Failed,
    meaning: "a file in CLOUDTKEFILES is missing, damaged or not what it should be",
  },
  ERR_WORKSTATION_FOLDER: { exit: Exit.Failed, meaning: "CLOUDTKEFILES names no folder that can be used" },
  ERR_PASSWORD: { exit: Exit.Failed, meaning: "a password does not open its file" },
  ERR_SIGNING_SERVICE: { exit: Exit.Failed, meaning: "the signing service did not sign, or is not to be believed" },
  ERR_STORE: { exit: Exit.Failed, meaning: "the fleet in OPENTKE_HOME is missing, locked, damaged or of another key" },
  ERR_STORE_CONFLICT: { exit: Exit.Failed, meaning: "the fleet was changed by another writer at the same time" },
  ERR_AUDIT: { exit: Exit.Failed, meaning: "the audit log does not verify" },
  ERR_KEY_STORAGE: { exit: Exit.Failed, meaning: "key storage can't do this now" },
  ERR_ROOT_KEYS: { exit: Exit.Failed, meaning: "a root key that some crypto unit can't unwrap" },
  ERR_DRILL: { exit: Exit.Failed, meaning: "a proof of the drill did not hold" },
  ERR_SCENARIO: { exit: Exit.Failed, meaning: "a fleet could not be set up or struck" },
  ERR_WIRE: { exit: Exit.Failed, meaning: "bytes or text that are not what the protocol prescribes" },
  ERR_UNKNOWN_UNIT: { exit: Exit.Failed, meaning: "no such crypto unit in the fleet" },
  ERR_WRONG_DOMAIN: { exit: Exit.Failed, meaning: "a request for another domain than that of its crypto unit" },
  ERR_HTTP: { exit: Exit.Failed, meaning: "a request that the server answers with an HTTP status of failure" },
  ERR_ABORTED: { exit: Exit.Failed, meaning: "a request whose client went away" },
  ERR_DEFECT: { exit: Exit.Failed, meaning: "a defect in OpenTKE" },
};

/** The stable code of whatever was thrown. A token that was refused counts for more than what it made fail. */
export function errorCodeOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause)
    if (each instanceof AuthenticationError && !(error instanceof InterruptedError)) return each.code;
  return error instanceof OpenTkeError ? error.code : "ERR_DEFECT";
}

/** The exit code for what ended a command. */
export function exitCodeOf(error: unknown): Exit {
  if (error instanceof TransportError && error.status === 401) return Exit.Authentication;
  return ERROR_KINDS[errorCodeOf(error)]?.exit ?? Exit.Failed;
}
