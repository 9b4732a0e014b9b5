// Set domain control points (ep11-wire.md 10.9). In: all points that shall be enabled (16). Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noOutput } from "./command.ts";
import { controlPointsInput } from "./control-points-input.ts";

export const setDomainControlPoints: Command<Uint8Array, undefined> = {
  id: CommandId.SetDomainControlPoints,
  name: "set-domain-control-points",
  section: "ep11-wire.md 10.9",
  ...controlPointsInput,
  ...noOutput,
};
