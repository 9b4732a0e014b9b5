// Query module info, get_xcp_info 1 (ep11-wire.md 5.6). Out: 196 bytes.

import { SubType } from "../wire/ids.ts";
import { decodeModuleInfo, encodeModuleInfo, type ModuleInfo } from "../wire/module-info.ts";
import type { InfoQuery } from "./command.ts";

export const queryModuleInfo: InfoQuery<ModuleInfo> = {
  subType: SubType.ModuleInfo,
  name: "query-module-info",
  section: "ep11-wire.md 5.6",
  encodeOutput: encodeModuleInfo,
  decodeOutput: decodeModuleInfo,
};
