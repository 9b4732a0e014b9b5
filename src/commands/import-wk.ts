// Import WK (ep11-wire.md 10.13). In: one complete, signed xcpAdminReq per key part. Out: the loaded key's pattern (32).
//
//   outer block { 0C, domain, module id, counter, input ::= part* }      no signatures on the outer request
//   part        ::= xcpAdminReq { domain, block, signatures }
//   its block   ::= { 0C, same domain, same module id, same counter, RecipientInfo }

import { concat } from "../bytes.ts";
import { type AdminBlock, decodeAdminRequest, encodeAdminBlock } from "../wire/admin.ts";
import { ReturnCode } from "../wire/codes.ts";
import { Reader, Tag } from "../wire/der.ts";
import { CommandId } from "../wire/ids.ts";
import { encodeRecipientInfo, type RecipientInfo } from "../wire/recipient-info.ts";
import { type Command, patternOutput } from "./command.ts";

/**
 * Its input is the encoded parts. A unit does not decode it here but with `decodeImportParts`, which has an own reason for
 * each fault.
 */
export const importWk: Command<readonly Uint8Array[], Uint8Array> = {
  id: CommandId.ImportWk,
  name: "import-wk",
  section: "ep11-wire.md 10.13",
  malformedInput: { returnCode: ReturnCode.DATA_INVALID, reasonCode: 3 },
  encodeInput: (parts) => concat(...parts),
  decodeInput: (bytes) => {
    const reader = new Reader(bytes);
    const parts: Uint8Array[] = [];
    while (reader.more) {
      const part = reader.raw(Tag.Sequence, "key part");
      decodeAdminRequest(part);
      parts.push(part);
    }
    return parts;
  },
  ...patternOutput,
};

/** What a part's block has in common with the outer one. */
export type ImportTarget = Pick<AdminBlock, "adminDomain" | "moduleId" | "counter">;

/**
 * The block of a part, to be signed and wrapped in an xcpAdminReq.
 * @param recipient the key part, decoded or as another unit exported it
 */
export function encodeImportBlock(target: ImportTarget, recipient: RecipientInfo | Uint8Array): Uint8Array {
  const input = recipient instanceof Uint8Array ? recipient : encodeRecipientInfo(recipient);
  const { adminDomain, moduleId, counter } = target;
  return encodeAdminBlock({ commandId: CommandId.ImportWk, adminDomain, moduleId, counter, input });
}
