// The fleet that a command works on, and what to close after it.

import type { Core } from "../core/api.ts";
import { loadCore } from "../core/load.ts";
import { UsageError } from "../errors.ts";
import { Fleet } from "../fleet/fleet.ts";
import { planLayout, type UnitCounts } from "../fleet/layout.ts";
import { MemoryStore } from "../fleet/memory-store.ts";
import { SeededRandom } from "../fleet/seeded.ts";
import { regionPair } from "../fleet/topology.ts";
import { opentkeHome } from "./home.ts";
import type { Io } from "./io.ts";

export interface OpenFleet {
  readonly fleet: Fleet;
  /** Wipes the card and closes the store. */
  readonly close: () => void;
}

export interface MemoryFleetOptions extends UnitCounts {
  readonly instances: number;
  readonly seed: string;
}

const REGION = "us-south";
const RESOURCE_GROUP = "Default";

/** A fleet of new hardware that is gone when the process ends. @throws UsageError if a count is out of bounds. */
export async function memoryFleet({ seed, ...counts }: MemoryFleetOptions): Promise<OpenFleet> {
  const request = { ...counts, regions: regionPair(REGION), resourceGroup: RESOURCE_GROUP };
  const layout = planLayout(request, new SeededRandom(seed).fork("layout"));
  const core = await loadCore();
  core.setStorageKey((view) => crypto.getRandomValues(view as Uint8Array<ArrayBuffer>));
  const fleet = Fleet.create(core, new MemoryStore());
  fleet.build(layout);
  return { fleet, close: () => closeFleet(fleet, core) };
}

/** The fleet in OPENTKE_HOME. @throws UsageError if there is none. */
export async function storedFleet(io: Io): Promise<OpenFleet> {
  const home = opentkeHome(io.env);
  throw new UsageError(`there is no fleet in '${home}'; make one with 'opentke fleet create', or use --memory.`);
}

function closeFleet(fleet: Fleet, core: Core): void {
  fleet.close();
  core.dispose();
}
