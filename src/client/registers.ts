// A unit's master key registers, as its domain info tells them. Domain info is not signed: it says what to try, and the signed
// answers to commit and finalize, which name the pattern, say what is so.

import { currentRegisterStatus, type DomainInfo, newRegisterStatus, RegisterStatus } from "../wire/domain-info.ts";

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

/** The registers in a domain info, copied out of it. */
export function registersOf(info: DomainInfo): Registers {
  return {
    current: { status: currentRegisterStatus(info), pattern: info.currentPattern.slice() },
    next: { status: newRegisterStatus(info), pattern: info.newPattern.slice() },
  };
}
