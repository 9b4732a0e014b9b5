// Query domain control points (ep11-wire.md 10.8). In: nothing. Out: the enabled points (16).

import { checkControlPoints } from "../wire/control-points.ts";
import { CommandId } from "../wire/ids.ts";
import { type Command, noInput } from "./command.ts";

export const queryDomainControlPoints: Command<undefined, Uint8Array> = {
  id: CommandId.QueryDomainControlPoints,
  name: "query-domain-control-points",
  section: "ep11-wire.md 10.8",
  ...noInput,
  encodeOutput: checkControlPoints,
  decodeOutput: checkControlPoints,
};
