// Export of a register: each recipient gets the key, or a random part of it, wrapped under a key agreed with an ephemeral key pair.

import { TRANSFER_EC_JOBS, TRANSFER_WRAP_JOBS } from "../layout";
import { keyWrapMany } from "../aes/keywrap";
import { UKM_BYTES } from "../kdf/shared-info";
import { entropyLeft, entropyTake } from "../lib/entropy";
import { ecdhMany } from "../p521/ecdh";
import { jobStatus } from "../p521/jobs";
import { KEYPAIR_ENTROPY, keypairMany } from "../p521/keypair";
import { Status } from "../status";
import { POINT_BYTES } from "./key-slots";
import { KEY_BYTES } from "./pattern";
import {
  clearAt, deriveKek, kekAt, MAX_PARTS, MAX_PARTS_OF_KEY, partAt, PART_BYTES, PART_UKM, PART_WRAPPED, scalarAt, secretAt, setJob,
  wipeTransfer, xorKey,
} from "./transfer";
import { HAS_CURRENT, HAS_NEW, isUnit, unitCurrent, unitFlags, unitNew } from "./unit-slots";

// A job: slot | register: 0 current, 1 new | split: 0, 1 | recipients, 1..20 | status | index of a bad recipient; u32 each
// @ts-ignore: decorator
@inline const JOB: usize = 24;
// @ts-ignore: decorator
@inline const REGISTER: usize = 4;
// @ts-ignore: decorator
@inline const SPLIT: usize = 8;
// @ts-ignore: decorator
@inline const COUNT: usize = 12;
// @ts-ignore: decorator
@inline const STATUS: usize = 16;
// @ts-ignore: decorator
@inline const INDEX: usize = 20;

/** Entropy that a part takes at most: an ephemeral key, the UKM, a random part. */
// @ts-ignore: decorator
@inline const PART_ENTROPY: u32 = KEYPAIR_ENTROPY + UKM_BYTES + KEY_BYTES;

/**
 * Exports registers. In: n = 1..64 jobs of 24 bytes; all jobs' recipients, one job's after the other's, 64 at most: public keys of
 * 133 bytes. Out: as many encrypted parts of 213 bytes; zeros for a job whose status is not Ok. A job's status: Ok, CurrentEmpty,
 * NewEmpty, BadPoint. EmptySlot, BadArgument, NeedEntropy (PART_ENTROPY for each recipient): nothing done.
 */
export function wkExport(n: u32, jobs: usize, recipients: usize, parts: usize): Status {
  let total: u32 = 0;
  for (let job = jobs, end = jobs + <usize>n * JOB; job < end; job += JOB) {
    if (!isUnit(load<u32>(job))) return Status.EmptySlot;
    const count = load<u32>(job, COUNT);
    if (count - 1 >= MAX_PARTS_OF_KEY || count > MAX_PARTS - total) return Status.BadArgument;
    total += count;
  }
  if (entropyLeft() < total * PART_ENTROPY) return Status.NeedEntropy;
  agree(total, recipients, parts);
  for (let job = jobs, first: u32 = 0, end = jobs + <usize>n * JOB; job < end; job += JOB) {
    store<u32>(job, fillParts(job, first), STATUS);
    first += load<u32>(job, COUNT);
  }
  for (let i: u32 = 0; i < total; i++) setJob(TRANSFER_WRAP_JOBS, i, kekAt(i), clearAt(i), partAt(parts, i) + PART_WRAPPED);
  keyWrapMany(total, TRANSFER_WRAP_JOBS, KEY_BYTES);
  for (let job = jobs, first: u32 = 0, end = jobs + <usize>n * JOB; job < end; job += JOB) {
    const count = load<u32>(job, COUNT);
    if (load<u32>(job, STATUS) != Status.Ok) memory.fill(partAt(parts, first), 0, count * PART_BYTES);
    first += count;
  }
  wipeTransfer(total);
  return Status.Ok;
}

/** Each part's ephemeral key pair, UKM and key.  Out: the statuses of ecdhMany at TRANSFER_EC_JOBS. */
function agree(total: u32, recipients: usize, parts: usize): void {
  for (let i: u32 = 0; i < total; i++) setJob(TRANSFER_EC_JOBS, i, scalarAt(i), partAt(parts, i), 0);
  keypairMany(total, TRANSFER_EC_JOBS);
  for (let i: u32 = 0; i < total; i++) {
    entropyTake(partAt(parts, i) + PART_UKM, UKM_BYTES);
    setJob(TRANSFER_EC_JOBS, i, scalarAt(i), recipients + i * POINT_BYTES, secretAt(i));
  }
  ecdhMany(total, TRANSFER_EC_JOBS);
  for (let i: u32 = 0; i < total; i++) deriveKek(i, partAt(parts, i) + PART_UKM);
}

/** The job's parts in the clear := the register's key, or random parts that add up to it. Returns the job's status. */
function fillParts(job: usize, first: u32): Status {
  const slot = load<u32>(job);
  const isNew = load<u32>(job, REGISTER);
  if (!(unitFlags(slot) & (isNew ? HAS_NEW : HAS_CURRENT))) return isNew ? Status.NewEmpty : Status.CurrentEmpty;
  const key = isNew ? unitNew(slot) : unitCurrent(slot);
  const end = first + load<u32>(job, COUNT);
  for (let i = first; i < end; i++) {
    if (jobStatus(TRANSFER_EC_JOBS, i) == Status.Ok) continue;
    store<u32>(job, i - first, INDEX);
    return Status.BadPoint;
  }
  if (!load<u32>(job, SPLIT)) {
    for (let i = first; i < end; i++) memory.copy(clearAt(i), key, KEY_BYTES);
    return Status.Ok;
  }
  const last = clearAt(end - 1);
  memory.copy(last, key, KEY_BYTES);
  for (let i = first; i < end - 1; i++) {
    entropyTake(clearAt(i), KEY_BYTES);
    xorKey(last, clearAt(i));
  }
  return Status.Ok;
}
