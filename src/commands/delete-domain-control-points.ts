// Delete domain control points (ep11-wire.md 10.9). In: the points to disable (16). Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noOutput } from "./command.ts";
import { controlPointsInput } from "./control-points-input.ts";

export const deleteDomainControlPoints: Command<Uint8Array, undefined> = {
  id: CommandId.DeleteDomainControlPoints,
  name: "delete-domain-control-points",
  section: "ep11-wire.md 10.9",
  ...controlPointsInput,
  ...noOutput,
};
