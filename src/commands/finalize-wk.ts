// Finalize WK (ep11-wire.md 10.15). In: the committed key's pattern (32). Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noOutput, patternInput } from "./command.ts";

export const finalizeWk: Command<Uint8Array, undefined> = {
  id: CommandId.FinalizeWk,
  name: "finalize-wk",
  section: "ep11-wire.md 10.15",
  ...patternInput,
  ...noOutput,
};
