// Batches of exports and imports of master keys.

import { MAX_BATCH, RECORD, SIZE } from "./abi.ts";
import type { EncryptedPart, ExportJob, ExportResult, ImportJob, ImportResult } from "./api.ts";
import { type Card, expectOk, runEnd } from "./card.ts";
import { fixed, inRange } from "./checks.ts";
import { Status } from "./status.ts";

/** Parts of one key. */
export const MAX_PARTS = 20;
const EXPORT = { status: 16, recipient: 20 } as const;
const IMPORT = { status: 8, part: 12, pattern: 16 } as const;
const PART = { originator: 0, ukm: 133, wrapped: 173 } as const;

/** Sizes never bind: 64 parts are far less than the exchange region. */
const small = () => 0;

// --- export ---

const recipientsOf = (job: ExportJob) => job.recipients.length;

/** In: jobs whose slots are in use. */
export function exportAll(card: Card, jobs: readonly ExportJob[]): ExportResult[] {
  for (const { recipients } of jobs) {
    inRange("number of recipients", recipients.length, 1, MAX_PARTS);
    for (const recipient of recipients) fixed("recipient", recipient, SIZE.point);
  }
  const results: ExportResult[] = [];
  while (results.length < jobs.length) {
    const from = results.length;
    exportRun(card, jobs.slice(from, runEnd(jobs, from, MAX_BATCH, recipientsOf, card.room, small)), results);
  }
  return results;
}

function exportRun(card: Card, jobs: readonly ExportJob[], into: ExportResult[]): void {
  const mark = card.mark();
  try {
    let total = 0;
    for (const job of jobs) total += job.recipients.length;
    const records = card.reserve(jobs.length * RECORD.export);
    const recipients = card.reserve(total * SIZE.point);
    const parts = card.reserve(total * RECORD.part);
    let recipient = recipients;
    for (const [i, job] of jobs.entries()) {
      const { slot, register, split } = job;
      card.setJob(records + i * RECORD.export, slot, register === "next" ? 1 : 0, split ? 1 : 0, job.recipients.length);
      for (const key of job.recipients) {
        card.write(recipient, key);
        recipient += SIZE.point;
      }
    }
    card.needEntropy();
    expectOk(card.run.wkExport(jobs.length, records, recipients, parts));
    takeExports(card, records, jobs, parts, into);
  } finally {
    card.release(mark);
  }
}

function takeExports(
  card: Card,
  records: number,
  jobs: readonly ExportJob[],
  parts: number,
  into: ExportResult[],
): void {
  let part = parts;
  for (const [i, job] of jobs.entries()) {
    const record = records + i * RECORD.export;
    const status = card.status(record + EXPORT.status);
    if (status === Status.Ok)
      into.push({ status, parts: job.recipients.map((_, k) => takePart(card, part + k * RECORD.part)) });
    else if (status === Status.BadPoint) into.push({ status, recipient: card.u32(record + EXPORT.recipient) });
    else into.push({ status });
    part += job.recipients.length * RECORD.part;
  }
}

function takePart(card: Card, at: number): EncryptedPart {
  return {
    originator: card.take(at + PART.originator, SIZE.point),
    ukm: card.take(at + PART.ukm, SIZE.ukm),
    wrapped: card.take(at + PART.wrapped, SIZE.wrapped),
  };
}

// --- import ---

const partsOf = (job: ImportJob) => job.parts.length;

/** In: jobs whose slots are in use. */
export function importAll(card: Card, jobs: readonly ImportJob[]): ImportResult[] {
  for (const { parts } of jobs) {
    inRange("number of parts", parts.length, 1, MAX_PARTS);
    for (const part of parts) {
      fixed("originator", part.originator, SIZE.point);
      fixed("ukm", part.ukm, SIZE.ukm);
      fixed("wrapped", part.wrapped, SIZE.wrapped);
    }
  }
  const results: ImportResult[] = [];
  while (results.length < jobs.length) {
    const from = results.length;
    importRun(card, jobs.slice(from, runEnd(jobs, from, MAX_BATCH, partsOf, card.room, small)), results);
  }
  return results;
}

function importRun(card: Card, jobs: readonly ImportJob[], into: ImportResult[]): void {
  const mark = card.mark();
  try {
    let total = 0;
    for (const job of jobs) total += job.parts.length;
    const records = card.reserve(jobs.length * RECORD.import);
    const parts = card.reserve(total * RECORD.part);
    let at = parts;
    for (const [i, job] of jobs.entries()) {
      card.setU32(records + i * RECORD.import, job.slot);
      card.setU32(records + i * RECORD.import + 4, job.parts.length);
      for (const part of job.parts) at = putPart(card, at, part);
    }
    expectOk(card.run.wkImport(jobs.length, records, parts));
    for (let i = 0; i < jobs.length; i++) into.push(takeImport(card, records + i * RECORD.import));
  } finally {
    card.release(mark);
  }
}

/** Address of the part after this one. */
function putPart(card: Card, at: number, part: EncryptedPart): number {
  card.write(at + PART.originator, part.originator);
  card.write(at + PART.ukm, part.ukm);
  card.write(at + PART.wrapped, part.wrapped);
  return at + RECORD.part;
}

function takeImport(card: Card, record: number): ImportResult {
  const status = card.status(record + IMPORT.status);
  if (status === Status.Ok) return { status, pattern: card.take(record + IMPORT.pattern, SIZE.pattern) };
  if (status === Status.BadPoint || status === Status.BadWrap) return { status, part: card.u32(record + IMPORT.part) };
  return { status };
}
