// Clear current WK (ep11-wire.md 10.16). In: nothing. Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noInput, noOutput } from "./command.ts";

export const clearCurrentWk: Command<undefined, undefined> = {
  id: CommandId.ClearCurrentWk,
  name: "clear-current-wk",
  section: "ep11-wire.md 10.16",
  ...noInput,
  ...noOutput,
};
