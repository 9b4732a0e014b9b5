// Clear pending WK (ep11-wire.md 10.16). In: nothing. Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noInput, noOutput } from "./command.ts";

export const clearPendingWk: Command<undefined, undefined> = {
  id: CommandId.ClearPendingWk,
  name: "clear-pending-wk",
  section: "ep11-wire.md 10.16",
  ...noInput,
  ...noOutput,
};
