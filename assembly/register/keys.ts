// P-521 private keys in their slots: made, taken in, forgotten; and importer keys, which live in the units' slots.

import { SIGN_JOBS } from "../layout";
import { JOB_BYTES, jobStatus, MAX_JOBS } from "../p521/jobs";
import { keypairMany, publicKeyMany } from "../p521/keypair";
import { Status } from "../status";
import { isFreeKey, isKey, keyOccupy, keyScalar, keyWipe, POINT_BYTES, SCALAR_BYTES } from "./key-slots";
import { HAS_HOST_IMPORTER, HAS_IMPORTER, isUnit, setUnitFlags, unitFlags, unitImporter } from "./unit-slots";

/** Sets a and b of job j in SIGN_JOBS. */
function keyJob(j: u32, scalar: usize, point: usize): void {
  const job = SIGN_JOBS + <usize>j * JOB_BYTES;
  store<u32>(job, scalar);
  store<u32>(job, point, 4);
}

function wipeJobs(n: u32): void {
  memory.fill(SIGN_JOBS, 0, <usize>n * JOB_BYTES);
}

// @ts-ignore: decorator
@inline
function slotAt(slots: usize, i: u32): u32 {
  return load<u32>(slots + (<usize>i << 2));
}

/**
 * Fresh keys for n = 1..64 free slots, whose numbers stand at `slots`, u32 each; their public keys, 133 bytes each, at `points`.
 * BadArgument if a slot is not free; NeedEntropy (KEYPAIR_ENTROPY for each): nothing done.
 */
export function keyGenerate(n: u32, slots: usize, points: usize): Status {
  if (n > MAX_JOBS) return Status.BadArgument;
  for (let i: u32 = 0; i < n; i++) if (!isFreeKey(slotAt(slots, i))) return Status.BadArgument;
  for (let i: u32 = 0; i < n; i++) keyJob(i, keyScalar(slotAt(slots, i)), points + i * POINT_BYTES);
  const status = keypairMany(n, SIGN_JOBS);
  wipeJobs(n);
  if (status != Status.Ok) return status;
  for (let i: u32 = 0; i < n; i++) keyOccupy(slotAt(slots, i), points + i * POINT_BYTES);
  return Status.Ok;
}

/** The free slot takes the 66-byte scalar; its public key goes to `point`. BadScalar: not in 1..n-1, nothing done. */
export function keyImport(slot: u32, scalar: usize, point: usize): Status {
  if (!isFreeKey(slot)) return Status.BadArgument;
  keyJob(0, scalar, point);
  publicKeyMany(1, SIGN_JOBS);
  const status = jobStatus(SIGN_JOBS, 0);
  wipeJobs(1);
  if (status != Status.Ok) return status;
  memory.copy(keyScalar(slot), scalar, SCALAR_BYTES);
  keyOccupy(slot, point);
  return Status.Ok;
}

/** Wipes the slot. */
export function keyFree(slot: u32): Status {
  if (!isKey(slot)) return Status.EmptySlot;
  keyWipe(slot);
  return Status.Ok;
}

/**
 * Replaces the importer keys of the n = 1..64 units whose slot numbers stand at `slots`; their public keys go to `points`. Of a
 * unit named twice the later key stays. EmptySlot; NeedEntropy (KEYPAIR_ENTROPY for each): nothing done.
 */
export function importerGenerate(n: u32, slots: usize, points: usize): Status {
  if (n > MAX_JOBS) return Status.BadArgument;
  for (let i: u32 = 0; i < n; i++) if (!isUnit(slotAt(slots, i))) return Status.EmptySlot;
  for (let i: u32 = 0; i < n; i++) keyJob(i, unitImporter(slotAt(slots, i)), points + i * POINT_BYTES);
  const status = keypairMany(n, SIGN_JOBS);
  wipeJobs(n);
  if (status != Status.Ok) return status;
  for (let i: u32 = 0; i < n; i++) {
    const flags = unitFlags(slotAt(slots, i));
    setUnitFlags(slotAt(slots, i), (flags & ~HAS_HOST_IMPORTER) | HAS_IMPORTER);
  }
  return Status.Ok;
}

/** The unit's importer key is one of the host's from now on; its own is wiped. */
export function importerOnHost(slot: u32): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  memory.fill(unitImporter(slot), 0, SCALAR_BYTES);
  setUnitFlags(slot, (unitFlags(slot) & ~HAS_IMPORTER) | HAS_HOST_IMPORTER);
  return Status.Ok;
}
