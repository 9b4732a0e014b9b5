// Domain attributes as a unit keeps them: what is on at first, and which permission may change when (unit-behaviour.md 3).

import { ChangeControl, ComplianceBit, ModeBit, Permission } from "../wire/attributes.ts";
import type { Attributes, UnitState } from "./state.ts";

/** Permission bit -> the change-control bit that must be on for it to change. */
export const CHANGE_CONTROL: readonly (readonly [permission: number, control: number])[] = [
  [Permission.WkImport, ChangeControl.WkImport],
  [Permission.WkExport, ChangeControl.WkExport],
  [Permission.Wk1Part, ChangeControl.Wk1Part],
  [Permission.WkRandom, ChangeControl.WkRandom],
  [Permission.OneSign, ChangeControl.OneSign],
  [Permission.CpOneSign, ChangeControl.CpOneSign],
  [Permission.ZeroOneSign, ChangeControl.ZeroOneSign],
  [Permission.DoNotDisturb, ChangeControl.DoNotDisturb],
];

/** The change-control bits of a domain. */
export const CONTROL_BITS = CHANGE_CONTROL.reduce(
  (bits, [, control]) => bits | control,
  ChangeControl.SignatureThreshold | ChangeControl.RevocationThreshold,
);

/** The bits that mean something in a domain; all others are dropped from what is set. */
export const DOMAIN_PERMISSIONS = CHANGE_CONTROL.reduce((bits, [permission]) => bits | permission, CONTROL_BITS);

/** Mode bits that the unit sets itself; what a command writes to them is ignored. */
export const MODE_READ_ONLY = ModeBit.Authenticated | ModeBit.BatteryLow;

/** What a unit has in imprint mode: WK import, thresholds of one, and every change-control bit. */
export const DEFAULT_ATTRIBUTES: Attributes = {
  signatureThreshold: 0,
  revocationThreshold: 0,
  permissions: 0x81ff0011,
  operationalMode: 0,
  standardsCompliance: ComplianceBit.Fips2009,
};

/** The same for a domain initialized before do-not-disturb existed: without its two bits, which only zeroize brings. */
export const OLD_ATTRIBUTES: Attributes = { ...DEFAULT_ATTRIBUTES, permissions: 0x01ff0011 };

/** Imprint mode: both thresholds are 0 (unit-behaviour.md 2). */
export function inImprintMode(attributes: Attributes): boolean {
  return attributes.signatureThreshold === 0 && attributes.revocationThreshold === 0;
}

/** Whether a permission is on. */
export function permits(state: UnitState, permission: Permission): boolean {
  return (state.attributes.permissions & permission) !== 0;
}
