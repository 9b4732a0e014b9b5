// A unit's master key registers, as its domain info tells them. Domain info is not signed: it says what to try, and the signed
// answers to commit and finalize, which name the pattern, say what is so.

import { queryDomainInfo } from "../commands/query-domain-info.ts";
import { currentRegisterStatus, type DomainInfo, newRegisterStatus, RegisterStatus } from "../wire/domain-info.ts";
import { mismatch } from "./answer.ts";
import { type InfoJob, infoJob } from "./job.ts";
import type { CryptoUnit } from "./units.ts";

export { RegisterStatus };

export interface Register {
  readonly status: RegisterStatus;
  /** 32 bytes; zeros if the register is empty. */
  readonly pattern: Uint8Array;
}

export interface Registers {
  /** Empty or Valid. */
  readonly current: Register;
  /** Empty, Full Uncommitted or Full Committed. */
  readonly next: Register;
}

/** Bytes of a verification pattern that count: older modules fill the other four differently (unit-behaviour.md 6.2). */
const COMPARED = 28;

/** Whether two verification patterns are of the same key. */
export function samePattern(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < COMPARED; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function registersJob(unit: CryptoUnit): InfoJob<Registers> {
  const decode = (payload: Uint8Array): Registers => {
    const info = queryDomainInfo.decodeOutput(payload);
    if (info.domain === unit.domainIndex) return registersOf(info);
    throw mismatch(unit, "answer", "domain", `${unit.domainIndex}`, `${info.domain}`);
  };
  return { ...infoJob(unit, queryDomainInfo), decode };
}

/** The registers in a domain info, copied out of it. */
function registersOf(info: DomainInfo): Registers {
  return {
    current: { status: currentRegisterStatus(info), pattern: info.currentPattern.slice() },
    next: { status: newRegisterStatus(info), pattern: info.newPattern.slice() },
  };
}
