// Add domain control points (ep11-wire.md 10.9). In: the points to enable (16). Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noOutput } from "./command.ts";
import { controlPointsInput } from "./control-points-input.ts";

export const addDomainControlPoints: Command<Uint8Array, undefined> = {
  id: CommandId.AddDomainControlPoints,
  name: "add-domain-control-points",
  section: "ep11-wire.md 10.9",
  ...controlPointsInput,
  ...noOutput,
};
