// Signed answers: a block with the unit's current values, the module's OA signature on it, the CPRB around both
// (ep11-wire.md 5.3, 5.4, 8).

import { EMPTY, u32 } from "../bytes.ts";
import type { Core } from "../core/api.ts";
import { encodeAdminDomain } from "../wire/admin.ts";
import { encodeAdminResponse, encodeAdminResponseBlock } from "../wire/admin-response.ts";
import { ReturnCode } from "../wire/codes.ts";
import { encodeCprbResponse } from "../wire/cprb.ts";
import { encodeOaSignerInfo } from "../wire/signer-info.ts";
import type { Done } from "./handler.ts";
import type { AdminItem } from "./item.ts";
import { Refusal } from "./refusal.ts";

/** Answers items whose outcome is known, with one call of the card for all signatures. */
export function signAnswers(core: Core, items: readonly AdminItem[]): void {
  if (items.length === 0) return;
  const blocks = items.map(responseBlock);
  const signatures = core.sign(items.map(({ key }, i) => ({ key: key!.slot, message: blocks[i]! })));
  items.forEach((item, i) => {
    const { key, message, turn } = item;
    const response = encodeAdminResponse({
      form: "full",
      domain: turn.state.domain,
      returnCode: ReturnCode.OK,
      block: blocks[i]!,
      signatures: encodeOaSignerInfo(key!.ski, signatures[i]!),
    });
    item.answer = encodeCprbResponse(message.header, response);
  });
}

/** Refused or not: the unit's values are those after the command. */
function responseBlock({ message, key, outcome, counter, domainInstance, turn }: AdminItem): Uint8Array {
  const refusal = outcome instanceof Refusal ? outcome : null;
  return encodeAdminResponseBlock({
    commandId: message.block.commandId,
    adminDomain: encodeAdminDomain(turn.state.domain, domainInstance),
    moduleId: key!.moduleId,
    counter,
    returnCode: refusal?.returnCode ?? ReturnCode.OK,
    output: refusal === null ? (outcome as Done).output : reasonOutput(refusal),
  });
}

function reasonOutput({ reasonCode }: Refusal): Uint8Array {
  return reasonCode === null ? EMPTY : u32(reasonCode);
}
