// RSA administrators and key parts for RSA importer keys, made by BigInt and by hand.

import { constants, createPublicKey, publicEncrypt } from "node:crypto";
import type { Administrator } from "../../src/unit/state.ts";
import { certificate, der, fromHexText, octets, rsaPublicKey, rsaSignerInfo, rsaSpki, seq } from "./handmade.ts";
import { big, bytesOf, power, type RsaNumbers } from "./rsa-keys.ts";
import { x931Block } from "./rsa-x931.ts";
import type { Lab } from "./unit-lab.ts";

/** The administrator with this key. */
export function rsaAdmin(lab: Lab, { n }: RsaNumbers, name = "RSA administrator"): Administrator {
  const publicKey = rsaPublicKey(fromHexText(n));
  const ski = lab.core.sha256(publicKey);
  return { ski, publicKey, certificate: certificate(rsaSpki(publicKey), ski, name) };
}

/** block^d mod n. */
export function rsaSign({ n, d }: RsaNumbers, block: Uint8Array): Uint8Array {
  return bytesOf(power(big(block), BigInt(`0x${d}`), BigInt(`0x${n}`)));
}

export const negated = ({ n }: RsaNumbers, signature: Uint8Array): Uint8Array =>
  bytesOf(BigInt(`0x${n}`) - big(signature));

/** The key's SignerInfo on a message. */
export function rsaSigned(lab: Lab, key: RsaNumbers, message: Uint8Array): Uint8Array {
  return rsaSignerInfo(rsaAdmin(lab, key).ski, rsaSign(key, x931Block(message)));
}

/** RecipientInfo of ep11-wire.md 11.4. */
export function rsaRecipientInfo(ski: Uint8Array, encrypted: Uint8Array): Uint8Array {
  return seq(fromHexText("020102"), der(0x80, ski), fromHexText("300d06092a864886f70d0101010500"), octets(encrypted));
}

/** What OpenSSL makes of a key part for an RSAPublicKey. */
export function encryptPart(publicKey: Uint8Array, part: Uint8Array): Uint8Array {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "pkcs1" });
  return new Uint8Array(publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, part));
}

/** block^e mod n: a block as it is. */
export function encryptBlock(publicKey: Uint8Array, block: Uint8Array): Uint8Array {
  return bytesOf(power(big(block), 65537n, big(publicKey.subarray(9, 265))));
}

export const xorParts = (...parts: readonly Uint8Array[]): Uint8Array =>
  parts.reduce((sum, part) => sum.map((byte, i) => byte ^ part[i]!), new Uint8Array(32));
