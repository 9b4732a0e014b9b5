// What a caller may get in the place of an answer: requests that never reach a unit (ep11-wire.md 1.4).

import { OpenTkeError } from "../errors.ts";

/** There is no unit of this name. HTTP: 404. */
export class UnknownUnitError extends OpenTkeError {
  readonly code: string = "ERR_UNKNOWN_UNIT";

  constructor(unit: string) {
    super(`crypto unit: want the id of an installed one, got '${unit}'`);
  }
}

/** The request names a domain that is not the unit's. HTTP: 400. */
export class WrongDomainError extends OpenTkeError {
  readonly code: string = "ERR_WRONG_DOMAIN";

  constructor(unit: string, want: number, got: number) {
    super(`domain of crypto unit '${unit}': want ${want}, got ${got}`);
  }
}
