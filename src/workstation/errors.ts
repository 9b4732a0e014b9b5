// What can be wrong with an administrator's files, and with a service that has keys in their place.

import { OpenTkeError, TransportError } from "../errors.ts";

/** A file of the workstation is missing, damaged, or not what its name says. Names the file, never what it holds. */
export class WorkstationError extends OpenTkeError {
  readonly code: string = "ERR_WORKSTATION";
}

/** CLOUDTKEFILES names no folder that can be used. */
export class WorkstationFolderError extends WorkstationError {
  override readonly code: string = "ERR_WORKSTATION_FOLDER";
}

/** A password does not open its file. */
export class WrongPasswordError extends WorkstationError {
  override readonly code: string = "ERR_PASSWORD";
}

/** A signing service did not sign, or did not tell a key: it refused, could not be reached, or its answer is not to be believed. */
export class SigningServiceError extends TransportError {
  override readonly code: string = "ERR_SIGNING_SERVICE";
}
