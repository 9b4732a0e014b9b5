// Carries out a strike plan: administrators zeroize units and clear registers over the wire, hardware is replaced behind it.

import type { CryptoUnit } from "../client/units.ts";
import { SerialNumbers } from "../fleet/layout.ts";
import { clearCurrentRegisters } from "../procedures/clear-registers.ts";
import { configureUnits } from "../procedures/configure.ts";
import { zeroizeUnits } from "../procedures/zeroize.ts";
import { requireDone, requireSuccess } from "./failures.ts";
import { initProgress, type ProgressLine } from "./progress.ts";
import type { Stage } from "./stage.ts";
import { StrikeKind, type StrikePlan } from "./strikes.ts";

/** @throws ScenarioError if a unit can't be struck. */
export async function strike(stage: Stage, plan: StrikePlan): Promise<void> {
  const { client, administrators, fleet } = stage;
  const zeroized = await struck(stage, plan, StrikeKind.Zeroized);
  requireSuccess("zeroize", zeroized, await zeroizeUnits(client, zeroized, administrators));
  const cleared = await struck(stage, plan, StrikeKind.Cleared);
  requireSuccess("clear", cleared, await clearCurrentRegisters(client, cleared, administrators[0]!));
  const serials = new SerialNumbers(stage.random.fork("replacements"), fleet.serials());
  for (const bay of plan.bays) fleet.install(bay, serials.next());
}

/**
 * The same administrators and thresholds again for units that lost them.
 * @throws ScenarioError if that fails in a unit.
 */
export async function reinitialise(stage: Stage, plan: StrikePlan, progress: ProgressLine): Promise<void> {
  const { client, configuration } = stage;
  const units = await struck(stage, plan, StrikeKind.Zeroized, StrikeKind.Replaced);
  requireDone("re-initialisation", await configureUnits(client, units, configuration, initProgress(progress)));
}

/** Units that were struck in one of these ways, as the cloud lists them now. */
async function struck(stage: Stage, { strikes }: StrikePlan, ...kinds: StrikeKind[]): Promise<CryptoUnit[]> {
  const listed = await stage.list();
  return strikes.filter(({ kind }) => kinds.includes(kind)).map(({ unit }) => listed.get(unit.id)!);
}
