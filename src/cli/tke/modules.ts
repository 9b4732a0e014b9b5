// The OA keys of crypto modules, recorded in CRYPTOMODULES when a module is first met, and compared from then on (workstation.md 2).
// Replaced hardware has another serial number, and so a record of its own.

import { EMPTY, equal, fromHex, toHex } from "../../bytes.ts";
import { successes } from "../../client/outcome.ts";
import type { KnownKeys } from "../../client/trust.ts";
import type { CryptoUnit } from "../../client/units.ts";
import { CheckError } from "../../errors.ts";
import { decodeOaPublicKey } from "../../wire/oa-certificate.ts";
import { readDomains, readModules, writeDomains, writeModules } from "../../workstation/domains.ts";
import { WorkstationError } from "../../workstation/errors.ts";
import type { WorkstationFolder } from "../../workstation/folder.ts";
import type { Session } from "./session.ts";

/** @throws WorkstationError if an entry has no key, or none that is one. */
export function recordedKeys(folder: WorkstationFolder): Map<string, Uint8Array> {
  return new Map(readModules(folder).flatMap(({ serial_num, public_key }) => keyOf(folder, serial_num, public_key)));
}

function keyOf(folder: WorkstationFolder, serial: string, text: string): [string, Uint8Array][] {
  // A module that nobody has asked yet.
  if (text === "") return [];
  try {
    return [[serial, decodeOaPublicKey(fromHex(text))]];
  } catch (cause) {
    throw new WorkstationError(
      `'CRYPTOMODULES' in ${folder.path}: module ${serial}: want an OA public key in hexadecimal, got something else`,
      { cause },
    );
  }
}

/** What a target's modules are compared with. */
export function keysToCompare(session: Session): KnownKeys {
  const { argv, io } = session;
  const none = argv["accept-oa-keys"] === true || !io.env["CLOUDTKEFILES"];
  return none ? new Map() : recordedKeys(session.folder);
}

/**
 * Records the modules of units that are not recorded yet, or that are with other keys that were accepted. Out: why modules are not
 * trusted; those that can't be reached now are passed over.
 */
export async function recordModules(session: Session, units: readonly CryptoUnit[]): Promise<readonly CheckError[]> {
  const { client } = await session.target();
  const { folder } = session;
  const before = recordedKeys(folder);
  const outcomes = await client.oaKeys(units);
  const found = new Map(successes(outcomes).map(({ value, at }) => [units[at]!.serial, value]));
  const fresh = Array.from(found).filter(([serial, key]) => !equal(before.get(serial) ?? EMPTY, key));
  if (fresh.length > 0) {
    // Entries that stay are kept as they are: IBM's client writes those of a CEX5 in another form.
    const kept = readModules(folder).filter(({ serial_num }) => !fresh.some(([serial]) => serial === serial_num));
    writeModules(folder, [...kept, ...fresh.map(([serial_num, key]) => ({ serial_num, public_key: toHex(key) }))]);
  }
  fillDomains(folder, new Map([...before, ...found]));
  const refused = outcomes.flatMap((outcome) =>
    !outcome.ok && outcome.error instanceof CheckError ? [outcome.error] : [],
  );
  return Array.from(new Set(refused));
}

/** The keys of units that are known, selected or not. */
function fillDomains(folder: WorkstationFolder, keys: KnownKeys): void {
  const entries = readDomains(folder);
  const filled = entries.map((entry) => {
    const key = keys.get(entry.serial_num);
    return { ...entry, public_key: key ? toHex(key) : entry.public_key };
  });
  if (filled.some(({ public_key }, at) => public_key !== entries[at]!.public_key)) writeDomains(folder, filled);
}

/** The units whose modules are not recorded yet. */
export function unrecorded(session: Session, units: readonly CryptoUnit[]): CryptoUnit[] {
  const keys = recordedKeys(session.folder);
  return units.filter(({ serial }) => !keys.has(serial));
}
