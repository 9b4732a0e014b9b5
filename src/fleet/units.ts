// What those who serve a fleet need to know of its units.

export { UnknownUnitError, WrongDomainError } from "../unit/errors.ts";
export { Strike } from "../unit/forced.ts";
export type { UnitRequest } from "../unit/host.ts";
