// The commands that move a master key from unit to unit.

import { exportNextWk } from "../commands/export-next-wk.ts";
import { exportedPart, exportParameters, exportWk } from "../commands/export-wk.ts";
import { generateImporterKey, ImporterType } from "../commands/generate-importer-key.ts";
import { importWk } from "../commands/import-wk.ts";
import { WireError } from "../errors.ts";
import { KeyType } from "../wire/ids.ts";
import { type CommandJob, commandJob, type SigningKey } from "./job.ts";
import type { CryptoUnit } from "./units.ts";

/** Generate importer key, P-521. The result is its public key, 133 bytes. */
export function importerKeyJob(unit: CryptoUnit, signers: readonly SigningKey[]): CommandJob<Uint8Array> {
  const decode = (output: Uint8Array): Uint8Array => {
    const { keyType, publicKey } = generateImporterKey.decodeOutput(output);
    if (keyType !== KeyType.P521) throw new WireError("importer key", 0, KeyType.P521, keyType);
    return publicKey;
  };
  return { ...commandJob(unit, generateImporterKey, ImporterType.P521, signers), decode };
}

/**
 * Export WK or export next WK: the whole current or new master key for one importer key (133 bytes). The result is an encoded
 * RecipientInfo.
 * @throws WireError if the importer key has another size.
 */
export function exportJob(
  unit: CryptoUnit,
  importerKey: Uint8Array,
  signers: readonly SigningKey[],
  register: "current" | "next" = "current",
): CommandJob<Uint8Array> {
  const command = register === "next" ? exportNextWk : exportWk;
  const decode = (output: Uint8Array): Uint8Array => exportedPart(command.decodeOutput(output));
  return { ...commandJob(unit, command, exportParameters([importerKey]), signers), decode };
}

/**
 * Import WK of these key parts, encoded RecipientInfos. The result is the loaded key's verification pattern, if the unit gives
 * it: IBM's client doesn't look at this output, so other units than ours may leave it empty.
 */
export function importJob(
  unit: CryptoUnit,
  parts: readonly Uint8Array[],
  signers: readonly SigningKey[],
): CommandJob<Uint8Array | undefined> {
  const decode = (output: Uint8Array) => (output.length > 0 ? importWk.decodeOutput(output) : undefined);
  return { unit, commandId: importWk.id, input: { kind: "parts", parts }, signers, decode };
}
