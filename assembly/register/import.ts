// Import into the new register: the XOR of parts that were encrypted for the unit's importer key.

import { TRANSFER_EC_JOBS, TRANSFER_KEY, TRANSFER_WRAP_JOBS } from "../layout";
import { keyUnwrapMany } from "../aes/keywrap";
import { equalBytes } from "../lib/ct";
import { ecdhMany } from "../p521/ecdh";
import { jobStatus } from "../p521/jobs";
import { Status } from "../status";
import { KEY_BYTES, pattern } from "./pattern";
import { loadNew } from "./registers";
import {
  clearAt, deriveKek, kekAt, MAX_PARTS, MAX_PARTS_OF_KEY, partAt, PART_UKM, PART_WRAPPED, secretAt, setJob, wipeTransfer, xorKey,
} from "./transfer";
import { HAS_CURRENT, HAS_IMPORTER, isUnit, unitCurrent, unitFlags, unitImporter } from "./unit-slots";

// A job: slot | parts, 1..20 | status | index of a bad part; u32 each | pattern of the key, 32 bytes
// @ts-ignore: decorator
@inline const JOB: usize = 48;
// @ts-ignore: decorator
@inline const COUNT: usize = 4;
// @ts-ignore: decorator
@inline const STATUS: usize = 8;
// @ts-ignore: decorator
@inline const INDEX: usize = 12;
// @ts-ignore: decorator
@inline const PATTERN: usize = 16;

/**
 * Imports into new registers. In: n = 1..64 jobs of 48 bytes; all jobs' encrypted parts of 213 bytes, one job's after the other's,
 * 64 at most. A job's status: Ok, its new register holds the key, uncommitted, whose pattern follows; NoImporter; BadPoint or BadWrap
 * with the index of the first bad part; SameKey as the current register's. With these its unit is what it was.
 * EmptySlot, BadArgument: nothing done.
 */
export function wkImport(n: u32, jobs: usize, parts: usize): Status {
  let total: u32 = 0;
  for (let job = jobs, end = jobs + <usize>n * JOB; job < end; job += JOB) {
    if (!isUnit(load<u32>(job))) return Status.EmptySlot;
    const count = load<u32>(job, COUNT);
    if (count - 1 >= MAX_PARTS_OF_KEY || count > MAX_PARTS - total) return Status.BadArgument;
    total += count;
  }
  const live = gather(jobs, jobs + <usize>n * JOB, parts);
  if (live > 0) openParts(live);
  for (let job = jobs, first: u32 = 0, end = jobs + <usize>n * JOB; job < end; job += JOB) {
    if (!hasImporter(job)) {
      store<u32>(job, Status.NoImporter, STATUS);
      continue;
    }
    store<u32>(job, loadKey(job, first), STATUS);
    first += load<u32>(job, COUNT);
  }
  wipeTransfer(total);
  return Status.Ok;
}

// @ts-ignore: decorator
@inline
function hasImporter(job: usize): bool {
  return (unitFlags(load<u32>(job)) & HAS_IMPORTER) != 0;
}

/** The parts of all jobs with an importer key, as jobs for ecdhMany, without gaps; how many they are. */
function gather(jobs: usize, end: usize, parts: usize): u32 {
  let live: u32 = 0;
  for (let job = jobs; job < end; job += JOB) {
    const count = load<u32>(job, COUNT);
    if (hasImporter(job)) {
      for (let i: u32 = 0; i < count; i++) {
        setJob(TRANSFER_EC_JOBS, live + i, unitImporter(load<u32>(job)), partAt(parts, i), secretAt(live + i));
      }
      live += count;
    }
    parts = partAt(parts, count);
  }
  return live;
}

/** Opens n parts.  Out: statuses of ecdhMany and of keyUnwrapMany; the parts in the clear. */
function openParts(n: u32): void {
  ecdhMany(n, TRANSFER_EC_JOBS);
  for (let i: u32 = 0; i < n; i++) {
    const part: usize = load<u32>(TRANSFER_EC_JOBS + (<usize>i << 4), 4);
    deriveKek(i, part + PART_UKM);
    setJob(TRANSFER_WRAP_JOBS, i, kekAt(i), part + PART_WRAPPED, clearAt(i));
  }
  keyUnwrapMany(n, TRANSFER_WRAP_JOBS, KEY_BYTES);
}

/** new := the sum of the job's parts, from `first`, if all is well. Returns the job's status. */
function loadKey(job: usize, first: u32): Status {
  const slot = load<u32>(job);
  const count = load<u32>(job, COUNT);
  memory.fill(TRANSFER_KEY, 0, KEY_BYTES);
  for (let i: u32 = 0; i < count; i++) {
    let status = jobStatus(TRANSFER_EC_JOBS, first + i);
    if (status == Status.Ok) status = jobStatus(TRANSFER_WRAP_JOBS, first + i);
    if (status != Status.Ok) {
      store<u32>(job, i, INDEX);
      return status;
    }
    xorKey(TRANSFER_KEY, clearAt(first + i));
  }
  if ((unitFlags(slot) & HAS_CURRENT) && equalBytes(TRANSFER_KEY, unitCurrent(slot), KEY_BYTES)) return Status.SameKey;
  loadNew(slot);
  pattern(job + PATTERN, TRANSFER_KEY);
  return Status.Ok;
}
