// Administrators' signatures on a command: who signed, and whether that is enough (unit-behaviour.md 4.2).
//
// SignerInfos are taken in order; the first that is wrong decides. What can be told without cryptography is told here, and the
// signatures before it are for the card to verify. Those of RSA keys are verified on the host, each by itself; the card counts.

import { equal } from "../bytes.ts";
import type { QuorumJob, QuorumSigner, QuorumVerdict } from "../core/api.ts";
import { Status } from "../core/status.ts";
import { WireError } from "../errors.ts";
import { Reader, Tag } from "../wire/der.ts";
import { KeyType } from "../wire/ids.ts";
import { decodeSignerInfos, type SignerInfo } from "../wire/signer-info.ts";
import { keyTypeOf } from "../wire/spki.ts";
import type { Signed } from "./handler.ts";
import { type Refusal, Refused } from "./refusal.ts";
import { verifyX931 } from "./rsa.ts";
import type { Administrator } from "./state.ts";

const MAX_SIGNERS = 8;

/** The signatures on one signed message, as far as they may count. */
export interface Signatures extends QuorumJob {
  /** Who made each: installed administrators. */
  readonly signedBy: readonly Administrator[];
  /** What is wrong after them, if anything. */
  readonly flaw: Refusal | null;
}

/** Reads the signatures on a message, up to the first that cannot count. */
export function readSignatures(
  { message, signatures, required }: Signed,
  administrators: readonly Administrator[],
): Signatures {
  const reader = new Reader(signatures);
  const signers: QuorumSigner[] = [];
  const signedBy: Administrator[] = [];
  let flaw: Refusal | null = null;
  while (reader.more && flaw === null) {
    const info = signers.length < MAX_SIGNERS ? next(reader) : Refused.tooManySigners;
    const administrator = "ski" in info ? administrators.find(({ ski }) => equal(ski, info.ski)) : undefined;
    if (!("ski" in info)) flaw = info;
    else if (administrator === undefined) flaw = Refused.unknownSigner;
    // The signature of the other kind of key.
    else if (info.keyType !== keyTypeOf(administrator.publicKey)) flaw = Refused.signatureRejected;
    else {
      signers.push(signerOf(administrator, message, info.signature));
      signedBy.push(administrator);
    }
  }
  return { message, required, signers, signedBy, flaw };
}

function signerOf({ ski, publicKey }: Administrator, message: Uint8Array, signature: Uint8Array): QuorumSigner {
  if (keyTypeOf(publicKey) === KeyType.P521) return { ski, publicKey, signature };
  return { ski, valid: verifyX931(publicKey, message, signature) };
}

function next(reader: Reader): SignerInfo | Refusal {
  try {
    return decodeSignerInfos(reader.raw(Tag.Sequence, "SignerInfo"))[0]!;
  } catch (error) {
    if (error instanceof WireError) return Refused.signatureMalformed;
    throw error;
  }
}

/** Why the signatures do not allow the command, or null. */
export function quorumRefusal({ flaw }: Signatures, verdict: QuorumVerdict): Refusal | null {
  if (verdict.statuses.some((status) => status !== Status.Ok && status !== Status.Duplicate)) {
    return Refused.signatureRejected;
  }
  if (flaw !== null) return flaw;
  return verdict.met ? null : Refused.tooFewSignatures;
}

/** Administrators whose signatures count, each once. */
export function distinctSigners(signatures: readonly Signatures[]): Uint8Array[] {
  return [...new Set(signatures.flatMap(({ signedBy }) => signedBy.map(({ ski }) => ski)))];
}
