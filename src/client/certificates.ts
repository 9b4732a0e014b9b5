// Administrators' certificates as units return them. They are whatever was installed: nothing in them is trusted but the name
// that is shown.

import { WireError } from "../errors.ts";
import { adminNameOf, decodeAdminCertificate } from "../wire/admin-certificate.ts";

/** The name in an administrator's certificate; undefined if it can't be read. */
export function administratorName(certificate: Uint8Array): string | undefined {
  try {
    return adminNameOf(decodeAdminCertificate(certificate));
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
