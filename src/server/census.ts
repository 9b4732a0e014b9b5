// How many registers are in which state. All units are looked at once; after that, only those that were asked something.

import type { Registers } from "../core/api.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { RegisterStatus } from "../wire/domain-info.ts";

export interface Counts {
  readonly units: number;
  readonly current: Readonly<Record<string, number>>;
  readonly next: Readonly<Record<string, number>>;
}

type States = readonly [current: RegisterStatus, next: RegisterStatus];

export class Census {
  readonly #fleet: Fleet;
  readonly #states = new Map<string, States>();
  #touched: Set<string>;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.#touched = new Set([...fleet.instances()].flatMap(({ units }) => units.map(({ id }) => id)));
  }

  /** The unit may have changed, or is new. */
  touch(unit: string): void {
    this.#touched.add(unit);
  }

  counts(): Counts {
    for (const unit of this.#touched) {
      const registers = this.#fleet.registers(unit);
      if (registers) this.#states.set(unit, statesOf(registers));
    }
    this.#touched = new Set();
    const { Empty, Valid, FullUncommitted, FullCommitted } = RegisterStatus;
    const current = { [Empty]: 0, [Valid]: 0 } as Record<string, number>;
    const next = { [Empty]: 0, [FullUncommitted]: 0, [FullCommitted]: 0 } as Record<string, number>;
    for (const [inCurrent, inNext] of this.#states.values()) {
      current[inCurrent]!++;
      next[inNext]!++;
    }
    return { units: this.#states.size, current, next };
  }
}

function statesOf({ current, next }: Registers): States {
  const { Empty, Valid, FullUncommitted, FullCommitted } = RegisterStatus;
  return [current ? Valid : Empty, next ? (next.committed ? FullCommitted : FullUncommitted) : Empty];
}
