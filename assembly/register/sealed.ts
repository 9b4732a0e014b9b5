// Keys and units, sealed and opened again. A key's plaintext is scalar 66 | public key 133; a unit's is its slot (unit-slots.ts);
// a host key's is what the host made of it.

import { SEAL_PLAIN } from "../layout";
import { entropyLeft } from "../lib/entropy";
import { MAX_JOBS } from "../p521/jobs";
import { Status } from "../status";
import { isFreeKey, isKey, keyOccupy, keyPoint, keyScalar, POINT_BYTES, SCALAR_BYTES } from "./key-slots";
import { hasStorageKey, KIND_HOST_KEY, KIND_KEY, KIND_UNIT, NONCE_BYTES, openBytes, SEAL_OVERHEAD, sealBytes } from "./sealing";
import { isFreeUnit, isUnit, UNIT_BYTES, unitCurrent } from "./unit-slots";

// @ts-ignore: decorator
@inline const KEY_PLAIN_BYTES: u32 = SCALAR_BYTES + POINT_BYTES;
/** Bytes of a sealed key. */
export const SEALED_KEY_BYTES: u32 = KEY_PLAIN_BYTES + SEAL_OVERHEAD;
/** Bytes of a sealed unit. */
export const SEALED_UNIT_BYTES: u32 = UNIT_BYTES + SEAL_OVERHEAD;
/** Bytes of a host key, whatever its length: room for RSA-2048 in PKCS #8. */
export const HOST_KEY_BYTES: u32 = 1280;
/** Bytes of a sealed host key. */
export const SEALED_HOST_KEY_BYTES: u32 = HOST_KEY_BYTES + SEAL_OVERHEAD;

/** blob, SEALED_KEY_BYTES := the key in the slot. EmptySlot, NoStorageKey, NeedEntropy (32 bytes). */
export function keySeal(slot: u32, context: usize, contextLength: u32, blob: usize): Status {
  if (!isKey(slot)) return Status.EmptySlot;
  memory.copy(SEAL_PLAIN, keyScalar(slot), SCALAR_BYTES);
  memory.copy(SEAL_PLAIN + SCALAR_BYTES, keyPoint(slot), POINT_BYTES);
  const status = sealBytes(blob, KIND_KEY, SEAL_PLAIN, KEY_PLAIN_BYTES, context, contextLength);
  memory.fill(SEAL_PLAIN, 0, KEY_PLAIN_BYTES);
  return status;
}

/** The free slot := the key in the blob; its public key goes to `point`, 133 bytes. BadSeal, NoStorageKey: nothing done. */
export function keyUnseal(slot: u32, context: usize, contextLength: u32, blob: usize, point: usize): Status {
  if (!isFreeKey(slot)) return Status.BadArgument;
  const status = openBytes(SEAL_PLAIN, KIND_KEY, KEY_PLAIN_BYTES, blob, context, contextLength);
  if (status == Status.Ok) {
    memory.copy(keyScalar(slot), SEAL_PLAIN, SCALAR_BYTES);
    memory.copy(point, SEAL_PLAIN + SCALAR_BYTES, POINT_BYTES);
    keyOccupy(slot, point);
  }
  memory.fill(SEAL_PLAIN, 0, KEY_PLAIN_BYTES);
  return status;
}

/** blob, SEALED_HOST_KEY_BYTES := the HOST_KEY_BYTES at `key`. NoStorageKey, NeedEntropy (32 bytes). No two overlap. */
export function hostKeySeal(key: usize, context: usize, contextLength: u32, blob: usize): Status {
  return sealBytes(blob, KIND_HOST_KEY, key, HOST_KEY_BYTES, context, contextLength);
}

/** key, HOST_KEY_BYTES := what the blob seals. BadSeal, NoStorageKey: nothing written. No two overlap. */
export function hostKeyUnseal(key: usize, context: usize, contextLength: u32, blob: usize): Status {
  return openBytes(key, KIND_HOST_KEY, HOST_KEY_BYTES, blob, context, contextLength);
}

// A job of units: slot | address and length of the context | address of the blob | status; u32 each
// @ts-ignore: decorator
@inline const UNIT_JOB_BYTES: usize = 20;

/** Seals n = 0..64 units. Out: blobs of SEALED_UNIT_BYTES. EmptySlot, NoStorageKey, NeedEntropy (32 bytes each): nothing done. */
export function unitSeal(n: u32, jobs: usize): Status {
  if (n > MAX_JOBS) return Status.BadArgument;
  if (!hasStorageKey()) return Status.NoStorageKey;
  for (let j: u32 = 0; j < n; j++) if (!isUnit(load<u32>(jobs + <usize>j * UNIT_JOB_BYTES))) return Status.EmptySlot;
  if (entropyLeft() < n * NONCE_BYTES) return Status.NeedEntropy;
  for (let j: u32 = 0; j < n; j++) {
    const job = jobs + <usize>j * UNIT_JOB_BYTES;
    const plain = unitCurrent(load<u32>(job));
    store<u32>(job, sealBytes(load<u32>(job, 12), KIND_UNIT, plain, UNIT_BYTES, load<u32>(job, 4), load<u32>(job, 8)), 16);
  }
  return Status.Ok;
}

/** Opens n = 0..64 units into free slots, each with its status: Ok or BadSeal. NoStorageKey, BadArgument: nothing done. */
export function unitUnseal(n: u32, jobs: usize): Status {
  if (n > MAX_JOBS) return Status.BadArgument;
  if (!hasStorageKey()) return Status.NoStorageKey;
  for (let j: u32 = 0; j < n; j++) if (!isFreeUnit(load<u32>(jobs + <usize>j * UNIT_JOB_BYTES))) return Status.BadArgument;
  for (let j: u32 = 0; j < n; j++) {
    const job = jobs + <usize>j * UNIT_JOB_BYTES;
    const plain = unitCurrent(load<u32>(job));
    store<u32>(job, openBytes(plain, KIND_UNIT, UNIT_BYTES, load<u32>(job, 12), load<u32>(job, 4), load<u32>(job, 8)), 16);
  }
  return Status.Ok;
}
