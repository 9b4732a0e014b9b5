// What can be wrong with an administrator's files.

import { OpenTkeError } from "../errors.ts";

/** A file of the workstation is missing, damaged, or not what its name says. Names the file, never what it holds. */
export class WorkstationError extends OpenTkeError {
  readonly code: string = "ERR_WORKSTATION";
}

/** A password does not open its file. */
export class WrongPasswordError extends WorkstationError {
  override readonly code: string = "ERR_PASSWORD";
}
