// Whether a store agrees with itself: its audit log verifies, and every unit is what the log last said of it.

import { equal, fromHex } from "../../bytes.ts";
import type { Registers } from "../../core/api.ts";
import { AuditError, type AuditHead, type AuditRecord, decodeRecord } from "../audit/records.ts";
import { type AuditReport, AuditVerifier, type VerifyOptions } from "../audit/verify.ts";
import type { SqliteStore } from "./sqlite-store.ts";
import type { StoredUnit } from "./unit-table.ts";

/**
 * Verifies the audit log of a store, and that log, fleet and units agree.
 * @throws AuditError for the first thing that is not as it should be.
 */
export function verifyStore(store: SqliteStore, options: Omit<VerifyOptions, "sealed">): AuditReport {
  const verifier = new AuditVerifier({ ...options, sealed: false });
  const head = store.head();
  for (const line of store.auditLines()) verifier.add(line);
  const report = verifier.finish();
  if (!sameHead(report.head, head))
    throw new AuditError(
      report.records,
      `the log ends at record ${report.records}, the store's own head at ${head.records}`,
    );
  let units = 0;
  for (const unit of store.ends()) {
    units++;
    checkUnit(store, unit, verifier);
  }
  if (units !== report.units)
    throw new AuditError(report.records, `want the log's ${report.units} units in the store, got ${units}`);
  return report;
}

function checkUnit(store: SqliteStore, { state, end }: StoredUnit, { units }: AuditVerifier): void {
  const last = units.get(state.id);
  if (last?.sequence !== end.sequence || last.hash !== end.hash || last.position !== end.position)
    throw new AuditError(end.position, `want the last record of unit ${state.id}, got another`);
  const record = decodeRecord(store.auditLine(end.position)!, end.position);
  if (!isOf(record, state))
    throw new AuditError(end.position, `unit ${state.id} is not in the state that its last record says`);
}

function isOf(record: AuditRecord, { counter, registers, serial }: StoredUnit["state"]): boolean {
  if (record.type === "unit")
    return record.module === serial && equal(fromHex(record.counter), counter) && !registers.current && !registers.next;
  return record.type === "command" && equal(fromHex(record.counter), counter) && sameRegisters(record.after, registers);
}

function sameRegisters(
  { current, next, committed }: Extract<AuditRecord, { type: "command" }>["after"],
  registers: Registers,
): boolean {
  const same = (text: string | null, bytes: Uint8Array | undefined | null): boolean =>
    text === null ? bytes == null : bytes != null && equal(fromHex(text), bytes);
  return (
    same(current, registers.current) &&
    same(next, registers.next?.pattern) &&
    committed === (registers.next?.committed ?? false)
  );
}

function sameHead(a: AuditHead, b: AuditHead): boolean {
  return a.records === b.records && a.hash === b.hash && a.root === b.root;
}
