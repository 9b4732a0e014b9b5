// The fleet that a command works on, and what to close after it.

import { loadCore } from "../core/load.ts";
import { Fleet } from "../fleet/fleet.ts";
import { planLayout, type UnitCounts } from "../fleet/layout.ts";
import { MemoryStore } from "../fleet/memory-store.ts";
import { SeededRandom } from "../fleet/seeded.ts";
import { openStore } from "../fleet/store/open.ts";
import { regionPair } from "../fleet/topology.ts";
import type { Arguments } from "./command.ts";
import { placeOf } from "./fleet-place.ts";
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
  return {
    fleet,
    close: () => {
      fleet.close();
      core.dispose();
    },
  };
}

/**
 * The fleet in OPENTKE_HOME, to change it. In: options that name its storage key.
 * @throws StoreError if there is none, or its key does not open it; UsageError
 */
export async function storedFleet(io: Io, argv: Arguments = {}): Promise<OpenFleet> {
  const place = placeOf(argv, io);
  const core = await loadCore();
  try {
    const { store, root, close } = await openStore(core, place);
    const fleet = new Fleet(core, store, root);
    return {
      fleet,
      close: () => {
        fleet.close();
        close();
        core.dispose();
      },
    };
  } catch (error) {
    core.dispose();
    throw error;
  }
}
