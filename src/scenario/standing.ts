// A fleet that was there before, as a drill finds it: its layout, and who administers it.

import { equal, toHex } from "../bytes.ts";
import { PreconditionError, type Problem } from "../errors.ts";
import type { Layout, ModuleInBay } from "../fleet/layout.ts";
import type { FleetStore } from "../fleet/store.ts";
import {
  bayName,
  locationOf,
  REGION_PAIRS,
  recoveryUnitsOf,
  type ServiceInstance,
  type Unit,
  UnitType,
} from "../fleet/topology.ts";
import type { CardSigner } from "../workstation/signer.ts";
import type { Standing } from "./stage.ts";

export interface StandingFleet extends Standing {
  /** Signature threshold of all units; 0 if they are pristine. */
  readonly threshold: number;
}

/**
 * In: the keys that administer it, in any core; none if it is pristine.
 * @throws PreconditionError if it is not one whose units are all pristine, or all set up with these administrators.
 */
export function standingFleet(store: FleetStore, signers: readonly CardSigner[]): StandingFleet {
  const serviceInstances = [...store.instances()];
  const first = serviceInstances[0];
  if (!first)
    throw new PreconditionError([
      { unit: "fleet", problem: "has no service instances", nextStep: "make some with 'opentke fleet create'" },
    ]);
  const threshold = store.unit(first.units[0]!.id)!.attributes.signatureThreshold;
  if (threshold > 0 && signers.length === 0)
    throw new PreconditionError([{ unit: "fleet", problem: "is initialized, and no keys were given", nextStep: KEYS }]);
  const problems = serviceInstances.flatMap((instance) => problemsOf(store, instance, signers, threshold));
  if (problems.length > 0) throw new PreconditionError(problems);
  const layout = layoutOf(store, serviceInstances, first);
  return { layout, signers: threshold === 0 ? null : signers, threshold };
}

function layoutOf(store: FleetStore, serviceInstances: readonly ServiceInstance[], first: ServiceInstance): Layout {
  const modules = new Map<string, ModuleInBay>();
  for (const { bay } of serviceInstances.flatMap(({ units }) => units))
    modules.set(bayName(bay), { bay, serial: store.serialIn(bay)! });
  const ofType = (type: UnitType): number => first.units.filter((unit) => unit.type === type).length;
  const { region } = first.units[0]!.bay;
  return {
    instances: serviceInstances.length,
    operational: ofType(UnitType.Operational),
    recovery: ofType(UnitType.Recovery),
    failover: ofType(UnitType.Failover),
    regions: REGION_PAIRS.find((pair) => pair.region === region) ?? { region, recoveryRegion: region },
    resourceGroup: first.resourceGroup,
    modules: [...modules.values()],
    serviceInstances,
  };
}

function problemsOf(
  store: FleetStore,
  instance: ServiceInstance,
  signers: readonly CardSigner[],
  threshold: number,
): Problem[] {
  const problem = (unit: Unit, text: string, nextStep: string): Problem => ({
    unit: locationOf(unit),
    problem: text,
    nextStep,
  });
  if (recoveryUnitsOf(instance).length === 0)
    return [problem(instance.units[0]!, "its instance has no recovery unit", "leave that instance out of the fleet")];
  return instance.units.flatMap((unit): Problem[] => {
    const { attributes, administrators, registers } = store.unit(unit.id)!;
    if (attributes.signatureThreshold !== threshold || attributes.revocationThreshold !== threshold)
      return [problem(unit, `has other thresholds than the first unit's ${threshold}`, "make them the same")];
    if (threshold === 0) return [];
    const missing = administrators.find(({ ski }) => !signers.some((signer) => equal(signer.ski, ski)));
    if (missing || administrators.length !== signers.length)
      return [
        problem(unit, `has other administrators than the keys given${missing ? `: ${toHex(missing.ski)}` : ""}`, KEYS),
      ];
    return registers.current === null ? [problem(unit, "has no master key", "recover or initialize it")] : [];
  });
}

const KEYS = "give the keys of exactly its administrators with --admins-dir";
