// A server certificate for 127.0.0.1, made by hand and signed with its own key (RFC 5280).

import { generateKeyPairSync, sign } from "node:crypto";
import { ascii, cat, der, fromHexText, seq } from "./handmade.ts";

const ECDSA_SHA256 = fromHexText("300a 0608 2a8648ce3d040302");
const NAME = seq(der(0x31, seq(fromHexText("0603550403"), der(0x0c, ascii("127.0.0.1")))));

export interface SelfSignedOptions {
  /** IPv4 address that the certificate is for; 127.0.0.1 if left out. */
  readonly address?: readonly number[];
  /** The last year in which it is valid; 2120 if left out. */
  readonly until?: number;
}

/** basicConstraints: a certificate authority; subjectAltName: an IP address. */
const extensions = (address: readonly number[]) =>
  der(
    0xa3,
    seq(
      seq(fromHexText("0603551d13 0101ff"), der(0x04, seq(fromHexText("0101ff")))),
      seq(fromHexText("0603551d11"), der(0x04, seq(der(0x87, Uint8Array.from(address))))),
    ),
  );

/** PEM. */
export function selfSigned({ address = [127, 0, 0, 1], until = 2120 }: SelfSignedOptions = {}): {
  readonly cert: string;
  readonly key: string;
} {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const spki = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }));
  const version = fromHexText("a003020102 020101");
  const validity = seq(der(0x18, ascii("20200101000000Z")), der(0x18, ascii(`${until}1231000000Z`)));
  const tbs = seq(version, ECDSA_SHA256, NAME, validity, NAME, spki, extensions(address));
  const signature = Uint8Array.from(sign("sha256", tbs, privateKey));
  const bytes = seq(tbs, ECDSA_SHA256, der(0x03, cat(Uint8Array.of(0), signature)));
  const lines = Buffer.from(bytes)
    .toString("base64")
    .match(/.{1,64}/g)!;
  return {
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}
