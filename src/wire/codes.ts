// Return codes and reason codes of crypto units (unit-behaviour.md 7 and 11). Return codes are PKCS#11 CKR values put to other
// uses; reason codes are XCP's. Lookup: the exact pair first, then the return code alone.

import { UnitError, type UnitErrorSource } from "../errors.ts";
import { REASONS } from "./reasons.ts";

/** Return codes by their PKCS#11 names. */
export const ReturnCode = {
  OK: 0,
  SLOT_ID_INVALID: 3,
  ARGUMENTS_BAD: 7,
  DATA_INVALID: 32,
  DATA_LEN_RANGE: 33,
  DEVICE_MEMORY: 49,
  FUNCTION_CANCELED: 80,
  FUNCTION_NOT_SUPPORTED: 84,
  KEY_HANDLE_INVALID: 96,
  KEY_CHANGED: 101,
  KEY_NEEDED: 102,
  OPERATION_NOT_INITIALIZED: 145,
  PIN_EXPIRED: 163,
  SESSION_HANDLE_INVALID: 179,
  SIGNATURE_INVALID: 192,
  SIGNATURE_LEN_RANGE: 193,
  TEMPLATE_INCOMPLETE: 208,
  TEMPLATE_INCONSISTENT: 209,
  USER_ALREADY_LOGGED_IN: 256,
  USER_NOT_LOGGED_IN: 257,
  USER_TOO_MANY_TYPES: 261,
  IBM_INTERNAL_ERROR: 0x80010002,
  IBM_API_MISMATCH: 0x80010013,
} as const;
export type ReturnCode = (typeof ReturnCode)[keyof typeof ReturnCode];

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(ReturnCode).map(([name, code]) => [code, name]));

/** A return code and perhaps a reason code: what a unit answers instead of a result. */
export interface Refusal {
  readonly returnCode: number;
  readonly reasonCode?: number;
}

/** What is known about a pair of codes. */
export interface CodeMeaning {
  /** PKCS#11 name without CKR_, or the code in hexadecimal. */
  readonly name: string;
  /** What it means; undefined for a return code not known here. */
  readonly meaning: string | undefined;
  /** What the reason code means by itself; undefined if there is none, or none known here. */
  readonly reason: string | undefined;
}

const BY_RETURN_CODE: ReadonlyMap<number, string> = new Map([
  [0, "done"],
  [3, "the domain is not valid here"],
  [7, "the request is malformed, or made for another module"],
  [32, "the data have a wrong format or value"],
  [33, "data are missing, too short or too long, or not expected at all"],
  [49, "the module has no memory left for this request; try again later"],
  [80, "the unit's attributes or control points forbid this"],
  [84, "the module does not know this function"],
  [96, "there is no such key, certificate or log record"],
  [102, "a key that this needs is missing"],
  [163, "the transaction counter is not above the unit's; query the unit and send the command again"],
  [179, "not allowed in imprint mode; set the signature thresholds first"],
  [192, "a signature does not verify"],
  [193, "a signature is malformed"],
  [208, "there are fewer signatures than the unit's threshold asks for"],
  [209, "the data contradict each other or the unit's state"],
  [256, "this administrator is installed already"],
  [257, "somebody signed who is not an administrator of this unit"],
  [261, "the unit has as many administrators as it can have; remove one first"],
  [0x80010002, "the module failed internally"],
  [0x80010013, "the module does not know this API or function id"],
]);

const pair = (returnCode: number, reasonCode: number): string => `${returnCode}/${reasonCode}`;

const BY_PAIR: ReadonlyMap<string, string> = new Map([
  [pair(3, 102), "a key-part holder certificate cannot be used for an export"],
  [pair(32, 32), "no administrator has this subject key identifier, or it is not 32 bytes long"],
  [pair(32, 61), "no firmware control vector is loaded"],
  [pair(32, 63), "this is not the firmware control vector that is loaded"],
  [pair(32, 103), "the state file cannot be used"],
  [pair(32, 105), "the key parts file cannot be used"],
  [pair(80, 46), "the control point may not be enabled: enabling is off in this unit, or it can never be on"],
  [pair(80, 47), "the control point may not be disabled: disabling is off in this unit"],
  [pair(80, 52), "the unit's permissions forbid random master keys"],
  [pair(80, 80), "the unit's permissions forbid the import of master keys"],
  [pair(80, 131), "the unit's permissions forbid the export of its master key"],
  [pair(80, 132), "the permissions forbid the export of state"],
  [pair(80, 133), "the permissions forbid the import of state"],
  [pair(101, 48), "the verification pattern is not that of the new master key register; query the unit and try again"],
  [pair(145, 61), "no firmware control vector is loaded"],
  [pair(209, 36), "the unit cannot leave imprint mode with a threshold of 0"],
  [pair(209, 56), "the unit cannot leave imprint mode while the revocation threshold is 0"],
  [pair(209, 57), "the signature threshold is above the number of administrators; add administrators first"],
  [pair(209, 58), "the revocation threshold is above the number of administrators; add administrators first"],
  [pair(209, 66), "too few administrators would be left for the thresholds; lower the thresholds first"],
  [pair(209, 69), "a permission of this kind can be switched off, but not on again before the unit is zeroized"],
  [pair(209, 70), "this permission is protected from changes until the unit is zeroized"],
  [pair(209, 71), "this threshold is protected from changes until the unit is zeroized"],
  [pair(209, 74), "thresholds of 1 cannot be forbidden while a threshold is 1"],
  [pair(209, 76), "the signature threshold cannot go back to 0; zeroize the unit instead"],
  [pair(209, 77), "the revocation threshold cannot go back to 0; zeroize the unit instead"],
  [pair(209, 78), "the permissions forbid a signature threshold of 1"],
  [pair(209, 79), "the permissions forbid a revocation threshold of 1"],
  [pair(209, 85), "the module must leave imprint mode before its domains do"],
]);

/** Name and meaning of a return code with its reason code, if it has one. */
export function describeCodes(returnCode: number, reasonCode?: number): CodeMeaning {
  const exact = reasonCode === undefined ? undefined : BY_PAIR.get(pair(returnCode, reasonCode));
  return {
    name: NAMES.get(returnCode) ?? `0x${returnCode.toString(16)}`,
    meaning: exact ?? BY_RETURN_CODE.get(returnCode),
    reason: reasonCode === undefined ? undefined : REASONS.get(reasonCode),
  };
}

const WHERE: Readonly<Record<UnitErrorSource, string>> = {
  unit: "the unit answered with",
  cprb: "the CPRB carries",
  rsp: "the module answered, unsigned, with",
};

/** The error for a return code other than 0. CPRB codes are of another kind and are not explained. */
export function unitError(source: UnitErrorSource, returnCode: number, reasonCode?: number): UnitError {
  const described = describeCodes(returnCode, reasonCode);
  const known = source === "cprb" ? undefined : described.meaning;
  const name = source === "cprb" ? "CPRB_ERROR" : described.name;
  const reason = reasonCode === undefined ? "" : `, reason ${reasonCode}`;
  const aside = source === "cprb" || described.reason === undefined ? "" : ` (${described.reason})`;
  const meaning = known === undefined ? "" : `: ${known}`;
  const message = `${WHERE[source]} return code ${returnCode} ${name}${reason}${aside}${meaning}`;
  return new UnitError(message, { source, returnCode, reasonCode, codeName: name });
}
