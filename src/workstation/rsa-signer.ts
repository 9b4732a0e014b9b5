// Administrators with RSA-2048 keys, as old key files hold them: signatures by ANSI X9.31 (ep11-wire.md 7), certificates (12.2). The
// private key is node:crypto's, not the card's: an exception that SECURITY.md lists.

import { constants, createHash, createPublicKey, type KeyObject, privateEncrypt } from "node:crypto";
import { EMPTY } from "../bytes.ts";
import { attachAdminSignature, encodeAdminTbs } from "../wire/admin-certificate.ts";
import { KeyType } from "../wire/ids.ts";
import { modulusOf } from "../wire/spki.ts";
import { x931Block } from "../wire/x931.ts";
import type { Administrator, Signer } from "./signer.ts";

/** An RSA key as a client signs with it. */
export class RsaKey {
  readonly keyType = KeyType.Rsa2048;
  /** RSAPublicKey, 270 bytes. */
  readonly publicKey: Uint8Array;
  readonly #privateKey: KeyObject;

  /** @throws WireError unless it is an RSA-2048 key with exponent 65537. */
  constructor(privateKey: KeyObject) {
    this.publicKey = rsaPublicKey(privateKey);
    modulusOf(this.publicKey);
    this.#privateKey = privateKey;
  }

  /** Signatures of 256 bytes. */
  async sign(messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return messages.map((message) => this.signNow(message));
  }

  signNow(message: Uint8Array): Uint8Array {
    const block = x931Block(sha256(message));
    return new Uint8Array(privateEncrypt({ key: this.#privateKey, padding: constants.RSA_NO_PADDING }, block));
  }
}

/** DER of a private RSA key's public key, SEQUENCE { INTEGER n, INTEGER e }: what its SKI is the SHA-256 of. */
export function rsaPublicKey(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(privateKey).export({ format: "der", type: "pkcs1" }));
}

/** The signer of an RSA key. @throws WireError unless it is an RSA-2048 key with exponent 65537. */
export function rsaSigner(name: string, privateKey: KeyObject): Signer & { readonly key: RsaKey } {
  const key = new RsaKey(privateKey);
  return { name, ski: sha256(key.publicKey), publicKey: key.publicKey, key };
}

/**
 * An administrator with an RSA key. Certificates' self-signatures are over the empty string, as IBM's client makes them; nobody
 * checks them (12.3).
 * @throws WireError if the name is longer than 30 bytes, or as rsaSigner.
 */
export function rsaAdministrator(name: string, privateKey: KeyObject): Administrator {
  const signer = rsaSigner(name, privateKey);
  const { ski, publicKey, key } = signer;
  const tbs = encodeAdminTbs(name, { keyType: KeyType.Rsa2048, publicKey }, ski);
  return { ...signer, certificate: attachAdminSignature(tbs, KeyType.Rsa2048, key.signNow(EMPTY)) };
}

function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(data).digest());
}
