// What units say of themselves (workstation.md 5.1).

import type { DomainAttributes } from "../client/attributes.ts";
import { administratorName } from "../client/certificates.ts";
import type { Client } from "../client/client.ts";
import { groupBy, regroup } from "../client/groups.ts";
import { queryJob } from "../client/job.ts";
import { batchEach, mapEach, type Outcome, success, unwrap } from "../client/outcome.ts";
import type { Registers } from "../client/registers.ts";
import type { CryptoUnit } from "../client/units.ts";
import { queryDomainAdministrator, queryDomainAdministrators } from "../commands/query-domain-administrators.ts";
import { queryDomainAttributes } from "../commands/query-domain-attributes.ts";
import { AuthenticationError } from "../errors.ts";
import { inBatches } from "./batches.ts";

export interface UnitView {
  readonly unit: CryptoUnit;
  readonly attributes: DomainAttributes;
  /** SKIs, 32 bytes each, in order of installation. */
  readonly administrators: readonly Uint8Array[];
  /** Not signed. */
  readonly registers: Registers;
}

export interface InstalledAdministrator {
  /** 32 bytes. */
  readonly ski: Uint8Array;
  /** Name in the certificate; undefined if that is not one of an administrator. */
  readonly name: string | undefined;
}

/** A view with the administrators' names. */
export interface NamedView extends UnitView {
  readonly named: readonly InstalledAdministrator[];
}

/**
 * Three queries a unit: attributes, administrators, registers.
 * @throws AuthenticationError: a token that was refused is nothing that is wrong with a unit.
 */
export async function viewUnits(client: Client, units: readonly CryptoUnit[]): Promise<Outcome<UnitView>[]> {
  return inBatches(units, async (batch) => {
    const read = await client.query(batch.map((unit) => queryJob(unit, queryDomainAttributes, undefined)));
    const listed = await batchEach(read, (_, places) =>
      client.query(places.map((at) => queryJob(batch[at]!, queryDomainAdministrators, undefined))),
    );
    const told = await batchEach(listed, (_, places) => client.registers(places.map((at) => batch[at]!)));
    for (const one of told) if (!one.ok && one.error instanceof AuthenticationError) throw one.error;
    return mapEach(told, (registers, at) => {
      const administrators = unwrap(listed[at]!).map((ski) => ski.slice());
      return { unit: batch[at]!, attributes: unwrap(read[at]!), administrators, registers };
    });
  });
}

/** The administrators' names too: one more query for each administrator. */
export async function viewNamedUnits(client: Client, units: readonly CryptoUnit[]): Promise<Outcome<NamedView>[]> {
  const views = await viewUnits(client, units);
  return batchEach(views, (found) => inBatches(found, (batch) => nameAdministrators(client, batch)));
}

async function nameAdministrators(client: Client, views: readonly UnitView[]): Promise<Outcome<NamedView>[]> {
  const jobs = views.flatMap(({ unit, administrators }) =>
    administrators.map((ski) => queryJob(unit, queryDomainAdministrator, ski)),
  );
  const certificates = await client.query(jobs);
  const own = regroup(
    certificates,
    views.map(({ administrators }) => administrators.length),
  );
  return mapEach(views.map(success), (view, at) => {
    const named = own[at]!.map((certificate, k) => {
      return { ski: view.administrators[k]!, name: administratorName(unwrap(certificate)) };
    });
    return { ...view, named };
  });
}

/** Views by service instance. */
export function instancesOf<V extends UnitView>(views: readonly V[]): V[][] {
  return [...groupBy(views, ({ unit }) => unit.instance).values()];
}
