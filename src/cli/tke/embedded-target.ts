// The fleet in OPENTKE_HOME, in this process. Where its chains end is known: its own root.

import { randomUUID } from "node:crypto";
import { Client } from "../../client/client.ts";
import { localKeyStorage } from "../../client/key-storage.ts";
import { loopback } from "../../client/loopback.ts";
import type { Observer } from "../../client/observed.ts";
import type { KnownKeys } from "../../client/trust.ts";
import type { Core } from "../../core/api.ts";
import { UsageError } from "../../errors.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { SeededRandom } from "../../fleet/seeded.ts";
import { breathing } from "../../scenario/breathing.ts";
import type { Arguments } from "../command.ts";
import type { Io } from "../io.ts";
import { storedFleet } from "../open-fleet.ts";
import { observedBy } from "../verbose.ts";
import type { Target } from "./target.ts";
import type { ResolvedTarget } from "./target-settings.ts";

/** What a target is opened with, wherever it is. */
export interface TargetAccess {
  /** The administrators' card. */
  readonly core: Core;
  /** OA keys of modules met before. */
  readonly known: KnownKeys;
  readonly observer: Observer | undefined;
}

export async function embeddedTarget(
  { resourceGroup: { value: group }, instances: { value: named } }: ResolvedTarget,
  argv: Arguments,
  io: Io,
  { core, known, observer }: TargetAccess,
): Promise<Target> {
  const { fleet, close } = await storedFleet(io, argv);
  const transport = observedBy(observer, loopback(fleet.handleMany, fleet.listHsms));
  const roots = [{ name: "OpenTKE", ...fleet.root }];
  return {
    name: "the fleet in OPENTKE_HOME",
    resourceGroup: group,
    client: new Client({ transport: breathing(transport, io.signal), core, roots, known }),
    keyStorage: localKeyStorage(fleet),
    instances: async () => (named ? checked(fleet, named) : ofGroup(fleet, group)),
    addFailover: async (instance, count) =>
      fleet.addFailoverUnits(instance, count, new SeededRandom(randomUUID())).map(({ id }) => id),
    close: async () => close(),
  };
}

function checked(fleet: Fleet, ids: readonly string[]): readonly string[] {
  const unknown = ids.find((id) => !fleet.instance(id));
  if (unknown !== undefined) throw new UsageError(`--instance-id: want one of this fleet, got '${unknown}'.`);
  return ids;
}

function ofGroup(fleet: Fleet, group: string): string[] {
  return Array.from(fleet.instances()).flatMap((one) => (one.resourceGroup === group ? [one.id] : []));
}
