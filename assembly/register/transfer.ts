// What export and import share: an encrypted part on the wire, and the way from a shared secret to its key (ep11-wire.md 11.2).
//
//   offset  bytes                               An encrypted part, PART_BYTES:
//        0    133   originator's public key
//      133     40   UKM
//      173     40   AES-256 key wrap of the 32-byte part

import {
  TRANSFER_EC_JOBS, TRANSFER_INFO, TRANSFER_KEKS, TRANSFER_KEY, TRANSFER_PARTS, TRANSFER_SCALARS, TRANSFER_WRAP_JOBS, TRANSFER_Z,
} from "../layout";
import { SHARED_INFO_BYTES, sharedInfo } from "../kdf/shared-info";
import { x963 } from "../kdf/x963";
import { JOB_BYTES } from "../p521/jobs";
import { SCALAR_BYTES } from "./key-slots";
import { KEY_BYTES } from "./pattern";

/** Parts in one call. */
// @ts-ignore: decorator
@inline export const MAX_PARTS: u32 = 64;
/** Parts of one key ([EP11]; unit-behaviour.md 6.4). */
// @ts-ignore: decorator
@inline export const MAX_PARTS_OF_KEY: u32 = 20;
// @ts-ignore: decorator
@inline export const PART_BYTES: u32 = 213;
// @ts-ignore: decorator
@inline export const PART_UKM: usize = 133;
// @ts-ignore: decorator
@inline export const PART_WRAPPED: usize = 173;

/** Address of part i on the wire. */
// @ts-ignore: decorator
@inline export function partAt(parts: usize, i: u32): usize { return parts + <usize>(i * PART_BYTES); }
/** Address of part i in the clear. */
// @ts-ignore: decorator
@inline export function clearAt(i: u32): usize { return TRANSFER_PARTS + <usize>(i * KEY_BYTES); }
/** Address of the ephemeral private key of part i. */
// @ts-ignore: decorator
@inline export function scalarAt(i: u32): usize { return TRANSFER_SCALARS + <usize>(i * SCALAR_BYTES); }
/** Address of the shared secret of part i. */
// @ts-ignore: decorator
@inline export function secretAt(i: u32): usize { return TRANSFER_Z + <usize>(i * SCALAR_BYTES); }
/** Address of the key of part i. */
// @ts-ignore: decorator
@inline export function kekAt(i: u32): usize { return TRANSFER_KEKS + <usize>(i * KEY_BYTES); }

/** Sets the three addresses of job i at `jobs`. */
export function setJob(jobs: usize, i: u32, a: usize, b: usize, c: usize): void {
  const job = jobs + <usize>i * JOB_BYTES;
  store<u32>(job, a);
  store<u32>(job, b, 4);
  store<u32>(job, c, 8);
}

/** The key of part i := what follows from its shared secret and the 40 bytes at `ukm`. */
export function deriveKek(i: u32, ukm: usize): void {
  sharedInfo(TRANSFER_INFO, ukm);
  x963(kekAt(i), KEY_BYTES, secretAt(i), SCALAR_BYTES, TRANSFER_INFO, SHARED_INFO_BYTES);
}

/** z := z xor x, 32 bytes. */
export function xorKey(z: usize, x: usize): void {
  v128.store(z, v128.xor(v128.load(z), v128.load(x)));
  v128.store(z, v128.xor(v128.load(z, 16), v128.load(x, 16)), 16);
}

/** Clears what n parts have left. */
export function wipeTransfer(n: u32): void {
  memory.fill(TRANSFER_SCALARS, 0, n * SCALAR_BYTES);
  memory.fill(TRANSFER_Z, 0, n * SCALAR_BYTES);
  memory.fill(TRANSFER_KEKS, 0, n * KEY_BYTES);
  memory.fill(TRANSFER_PARTS, 0, n * KEY_BYTES);
  memory.fill(TRANSFER_EC_JOBS, 0, <usize>n * JOB_BYTES);
  memory.fill(TRANSFER_WRAP_JOBS, 0, <usize>n * JOB_BYTES);
  memory.fill(TRANSFER_KEY, 0, KEY_BYTES);
  memory.fill(TRANSFER_INFO, 0, SHARED_INFO_BYTES);
}
