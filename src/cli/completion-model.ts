// What shells are told: the command table as it is.

import { COMMANDS, GROUPS } from "./command-table.ts";
import { type Model, modelOf } from "./completion/model.ts";
import { PAGES } from "./help.ts";
import { GLOBAL_OPTIONS } from "./options.ts";
import { TKE_COMMANDS } from "./tke/commands.ts";

export function completionModel(): Model {
  const pages = Object.keys(PAGES);
  return modelOf({ commands: COMMANDS, groups: GROUPS, tke: TKE_COMMANDS, globals: GLOBAL_OPTIONS, pages });
}
