// Import WK (ep11-wire.md 10.13, 11; unit-behaviour.md 6.4): one call of the card for all units of a stage. Every part is signed
// by itself; the outer request is not.

import { equal, readU32 } from "../../bytes.ts";
import { decodeImportParts, type ImportPart } from "../../commands/import-parts.ts";
import { importWk } from "../../commands/import-wk.ts";
import type { Core, EncryptedPart, ImportResult, UnitSlot } from "../../core/api.ts";
import { Status } from "../../core/status.ts";
import { WireError } from "../../errors.ts";
import { Permission } from "../../wire/attributes.ts";
import { ReturnCode } from "../../wire/codes.ts";
import { KeyType } from "../../wire/ids.ts";
import { encryptedKeySize, parseRecipientInfo, type RecipientInfo } from "../../wire/recipient-info.ts";
import { permits } from "../attributes.ts";
import { type Card, type Handler, type Job, type Outcome, refusalOf, registersChanged } from "../handler.ts";
import { Refusal, Refused } from "../refusal.ts";
import type { ImporterKey } from "../state.ts";

/** Signatures wanted on each part. */
const SIGNATURES_A_PART = 1;

type Parts = readonly ImportPart[];

export const importKey: Handler<Parts> = {
  id: importWk.id,
  imprint: false,
  readOnly: false,
  secrets: true,
  parse(input, { adminDomain, moduleId, counter }) {
    const read = decodeImportParts(input, { domain: readU32(adminDomain), adminDomain, moduleId, counter });
    return read.ok ? read.parts : new Refusal(ReturnCode.DATA_INVALID, read.fault.reason);
  },
  required: () => 0,
  parts: (parts) => parts.map(({ block, signatures }) => ({ message: block, signatures, required: SIGNATURES_A_PART })),
  permit(state, parts) {
    if (!permits(state, Permission.WkImport)) return Refused.importForbidden;
    return parts.length === 1 && !permits(state, Permission.Wk1Part) ? Refused.singlePartForbidden : null;
  },
  execute(jobs, card) {
    const read = jobs.map((job) => encryptedParts(card.core, job));
    const imports = jobs.flatMap((job, i) => {
      const parts = read[i]!;
      return parts instanceof Refusal ? [] : [{ job, parts, slot: card.copy(job.slot) }];
    });
    const results = card.core.wkImport(imports);
    const outcomes = new Map(imports.map(({ job, slot }, i) => [job, outcome(job, slot, results[i]!, card)]));
    return jobs.map((job, i) => outcomes.get(job) ?? (read[i] as Refusal));
  },
};

function outcome({ state }: Job<Parts>, slot: UnitSlot, result: ImportResult, card: Card): Outcome {
  if (result.status === Status.Ok) return registersChanged(state, card, slot, importWk.encodeOutput(result.pattern));
  if (result.status === Status.BadPoint) return Refused.originatorPoint;
  return result.status === Status.BadWrap ? Refused.unwrap : refusalOf(result.status);
}

/** The parts as the card takes them; each check is made on all parts before the next one. */
function encryptedParts(core: Core, { state, input }: Job<Parts>): EncryptedPart[] | Refusal {
  const { importer } = state;
  if (importer === null) return Refused.importerMissing;
  const infos = input.map(({ recipientInfo }) => parse(recipientInfo));
  if (infos.some((info) => info === null)) return Refused.recipientInfo;
  return forImporter(core, importer, infos as RecipientInfo[]);
}

function forImporter(core: Core, importer: ImporterKey, infos: readonly RecipientInfo[]): EncryptedPart[] | Refusal {
  const skis = importerSkis(core, importer);
  const parts: EncryptedPart[] = [];
  for (const info of infos) {
    if (info.keyType !== KeyType.P521) return Refused.importerMissing;
    if (!skis.some((ski) => equal(ski, info.recipientSki))) return Refused.importerMissing;
    parts.push({ originator: info.originator, ukm: info.ukm, wrapped: info.encryptedKey });
  }
  return parts.some(({ wrapped }) => wrapped.length !== encryptedKeySize(KeyType.P521)) ? Refused.wrappedLength : parts;
}

/** Workstations hash X || Y, other units 04 || X || Y: both name the importer key (ep11-wire.md 11.3). */
function importerSkis(core: Core, { publicKey }: ImporterKey): readonly Uint8Array[] {
  return [core.sha256(publicKey), core.sha256(publicKey.subarray(1))];
}

function parse(recipientInfo: Uint8Array): RecipientInfo | null {
  try {
    return parseRecipientInfo(recipientInfo);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
