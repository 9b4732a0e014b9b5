// Generate importer key (unit-behaviour.md 6.3): one call of the card for all units of a stage.
//
// Only P-521 so far: RSA-2048 is refused like any other type, 32/55.

import { generateImporterKey, ImporterType } from "../../commands/generate-importer-key.ts";
import { KeyType } from "../../wire/ids.ts";
import { Done, type Handler, oneSignature, reads } from "../handler.ts";
import { Refused } from "../refusal.ts";

export const generateImporter: Handler<number> = {
  ...reads(generateImporterKey),
  imprint: false,
  readOnly: false,
  secrets: true,
  required: oneSignature,
  execute(jobs, card) {
    const accepted = jobs.filter(({ input }) => input === ImporterType.P521);
    const slots = accepted.map(({ slot }) => card.copy(slot));
    const publicKeys = card.core.importerGenerate(slots);
    const outcomes = accepted.map(({ state }, i) => {
      const publicKey = publicKeys[i]!;
      const output = generateImporterKey.encodeOutput({ keyType: KeyType.P521, publicKey });
      return new Done(output, { ...state, importer: { type: ImporterType.P521, publicKey } }, slots[i]!);
    });
    let next = 0;
    return jobs.map(({ input }) => (input === ImporterType.P521 ? outcomes[next++]! : Refused.importerType));
  },
};
