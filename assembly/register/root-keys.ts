// Root keys of simulated key storages: random keys of 32 bytes that exist in the clear in the card alone, wrapped under a unit's
// current master key.
//
//   version 01 | first 16 bytes of the master key's pattern | nonce 32 | wrapped key 40
//
//   KEK     = the first 32 bytes of HMAC-SHA-512(master key, "OpenTKE root key" | version | pattern | nonce)
//   wrapped = RFC 3394 wrap of the root key under KEK
//
// The master key itself wraps nothing, so that no key has two uses. As in EP11 the pattern's first half names the master key that
// a blob belongs to; the KEK depends on all that stands before the wrapped key.

import { SEAL_HMAC, SEAL_KEYS, TRANSFER_WRAP_JOBS } from "../layout";
import { keyUnwrapMany, keyWrapMany } from "../aes/keywrap";
import { equalBytes } from "../lib/ct";
import { entropyLeft, entropyTake } from "../lib/entropy";
import { jobStatus, setJobStatus } from "../p521/jobs";
import { hmacSha512Final, hmacSha512Init, hmacSha512Update } from "../sha2/hmac-sha512";
import { Status } from "../status";
import { KEY_BYTES, pattern, PATTERN_BYTES } from "./pattern";
import { clearAt, kekAt, MAX_PARTS, setJob, wipeTransfer } from "./transfer";
import { HAS_CURRENT, isUnit, unitCurrent, unitFlags } from "./unit-slots";

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

/** KEK i := what follows from the unit's current key and the header at `blob`. */
function deriveKek(i: u32, slot: u32, blob: usize): void {
  hmacSha512Init(SEAL_HMAC, unitCurrent(slot), KEY_BYTES);
  hmacSha512Update(SEAL_HMAC, LABEL, LABEL_BYTES);
  hmacSha512Update(SEAL_HMAC, blob, HEADER_BYTES);
  hmacSha512Final(SEAL_KEYS, SEAL_HMAC);
  memory.copy(kekAt(i), SEAL_KEYS, KEY_BYTES);
  memory.fill(SEAL_KEYS, 0, 64);
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
    store<u8>(blob, VERSION);
    pattern(blob + 1, unitCurrent(slot)); // the nonce covers its second half
    entropyTake(blob + 1 + ID_BYTES, NONCE_BYTES);
    entropyTake(clearAt(i), KEY_BYTES);
    deriveKek(i, slot, blob);
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
  for (let i: u32 = 0; i < n; i++) {
    const blob = blobs + i * ROOT_KEY_BYTES;
    deriveKek(i, slot, blob);
    setJob(TRANSFER_WRAP_JOBS, i, kekAt(i), blob + HEADER_BYTES, clearAt(i));
  }
  keyUnwrapMany(n, TRANSFER_WRAP_JOBS, KEY_BYTES);
  for (let i: u32 = 0; i < n; i++) {
    const blob = blobs + i * ROOT_KEY_BYTES;
    const found = out + <usize>i * FOUND_BYTES;
    pattern(found, unitCurrent(slot));
    const own = load<u8>(blob) == VERSION && equalBytes(found, blob + 1, ID_BYTES);
    if (!own) setJobStatus(TRANSFER_WRAP_JOBS, i, Status.BadWrap);
    const status = jobStatus(TRANSFER_WRAP_JOBS, i);
    if (status == Status.Ok) pattern(found, clearAt(i));
    else memory.fill(found, 0, PATTERN_BYTES);
    store<u32>(found, status, PATTERN_BYTES);
  }
  wipeTransfer(n);
  return Status.Ok;
}
