// Master key part files (workstation.md 3.3): 32 bytes sealed under a password, with their verification pattern in the clear.
//
//   { "description": "First key", "vp": "34c7.. (64 digits)", "seaSalt": "..", "enckey": ".." }
//
// A part is in the clear between its file and the card alone, in one buffer, which is wiped. In the card it is the current register
// of a unit slot: that knows its pattern, and exports it to importer keys.

import { equal, fromHex, toHex, unmoved } from "../bytes.ts";
import type { Core, UnitSlot } from "../core/api.ts";
import { WireError } from "../errors.ts";
import { WorkstationError } from "./errors.ts";
import { type Members, member, parseMembers } from "./json-members.ts";
import { type Sealed, SealFormat, seal, unseal } from "./password-seal.ts";

export interface KeyPartFile {
  readonly description: string;
  /** 32 bytes: the part's verification pattern (unit-behaviour.md 6.2). */
  readonly pattern: Uint8Array;
  readonly members: Members;
}

export const KEY_PART_SIZE = 32;
const PATTERN_SIZE = 32;

/** Reads a file's text. @throws WorkstationError; a password is not needed. */
export function parseKeyPartFile(json: string): KeyPartFile {
  const members = parseMembers(json);
  for (const name of ["seaSalt", "enckey"]) member(members, name);
  return { description: members["description"] ?? "", pattern: patternOf(member(members, "vp")), members };
}

/** The text of a file. */
export function formatKeyPartFile({ members }: KeyPartFile): string {
  return `${JSON.stringify(members)}\n`;
}

/**
 * The file of a key part. `fill` writes its 32 bytes into the buffer it is given, which it must not keep.
 * @throws what `fill` throws
 */
export async function createKeyPart(
  core: Core,
  fill: (part: Uint8Array) => void,
  description: string,
  password: Uint8Array,
  format: SealFormat = SealFormat.Sdk,
): Promise<KeyPartFile> {
  const part = unmoved(KEY_PART_SIZE);
  try {
    fill(part);
    const pattern = patternIn(core, part);
    const head = { description, vp: toHex(pattern) };
    const sealed = await seal(part, password, format, aboutOf(head));
    return { description, pattern, members: { ...head, ...sealed } };
  } finally {
    part.fill(0);
  }
}

/**
 * The part as the current register of a slot of `core`, for the caller to free.
 * @throws WrongPasswordError
 * @throws WorkstationError if it holds something else than it says
 */
export async function openKeyPart(core: Core, file: KeyPartFile, password: Uint8Array): Promise<UnitSlot> {
  const part = await unseal(file.members as Members & Sealed, password, aboutOf(file.members));
  try {
    if (part.length !== KEY_PART_SIZE)
      throw new WorkstationError(`key part: want ${KEY_PART_SIZE} bytes, got ${part.length}`);
    const slot = loadPart(core, part);
    if (equal(core.registers(slot).current!, file.pattern)) return slot;
    core.unitFree(slot);
    throw new WorkstationError("verification pattern: want that of the key part, got another; the file was changed");
  } finally {
    part.fill(0);
  }
}

function aboutOf(members: Members): string[] {
  return ["key part", members["vp"] ?? "", members["description"] ?? ""];
}

function loadPart(core: Core, part: Uint8Array): UnitSlot {
  const slot = core.unitAlloc();
  core.wkLoad(slot, part);
  return slot;
}

function patternIn(core: Core, part: Uint8Array): Uint8Array {
  const slot = loadPart(core, part);
  try {
    return core.registers(slot).current!;
  } finally {
    core.unitFree(slot);
  }
}

function patternOf(hex: string): Uint8Array {
  try {
    const pattern = fromHex(hex, "vp");
    if (pattern.length === PATTERN_SIZE) return pattern;
    throw new WireError("vp", 0, `${2 * PATTERN_SIZE} hexadecimal digits`, `${hex.length}`);
  } catch (error) {
    if (error instanceof WireError) throw new WorkstationError(error.message, { cause: error });
    throw error;
  }
}
