// Root keys of simulated key storages: random keys of 32 bytes that exist in the clear in the card alone, wrapped under a unit's
// current master key, and in a rotation under the new one before it becomes current.
//
//   version 01 | first 16 bytes of the master key's pattern | nonce 32 | wrapped key 40
//
//   KEK     = the first 32 bytes of HMAC-SHA-512(master key, "OpenTKE root key" | version | pattern | nonce)
//   wrapped = RFC 3394 wrap of the root key under KEK
//
// The master key itself wraps nothing, so that no key has two uses. As in EP11 the pattern's first half names the master key that
// a blob belongs to; the KEK depends on all that stands before the wrapped key.

import { SEAL_HMAC, SEAL_KEYS, TRANSFER_KEY, TRANSFER_WRAP_JOBS } from "../layout";
import { keyUnwrapMany, keyWrapMany } from "../aes/keywrap";
import { equalBytes } from "../lib/ct";
import { entropyLeft, entropyTake } from "../lib/entropy";
import { jobStatus, setJobStatus } from "../p521/jobs";
import { hmacSha512Final, hmacSha512Init, hmacSha512Update } from "../sha2/hmac-sha512";
import { Status } from "../status";
import { KEY_BYTES, pattern, PATTERN_BYTES } from "./pattern";
import { clearAt, kekAt, MAX_PARTS, setJob, wipeTransfer } from "./transfer";
import { HAS_CURRENT, HAS_NEW, IS_COMMITTED, isUnit, unitCurrent, unitFlags, unitNew } from "./unit-slots";

// @ts-ignore: decorator
@inline const VERSION: u8 = 1;
// @ts-ignore: decorator
@inline const ID_BYTES: u32 = 16;
// @ts-ignore: decorator
@inline const NONCE_BYTES: u32 = 32;
// @ts-ignore: decorator
@inline const HEADER_BYTES: u32 = 1 + ID_BYTES + NONCE_BYTES;
/** Bytes of a root key's blob. */
export const ROOT_KEY_BYTES: u32 = HEADER_BYTES + KEY_BYTES + 8;

/** "OpenTKE root key" */
const LABEL = memory.data<u8>([0x4f, 0x70, 0x65, 0x6e, 0x54, 0x4b, 0x45, 0x20, 0x72, 0x6f, 0x6f, 0x74, 0x20, 0x6b, 0x65, 0x79]);
// @ts-ignore: decorator
@inline const LABEL_BYTES: u32 = 16;

/** KEK i := what follows from the master key and the header at `blob`. */
function deriveKek(i: u32, masterKey: usize, blob: usize): void {
  hmacSha512Init(SEAL_HMAC, masterKey, KEY_BYTES);
  hmacSha512Update(SEAL_HMAC, LABEL, LABEL_BYTES);
  hmacSha512Update(SEAL_HMAC, blob, HEADER_BYTES);
  hmacSha512Final(SEAL_KEYS, SEAL_HMAC);
  memory.copy(kekAt(i), SEAL_KEYS, KEY_BYTES);
  memory.fill(SEAL_KEYS, 0, 64);
}

/** Header of a blob under `masterKey` with a fresh nonce, and KEK i that follows from both. */
function newHeader(i: u32, masterKey: usize, blob: usize): void {
  store<u8>(blob, VERSION);
  pattern(blob + 1, masterKey); // the nonce covers its second half
  entropyTake(blob + 1 + ID_BYTES, NONCE_BYTES);
  deriveKek(i, masterKey, blob);
}

/** Opens n blobs under the unit's current key: root keys in the clear, statuses of the wrap jobs Ok or BadWrap. */
function openBlobs(slot: u32, n: u32, blobs: usize): void {
  const masterKey = unitCurrent(slot);
  for (let i: u32 = 0; i < n; i++) {
    const blob = blobs + i * ROOT_KEY_BYTES;
    deriveKek(i, masterKey, blob);
    setJob(TRANSFER_WRAP_JOBS, i, kekAt(i), blob + HEADER_BYTES, clearAt(i));
  }
  keyUnwrapMany(n, TRANSFER_WRAP_JOBS, KEY_BYTES);
  pattern(TRANSFER_KEY, masterKey);
  for (let i: u32 = 0; i < n; i++) {
    const blob = blobs + i * ROOT_KEY_BYTES;
    const own = load<u8>(blob) == VERSION && equalBytes(TRANSFER_KEY, blob + 1, ID_BYTES);
    if (!own) setJobStatus(TRANSFER_WRAP_JOBS, i, Status.BadWrap);
  }
}

