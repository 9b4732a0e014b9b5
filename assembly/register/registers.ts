// The master key registers and what moves them (unit-behaviour.md 6.1). A status other than Ok says that nothing has changed.
//
//            current                           new
//   Empty ----- generate -----> Valid          Empty --- generate (current Valid), import ---> Full Uncommitted
//   any ------- finalize -----> Valid          Full Uncommitted ---------- commit -----------> Full Committed
//   any ------- clear --------> Empty          Full Committed ----------- finalize ----------> Empty
//                                              any ------------------------ clear -----------> Empty

import { TRANSFER_KEY } from "../layout";
import { entropyTake } from "../lib/entropy";
import { Status } from "../status";
import { hasPattern, KEY_BYTES, pattern, PATTERN_BYTES } from "./pattern";
import {
  HAS_CURRENT, HAS_NEW, IN_USE, IS_COMMITTED, isFreeUnit, isUnit, setUnitFlags, UNIT_SLOT_BYTES, unitCurrent, unitFlags, unitNew,
} from "./unit-slots";

// --- slots -------------------------------------------------------------------------------------------------------------------

/** Takes a free slot into use: empty registers, no importer key. BadArgument if it is not free. */
export function unitAlloc(slot: u32): Status {
  if (!isFreeUnit(slot)) return Status.BadArgument;
  setUnitFlags(slot, IN_USE);
  return Status.Ok;
}

/** Takes the free slot `to` into use with the content of `from`. BadArgument if `to` is not free. */
export function unitCopy(to: u32, from: u32): Status {
  if (!isUnit(from)) return Status.EmptySlot;
  if (!isFreeUnit(to)) return Status.BadArgument;
  memory.copy(unitCurrent(to), unitCurrent(from), UNIT_SLOT_BYTES);
  return Status.Ok;
}

/** Wipes the slot. */
export function unitFree(slot: u32): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  memory.fill(unitCurrent(slot), 0, UNIT_SLOT_BYTES);
  return Status.Ok;
}

/** Empties both registers and forgets the importer key. */
export function unitZeroize(slot: u32): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  memory.fill(unitCurrent(slot), 0, UNIT_SLOT_BYTES);
  setUnitFlags(slot, IN_USE);
  return Status.Ok;
}

// --- registers ---------------------------------------------------------------------------------------------------------------

/** out, 68 bytes: flags u32 | pattern of the current register 32 | of the new one 32; zeros for an empty register. */
export function registers(slot: u32, out: usize): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  const flags = unitFlags(slot);
  store<u32>(out, flags);
  memory.fill(out + 4, 0, 2 * PATTERN_BYTES);
  if (flags & HAS_CURRENT) pattern(out + 4, unitCurrent(slot));
  if (flags & HAS_NEW) pattern(out + 4 + PATTERN_BYTES, unitNew(slot));
  return Status.Ok;
}

/** Ok: current if it was empty, else new (uncommitted), holds a random key. BothOccupied; NeedEntropy (32 bytes). */
export function wkGenerate(slot: u32): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  const flags = unitFlags(slot);
  if ((flags & (HAS_CURRENT | HAS_NEW)) == (HAS_CURRENT | HAS_NEW)) return Status.BothOccupied;
  if (flags & HAS_CURRENT) return generateInto(slot, unitNew(slot), HAS_NEW);
  return generateInto(slot, unitCurrent(slot), HAS_CURRENT);
}

function generateInto(slot: u32, register: usize, flag: u32): Status {
  const status = entropyTake(register, KEY_BYTES);
  if (status == Status.Ok) setUnitFlags(slot, unitFlags(slot) | flag);
  return status;
}

/** new := the 32-byte key at TRANSFER_KEY, uncommitted.  In: a slot in use. */
export function loadNew(slot: u32): void {
  memory.copy(unitNew(slot), TRANSFER_KEY, KEY_BYTES);
  setUnitFlags(slot, (unitFlags(slot) | HAS_NEW) & ~IS_COMMITTED);
}

/** current := the 32-byte key at `key`. For whoever holds a key part to pass it on; no unit's command leads here. */
export function wkLoad(slot: u32, key: usize): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  memory.copy(unitCurrent(slot), key, KEY_BYTES);
  setUnitFlags(slot, unitFlags(slot) | HAS_CURRENT);
  return Status.Ok;
}

/** In: a 32-byte pattern. Ok: new is committed, as it may have been before. NewEmpty, PatternMismatch. */
export function wkCommit(slot: u32, wanted: usize): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  const flags = unitFlags(slot);
  if (!(flags & HAS_NEW)) return Status.NewEmpty;
  if (!hasPattern(unitNew(slot), wanted)) return Status.PatternMismatch;
  setUnitFlags(slot, flags | IS_COMMITTED);
  return Status.Ok;
}

/** In: a 32-byte pattern. Ok: current is what new was, new is empty. NewEmpty, NotCommitted, PatternMismatch. */
export function wkFinalize(slot: u32, wanted: usize): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  const flags = unitFlags(slot);
  if (!(flags & HAS_NEW)) return Status.NewEmpty;
  if (!(flags & IS_COMMITTED)) return Status.NotCommitted;
  if (!hasPattern(unitNew(slot), wanted)) return Status.PatternMismatch;
  memory.copy(unitCurrent(slot), unitNew(slot), KEY_BYTES);
  setUnitFlags(slot, flags | HAS_CURRENT);
  return wkClearNew(slot);
}

export function wkClearCurrent(slot: u32): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  memory.fill(unitCurrent(slot), 0, KEY_BYTES);
  setUnitFlags(slot, unitFlags(slot) & ~HAS_CURRENT);
  return Status.Ok;
}

export function wkClearNew(slot: u32): Status {
  if (!isUnit(slot)) return Status.EmptySlot;
  memory.fill(unitNew(slot), 0, KEY_BYTES);
  setUnitFlags(slot, unitFlags(slot) & ~(HAS_NEW | IS_COMMITTED));
  return Status.Ok;
}
