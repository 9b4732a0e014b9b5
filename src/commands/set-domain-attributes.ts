// Set domain attributes (ep11-wire.md 10.2). In: pairs of index and value (8 each), at least one. Out: nothing.

import { WireError } from "../errors.ts";
import {
  AttributeIndex,
  type AttributePair,
  type DomainAttributes,
  decodeAttributePairs,
  encodeAttributePairs,
  pairsOfAttributes,
} from "../wire/attributes.ts";
import { ReturnCode } from "../wire/codes.ts";
import { CommandId } from "../wire/ids.ts";
import { type Command, noOutput } from "./command.ts";

export const setDomainAttributes: Command<readonly AttributePair[], undefined> = {
  id: CommandId.SetDomainAttributes,
  name: "set-domain-attributes",
  section: "ep11-wire.md 10.2",
  malformedInput: { returnCode: ReturnCode.DATA_LEN_RANGE, reasonCode: 41 },
  encodeInput: encodeAttributePairs,
  decodeInput: (bytes) => {
    if (bytes.length === 0) throw new WireError("attributes", 0, "one pair or more", "none");
    return decodeAttributePairs(bytes);
  },
  ...noOutput,
};

/** The pairs a client sends: attributes 1 to 4. Compliance, 5, follows from the control points and cannot be set. */
export function settableAttributes(attributes: DomainAttributes): AttributePair[] {
  return pairsOfAttributes(attributes).filter(({ index }) => index !== AttributeIndex.StandardsCompliance);
}
