// Generate importer key (ep11-wire.md 10.10). In: type (u32). Out: SubjectPublicKeyInfo (158 or 294).

import { readU32, u32 } from "../bytes.ts";
import { ReturnCode } from "../wire/codes.ts";
import { CommandId } from "../wire/ids.ts";
import { decodeSpki, encodeSpki, type PublicKey } from "../wire/spki.ts";
import { type Command, fixed } from "./command.ts";

/** Importer key types this project makes. */
export const ImporterType = {
  Rsa2048: 0,
  P521: 3,
} as const;

/** Its input is any u32: an unknown type (32/55) is found later than a wrong length. */
export const generateImporterKey: Command<number, PublicKey> = {
  id: CommandId.GenerateImporterKey,
  name: "generate-importer-key",
  section: "ep11-wire.md 10.10",
  malformedInput: { returnCode: ReturnCode.DATA_LEN_RANGE, reasonCode: 54 },
  encodeInput: u32,
  decodeInput: (bytes) => readU32(fixed("importer type", bytes, 4)),
  encodeOutput: encodeSpki,
  decodeOutput: decodeSpki,
};
