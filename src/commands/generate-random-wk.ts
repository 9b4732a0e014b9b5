// Generate random WK (ep11-wire.md 10.11). In: nothing. Out: the new key's pattern (32).

import { CommandId } from "../wire/ids.ts";
import { type Command, noInput, patternOutput } from "./command.ts";

export const generateRandomWk: Command<undefined, Uint8Array> = {
  id: CommandId.GenerateRandomWk,
  name: "generate-random-wk",
  section: "ep11-wire.md 10.11",
  ...noInput,
  ...patternOutput,
};
