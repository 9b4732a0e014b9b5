// What a drill proves, over the wire and with the canaries. A proof that does not hold is a finding, never an exception.

import { toHex } from "../bytes.ts";
import { RegisterStatus, type Registers, samePattern } from "../client/registers.ts";
import type { CryptoUnit } from "../client/units.ts";
import { locationOf } from "../fleet/topology.ts";
import { inBatches } from "../procedures/batches.ts";
import { type CanaryTrial, keyOwner } from "./canaries.ts";
import { ScenarioError } from "./failures.ts";
import type { Finding } from "./report.ts";
import type { Stage } from "./stage.ts";
import type { StrikePlan, Takeover } from "./strikes.ts";

/** Instance id -> pattern (32 bytes) of the master key that its units hold. */
export type Patterns = ReadonlyMap<string, Uint8Array>;

/**
 * The master keys of all instances, as their first units tell them.
 * @throws ScenarioError if a register is not Valid.
 */
export async function readPatterns({ client, layout, list }: Stage): Promise<Patterns> {
  const listed = await list();
  const units = layout.serviceInstances.map(({ units }) => listed.get(units[0]!.id)!);
  const told = await inBatches(units, (batch) => client.registers(batch));
  return new Map(
    told.map((outcome, at) => {
      const unit = units[at]!;
      if (outcome.ok && outcome.value.current.status === RegisterStatus.Valid)
        return [unit.instance, outcome.value.current.pattern];
      throw new ScenarioError(`${unit.location}: want a Valid current register after the initialisation`);
    }),
  );
}

/** No canary unwraps in a struck unit. */
export function proveLoss(trials: readonly CanaryTrial[]): Finding[] {
  return trials
    .filter(({ checked, alive }) => checked === 0 || alive > 0)
    .map(({ strike: { unit, kind }, checked, alive }) => {
      const finding = `${alive} of ${checked} canaries unwrap, though the unit was struck (${kind}); want 0`;
      return { unit: locationOf(unit), finding };
    });
}

export interface RecoveryProof {
  /** Ids of the units whose registers are as they should be. */
  readonly valid: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Every unit of the fleet has the key it should have as its current one, Valid, and nothing pending. */
export async function proveRegisters(
  stage: Stage,
  takeover: Takeover | null,
  patterns: Patterns,
): Promise<RecoveryProof> {
  const units = [...(await stage.list()).values()];
  const told = await inBatches(units, (batch) => stage.client.registers(batch));
  const valid = new Set<string>();
  const findings: Finding[] = [];
  told.forEach((outcome, at) => {
    const unit = units[at]!;
    const pattern = patterns.get(keyOwner(unit.instance, takeover))!;
    const finding = outcome.ok
      ? faultOf(outcome.value, pattern)
      : `its registers cannot be read: ${outcome.error.message}`;
    if (finding === null) valid.add(unit.id);
    else findings.push(found(unit, finding));
  });
  return { valid, findings };
}

function faultOf({ current, next }: Registers, pattern: Uint8Array): string | null {
  if (current.status !== RegisterStatus.Valid) return `its current register is ${current.status}, want Valid`;
  if (!samePattern(current.pattern, pattern))
    return `its current register holds ${short(current.pattern)}, want ${short(pattern)}`;
  return next.status === RegisterStatus.Empty ? null : `its new register is ${next.status}, want Empty`;
}

/** Every canary unwraps in every unit of the fleet that is to hold its key. */
export function proveCanaries({ fleet, layout }: Stage, { takeover }: StrikePlan): Finding[] {
  return layout.serviceInstances.flatMap(({ id, units }) =>
    units.flatMap((unit) => {
      const unwrapping = fleet.unwrap(unit.id, keyOwner(id, takeover));
      const lost = unwrapping.filter((alive) => !alive).length;
      if (lost === 0 && unwrapping.length > 0) return [];
      return [{ unit: locationOf(unit), finding: `${lost} of ${unwrapping.length} canaries do not unwrap` }];
    }),
  );
}

function found({ location: unit }: CryptoUnit, finding: string): Finding {
  return { unit, finding };
}

/** A pattern as people compare it: its first 8 bytes. */
export function short(pattern: Uint8Array): string {
  return toHex(pattern.subarray(0, 8));
}
