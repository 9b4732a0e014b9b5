// What a client asks of a unit. The answer is judged against its question: one OA key signs for all domains of a module, so a
// good signature alone does not say that an answer belongs here (workstation.md 10).

import { EMPTY } from "../bytes.ts";
import { encodeAdminBlock, encodeAdminDomain, encodeAdminRequest } from "../wire/admin.ts";
import { encodeCprbRequest } from "../wire/cprb.ts";
import { CommandId } from "../wire/ids.ts";
import type { CryptoUnit } from "./units.ts";

/** What a command's block names, taken from an answer that was read and verified just before (ep11-wire.md 5.5). */
export interface Sent {
  /** 8 bytes: domain index and domain instance id. */
  readonly adminDomain: Uint8Array;
  /** 16 bytes: serial number and module instance. */
  readonly moduleId: Uint8Array;
  /** 16 bytes; no other command to the unit carries it. */
  readonly counter: Uint8Array;
}

export interface Question {
  readonly unit: CryptoUnit;
  readonly commandId: number;
  readonly cprb: Uint8Array;
  /** Of a command that changes something; null for a query. */
  readonly sent: Sent | null;
}

const EVERY_DOMAIN = new Uint8Array(8);

/** A query: neither counter nor module identifier nor signatures (ep11-wire.md 5.2). */
export function query(unit: CryptoUnit, commandId: number, input: Uint8Array = EMPTY): Question {
  const ofModule = commandId === CommandId.QueryDeviceCertificate;
  const block = encodeAdminBlock({
    commandId,
    adminDomain: ofModule ? EVERY_DOMAIN : encodeAdminDomain(unit.domainIndex, 0),
    moduleId: EMPTY,
    counter: EMPTY,
    input,
  });
  const payload = encodeAdminRequest({ domain: unit.domainIndex, block, signatures: EMPTY });
  return { unit, commandId, cprb: encodeCprbRequest(unit.domainIndex, payload), sent: null };
}
