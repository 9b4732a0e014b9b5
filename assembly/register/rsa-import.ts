// Import into the new register with an RSA importer key. The key is the host's, which decrypts; what the card gets are blocks with
// their padding still on. Right or wrong, they take one path: only the status, which the unit tells anyway, says which it was.

import { PATTERN_VALUE, TRANSFER_KEY } from "../layout";
import { assignBytes, equalBytes, mask32 } from "../lib/ct";
import { Status } from "../status";
import { KEY_BYTES, pattern, PATTERN_BYTES } from "./pattern";
import { BLOCK_BYTES, xorUnpadded } from "./rsa-unpad";
import { MAX_PARTS, MAX_PARTS_OF_KEY } from "./transfer";
import {
  HAS_CURRENT, HAS_HOST_IMPORTER, HAS_NEW, IS_COMMITTED, isUnit, setUnitFlags, unitCurrent, unitFlags, unitNew,
} from "./unit-slots";

// A job: slot | blocks, 1..20 | status | unused; u32 each | pattern of the key, 32 bytes
// @ts-ignore: decorator
@inline const JOB: usize = 48;
// @ts-ignore: decorator
@inline const COUNT: usize = 4;
// @ts-ignore: decorator
@inline const STATUS: usize = 8;
// @ts-ignore: decorator
@inline const PATTERN: usize = 16;

/**
 * Imports into new registers. In: n = 1..64 jobs of 48 bytes; all jobs' blocks of 256 bytes, one job's after the other's, 64 at most.
 * A job's status: Ok, its new register holds the XOR of the key parts, uncommitted, whose pattern follows; NoImporter; BadWrap if the
 * padding of a block is wrong; SameKey as the current register's. With these its unit is what it was.
 * EmptySlot, BadArgument: nothing done.
 */
export function wkImportBlocks(n: u32, jobs: usize, blocks: usize): Status {
  let total: u32 = 0;
  for (let job = jobs, end = jobs + <usize>n * JOB; job < end; job += JOB) {
    if (!isUnit(load<u32>(job))) return Status.EmptySlot;
    const count = load<u32>(job, COUNT);
    if (count - 1 >= MAX_PARTS_OF_KEY || count > MAX_PARTS - total) return Status.BadArgument;
    total += count;
  }
  for (let job = jobs, end = jobs + <usize>n * JOB; job < end; job += JOB) {
    const slot = load<u32>(job);
    const count = load<u32>(job, COUNT);
    if (unitFlags(slot) & HAS_HOST_IMPORTER) loadBlocks(job, slot, blocks, count);
    else store<u32>(job, Status.NoImporter, STATUS);
    blocks += count * BLOCK_BYTES;
  }
  return Status.Ok;
}

/** The job's status and, if it is Ok, new := the XOR of the key parts. No branch and no address says which it is. */
function loadBlocks(job: usize, slot: u32, blocks: usize, count: u32): void {
  const flags = unitFlags(slot);
  memory.fill(TRANSFER_KEY, 0, KEY_BYTES);
  let good = xorUnpadded(TRANSFER_KEY, blocks);
  for (let i: u32 = 1; i < count; i++) good &= xorUnpadded(TRANSFER_KEY, blocks + i * BLOCK_BYTES);
  const same = equalBytes(TRANSFER_KEY, unitCurrent(slot), KEY_BYTES) & <u32>((flags & HAS_CURRENT) != 0);
  const loads = good & (same ^ 1);

  assignBytes(unitNew(slot), TRANSFER_KEY, KEY_BYTES, loads);
  setUnitFlags(slot, flags ^ ((flags ^ ((flags | HAS_NEW) & ~IS_COMMITTED)) & mask32(loads)));
  pattern(PATTERN_VALUE, TRANSFER_KEY);
  memory.fill(job + PATTERN, 0, PATTERN_BYTES);
  assignBytes(job + PATTERN, PATTERN_VALUE, PATTERN_BYTES, loads);
  const status = (<u32>Status.BadWrap & mask32(good ^ 1)) | (<u32>Status.SameKey & mask32(good & same)); // else Ok, which is 0
  store<u32>(job, status, STATUS);
  memory.fill(TRANSFER_KEY, 0, KEY_BYTES);
  memory.fill(PATTERN_VALUE, 0, PATTERN_BYTES);
}
