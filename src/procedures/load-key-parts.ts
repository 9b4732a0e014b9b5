// cryptounit-mk-load: key parts into the new master key registers of crypto units (workstation.md 6.2). The parts are in the
// administrator's card; each goes to each unit wrapped for the importer key that the unit has just signed for.

import type { Client } from "../client/client.ts";
import { attempt, batchEach, mapEach, type Outcome, unwrap } from "../client/outcome.ts";
import { RegisterStatus, type Registers, samePattern } from "../client/registers.ts";
import { importerKeyJob, importJob } from "../client/transfer-jobs.ts";
import type { CryptoUnit } from "../client/units.ts";
import { CheckError } from "../errors.ts";
import type { Signer } from "../workstation/signer.ts";
import { inBatches } from "./batches.ts";

export interface KeyPartLoad {
  /** 32 bytes: the pattern of the key that the parts make. */
  readonly pattern: Uint8Array;
  /** For each part, what makes an encoded RecipientInfo of it for an importer key. */
  readonly parts: readonly ((importerKey: Uint8Array) => Uint8Array)[];
  /** Who signs the importer key, and each part: an administrator of the unit. */
  readonly signerOf: (unit: CryptoUnit) => Signer;
}

/** Out: for each unit its registers after the load, the new one Full Uncommitted with the expected pattern. */
export function loadKeyParts(
  client: Client,
  units: readonly CryptoUnit[],
  load: KeyPartLoad,
): Promise<Outcome<Registers>[]> {
  return inBatches(units, (batch) => loadBatch(client, batch, load));
}

async function loadBatch(
  client: Client,
  units: readonly CryptoUnit[],
  load: KeyPartLoad,
): Promise<Outcome<Registers>[]> {
  const { pattern, parts, signerOf } = load;
  const keys = await client.run(units.map((unit) => importerKeyJob(unit, [signerOf(unit)])));
  const wrapped = mapEach(keys, (key) => parts.map((wrapFor) => wrapFor(key)));
  const imported = await batchEach(wrapped, (sets, places) =>
    client.run(sets.map((set, k) => importJob(units[places[k]!]!, set, [signerOf(units[places[k]!]!)]))),
  );
  const told = await batchEach(imported, (_, places) => client.registers(places.map((at) => units[at]!)));
  return told.map((outcome, at) =>
    attempt(() => {
      const registers = unwrap(outcome);
      const signed = unwrap(imported[at]!) ?? registers.next.pattern;
      const loaded = registers.next.status === RegisterStatus.FullUncommitted;
      if (loaded && samePattern(registers.next.pattern, pattern) && samePattern(signed, pattern)) return registers;
      const what = "its new master key register does not hold the key of these parts; do not commit it";
      throw new CheckError("pattern", `${units[at]!.location}: ${what}`);
    }),
  );
}
