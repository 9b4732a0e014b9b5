// RSA keys, the ones that are not the card's: sealed by it, and the key parts that they decrypt.

import { MAX_BATCH, RECORD, SIZE } from "./abi.ts";
import type { BlockImportJob, ImportResult } from "./api.ts";
import { type Card, expectOk, runEnd } from "./card.ts";
import { fixed, inRange } from "./checks.ts";
import { checkContext } from "./seals.ts";
import { Status } from "./status.ts";
import { MAX_PARTS } from "./transfer.ts";

// --- seals ---

/** Before a key of any length: its length, little-endian. */
const LENGTH_BYTES = 4;

export function sealHostKey(card: Card, key: Uint8Array, context: Uint8Array): Uint8Array {
  const { HOST_KEY_BYTES, SEALED_HOST_KEY_BYTES } = card.constants;
  checkContext(context);
  inRange("key length", key.length, 1, HOST_KEY_BYTES - LENGTH_BYTES);
  const mark = card.mark();
  try {
    const plain = card.reserve(HOST_KEY_BYTES);
    const blob = card.reserve(SEALED_HOST_KEY_BYTES);
    card.setU32(plain, key.length);
    card.write(plain + LENGTH_BYTES, key);
    card.needEntropy();
    expectOk(card.run.hostKeySeal(plain, card.put(context), context.length, blob));
    return card.take(blob, SEALED_HOST_KEY_BYTES);
  } finally {
    card.release(mark);
  }
}

/** null if the blob does not open. */
export function unsealHostKey(card: Card, blob: Uint8Array, context: Uint8Array): Uint8Array | null {
  const { HOST_KEY_BYTES, SEALED_HOST_KEY_BYTES } = card.constants;
  checkContext(context);
  if (blob.length !== SEALED_HOST_KEY_BYTES) return null;
  const mark = card.mark();
  try {
    const plain = card.reserve(HOST_KEY_BYTES);
    const status = card.run.hostKeyUnseal(plain, card.put(context), context.length, card.put(blob));
    if (status === Status.BadSeal) return null;
    expectOk(status);
    return card.take(plain + LENGTH_BYTES, card.u32(plain));
  } finally {
    card.release(mark);
  }
}

// --- import ---

const IMPORT = { status: 8, pattern: 16 } as const;

const blocksOf = (job: BlockImportJob) => job.blocks.length;

/** In: jobs whose slots are in use. */
export function importBlocks(card: Card, jobs: readonly BlockImportJob[]): ImportResult[] {
  for (const { blocks } of jobs) {
    inRange("number of blocks", blocks.length, 1, MAX_PARTS);
    for (const block of blocks) fixed("block", block, SIZE.rsaBlock);
  }
  const results: ImportResult[] = [];
  while (results.length < jobs.length) {
    const from = results.length;
    importRun(
      card,
      jobs.slice(
        from,
        runEnd(jobs, from, MAX_BATCH, blocksOf, card.room, () => 0),
      ),
      results,
    );
  }
  return results;
}

function importRun(card: Card, jobs: readonly BlockImportJob[], into: ImportResult[]): void {
  const mark = card.mark();
  try {
    const total = jobs.reduce((sum, { blocks }) => sum + blocks.length, 0);
    const records = card.reserve(jobs.length * RECORD.import);
    const all = card.reserve(total * SIZE.rsaBlock);
    let at = all;
    for (const [i, { slot, blocks }] of jobs.entries()) {
      card.setJob(records + i * RECORD.import, slot, blocks.length, 0);
      for (const block of blocks) {
        card.write(at, block);
        at += SIZE.rsaBlock;
      }
    }
    expectOk(card.run.wkImportBlocks(jobs.length, records, all));
    for (let i = 0; i < jobs.length; i++) into.push(takeResult(card, records + i * RECORD.import));
  } finally {
    card.release(mark);
  }
}

function takeResult(card: Card, record: number): ImportResult {
  const status = card.status(record + IMPORT.status);
  return status === Status.Ok ? { status, pattern: card.take(record + IMPORT.pattern, SIZE.pattern) } : { status };
}
