// Which recoveries a stage needs: whose key goes where.

import type { CryptoUnit } from "../client/units.ts";
import type { Layout } from "../fleet/layout.ts";
import { recoveryUnitsOf, type ServiceInstance, type Unit } from "../fleet/topology.ts";
import type { Losses } from "../procedures/transfer.ts";
import type { RecoveryOrder } from "../recovery/plan.ts";
import type { StrikePlan } from "./strikes.ts";

/** Recoveries that are planned and run together. */
export interface Batch {
  readonly orders: readonly RecoveryOrder[];
  readonly mayLose: Losses;
}

/** Nothing that a unit holds may be lost. */
export const NO_LOSS: Losses = { current: false, pending: false };

/** The units as the cloud lists them now, by hsm_id. */
export type Listed = ReadonlyMap<string, CryptoUnit>;

/**
 * Every instance's struck units from its own spared recovery unit; then the taker's units, struck or not, from the giver's. Only
 * they may lose a key.
 */
export function ordersAfter({ strikes, spared, takeover }: StrikePlan, layout: Layout, listed: Listed): Batch[] {
  const struck = new Set(strikes.map(({ unit }) => unit.id));
  const own = layout.serviceInstances.filter((instance) => instance !== takeover?.taker);
  const batches: Batch[] = [
    {
      orders: own.flatMap((instance) => ordersWithin(instance, struck, listed, spared.get(instance.id)!)),
      mayLose: NO_LOSS,
    },
  ];
  if (takeover) {
    const { giver, taker } = takeover;
    const order = orderFrom(giver, spared.get(giver.id)!, taker.units, listed);
    batches.push({ orders: [order], mayLose: { current: true, pending: false } });
  }
  return batches;
}

/** Units of an instance from one of its recovery units, which is not among them; nothing if no unit of it is struck. */
export function ordersWithin(
  instance: ServiceInstance,
  struck: ReadonlySet<string>,
  listed: Listed,
  source: Unit,
): RecoveryOrder[] {
  const targets = instance.units.filter(({ id }) => struck.has(id));
  return targets.length > 0 ? [orderFrom(instance, source, targets, listed)] : [];
}

function orderFrom(giver: ServiceInstance, source: Unit, targets: readonly Unit[], listed: Listed): RecoveryOrder {
  const helpers = recoveryUnitsOf(giver).filter((unit) => unit !== source && !targets.includes(unit));
  const unit = ({ id }: Unit): CryptoUnit => listed.get(id)!;
  return { source: unit(source), targets: targets.map(unit), helpers: helpers.map(unit) };
}
