// Administrators whose keys are in a signing service: signers like any other, and their certificates.

import type { Core } from "../core/api.ts";
import { Status } from "../core/status.ts";
import { attachAdminSignature, encodeAdminTbs } from "../wire/admin-certificate.ts";
import { RAW_SIGNATURE_SIZE } from "../wire/ecdsa-signature.ts";
import { KeyType } from "../wire/ids.ts";
import { SigningServiceError } from "./errors.ts";
import type { Administrator, Signer } from "./signer.ts";
import type { ServiceKeyAccess, SigningService } from "./signing-service.ts";

/** A key of a signing service as a client signs with it. What the service signs is believed only if it verifies. */
export class ServiceKey {
  readonly keyType = KeyType.P521;
  /** 04 || X || Y, 133 bytes. */
  readonly publicKey: Uint8Array;
  readonly #core: Core;
  readonly #service: SigningService;
  readonly #access: ServiceKeyAccess;

  /** Asks the service for the key. @throws SigningServiceError, also if it is no point of the curve; UsageError */
  static async open(core: Core, service: SigningService, access: ServiceKeyAccess): Promise<ServiceKey> {
    const publicKey = await service.publicKey(access);
    if (!isPoint(core, publicKey)) {
      const message = `key '${access.id}': the signing service's public key is no point of the curve P-521`;
      throw new SigningServiceError(message, { retryable: false });
    }
    return new ServiceKey(core, service, access, publicKey);
  }

  private constructor(core: Core, service: SigningService, access: ServiceKeyAccess, publicKey: Uint8Array) {
    this.#core = core;
    this.#service = service;
    this.#access = access;
    this.publicKey = publicKey;
  }

  /**
   * Signatures r || s of 132 bytes, each verified with the public key.
   * @throws SigningServiceError if one is not this key's of its message, or the service does not sign; UsageError
   */
  async sign(messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const { publicKey } = this;
    const signatures = await this.#service.sign(this.#access, messages);
    const verdicts = this.#core.verify(
      messages.map((message, at) => ({ publicKey, message, signature: signatures[at]! })),
    );
    if (verdicts.every(Boolean)) return signatures;
    const message = `key '${this.#access.id}': the signing service returned a signature that does not verify with the key's public key; it was not used`;
    throw new SigningServiceError(message, { retryable: false });
  }
}

/** The signer of a key of the service. @throws as {@link ServiceKey.open} */
export async function serviceSigner(
  core: Core,
  service: SigningService,
  name: string,
  access: ServiceKeyAccess,
): Promise<Signer & { readonly key: ServiceKey }> {
  const key = await ServiceKey.open(core, service, access);
  return { name, ski: core.sha256(key.publicKey), publicKey: key.publicKey, key };
}

/**
 * The signer with his certificate. The service signs the hash of what IBM's client hashes already: the signature is over
 * SHA-512(SHA-512(TBS)), and nobody checks it (ep11-wire.md 12.3).
 * @throws WireError if the name is longer than 30 bytes; as {@link ServiceKey.sign}
 */
export async function serviceAdministrator(
  core: Core,
  signer: Signer & { readonly key: ServiceKey },
): Promise<Administrator & { readonly key: ServiceKey }> {
  const { name, ski, publicKey, key } = signer;
  const tbs = encodeAdminTbs(name, { keyType: KeyType.P521, publicKey }, ski);
  const [signature] = await key.sign([core.sha512(tbs)]);
  return { ...signer, certificate: attachAdminSignature(tbs, KeyType.P521, signature!) };
}

/** The core says of any signature whether the key is bad, or the signature alone; this one is r = s = 1. */
function isPoint(core: Core, publicKey: Uint8Array): boolean {
  const signature = new Uint8Array(RAW_SIGNATURE_SIZE);
  signature[RAW_SIGNATURE_SIZE / 2 - 1] = 1;
  signature[RAW_SIGNATURE_SIZE - 1] = 1;
  const signers = [{ ski: new Uint8Array(32), publicKey, signature }];
  const [verdict] = core.verifyQuorum([{ message: publicKey, required: 0, signers }]);
  return verdict!.statuses[0] !== Status.BadPoint;
}
