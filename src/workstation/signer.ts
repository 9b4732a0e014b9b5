// Administrators' signature keys that are ready to sign: in a core's key slots or, as rsa-signer.ts has them, elsewhere; with the name,
// identifier and certificate that units know them by.

import type { Core, KeyPair, KeySlot } from "../core/api.ts";
import { attachAdminSignature, encodeAdminTbs } from "../wire/admin-certificate.ts";
import { KeyType } from "../wire/ids.ts";

/** A key that is not in a core, as clients sign with it. */
export interface SignerKey {
  readonly keyType: KeyType;
  /** Signatures of the messages, in their order: P-521 r || s, 132 bytes; RSA-2048 X9.31, 256 bytes. */
  sign(messages: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

export interface Signer {
  /** At most 30 bytes of UTF-8. */
  readonly name: string;
  /** 32 bytes: SHA-256 of the public key (workstation.md 3.2). */
  readonly ski: Uint8Array;
  /** P-521: 04 || X || Y, 133 bytes. RSA-2048: RSAPublicKey, 270 bytes. */
  readonly publicKey: Uint8Array;
  readonly key: KeySlot | SignerKey;
}

/** A signer with a key in a core. */
export interface CardSigner extends Signer {
  readonly key: KeySlot;
}

/** A signer who is to be installed in units. */
export interface Administrator extends Signer {
  /** ep11-wire.md 12.1, 12.2. */
  readonly certificate: Uint8Array;
}

/** The signer of a key that is in a slot of `core`. */
export function signerOf(core: Core, name: string, { slot, publicKey }: KeyPair): CardSigner {
  return { name, ski: core.sha256(publicKey), publicKey, key: slot };
}

/** Signers with fresh keys in `core`, one for each name. */
export function generateSigners(core: Core, names: readonly string[]): CardSigner[] {
  return core.keyGenerate(names.length).map((pair, at) => signerOf(core, names[at]!, pair));
}

/**
 * The signers with their certificates, each signed with its own key.
 * @throws WireError if a name is longer than 30 bytes.
 */
export function administratorsOf(core: Core, signers: readonly CardSigner[]): (Administrator & CardSigner)[] {
  const tbs = signers.map(({ name, ski, publicKey }) =>
    encodeAdminTbs(name, { keyType: KeyType.P521, publicKey }, ski),
  );
  const signatures = core.sign(signers.map(({ key }, at) => ({ key, message: tbs[at]! })));
  return signers.map((signer, at) => ({
    ...signer,
    certificate: attachAdminSignature(tbs[at]!, KeyType.P521, signatures[at]!),
  }));
}
