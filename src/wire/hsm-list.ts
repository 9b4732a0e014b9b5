// Body of GET .../hsms: the crypto units of a service instance (ep11-wire.md 1.3).
//
//   {"hsms":[{"hsm_id":"a","location":"[z].[h].[02].[03]","serial_number":"93AABD1X"}],"source_hsms":[],"failover_hsms":[]}
//
// Order: operational units, then recovery units, then failover units. Anything else in the objects is ignored.

import { WireError } from "../errors.ts";
import { isObject, parseJson } from "./json.ts";

/** What a unit is for. */
export const UnitType = {
  Operational: "operational",
  Recovery: "recovery",
  Failover: "failover",
} as const;
export type UnitType = (typeof UnitType)[keyof typeof UnitType];

export interface HsmEntry {
  readonly hsmId: string;
  readonly location: string;
  /** 8 characters. */
  readonly serialNumber: string;
  readonly type: UnitType;
}

/** The arrays, in order. "source" is a historic name. */
const ARRAYS = [
  ["hsms", UnitType.Operational],
  ["source_hsms", UnitType.Recovery],
  ["failover_hsms", UnitType.Failover],
] as const;

/** The body that lists these units. */
export function encodeHsmList(entries: readonly HsmEntry[]): string {
  const body = ARRAYS.map(([name, type]) => {
    const units = entries.filter((entry) => entry.type === type);
    return [
      name,
      units.map((u) => ({
        hsm_id: u.hsmId,
        location: u.location,
        state: "active",
        version: 1,
        serial_number: u.serialNumber,
      })),
    ];
  });
  return JSON.stringify(Object.fromEntries(body));
}

/**
 * Reads the body, in the protocol's order. Locations are not looked into.
 * @throws WireError if it is not JSON, `hsms` is not an array, or a unit lacks one of its three strings.
 */
export function decodeHsmList(body: string): HsmEntry[] {
  const root = parseJson(body, "hsm list");
  return ARRAYS.flatMap(([name, type]) => {
    const units = root[name];
    if (name !== "hsms" && (units === undefined || units === null)) return [];
    if (!Array.isArray(units)) throw new WireError(name, 0, "an array", typeof units);
    return units.map((unit: unknown) => entryOf(unit, type, name));
  });
}

function entryOf(unit: unknown, type: UnitType, array: string): HsmEntry {
  if (!isObject(unit)) throw new WireError(array, 0, "objects", typeof unit);
  return {
    hsmId: stringOf(unit, "hsm_id"),
    location: stringOf(unit, "location"),
    serialNumber: stringOf(unit, "serial_number"),
    type,
  };
}

function stringOf(unit: Readonly<Record<string, unknown>>, name: string): string {
  const value = unit[name];
  if (typeof value !== "string") throw new WireError(name, 0, "a string", typeof value);
  return value;
}
