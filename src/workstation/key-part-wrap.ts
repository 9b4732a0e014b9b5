// Key parts on their way to crypto units: wrapped for an importer key (workstation.md 6.2), and put together to know the pattern that
// the units must come to.

import type { Core, UnitSlot } from "../core/api.ts";
import { Status } from "../core/status.ts";
import { KeyType } from "../wire/ids.ts";
import { encodeRecipientInfo } from "../wire/recipient-info.ts";
import { WorkstationError } from "./errors.ts";

/**
 * The part in a slot's current register, wrapped under a fresh key for an importer key (133 bytes): a RecipientInfo, 313 bytes.
 * @throws WorkstationError if the importer key is no point of the curve
 */
export function wrapKeyPart(core: Core, slot: UnitSlot, importerKey: Uint8Array): Uint8Array {
  const part = encryptedPart(core, slot, importerKey);
  return encodeRecipientInfo({
    keyType: KeyType.P521,
    originator: part.originator,
    ukm: part.ukm,
    recipientSki: core.sha256(importerKey),
    encryptedKey: part.wrapped,
  });
}

/** Verification pattern, 32 bytes, of the key whose parts are in these slots: their XOR, which is in the card for a moment. */
export function patternOfParts(core: Core, slots: readonly UnitSlot[]): Uint8Array {
  const together = core.unitAlloc();
  try {
    const [importerKey] = core.importerGenerate([together]);
    const parts = slots.map((slot) => encryptedPart(core, slot, importerKey!));
    const [result] = core.wkImport([{ slot: together, parts }]);
    if (result?.status !== Status.Ok) throw new Error(`want the parts put together, got status ${result?.status}`);
    return result.pattern;
  } finally {
    core.unitFree(together);
  }
}

function encryptedPart(core: Core, slot: UnitSlot, importerKey: Uint8Array) {
  const [result] = core.wkExport([{ slot, register: "current", recipients: [importerKey], split: false }]);
  if (result?.status === Status.Ok) return result.parts[0]!;
  throw new WorkstationError(
    "importer key: want a point of P-521, got something else; the crypto unit is not to be trusted",
  );
}
