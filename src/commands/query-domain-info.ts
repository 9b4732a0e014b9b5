// Query domain info, get_xcp_info 3 (ep11-wire.md 5.6). Out: 80 bytes.

import { type DomainInfo, decodeDomainInfo, encodeDomainInfo } from "../wire/domain-info.ts";
import { SubType } from "../wire/ids.ts";
import type { InfoQuery } from "./command.ts";

export const queryDomainInfo: InfoQuery<DomainInfo> = {
  subType: SubType.DomainInfo,
  name: "query-domain-info",
  section: "ep11-wire.md 5.6",
  encodeOutput: encodeDomainInfo,
  decodeOutput: decodeDomainInfo,
};
