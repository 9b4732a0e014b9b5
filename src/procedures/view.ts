// What units say of themselves (workstation.md 5.1).

import type { DomainAttributes } from "../client/attributes.ts";
import { administratorName } from "../client/certificates.ts";
import type { Client } from "../client/client.ts";
import { groupBy, regroup } from "../client/groups.ts";
import { queryJob } from "../client/job.ts";
import { batchEach, mapEach, type Outcome, success, unwrap } from "../client/outcome.ts";
import { type Registers, registersJob } from "../client/registers.ts";
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
 * Three queries a unit, all in one batch: attributes, administrators, registers.
 * @throws AuthenticationError: a token that was refused is nothing that is wrong with a unit.
 */
export async function viewUnits(client: Client, units: readonly CryptoUnit[]): Promise<Outcome<UnitView>[]> {
  return inBatches(units, async (batch) => {
    const [read, listed, told] = await client.ask(
      batch.map((unit) => queryJob(unit, queryDomainAttributes, undefined)),
      batch.map((unit) => queryJob(unit, queryDomainAdministrators, undefined)),
      batch.map(registersJob),
    );
    const views = mapEach(read, (attributes, at) => {
      const administrators = unwrap(listed[at]!).map((ski) => ski.slice());
      return { unit: batch[at]!, attributes, administrators, registers: unwrap(told[at]!) };
    });
    return tokenAccepted(views);
  });
}

function tokenAccepted<T>(outcomes: Outcome<T>[]): Outcome<T>[] {
  for (const outcome of outcomes) if (!outcome.ok && outcome.error instanceof AuthenticationError) throw outcome.error;
  return outcomes;
}

/** The administrators' names too: one more query for each administrator. @throws AuthenticationError */
export async function viewNamedUnits(client: Client, units: readonly CryptoUnit[]): Promise<Outcome<NamedView>[]> {
  const views = await viewUnits(client, units);
  return tokenAccepted(
    await batchEach(views, (found) => inBatches(found, (batch) => nameAdministrators(client, batch))),
  );
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
