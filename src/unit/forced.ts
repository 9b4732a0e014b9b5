// Commands that come from outside the protocol: what can befall a unit, in drills and tests.

import { EMPTY } from "../bytes.ts";
import { encodeAdminDomain } from "../wire/admin.ts";
import { incrementCounter } from "../wire/counter.ts";
import { encodeCprbRequest } from "../wire/cprb.ts";
import { CommandId } from "../wire/ids.ts";
import { AdminItem, type Turn } from "./item.ts";

/** Commands without input, none of which adds anything to a unit. */
export const Strike = {
  Zeroize: CommandId.ZeroizeDomain,
  ClearCurrent: CommandId.ClearCurrentWk,
  ClearNew: CommandId.ClearPendingWk,
} as const;
export type Strike = (typeof Strike)[keyof typeof Strike];

/** The command as if it had been sent with the next counter, signed by nobody, and passed all checks. */
export function forcedItem(turn: Turn, commandId: Strike): AdminItem {
  const { domain, domainInstance, counter } = turn.state;
  const block = {
    commandId,
    adminDomain: encodeAdminDomain(domain, domainInstance),
    moduleId: EMPTY,
    counter: incrementCounter(counter),
    input: EMPTY,
  };
  const header = encodeCprbRequest(domain, EMPTY);
  return new AdminItem(turn, { kind: "admin", header, message: EMPTY, block, signatures: EMPTY }, { forced: true });
}
