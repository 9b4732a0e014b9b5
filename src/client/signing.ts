// Administrators' signatures: of keys in the core all in one call, of keys elsewhere in one call for each key.

import type { Core, KeySlot } from "../core/api.ts";
import { WireError } from "../errors.ts";
import { KeyType } from "../wire/ids.ts";
import { failure, type Outcome, success } from "./outcome.ts";

/** A key that signs outside of the core: an RSA key on the host, a key of a signing service. */
export interface ExternalKey {
  readonly keyType: KeyType;
  /** Signatures of the messages, in their order: P-521 r || s, 132 bytes; RSA-2048 X9.31, 256 bytes. */
  sign(messages: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

/** An administrator's key, and how units know it. */
export interface SigningKey {
  /** 32 bytes. */
  readonly ski: Uint8Array;
  /** In the core that signs, or outside. */
  readonly key: KeySlot | ExternalKey;
}

export interface SigningJob {
  readonly key: SigningKey["key"];
  readonly message: Uint8Array;
}

export function keyTypeOfSigner({ key }: SigningKey): KeyType {
  return typeof key === "number" ? KeyType.P521 : key.keyType;
}

/**
 * The signatures, in the order of the jobs. A key outside of the core that fails spoils its own alone.
 * @throws what the core throws; then nobody has signed.
 */
export async function signAll(core: Core, jobs: readonly SigningJob[]): Promise<Outcome<Uint8Array>[]> {
  const inside = jobs.flatMap(({ key, message }) => (typeof key === "number" ? [{ key, message }] : []));
  const made = inside.length > 0 ? core.sign(inside) : [];
  if (inside.length === jobs.length) return made.map(success);
  const outside = await signOutside(jobs);
  let next = 0;
  return jobs.map((job) => outside.get(job) ?? success(made[next++]!));
}

async function signOutside(jobs: readonly SigningJob[]): Promise<Map<SigningJob, Outcome<Uint8Array>>> {
  const keys = new Set(jobs.flatMap(({ key }) => (typeof key === "number" ? [] : [key])));
  const signed = await Promise.all(
    Array.from(keys, async (key) => {
      const own = jobs.filter((job) => job.key === key);
      const outcomes = await signaturesOf(
        key,
        own.map(({ message }) => message),
      );
      return own.map((job, at) => [job, outcomes[at]!] as const);
    }),
  );
  return new Map(signed.flat());
}

/** One outcome for each message. */
async function signaturesOf(key: ExternalKey, messages: readonly Uint8Array[]): Promise<Outcome<Uint8Array>[]> {
  try {
    const signatures = await key.sign(messages);
    if (signatures.length === messages.length) return signatures.map(success);
    throw new WireError("signatures of an external key", 0, `${messages.length}`, `${signatures.length}`);
  } catch (error) {
    return messages.map(() => failure(error));
  }
}
