// A unit's attributes, as those see them who administer it (unit-behaviour.md 3).

import type { DomainAttributes } from "../wire/attributes.ts";

export { ChangeControl, type DomainAttributes, Permission } from "../wire/attributes.ts";

/** Whether the unit is as delivered or zeroized: nothing it does needs a signature. */
export function inImprintMode({ signatureThreshold, revocationThreshold }: DomainAttributes): boolean {
  return signatureThreshold === 0 && revocationThreshold === 0;
}
