// ECDSA P-521 with SHA-512 by node:crypto.

import { createPublicKey, verify } from "node:crypto";
import { encodeSpki } from "../../src/wire/spki.ts";

/** Whether r || s (132 bytes) is a signature of `data` by the key 04||X||Y (133 bytes). */
export function p521Verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const spki = Buffer.from(encodeSpki({ keyType: "p521ec", publicKey }));
  const key = createPublicKey({ key: spki, format: "der", type: "spki" });
  return verify("sha512", data, { key, dsaEncoding: "ieee-p1363" }, signature);
}
