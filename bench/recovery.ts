// Suite 3: whole recoveries. The very same client, units and wire run on each back end, which is the core of both sides: units are
// struck (untimed), then recovered from the pre-check to the proof that they hold the key again (timed).

import type { Core } from "../src/core/api.ts";
import { strike } from "../src/scenario/damage.ts";
import type { FleetOptions } from "../src/scenario/options.ts";
import type { Listed } from "../src/scenario/orders.ts";
import { recoverUnits } from "../src/scenario/recover.ts";
import { initialisedFleet, type Stage } from "../src/scenario/stage.ts";
import { type Strike, StrikeKind, type StrikePlan } from "../src/scenario/strikes.ts";
import type { Backend } from "./backends/backend.ts";
import type { Contestant, Sampling } from "./harness.ts";
import type { Task } from "./task.ts";

/** Every instance of a fleet: four operational units and one of two recovery units are struck, the other one is the source. */
const STRUCK_PER_INSTANCE = 5;
const FLEET = { operational: 4, recovery: 2, failover: 0, admins: 3, threshold: 2 } as const;
/** The smallest instance: its one operational unit is struck. */
const SINGLE = { instances: 1, operational: 1, recovery: 1, failover: 0 } as const;
const SEED = "benchmark";
const SAMPLE_SECONDS = 0.25;

/** A fleet to be struck and recovered, over and over. */
class Ground {
  readonly #stage: Stage;
  readonly #listed: Listed;
  readonly #plan: StrikePlan;

  private constructor(stage: Stage, listed: Listed) {
    this.#stage = stage;
    this.#listed = listed;
    const strikes = stage.layout.serviceInstances.flatMap(({ units }) =>
      units.slice(0, -1).map((unit): Strike => ({ unit, kind: StrikeKind.Cleared })),
    );
    this.#plan = { bays: [], strikes, takeover: null, spared: new Map() };
  }

  static async prepare(core: Core, options: Omit<FleetOptions, "seed">): Promise<Ground> {
    const stage = await initialisedFleet({ ...options, seed: SEED }, { units: core, administrators: core });
    return new Ground(stage, await stage.list());
  }

  get units(): number {
    return this.#plan.strikes.length;
  }

  /** Clears the current registers of the units that are to be recovered. */
  strike(): Promise<void> {
    return strike(this.#stage, this.#plan);
  }

  /** @throws Error unless every struck unit got the key. */
  async recover(): Promise<string> {
    const struck = this.#plan.strikes.map(({ unit }) => this.#listed.get(unit.id)!);
    const done = await recoverUnits(this.#stage, struck, this.#listed);
    const { recovered, signedCommands, signaturesVerified, findings } = done;
    if (recovered !== struck.length) {
      throw new Error(
        `want ${struck.length} of ${struck.length} units recovered, got ${recovered}: ${findings[0]?.finding ?? "no finding"}`,
      );
    }
    return `${recovered} recovered, ${signedCommands} commands, ${signaturesVerified} signatures verified`;
  }
}

function recovery(
  name: string,
  units: number,
  options: Omit<FleetOptions, "seed">,
  sampling: Sampling,
  only?: string[],
): Task {
  return {
    suite: "recovery",
    name,
    units,
    sampling,
    ...(only ? { only } : {}),
    // One instance is enough to see that all back ends come to the same.
    async answer({ newCore }: Backend): Promise<string> {
      const core = await newCore();
      try {
        const ground = await Ground.prepare(core, { ...options, instances: 1 });
        await ground.strike();
        return await ground.recover();
      } finally {
        core.dispose();
      }
    },
    async contestant({ name: backend, core }: Backend): Promise<Contestant> {
      const ground = await Ground.prepare(core, options);
      return { backend, operations: units, prepare: () => ground.strike(), run: () => ground.recover() };
    },
  };
}

/** One unit, by `threshold` signers. */
export function unitTask(threshold: number, sampling: Sampling): Task {
  return recovery(`recover-unit-t${threshold}`, 1, { ...SINGLE, admins: Math.max(3, threshold), threshold }, sampling);
}

/** A fleet at threshold 2; `units` is a multiple of 5. */
export function fleetTask(units: number, sampling: Sampling, only: string[]): Task {
  return recovery(
    `recover-fleet-${units}`,
    units,
    { ...FLEET, instances: units / STRUCK_PER_INSTANCE },
    sampling,
    only,
  );
}

/** Node's core recovers up to 100 units, noble's up to 10: more would take minutes and tell nothing new. */
export function recoveryTasks(quick: boolean): Task[] {
  const inRounds = (rounds: number): Sampling => ({ rounds, sampleSeconds: SAMPLE_SECONDS });
  const units = [1, 2, 4, 8].map((threshold) => unitTask(threshold, inRounds(quick ? 3 : 15)));
  if (quick) return [...units, fleetTask(10, inRounds(2), ["wasm", "node"]), fleetTask(100, inRounds(2), ["wasm"])];
  return [
    ...units,
    fleetTask(10, inRounds(7), ["wasm", "node", "noble"]),
    fleetTask(100, inRounds(5), ["wasm", "node"]),
    fleetTask(1000, inRounds(3), ["wasm"]),
    fleetTask(10_000, inRounds(1), ["wasm"]),
  ];
}
