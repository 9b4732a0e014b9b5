// Export WK (ep11-wire.md 10.12). In: a parameter map. Out: a parameter map.

import { EMPTY } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { ReturnCode } from "../wire/codes.ts";
import { CommandId } from "../wire/ids.ts";
import { encodeKphCertificate } from "../wire/kph-certificate.ts";
import {
  decodeParameterMap,
  encodeParameterMap,
  findParameter,
  type Parameter,
  ParameterTag,
  Scope,
} from "../wire/parameter-map.ts";
import type { Command } from "./command.ts";

/** Parameter maps both ways; clients take the answer's with any definite lengths. */
export const parameterMaps = {
  malformedInput: { returnCode: ReturnCode.DATA_INVALID, reasonCode: 137 },
  encodeInput: encodeParameterMap,
  decodeInput: (bytes: Uint8Array): readonly Parameter[] => decodeParameterMap(bytes),
  encodeOutput: encodeParameterMap,
  decodeOutput: (bytes: Uint8Array): readonly Parameter[] => decodeParameterMap(bytes, "ber"),
} as const;

export const exportWk: Command<readonly Parameter[], readonly Parameter[]> = {
  id: CommandId.ExportWk,
  name: "export-wk",
  section: "ep11-wire.md 10.12",
  ...parameterMaps,
};

/**
 * The input that has the whole key wrapped for each of these P-521 keys (04||X||Y, 133 bytes).
 * @param m parts needed: 1 makes every part the whole key, the number of keys splits it
 */
export function exportParameters(publicKeys: readonly Uint8Array[], m = 1): Parameter[] {
  return [
    { tag: ParameterTag.PolicyM, index: m, data: EMPTY },
    ...publicKeys.map((publicKey, index) => ({
      tag: ParameterTag.KphCertificate,
      index,
      data: encodeKphCertificate({ m: 1, n: 1, publicKey }),
    })),
    { tag: ParameterTag.Scope, index: Scope.NoKphCertificates | Scope.NoOaCertificates, data: EMPTY },
  ];
}

/** The encoded RecipientInfo of a part in an export's output. @throws WireError if it is not there. */
export function exportedPart(parameters: readonly Parameter[], index = 0): Uint8Array {
  const data = findParameter(parameters, ParameterTag.EncryptedKeyPart, index);
  if (data === undefined) throw new WireError("exported parameters", 0, `encrypted key part ${index}`, "none");
  return data;
}
