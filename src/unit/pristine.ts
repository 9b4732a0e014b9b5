// What a unit is that nobody has set up, or that was zeroized (unit-behaviour.md 2).

import { DEFAULT_ATTRIBUTES } from "./attributes.ts";
import { DEFAULT_CONTROL_POINTS } from "./control-points.ts";
import type { UnitState } from "./state.ts";

/** All of a unit's state but who it is, its domain instance and its counter: defaults are those of the current firmware. */
export const PRISTINE: Omit<UnitState, "id" | "serial" | "domain" | "domainInstance" | "counter"> = {
  administrators: [],
  attributes: DEFAULT_ATTRIBUTES,
  controlPoints: DEFAULT_CONTROL_POINTS,
  registers: { current: null, next: null },
  importer: null,
  sealed: null,
};
