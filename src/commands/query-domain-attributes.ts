// Query domain attributes (ep11-wire.md 10.1). In: nothing. Out: pairs of index and value (8 each).

import {
  attributesOfPairs,
  type DomainAttributes,
  decodeAttributePairs,
  encodeAttributePairs,
  pairsOfAttributes,
} from "../wire/attributes.ts";
import { CommandId } from "../wire/ids.ts";
import { type Command, noInput } from "./command.ts";

/** Its output decodes with the client's tolerance: any order, unknown pairs, fragments at the end; 999 for missing thresholds. */
export const queryDomainAttributes: Command<undefined, DomainAttributes> = {
  id: CommandId.QueryDomainAttributes,
  name: "query-domain-attributes",
  section: "ep11-wire.md 10.1",
  ...noInput,
  encodeOutput: (attributes) => encodeAttributePairs(pairsOfAttributes(attributes)),
  decodeOutput: (bytes) => attributesOfPairs(decodeAttributePairs(bytes, "ber")),
};
