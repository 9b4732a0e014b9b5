// Drills of small fleets on the cores that tests run on.

import type { DrillHooks } from "../../src/scenario/drill.ts";
import { drill } from "../../src/scenario/drill.ts";
import type { FleetOptions } from "../../src/scenario/options.ts";
import type { DrillReport } from "../../src/scenario/report.ts";
import type { Cores } from "../../src/scenario/stage.ts";
import { testCore } from "./core.ts";

export const SMALL: FleetOptions = {
  instances: 3,
  operational: 2,
  recovery: 2,
  failover: 1,
  admins: 3,
  threshold: 2,
  seed: "test",
};

export async function twoCores(): Promise<Cores> {
  return { units: await testCore(), administrators: await testCore() };
}

/** A drill of a small fleet, on cores of its own. */
export async function runDrill(options: Partial<FleetOptions> = {}, hooks: DrillHooks = {}): Promise<DrillReport> {
  const cores = await twoCores();
  try {
    return await drill({ ...SMALL, ...options }, cores, hooks);
  } finally {
    cores.units.dispose();
    cores.administrators.dispose();
  }
}
