// A service instance's crypto units, from the body of GET /hsms (ep11-wire.md 1.3).

import { WireError } from "../errors.ts";
import { decodeHsmList, type HsmEntry, UnitType } from "../wire/hsm-list.ts";
import { parseLocation } from "../wire/location.ts";

export { UnitType };

/** A crypto unit as the cloud lists it. What the unit says of itself is compared with this. */
export interface CryptoUnit {
  /** hsm_id. */
  readonly id: string;
  /** Id of the service instance it belongs to. */
  readonly instance: string;
  readonly type: UnitType;
  /** `[zone].[host].[moduleIndex].[domainIndex]`; names the unit to users. */
  readonly location: string;
  /** 0..255, for the HTP text. */
  readonly moduleIndex: number;
  /** 0..255. */
  readonly domainIndex: number;
  /** Serial number of the module, 8 ASCII characters. */
  readonly serial: string;
}

const SERIAL = /^[\x21-\x7e]{8}$/;
/** The HTP text has the indexes without brackets, so these must be there to be cut. */
const BRACKETED_INDEXES = /\.\[\d{1,3}\]\.\[\d{1,3}\]$/;
const MAX_INDEX = 255;

/**
 * The units of an instance in the order in which they are numbered: operational, then recovery, then failover.
 * @throws WireError if the list is malformed, a location or a serial number is impossible, or an id is listed twice.
 */
export function readUnitList(instance: string, body: string): CryptoUnit[] {
  const units = decodeHsmList(body).map((entry) => unitOf(instance, entry));
  const ids = new Set<string>();
  for (const { id } of units) {
    if (ids.has(id)) throw new WireError("hsm_id", 0, "every id once", `'${id}' twice`);
    ids.add(id);
  }
  return units;
}

function unitOf(instance: string, entry: HsmEntry): CryptoUnit {
  const { hsmId: id, type, location, serialNumber: serial } = entry;
  if (!SERIAL.test(serial)) throw new WireError("serial_number", 0, "8 ASCII characters", `'${serial}'`);
  if (!BRACKETED_INDEXES.test(location))
    throw new WireError("location", 0, "[zone].[host].[module index].[domain index]", `'${location}'`);
  const { moduleIndex, domainIndex } = parseLocation(location);
  if (moduleIndex > MAX_INDEX || domainIndex > MAX_INDEX)
    throw new WireError("location", 0, `indexes up to ${MAX_INDEX}`, `'${location}'`);
  return { id, instance, type, location, moduleIndex, domainIndex, serial };
}