// @ts-ignore: decorator
@inline const MADE_BYTES: usize = ROOT_KEY_BYTES + PATTERN_BYTES;

/**
 * n = 0..64 fresh root keys under the unit's current key. Out: for each its blob and its pattern, ROOT_KEY_BYTES + 32.
 * EmptySlot, CurrentEmpty, NeedEntropy (64 bytes each): nothing done.
 */
export function rootKeyGenerate(slot: u32, n: u32, out: usize): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  if (n > MAX_PARTS) return Status.BadArgument;
  if (!(unitFlags(slot) & HAS_CURRENT)) return Status.CurrentEmpty;
  if (entropyLeft() < n * (KEY_BYTES + NONCE_BYTES)) return Status.NeedEntropy;
  for (let i: u32 = 0; i < n; i++) {
    const blob = out + <usize>i * MADE_BYTES;
    newHeader(i, unitCurrent(slot), blob);
    entropyTake(clearAt(i), KEY_BYTES);
    pattern(blob + ROOT_KEY_BYTES, clearAt(i));
    setJob(TRANSFER_WRAP_JOBS, i, kekAt(i), clearAt(i), blob + HEADER_BYTES);
  }
  keyWrapMany(n, TRANSFER_WRAP_JOBS, KEY_BYTES);
  wipeTransfer(n);
  return Status.Ok;
}

// @ts-ignore: decorator
@inline const FOUND_BYTES: usize = PATTERN_BYTES + 4;

/**
 * Opens n = 0..64 blobs of ROOT_KEY_BYTES, one after the other, under the unit's current key. Out: for each the root key's
 * pattern and u32 Ok, or zeros and BadWrap. EmptySlot, CurrentEmpty: nothing done.
 */
export function rootKeyPatterns(slot: u32, n: u32, blobs: usize, out: usize): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  if (n > MAX_PARTS) return Status.BadArgument;
  if (!(unitFlags(slot) & HAS_CURRENT)) return Status.CurrentEmpty;
  openBlobs(slot, n, blobs);
  for (let i: u32 = 0; i < n; i++) {
    const found = out + <usize>i * FOUND_BYTES;
    const status = jobStatus(TRANSFER_WRAP_JOBS, i);
    if (status == Status.Ok) pattern(found, clearAt(i));
    else memory.fill(found, 0, PATTERN_BYTES);
    store<u32>(found, status, PATTERN_BYTES);
  }
  wipeTransfer(n);
  return Status.Ok;
}

// @ts-ignore: decorator
@inline const REWRAPPED_BYTES: usize = ROOT_KEY_BYTES + PATTERN_BYTES + 4;

/**
 * Re-encrypts n = 0..64 blobs of ROOT_KEY_BYTES, one after the other, from the unit's current key to its new one, with fresh
 * nonces. Out, apart from the blobs: for each its new blob, the root key's pattern and u32 Ok, or zeros and BadWrap.
 * EmptySlot, CurrentEmpty, NewEmpty, NotCommitted, NeedEntropy (32 bytes each): nothing done.
 */
export function rootKeyRewrap(slot: u32, n: u32, blobs: usize, out: usize): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  if (n > MAX_PARTS) return Status.BadArgument;
  const flags = unitFlags(slot);
  if (!(flags & HAS_CURRENT)) return Status.CurrentEmpty;
  if (!(flags & HAS_NEW)) return Status.NewEmpty;
  if (!(flags & IS_COMMITTED)) return Status.NotCommitted;
  if (entropyLeft() < n * NONCE_BYTES) return Status.NeedEntropy;
  openBlobs(slot, n, blobs);
  let opened: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const blob = out + <usize>i * REWRAPPED_BYTES;
    const status = jobStatus(TRANSFER_WRAP_JOBS, i);
    store<u32>(blob, status, ROOT_KEY_BYTES + PATTERN_BYTES);
    if (status != Status.Ok) {
      memory.fill(blob, 0, ROOT_KEY_BYTES + PATTERN_BYTES);
      continue;
    }
    newHeader(i, unitNew(slot), blob);
    pattern(blob + ROOT_KEY_BYTES, clearAt(i));
    // Jobs before this one have been read: what opened moves up.
    setJob(TRANSFER_WRAP_JOBS, opened++, kekAt(i), clearAt(i), blob + HEADER_BYTES);
  }
  keyWrapMany(opened, TRANSFER_WRAP_JOBS, KEY_BYTES);
  wipeTransfer(n);
  return Status.Ok;
}
