// cryptounit-compare: whether units are configured alike, section by section (workstation.md 6.1).

import { equal, toHex } from "../bytes.ts";
import type { Client } from "../client/client.ts";
import { queryJob } from "../client/job.ts";
import { batchEach, mapEach, type Outcome, unwrap } from "../client/outcome.ts";
import { type Register, samePattern } from "../client/registers.ts";
import type { CryptoUnit } from "../client/units.ts";
import { queryDomainControlPoints } from "../commands/query-domain-control-points.ts";
import { inBatches } from "./batches.ts";
import { type NamedView, viewNamedUnits } from "./view.ts";

export interface ComparedUnit extends NamedView {
  /** 16 bytes (unit-behaviour.md 9). */
  readonly controlPoints: Uint8Array;
}

/** For each section whether all units agree. */
export interface Agreement {
  readonly thresholds: boolean;
  /** The same administrators under the same names, in any order. */
  readonly administrators: boolean;
  readonly newRegister: boolean;
  readonly currentRegister: boolean;
  readonly controlPoints: boolean;
}

export interface Comparison {
  /** In the order asked for; units that could not be read agree with none. */
  readonly units: readonly Outcome<ComparedUnit>[];
  readonly agreement: Agreement;
}

export async function compareUnits(client: Client, units: readonly CryptoUnit[]): Promise<Comparison> {
  const views = await viewNamedUnits(client, units);
  const points = await batchEach(views, (found) =>
    inBatches(found, (batch) =>
      client.query(batch.map(({ unit }) => queryJob(unit, queryDomainControlPoints, undefined))),
    ),
  );
  const compared = mapEach(points, (controlPoints, at): ComparedUnit => {
    return { ...unwrap(views[at]!), controlPoints: controlPoints.slice() };
  });
  return { units: compared, agreement: agreementOf(compared) };
}

function agreementOf(outcomes: readonly Outcome<ComparedUnit>[]): Agreement {
  const units = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  const all = (same: (one: ComparedUnit, other: ComparedUnit) => boolean): boolean =>
    units.length === outcomes.length && units.every((unit) => same(units[0]!, unit));
  return {
    thresholds: all((a, b) => thresholdsOf(a) === thresholdsOf(b)),
    administrators: all((a, b) => administratorsOf(a) === administratorsOf(b)),
    newRegister: all((a, b) => sameRegister(a.registers.next, b.registers.next)),
    currentRegister: all((a, b) => sameRegister(a.registers.current, b.registers.current)),
    controlPoints: all((a, b) => equal(a.controlPoints, b.controlPoints)),
  };
}

function thresholdsOf({ attributes }: ComparedUnit): string {
  return `${attributes.signatureThreshold}/${attributes.revocationThreshold}`;
}

function administratorsOf({ named }: ComparedUnit): string {
  const lines = named.map(({ ski, name }) => `${toHex(ski)} ${name}`);
  return lines.sort().join("\n");
}

function sameRegister(a: Register, b: Register): boolean {
  return a.status === b.status && samePattern(a.pattern, b.pattern);
}
