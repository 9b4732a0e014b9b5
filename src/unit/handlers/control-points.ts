// Set, add and delete domain control points (unit-behaviour.md 9).

import { EMPTY } from "../../bytes.ts";
import { addDomainControlPoints } from "../../commands/add-domain-control-points.ts";
import type { Command } from "../../commands/command.ts";
import { deleteDomainControlPoints } from "../../commands/delete-domain-control-points.ts";
import { setDomainControlPoints } from "../../commands/set-domain-control-points.ts";
import { Permission } from "../../wire/attributes.ts";
import { permits } from "../attributes.ts";
import { type ControlPointChange, changeControlPoints, controlPointRefusal } from "../control-points.ts";
import { Done, each, type Handler, reads } from "../handler.ts";

export const setControlPoints = changing(setDomainControlPoints, "set");
export const addControlPoints = changing(addDomainControlPoints, "add");
export const deleteControlPoints = changing(deleteDomainControlPoints, "delete");

function changing(format: Command<Uint8Array, undefined>, change: ControlPointChange): Handler<Uint8Array> {
  return {
    ...reads(format),
    imprint: false,
    readOnly: false,
    secrets: false,
    required: (state) => (permits(state, Permission.CpOneSign) ? 1 : state.attributes.signatureThreshold),
    permit: ({ controlPoints }, mask) => controlPointRefusal(controlPoints, mask, change),
    execute: each(({ state, input }) => {
      const controlPoints = changeControlPoints(state.controlPoints, input, change);
      return new Done(EMPTY, { ...state, controlPoints });
    }),
  };
}
