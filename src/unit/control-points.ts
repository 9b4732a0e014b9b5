// Control points as a unit keeps them: what is on at first, and which may change when (unit-behaviour.md 9).

import { isZero } from "../bytes.ts";
import {
  addControlPoints,
  ControlPoint,
  controlPointSet,
  definedControlPoints,
  hasControlPoint,
  NEVER_ON,
  removeControlPoints,
} from "../wire/control-points.ts";
import { type Refusal, Refused } from "./refusal.ts";

const DEFINED = definedControlPoints();
const NEVER = controlPointSet(NEVER_ON);

/** What a new unit has on: all that is defined and can be. */
export const DEFAULT_CONTROL_POINTS: Uint8Array = removeControlPoints(DEFINED, NEVER);

/** The same for a unit from before some features existed. */
export const OLD_CONTROL_POINTS: Uint8Array = removeControlPoints(
  DEFAULT_CONTROL_POINTS,
  controlPointSet([ControlPoint.ALG_EC_25519, ControlPoint.BTC, ControlPoint.ECDSA_OTHER]),
);

/** Set replaces, add is OR, delete is AND NOT. */
export type ControlPointChange = "set" | "add" | "delete";

/** What `mask` makes of the control points. */
export function changeControlPoints(points: Uint8Array, mask: Uint8Array, change: ControlPointChange): Uint8Array {
  if (change === "set") return mask.slice();
  return change === "add" ? addControlPoints(points, mask) : removeControlPoints(points, mask);
}

/** Why the unit does not go from `points` to what `mask` makes of them, or null. Bits that change nothing need no permission. */
export function controlPointRefusal(points: Uint8Array, mask: Uint8Array, change: ControlPointChange): Refusal | null {
  if (!isZero(removeControlPoints(mask, DEFINED))) return Refused.controlPointUndefined;
  const after = changeControlPoints(points, mask, change);
  const enabled = removeControlPoints(after, points);
  const disabled = removeControlPoints(points, after);
  const mayEnable =
    hasControlPoint(points, ControlPoint.ADD_CPBS) && isZero(removeControlPoints(enabled, DEFAULT_CONTROL_POINTS));
  if (!isZero(enabled) && !mayEnable) return Refused.controlPointEnabling;
  const mayDisable = hasControlPoint(points, ControlPoint.DELETE_CPBS);
  return !isZero(disabled) && !mayDisable ? Refused.controlPointDisabling : null;
}
