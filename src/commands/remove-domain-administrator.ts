// Remove domain administrator (ep11-wire.md 10.4). In: the administrator's SKI (32). Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noOutput } from "./command.ts";
import { skiInput } from "./ski-input.ts";

export const removeDomainAdministrator: Command<Uint8Array, undefined> = {
  id: CommandId.RemoveDomainAdministrator,
  name: "remove-domain-administrator",
  section: "ep11-wire.md 10.4",
  ...skiInput,
  ...noOutput,
};
