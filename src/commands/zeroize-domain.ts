// Zeroize domain (ep11-wire.md 10.16). In: nothing. Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noInput, noOutput } from "./command.ts";

export const zeroizeDomain: Command<undefined, undefined> = {
  id: CommandId.ZeroizeDomain,
  name: "zeroize-domain",
  section: "ep11-wire.md 10.16",
  ...noInput,
  ...noOutput,
};
