// Where units' secrets are kept: two master key registers and the importer key. An empty register, an absent importer key and a
// slot that is not in use are zero in every byte. The importer's public key is public state, kept with the unit by the host.
//
//   offset  bytes
//        0     32   current register
//       32     32   new register
//       64     66   importer key: private scalar, big-endian; zero if the importer key is the host's
//      132      4   what is there: the flags below

import { UNITS, UNITS_BYTES } from "../layout";

// @ts-ignore: decorator
@inline export const UNIT_SLOT_BYTES: u32 = 144;
/** Bytes of a slot that say all there is to say. */
// @ts-ignore: decorator
@inline export const UNIT_BYTES: u32 = 136;
/** Unit slots that there are. */
export const UNIT_SLOTS: u32 = UNITS_BYTES / UNIT_SLOT_BYTES;

/** The current register is Valid. */
// @ts-ignore: decorator
@inline export const HAS_CURRENT: u32 = 1;
/** The new register is Full. */
// @ts-ignore: decorator
@inline export const HAS_NEW: u32 = 2;
/** The new register is Full Committed. */
// @ts-ignore: decorator
@inline export const IS_COMMITTED: u32 = 4;
// @ts-ignore: decorator
@inline export const HAS_IMPORTER: u32 = 8;
/** The importer key is the host's (RSA); never together with HAS_IMPORTER. */
// @ts-ignore: decorator
@inline export const HAS_HOST_IMPORTER: u32 = 16;
/** The slot is in use. */
// @ts-ignore: decorator
@inline export const IN_USE: u32 = 0x100;
// @ts-ignore: decorator
@inline const FLAGS: usize = 132;

/** Address of the slot and of its current register. */
// @ts-ignore: decorator
@inline
export function unitCurrent(slot: u32): usize {
  return UNITS + slot * UNIT_SLOT_BYTES;
}

/** Address of the slot's new register. */
// @ts-ignore: decorator
@inline
export function unitNew(slot: u32): usize {
  return unitCurrent(slot) + 32;
}

/** Address of the slot's importer key. */
// @ts-ignore: decorator
@inline
export function unitImporter(slot: u32): usize {
  return unitCurrent(slot) + 64;
}

// @ts-ignore: decorator
@inline
export function unitFlags(slot: u32): u32 {
  return load<u32>(unitCurrent(slot), FLAGS);
}

// @ts-ignore: decorator
@inline
export function setUnitFlags(slot: u32, flags: u32): void {
  store<u32>(unitCurrent(slot), flags, FLAGS);
}

/** True if there is such a slot and it is in use. */
export function isUnit(slot: u32): bool {
  return slot < UNIT_SLOTS && (unitFlags(slot) & IN_USE) != 0;
}

/** True if there is such a slot and it is not in use. */
export function isFreeUnit(slot: u32): bool {
  return slot < UNIT_SLOTS && (unitFlags(slot) & IN_USE) == 0;
}
