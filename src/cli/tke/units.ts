// Crypto units as the workstation knows them: numbered through all service instances of the resource group, some of them selected.
// Which are selected is kept in DOMAINS; what is listed is asked of the target every time.

import { EMPTY, toHex } from "../../bytes.ts";
import type { Client } from "../../client/client.ts";
import { groupBy } from "../../client/groups.ts";
import type { CryptoUnit } from "../../client/units.ts";
import { PreconditionError, type Problem, TransportError, WireError } from "../../errors.ts";
import { type DomainEntry, readDomains, writeDomains } from "../../workstation/domains.ts";
import { labels, table } from "../style.ts";
import { recordedKeys, recordModules } from "./modules.ts";
import type { Session } from "./session.ts";

export interface ListedUnit {
  /** CRYPTO UNIT NUM. */
  readonly number: number;
  readonly unit: CryptoUnit;
  readonly selected: boolean;
}

const NOTE = `Note: all operational crypto units in a service instance must be configured the same.
Use 'opentke cryptounit-compare' to check how crypto units are configured.
`;

/** All units of the resource group. @throws PreconditionError if it has no service instance. */
export async function listUnits(session: Session): Promise<ListedUnit[]> {
  const { client, instances, resourceGroup, name } = await session.target();
  const ids = await instances();
  if (ids.length === 0) {
    session.show(`${await header(session, [])}\n`);
    throw new PreconditionError([
      {
        unit: `resource group ${resourceGroup}`,
        problem: `no service instances were found in ${name}`,
        nextStep: "make some with 'opentke fleet create', or see 'opentke target'",
      },
    ]);
  }
  const lists = await Promise.all(ids.map((id) => unitsOf(client, id, name)));
  const known = new Map(readDomains(session.folder).map((entry) => [entry.hsm_id, entry]));
  return lists.flat().map((unit, at) => {
    const entry = known.get(unit.id);
    return { number: at + 1, unit, selected: entry?.selected === true && entry.serial_num === unit.serial };
  });
}

/** @throws TransportError if what answers does not speak the protocol */
async function unitsOf(client: Client, instance: string, target: string): Promise<CryptoUnit[]> {
  try {
    return await client.units(instance);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    const step = `check with 'opentke target' that this is the URL of a TKE endpoint`;
    throw new TransportError(
      `${target}: its list of crypto units is none (${cause.message}); ${step}`,
      { retryable: false },
      { cause },
    );
  }
}

/** Keeps which units are selected, with the OA keys that are recorded of their modules. */
export function keepSelection(session: Session, units: readonly ListedUnit[]): void {
  const keys = recordedKeys(session.folder);
  writeDomains(
    session.folder,
    units.map(({ number, unit, selected }): DomainEntry => {
      return {
        domain_num: number,
        hsm_id: unit.id,
        crypto_instance_id: unit.instance,
        location: unit.location,
        serial_num: unit.serial,
        public_key: toHex(keys.get(unit.serial) ?? EMPTY),
        type: unit.type,
        selected,
      };
    }),
  );
}

/** All units of an instance become selected, besides those that are already. */
export async function selectInstance(session: Session, units: readonly ListedUnit[]): Promise<void> {
  const own = new Set(units.map(({ unit }) => unit.id));
  const all = await listUnits(session);
  await recordModules(
    session,
    units.map(({ unit }) => unit),
  );
  keepSelection(
    session,
    all.map((one) => ({ ...one, selected: one.selected || own.has(one.unit.id) })),
  );
}

/**
 * The selected units.
 * @throws PreconditionError if none is selected, or one is not what it was when it was selected.
 */
export async function selectedUnits(session: Session): Promise<ListedUnit[]> {
  const units = await listUnits(session);
  const problems = readDomains(session.folder).flatMap((entry) => changedUnit(entry, units));
  const selected = units.filter((unit) => unit.selected);
  if (problems.length > 0) throw new PreconditionError(problems);
  if (selected.length > 0) return selected;
  const nextStep = "select some with 'opentke cryptounit-add'";
  throw new PreconditionError([{ unit: "selection", problem: "no crypto units are selected", nextStep }]);
}

function changedUnit({ selected, hsm_id, serial_num, location }: DomainEntry, units: readonly ListedUnit[]): Problem[] {
  if (!selected) return [];
  const found = units.find(({ unit }) => unit.id === hsm_id);
  if (found?.unit.serial === serial_num) return [];
  const problem = found
    ? `its hardware was replaced: want serial number ${serial_num}, got ${found.unit.serial}`
    : "is selected, but not listed any more";
  return [{ unit: location, problem, nextStep: "look at 'opentke cryptounits', and select again" }];
}

/** API endpoint, region and so on, as above every list of units. */
export async function header(session: Session, units: readonly ListedUnit[]): Promise<string> {
  const { name, resourceGroup } = await session.target();
  const { env } = session.io;
  return labels([
    ["API endpoint", name],
    ["Region", /^\[([^\]]*)\]/.exec(units[0]?.unit.location ?? "")?.[1] ?? "-"],
    ["User", env["USER"] ?? env["LOGNAME"] ?? env["USERNAME"] ?? "-"],
    ["Account", "OpenTKE"],
    ["Resource group", resourceGroup],
  ]);
}

/** The units, a block for each service instance. */
export function unitTables(units: readonly ListedUnit[]): string {
  return blocks(units, ["SELECTED", "TYPE", "LOCATION"], ({ selected, unit }) => [
    [`${selected}`, unit.type.toUpperCase(), unit.location],
  ]);
}

/**
 * Blocks for the service instances, an empty line between two: the instance, a header that begins with CRYPTO UNIT NUM, the rows of each
 * unit, of which the first begins with its number.
 */
export function blocks<U extends { readonly number: number; readonly unit: CryptoUnit }>(
  units: readonly U[],
  columns: readonly string[],
  rowsOf: (unit: U) => readonly (readonly (string | number)[])[],
): string {
  const groups = groupBy(units, ({ unit }) => unit.instance);
  return Array.from(groups, ([instance, own]) => {
    const rows = own.flatMap((unit) => rowsOf(unit).map((row, at) => [at === 0 ? unit.number : "", ...row]));
    return `SERVICE INSTANCE: ${instance}\n${table(["CRYPTO UNIT NUM", ...columns], rows)}`;
  }).join("\n");
}

/** Header, units and note: what cryptounits prints. */
export async function unitListing(session: Session, units: readonly ListedUnit[]): Promise<string> {
  return `${await header(session, units)}\n${unitTables(units)}\n${NOTE}`;
}

export function unitJson({ number, unit, selected }: ListedUnit) {
  const { id, instance, type, location, serial } = unit;
  return { number, id, instance, type, location, serialNumber: serial, selected };
}
