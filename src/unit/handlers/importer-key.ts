// Generate importer key (unit-behaviour.md 6.3): P-521 in the card, one call for all units of a stage; RSA-2048 on the host.

import { generateImporterKey, ImporterType } from "../../commands/generate-importer-key.ts";
import { KeyType } from "../../wire/ids.ts";
import { rsaImporterContext } from "../contexts.ts";
import { type Card, Done, type Handler, type Job, type Outcome, oneSignature, reads } from "../handler.ts";
import { Refused } from "../refusal.ts";
import { generateRsaKey, hasRsa } from "../rsa.ts";

export const generateImporter: Handler<number> = {
  ...reads(generateImporterKey),
  imprint: false,
  readOnly: false,
  secrets: true,
  required: oneSignature,
  execute(jobs, card) {
    const elliptic = jobs.filter(({ input }) => input === ImporterType.P521);
    const generated = p521Importers(elliptic, card);
    const outcomes = new Map(elliptic.map((job, i) => [job, generated[i]!]));
    return jobs.map((job) => outcomes.get(job) ?? otherImporter(job, card));
  },
};

function p521Importers(jobs: readonly Job<number>[], card: Card): Outcome[] {
  const slots = jobs.map(({ slot }) => card.copy(slot));
  const publicKeys = card.core.importerGenerate(slots);
  return jobs.map(({ state }, i) => {
    const publicKey = publicKeys[i]!;
    const output = generateImporterKey.encodeOutput({ keyType: KeyType.P521, publicKey });
    const importer = { type: ImporterType.P521, publicKey, sealedKey: null };
    return new Done(output, { ...state, importer }, slots[i]!);
  });
}

function otherImporter(job: Job<number>, card: Card): Outcome {
  return job.input === ImporterType.Rsa2048 && hasRsa() ? rsaImporter(job, card) : Refused.importerType;
}

function rsaImporter({ state, slot }: Job<number>, card: Card): Done {
  const { publicKey, privateKey } = generateRsaKey();
  try {
    const sealedKey = card.core.hostKeySeal(privateKey, rsaImporterContext(state, publicKey));
    const copy = card.copy(slot);
    card.core.importerOnHost(copy);
    const output = generateImporterKey.encodeOutput({ keyType: KeyType.Rsa2048, publicKey });
    return new Done(output, { ...state, importer: { type: ImporterType.Rsa2048, publicKey, sealedKey } }, copy);
  } finally {
    privateKey.fill(0);
  }
}
