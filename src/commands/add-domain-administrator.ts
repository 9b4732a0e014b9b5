// Add domain administrator (ep11-wire.md 10.3). In: the administrator's certificate. Out: nothing.

import { WireError } from "../errors.ts";
import { MAX_ADMIN_CERTIFICATE_SIZE } from "../wire/admin-certificate.ts";
import { ReturnCode } from "../wire/codes.ts";
import { CommandId } from "../wire/ids.ts";
import { type Command, noOutput } from "./command.ts";

/** Whether the certificate is one is checked against the unit's state, after the signatures: not here. */
export const addDomainAdministrator: Command<Uint8Array, undefined> = {
  id: CommandId.AddDomainAdministrator,
  name: "add-domain-administrator",
  section: "ep11-wire.md 10.3",
  malformedInput: { returnCode: ReturnCode.DATA_LEN_RANGE },
  encodeInput: checkCertificateSize,
  decodeInput: checkCertificateSize,
  ...noOutput,
};

function checkCertificateSize(certificate: Uint8Array): Uint8Array {
  const { length } = certificate;
  if (length > 0 && length <= MAX_ADMIN_CERTIFICATE_SIZE) return certificate;
  throw new WireError("certificate", 0, `1 to ${MAX_ADMIN_CERTIFICATE_SIZE} bytes`, `${length}`);
}
