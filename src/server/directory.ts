// Which units belong to which service instance. Instances rarely change once they are there, so what was found is kept until then.

import type { Fleet } from "../fleet/fleet.ts";
import type { Unit } from "../fleet/topology.ts";

export class Directory {
  readonly #fleet: Fleet;
  readonly #known = new Map<string, ReadonlyMap<string, Unit>>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** Units by id, in the order of GET /hsms; undefined for an unknown instance. */
  units(instance: string): ReadonlyMap<string, Unit> | undefined {
    const known = this.#known.get(instance);
    if (known) return known;
    const found = this.#fleet.instance(instance);
    if (!found) return undefined;
    const units = new Map(found.units.map((unit) => [unit.id, unit]));
    this.#known.set(instance, units);
    return units;
  }

  /** An instance has other units now. */
  forget(instance: string): void {
    this.#known.delete(instance);
  }

  /** A unit of this instance and no other. */
  unit(instance: string, id: string): Unit | undefined {
    return this.units(instance)?.get(id);
  }
}
