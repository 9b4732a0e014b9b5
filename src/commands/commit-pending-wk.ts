// Commit pending WK (ep11-wire.md 10.14). In: the new key's pattern (32). Out: nothing.

import { CommandId } from "../wire/ids.ts";
import { type Command, noOutput, patternInput } from "./command.ts";

export const commitPendingWk: Command<Uint8Array, undefined> = {
  id: CommandId.CommitPendingWk,
  name: "commit-pending-wk",
  section: "ep11-wire.md 10.14",
  ...patternInput,
  ...noOutput,
};
