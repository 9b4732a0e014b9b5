// The OA keys of crypto modules, recorded in CRYPTOMODULES when a module is first met, and compared from then on (workstation.md 2).
// Replaced hardware has another serial number, and so a record of its own.

import { fromHex, toHex } from "../../bytes.ts";
import { successes } from "../../client/outcome.ts";
import type { KnownKeys } from "../../client/trust.ts";
import type { CryptoUnit } from "../../client/units.ts";
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

/** Records the modules of units that are not recorded yet, or that are with other keys that were accepted. */
export async function recordModules(session: Session, units: readonly CryptoUnit[]): Promise<void> {
  const { client } = await session.target();
  const { folder } = session;
  const before = recordedKeys(folder);
  const keys = new Map(before);
  for (const { value, at } of successes(await client.oaKeys(units))) keys.set(units[at]!.serial, value);
  const texts = new Map(Array.from(keys, ([serial, key]) => [serial, toHex(key)]));
  const isNew = Array.from(texts).some(([serial, text]) => {
    const old = before.get(serial);
    return old === undefined || toHex(old) !== text;
  });
  if (isNew)
    writeModules(
      folder,
      Array.from(texts, ([serial_num, public_key]) => ({ serial_num, public_key })),
    );
  fillDomains(folder, texts);
}

/** The keys of units that are known, selected or not. */
function fillDomains(folder: WorkstationFolder, keys: ReadonlyMap<string, string>): void {
  const entries = readDomains(folder);
  const filled = entries.map((entry) => ({ ...entry, public_key: keys.get(entry.serial_num) ?? entry.public_key }));
  if (filled.some(({ public_key }, at) => public_key !== entries[at]!.public_key)) writeDomains(folder, filled);
}

/** The units whose modules are not recorded yet. */
export function unrecorded(session: Session, units: readonly CryptoUnit[]): CryptoUnit[] {
  const keys = recordedKeys(session.folder);
  return units.filter(({ serial }) => !keys.has(serial));
}
