// Query domain administrators (ep11-wire.md 10.5): one id, two questions.
//
//   In: nothing. Out: the administrators' SKIs (32 each), in order of installation.
//   In: a SKI (32). Out: that administrator's certificate, byte for byte as it was installed.

import { concat } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { CommandId } from "../wire/ids.ts";
import { SKI_SIZE } from "../wire/signer-info.ts";
import { type Command, fixed, noInput } from "./command.ts";
import { skiInput } from "./ski-input.ts";

const section = "ep11-wire.md 10.5";

/** The list. */
export const queryDomainAdministrators: Command<undefined, readonly Uint8Array[]> = {
  id: CommandId.QueryDomainAdministrators,
  name: "query-domain-administrators",
  section,
  ...noInput,
  encodeOutput: (skis) => concat(...skis.map((ski) => fixed("ski", ski, SKI_SIZE))),
  decodeOutput: (bytes) => {
    if (bytes.length % SKI_SIZE !== 0) throw new WireError("skis", 0, "a multiple of 32 bytes", `${bytes.length}`);
    return Array.from({ length: bytes.length / SKI_SIZE }, (_, i) => bytes.subarray(SKI_SIZE * i, SKI_SIZE * (i + 1)));
  },
};

/** One certificate. */
export const queryDomainAdministrator: Command<Uint8Array, Uint8Array> = {
  id: CommandId.QueryDomainAdministrators,
  name: "query-domain-administrator",
  section,
  ...skiInput,
  encodeOutput: (certificate) => certificate,
  decodeOutput: (bytes) => bytes,
};
