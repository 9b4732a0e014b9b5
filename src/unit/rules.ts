// Set domain attributes: what may follow what (unit-behaviour.md 3.2). Rules 1 to 3 are about the input's form, 4 to 14 about the
// attributes that would result; the first that is broken is the answer, and then nothing changes.

import { AttributeIndex, type AttributePair, ChangeControl, ModeBit, Permission } from "../wire/attributes.ts";
import { CHANGE_CONTROL, CONTROL_BITS, DOMAIN_PERMISSIONS, inImprintMode, MODE_READ_ONLY } from "./attributes.ts";
import { type Refusal, Refused } from "./refusal.ts";
import type { Attributes } from "./state.ts";

/** Rules 2 and 3; rule 1 is about the bytes. Indexes are 1 to 5, each at most once. */
export function misformed(pairs: readonly AttributePair[]): Refusal | null {
  if (pairs.some(({ index }) => index === 0 || index > AttributeIndex.StandardsCompliance)) {
    return Refused.attributeIndex;
  }
  const repeated = pairs.some(({ index }, at) => pairs.findIndex((pair) => pair.index === index) !== at);
  return repeated ? Refused.attributeRepeated : null;
}

/**
 * The attributes that would result: what is not mentioned stays, bits that mean nothing in a domain are dropped, read-only mode
 * bits are the unit's own.
 */
export function applyPairs(before: Attributes, pairs: readonly AttributePair[]): Attributes {
  const value = (index: AttributeIndex, otherwise: number): number =>
    pairs.find((pair) => pair.index === index)?.value ?? otherwise;
  const signatureThreshold = value(AttributeIndex.SignatureThreshold, before.signatureThreshold);
  const mode = value(AttributeIndex.OperationalMode, before.operationalMode) & ~MODE_READ_ONLY;
  const own = (before.operationalMode & ModeBit.BatteryLow) | (signatureThreshold > 0 ? ModeBit.Authenticated : 0);
  return {
    signatureThreshold,
    revocationThreshold: value(AttributeIndex.RevocationThreshold, before.revocationThreshold),
    permissions: (value(AttributeIndex.Permissions, before.permissions) & DOMAIN_PERMISSIONS) >>> 0,
    operationalMode: (mode | own) >>> 0,
    standardsCompliance: value(AttributeIndex.StandardsCompliance, before.standardsCompliance),
  };
}

/** What the rules look at. */
class Step {
  readonly before: Attributes;
  readonly after: Attributes;
  readonly administrators: number;
  readonly imprint: boolean;
  /** Whether the signature or the revocation threshold changes. */
  readonly signature: boolean;
  readonly revocation: boolean;
  /** Permission and change-control bits that change. */
  readonly changed: number;

  constructor(before: Attributes, after: Attributes, administrators: number) {
    this.before = before;
    this.after = after;
    this.administrators = administrators;
    this.imprint = inImprintMode(before);
    this.signature = after.signatureThreshold !== before.signatureThreshold;
    this.revocation = after.revocationThreshold !== before.revocationThreshold;
    this.changed = before.permissions ^ after.permissions;
  }

  had(bit: number): boolean {
    return (this.before.permissions & bit) !== 0;
  }

  has(bit: number): boolean {
    return (this.after.permissions & bit) !== 0;
  }
}

interface Rule {
  /** Row of the table. */
  readonly row: number;
  readonly refusal: Refusal;
  broken(step: Step): boolean;
}

/** Row 13, about a module in imprint mode, is never broken here. */
const RULES: readonly Rule[] = [
  {
    row: 4,
    refusal: Refused.leavingWithoutRevocation,
    broken: ({ imprint, after }) => imprint && after.signatureThreshold > 0 && after.revocationThreshold === 0,
  },
  {
    row: 5,
    refusal: Refused.leavingImprint,
    broken: ({ imprint, after }) => imprint && after.signatureThreshold === 0 && after.revocationThreshold > 0,
  },
  {
    row: 6,
    refusal: Refused.thresholdToZero,
    broken: ({ imprint, after }) => !imprint && after.signatureThreshold === 0,
  },
  {
    row: 6,
    refusal: Refused.revocationToZero,
    broken: ({ imprint, after }) => !imprint && after.revocationThreshold === 0,
  },
  {
    row: 7,
    refusal: Refused.thresholdAboveAdministrators,
    broken: (s) => s.after.signatureThreshold > s.administrators,
  },
  {
    row: 7,
    refusal: Refused.revocationAboveAdministrators,
    broken: (s) => s.after.revocationThreshold > s.administrators,
  },
  {
    row: 8,
    refusal: Refused.thresholdProtected,
    broken: (s) => s.signature && !s.had(ChangeControl.SignatureThreshold),
  },
  {
    row: 8,
    refusal: Refused.thresholdProtected,
    broken: (s) => s.revocation && !s.had(ChangeControl.RevocationThreshold),
  },
  {
    row: 9,
    refusal: Refused.thresholdOfOne,
    broken: (s) => s.signature && s.after.signatureThreshold === 1 && !s.has(Permission.OneSign),
  },
  {
    row: 9,
    refusal: Refused.revocationOfOne,
    broken: (s) => s.revocation && s.after.revocationThreshold === 1 && !s.has(Permission.OneSign),
  },
  {
    row: 10,
    refusal: Refused.singleSignInUse,
    broken: (s) =>
      s.had(Permission.OneSign) &&
      !s.has(Permission.OneSign) &&
      (s.after.signatureThreshold === 1 || s.after.revocationThreshold === 1),
  },
  { row: 11, refusal: Refused.controlBitRaised, broken: (s) => (s.after.permissions & s.changed & CONTROL_BITS) !== 0 },
  {
    // By the control bits before the command: a permission and its control bit may change at once.
    row: 12,
    refusal: Refused.permissionProtected,
    broken: (s) => CHANGE_CONTROL.some(([bit, control]) => (s.changed & bit) !== 0 && !s.had(control)),
  },
  {
    row: 14,
    refusal: Refused.attributeReadOnly,
    broken: ({ before, after }) =>
      ((after.operationalMode ^ before.operationalMode) & ~MODE_READ_ONLY) !== 0 ||
      after.standardsCompliance !== before.standardsCompliance,
  },
];

/** The refusal for the first rule that a change from `before` to `after` breaks with so many administrators, or null. */
export function brokenRule(before: Attributes, after: Attributes, administrators: number): Refusal | null {
  const step = new Step(before, after, administrators);
  return RULES.find((rule) => rule.broken(step))?.refusal ?? null;
}
