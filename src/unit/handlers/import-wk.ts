// Import WK (ep11-wire.md 10.13, 11; unit-behaviour.md 6.4): one call of the card for all units of a stage with the same kind of
// importer key. Every part is signed by itself; the outer request is not.

import { equal, readU32 } from "../../bytes.ts";
import { decodeImportParts, type ImportPart } from "../../commands/import-parts.ts";
import { importWk } from "../../commands/import-wk.ts";
import type { Core, ImportResult, UnitSlot } from "../../core/api.ts";
import { Status } from "../../core/status.ts";
import { WireError } from "../../errors.ts";
import { Permission } from "../../wire/attributes.ts";
import { ReturnCode } from "../../wire/codes.ts";
import { KeyType } from "../../wire/ids.ts";
import {
  type EcRecipientInfo,
  encryptedKeySize,
  parseRecipientInfo,
  type RecipientInfo,
  type RsaRecipientInfo,
} from "../../wire/recipient-info.ts";
import { keyTypeOf } from "../../wire/spki.ts";
import { permits } from "../attributes.ts";
import { type Card, type Handler, type Job, type Outcome, refusalOf, registersChanged } from "../handler.ts";
import { Refusal, Refused } from "../refusal.ts";
import type { ImporterKey } from "../state.ts";
import { importRsaParts } from "./rsa-parts.ts";

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
    const read = jobs.map((job) => fittingParts(card.core, job));
    const imports = jobs.flatMap((job, i): Import[] => {
      const infos = read[i]!;
      return infos instanceof Refusal ? [] : [{ job, infos, slot: card.copy(job.slot) }];
    });
    const results = importAll(card.core, imports);
    const outcomes = new Map(imports.map(({ job, slot }) => [job, outcome(job, slot, results.get(job) ?? null, card)]));
    return jobs.map((job, i) => outcomes.get(job) ?? (read[i] as Refusal));
  },
};

/** Parts that are for the unit's importer key, all of its kind. */
type Infos = readonly EcRecipientInfo[] | readonly RsaRecipientInfo[];

interface Import {
  readonly job: Job<Parts>;
  readonly infos: Infos;
  readonly slot: UnitSlot;
}

/** What the card made of each; null if there is no opening the importer key. */
function importAll(core: Core, imports: readonly Import[]): Map<Job<Parts>, ImportResult | null> {
  const elliptic = imports.filter(({ infos }) => isElliptic(infos));
  const rsa = imports.filter(({ infos }) => !isElliptic(infos));
  const made = core.wkImport(
    elliptic.map(({ slot, infos }) => ({
      slot,
      parts: (infos as readonly EcRecipientInfo[]).map(({ originator, ukm, encryptedKey: wrapped }) => {
        return { originator, ukm, wrapped };
      }),
    })),
  );
  const decrypted = importRsaParts(
    core,
    rsa.map(({ job, slot, infos }) => {
      return { state: job.state, slot, ciphertexts: infos.map(({ encryptedKey }) => encryptedKey) };
    }),
  );
  return new Map([
    ...elliptic.map(({ job }, i) => [job, made[i]!] as const),
    ...rsa.map(({ job }, i) => [job, decrypted[i]!] as const),
  ]);
}

function isElliptic(infos: Infos): infos is readonly EcRecipientInfo[] {
  return infos[0]!.keyType === KeyType.P521;
}

function outcome({ state }: Job<Parts>, slot: UnitSlot, result: ImportResult | null, card: Card): Outcome {
  if (result === null) return Refused.internalError;
  if (result.status === Status.Ok) return registersChanged(state, card, slot, importWk.encodeOutput(result.pattern));
  if (result.status === Status.BadPoint) return Refused.originatorPoint;
  return result.status === Status.BadWrap ? Refused.unwrap : refusalOf(result.status);
}

/** The parts, in the order of the checks of 6.4; each check is made on all parts before the next one. */
function fittingParts(core: Core, { state, input }: Job<Parts>): Infos | Refusal {
  const { importer } = state;
  if (importer === null) return Refused.importerMissing;
  const infos = input.map(({ recipientInfo }) => parse(recipientInfo));
  if (infos.some((info) => info === null)) return Refused.recipientInfo;
  return forImporter(core, importer, infos as RecipientInfo[]);
}

function forImporter(core: Core, importer: ImporterKey, infos: readonly RecipientInfo[]): Infos | Refusal {
  const keyType = keyTypeOf(importer.publicKey);
  const skis = importerSkis(core, importer);
  const isFor = (info: RecipientInfo) => info.keyType === keyType && skis.some((ski) => equal(ski, info.recipientSki));
  if (!infos.every(isFor)) return Refused.importerMissing;
  const size = encryptedKeySize(keyType);
  return infos.every(({ encryptedKey }) => encryptedKey.length === size) ? (infos as Infos) : Refused.wrappedLength;
}

/** Workstations hash X || Y, other units 04 || X || Y: both name a P-521 importer key (11.3). Of an RSA key all hash RSAPublicKey. */
function importerSkis(core: Core, { publicKey }: ImporterKey): readonly Uint8Array[] {
  const ski = core.sha256(publicKey);
  return keyTypeOf(publicKey) === KeyType.P521 ? [ski, core.sha256(publicKey.subarray(1))] : [ski];
}

function parse(recipientInfo: Uint8Array): RecipientInfo | null {
  try {
    return parseRecipientInfo(recipientInfo);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
