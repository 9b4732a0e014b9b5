// Export next WK (ep11-wire.md 10.12): as export WK, but of the key in the new register.

import { CommandId } from "../wire/ids.ts";
import type { Parameter } from "../wire/parameter-map.ts";
import type { Command } from "./command.ts";
import { parameterMaps } from "./export-wk.ts";

export const exportNextWk: Command<readonly Parameter[], readonly Parameter[]> = {
  id: CommandId.ExportNextWk,
  name: "export-next-wk",
  section: "ep11-wire.md 10.12",
  ...parameterMaps,
};
