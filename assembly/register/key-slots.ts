// Where P-521 private keys are kept: administrators' and OA keys. A slot that is not in use is zero in every byte.
//
//   offset  bytes
//        0     66   private scalar, big-endian
//       68      4   1 if the slot is in use
//       72    133   public key 04 || X || Y

import { KEY_SLOT_0, KEYS, KEYS_BYTES } from "../layout";

// @ts-ignore: decorator
@inline export const KEY_SLOT_BYTES: u32 = 208;
/** Key slots that there are. */
export const KEY_SLOTS: u32 = (KEYS_BYTES - <u32>(KEY_SLOT_0 - KEYS)) / KEY_SLOT_BYTES;

// @ts-ignore: decorator
@inline export const SCALAR_BYTES: u32 = 66;
// @ts-ignore: decorator
@inline export const POINT_BYTES: u32 = 133;
// @ts-ignore: decorator
@inline const IN_USE: usize = 68;
// @ts-ignore: decorator
@inline const PUBLIC_KEY: usize = 72;

/** Address of the slot's scalar. */
// @ts-ignore: decorator
@inline
export function keyScalar(slot: u32): usize {
  return KEY_SLOT_0 + slot * KEY_SLOT_BYTES;
}

/** Address of the slot's public key. */
// @ts-ignore: decorator
@inline
export function keyPoint(slot: u32): usize {
  return keyScalar(slot) + PUBLIC_KEY;
}

/** True if there is such a slot and it holds a key. */
export function isKey(slot: u32): bool {
  return slot < KEY_SLOTS && load<u32>(keyScalar(slot), IN_USE) == 1;
}

/** True if there is such a slot and it holds no key. */
export function isFreeKey(slot: u32): bool {
  return slot < KEY_SLOTS && load<u32>(keyScalar(slot), IN_USE) == 0;
}

/** The slot, whose scalar is in place, comes into use with the public key at `point`. */
export function keyOccupy(slot: u32, point: usize): void {
  memory.copy(keyPoint(slot), point, POINT_BYTES);
  store<u32>(keyScalar(slot), 1, IN_USE);
}

export function keyWipe(slot: u32): void {
  memory.fill(keyScalar(slot), 0, KEY_SLOT_BYTES);
}
