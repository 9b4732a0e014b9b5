// Plans recoveries: which unit gives its master key to which others, in which order, and whether everything that this needs is so.
// A plan is data, to be shown, approved, kept as JSON and run. Making it asks the units and changes nothing.
//
// A source signs and counts every export, so one source for all is what limits a large recovery. Fan-out: first the recovery
// units get the key, then every other unit gets it from a recovery unit of its own service instance, where it has one.

import { toHex } from "../bytes.ts";
import type { Client } from "../client/client.ts";
import type { CryptoUnit } from "../client/units.ts";
import type { Problem } from "../errors.ts";
import { checkRecovery, type Found, type Seen } from "../procedures/recovery-check.ts";
import type { Signer } from "../procedures/signers.ts";
import type { Losses } from "../procedures/transfer.ts";
import { viewUnits } from "../procedures/view.ts";
import { fanOut } from "./fan-out.ts";

/** One master key and the units that are to have it. */
export interface RecoveryOrder {
  /** A recovery unit that holds the key. */
  readonly source: CryptoUnit;
  readonly targets: readonly CryptoUnit[];
  /** Recovery units that may hold it too; those that do share the work. */
  readonly helpers?: readonly CryptoUnit[];
}

export interface PlanOptions {
  /** Administrators whose keys are at hand. */
  readonly signers: readonly Signer[];
  readonly mayLose: Losses;
}

export interface PlannedTarget {
  readonly unit: CryptoUnit;
  /** What its registers held when the plan was made. */
  readonly found: Found;
  /** All targets of a stage are done before the next one begins. */
  readonly stage: 1 | 2;
  /** Who is to give it the key, best first. Those that are targets themselves only once they have it. */
  readonly sources: readonly CryptoUnit[];
}

/** What became of one order. */
export interface RecoveryGroup {
  readonly source: CryptoUnit;
  /** Verification pattern expected in every target, 64 hex digits. */
  readonly pattern: string;
  /** Signature threshold of all units. */
  readonly threshold: number;
  /** SKIs, hex, of those who can sign for all units. */
  readonly signers: readonly string[];
  /** Ids of the units that held the key when the plan was made. */
  readonly holders: readonly string[];
  readonly targets: readonly PlannedTarget[];
}

export interface RecoveryPlan {
  readonly version: 1;
  readonly mayLose: Losses;
  readonly groups: readonly RecoveryGroup[];
  /** Why the plan can't be run; none, if it can. */
  readonly problems: readonly Problem[];
}

/** Asks all units, in batches, and plans. Never throws for what units say: that is in the plan's problems. */
export async function planRecovery(
  client: Client,
  orders: readonly RecoveryOrder[],
  { signers, mayLose }: PlanOptions,
): Promise<RecoveryPlan> {
  const seen = await look(client, orders);
  const planned = orders.map((order) => planOrder(order, seen, signers, mayLose));
  const problems = planned.flatMap(({ problems }) => problems);
  return {
    version: 1,
    mayLose,
    groups: planned.map(({ group }) => group),
    problems: [...problems, ...sharedUnits(orders)],
  };
}

/** What every unit that is named says of itself, each asked once. */
async function look(client: Client, orders: readonly RecoveryOrder[]): Promise<(unit: CryptoUnit) => Seen> {
  const named = orders.flatMap(({ source, targets, helpers = [] }) => [source, ...targets, ...helpers]);
  const units = [...new Map(named.map((unit) => [unit.id, unit])).values()];
  const views = await viewUnits(client, units);
  const seen = new Map(units.map((unit, at) => [unit.id, { unit, view: views[at]! }]));
  return ({ id }) => seen.get(id)!;
}

function planOrder(
  order: RecoveryOrder,
  seen: (unit: CryptoUnit) => Seen,
  signers: readonly Signer[],
  mayLose: Losses,
): { group: RecoveryGroup; problems: readonly Problem[] } {
  const check = checkRecovery(seen(order.source), order.targets.map(seen), signers, mayLose);
  const { holders, targets } = fanOut(check, order.targets.map(seen), (order.helpers ?? []).map(seen));
  const group = {
    source: order.source,
    pattern: toHex(check.pattern),
    threshold: check.threshold,
    signers: check.signers.map(({ ski }) => toHex(ski)),
    holders: holders.map(({ id }) => id),
    targets,
  };
  return { group, problems: check.problems };
}

/** Units that have a part in two orders: only a source may be one twice. */
function sharedUnits(orders: readonly RecoveryOrder[]): Problem[] {
  const taken = new Map(orders.map(({ source }) => [source.id, source] as const));
  const nextStep = "make one recovery after the other";
  return orders.flatMap(({ source, targets }) => {
    const shared = targets.filter(({ id }) => taken.has(id) && id !== source.id);
    for (const target of targets) taken.set(target.id, target);
    return shared.map(({ location }) => ({ unit: location, problem: "has a part in two recoveries", nextStep }));
  });
}
