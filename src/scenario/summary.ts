// From what a drill saw to its report. `ok` follows from the proofs alone.

import type { Layout } from "../fleet/layout.ts";
import type { ServiceInstance } from "../fleet/topology.ts";
import { countCanaries, keyOwner } from "./canaries.ts";
import type { Observations } from "./drill.ts";
import { short } from "./proofs.ts";
import type { DrillReport, InstanceReport, StrikeReport } from "./report.ts";
import { StrikeKind } from "./strikes.ts";

export function summarise(layout: Layout, seen: Observations): DrillReport {
  const { options, plan, figures, registers, findings } = seen;
  const { strikes, takeover } = plan;
  const recovered = strikes.filter(({ unit }) => registers.valid.has(unit.id)).length;
  const canaries = countCanaries(seen.afterStrike, seen.atEnd);
  const { region, recoveryRegion } = layout.regions;
  return {
    ok:
      findings.length === 0 &&
      recovered === strikes.length &&
      canaries.lost === canaries.checked &&
      canaries.intact === canaries.checked,
    instances: layout.instances,
    units: layout.serviceInstances.reduce((sum, { units }) => sum + units.length, 0),
    modules: layout.modules.length,
    struck: strikes.length,
    recovered,
    failed: strikes.length - recovered,
    signaturesVerified: figures.signaturesVerified,
    signedCommands: figures.signedCommands,
    canaries,
    seconds: figures.seconds,
    unitsPerSecond: recovered / figures.seconds,
    valid: registers.valid.size,
    admins: options.admins,
    threshold: options.threshold,
    seed: options.seed,
    region,
    recoveryRegion,
    resourceGroup: layout.resourceGroup,
    core: seen.core,
    takeover: takeover && { taker: takeover.taker.id, giver: takeover.giver.id },
    strikes: Object.values(StrikeKind).map((kind) => strikeReport(kind, seen)),
    phases: seen.phases,
    serviceInstances: instanceReports(layout, seen),
    findings,
  };
}

function strikeReport(kind: StrikeKind, { plan, registers }: Observations): StrikeReport {
  const units = plan.strikes.filter((strike) => strike.kind === kind).map(({ unit }) => unit);
  return { kind, struck: units.length, recovered: units.filter(({ id }) => registers.valid.has(id)).length };
}

function instanceReports(layout: Layout, seen: Observations): InstanceReport[] {
  const struck = new Set(seen.plan.strikes.map(({ unit }) => unit.id));
  const afterStrike = byInstance(seen.afterStrike);
  const atEnd = byInstance(seen.atEnd);
  return layout.serviceInstances.map((instance: ServiceInstance) => {
    const { id, units } = instance;
    const valid = units.filter((unit) => seen.registers.valid.has(unit.id));
    return {
      id,
      units: units.length,
      struck: units.filter((unit) => struck.has(unit.id)).length,
      recovered: valid.filter((unit) => struck.has(unit.id)).length,
      valid: valid.length,
      canaries: countCanaries(afterStrike.get(id) ?? [], atEnd.get(id) ?? []),
      pattern: short(seen.patterns.get(keyOwner(id, seen.plan.takeover))!),
    };
  });
}

function byInstance<T extends { readonly strike: { readonly unit: { readonly instance: string } } }>(
  trials: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const trial of trials) {
    const { instance } = trial.strike.unit;
    const group = groups.get(instance);
    if (group) group.push(trial);
    else groups.set(instance, [trial]);
  }
  return groups;
}
