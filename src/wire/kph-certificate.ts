// Key-part holder certificate: whom a WK is exported to (ep11-wire.md 10.12). 309 bytes, P-521 alone.
//
//   offset  0  36 zeros            40  00 prime curve     44  04||X||Y (133)
//          36  4B  'K'             41  85 key length     177  132 zeros: no signature
//          37  M   38  N   39  00  42  0209 curve bits

import { isZero } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { POINT_SIZE } from "./spki.ts";

export const KPH_CERTIFICATE_SIZE = 309;

const AT_MAGIC = 36;
const AT_KEY = 44;
const AT_SIGNATURE = AT_KEY + POINT_SIZE;
const MAGIC = 0x4b;

export interface KphCertificate {
  /** Parts needed, and parts made: 1 and 1 as IBM's client writes it, whatever the export's policy. */
  readonly m: number;
  readonly n: number;
  /** 04||X||Y, 133 bytes. */
  readonly publicKey: Uint8Array;
}

/** The certificate for a key. @throws WireError if it is not 133 bytes starting with 04. */
export function encodeKphCertificate(certificate: KphCertificate): Uint8Array {
  const { m, n, publicKey } = certificate;
  if (publicKey.length !== POINT_SIZE || publicKey[0] !== 4) {
    throw new WireError("KPH public key", 0, "133 bytes starting with 04", `${publicKey.length} bytes`);
  }
  const bytes = new Uint8Array(KPH_CERTIFICATE_SIZE);
  bytes.set([MAGIC, m, n, 0x00, 0x00, POINT_SIZE, 0x02, 0x09], AT_MAGIC);
  bytes.set(publicKey, AT_KEY);
  return bytes;
}

/**
 * Reads a certificate. The key is a view; whether it is on the curve is not checked.
 * @throws WireError for any other layout or curve: 3/102.
 */
export function decodeKphCertificate(bytes: Uint8Array): KphCertificate {
  if (bytes.length !== KPH_CERTIFICATE_SIZE) throw new WireError("KPH certificate", 0, "309 bytes", `${bytes.length}`);
  const magic = bytes[AT_MAGIC]!;
  if (!isZero(bytes.subarray(0, AT_MAGIC))) throw new WireError("KPH certificate", 0, "36 zero bytes", "others");
  if (magic !== MAGIC || bytes[39] !== 0) throw new WireError("KPH certificate", AT_MAGIC, "'K', M, N, 0", "others");
  if (bytes[40] !== 0 || bytes[41] !== POINT_SIZE || bytes[42] !== 0x02 || bytes[43] !== 0x09 || bytes[AT_KEY] !== 4) {
    throw new WireError("KPH certificate", 40, "an uncompressed P-521 key", "another");
  }
  if (!isZero(bytes.subarray(AT_SIGNATURE))) throw new WireError("KPH certificate", AT_SIGNATURE, "zeros", "others");
  return { m: bytes[37]!, n: bytes[38]!, publicKey: bytes.subarray(AT_KEY, AT_SIGNATURE) };
}
