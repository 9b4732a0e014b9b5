// Certificate chains of modules (ep11-wire.md 9.4).
//
//   certificate 0   the module's current epoch key: the OA key      every certificate is signed by the next one's key,
//   certificate 1   its parent ...                                  the last one by a root that is known by SKI and key
//   certificate n   return code 96, reason 60: there is none
//
// A certificate does not name its module. The answers that carry the chain do, and they are signed with the OA key, so they are
// verified with it together with the chain.

import { equal, toHex, u32 } from "../bytes.ts";
import type { VerifyJob } from "../core/api.ts";
import { CheckError } from "../errors.ts";
import { reasonCodeOf } from "../wire/admin-response.ts";
import { outputOf } from "../wire/answer.ts";
import { CommandId } from "../wire/ids.ts";
import { decodeOaCertificate, END_OF_CHAIN, type OaCertificate } from "../wire/oa-certificate.ts";
import { checkEcho, openAnswer, type SignedAnswer } from "./answer.ts";
import type { Delivery } from "./delivery.ts";
import { regroup } from "./groups.ts";
import { readFrom } from "./naming.ts";
import { mapEach, type Outcome, success, unwrap } from "./outcome.ts";
import { type Question, query } from "./question.ts";
import { knownRoot, type PinnedRoot } from "./roots.ts";
import type { CryptoUnit } from "./units.ts";
import { signatureOf, type Verifier } from "./verification.ts";

export type { PinnedRoot };

/** Real chains have two or three certificates; a module that goes on and on is not one. */
const MAX_DEPTH = 8;

/** A module's chain as far as it has been read, through one of its units. */
export interface Chain {
  readonly unit: CryptoUnit;
  readonly certificates: readonly OaCertificate[];
  /** The answers that carried them, and the last one, that there are no more. */
  readonly answers: readonly SignedAnswer[];
  readonly complete: boolean;
}

/** The chains of the units' modules: all certificates 0 in one batch, then all certificates 1, and so on. Nothing is verified. */
export async function readChains(delivery: Delivery, units: readonly CryptoUnit[]): Promise<Outcome<Chain>[]> {
  let chains = units.map((unit): Outcome<Chain> => success({ unit, certificates: [], answers: [], complete: false }));
  for (let index = 0; index <= MAX_DEPTH; index++) {
    const open = chains.flatMap((chain, at) => (chain.ok && !chain.value.complete ? [at] : []));
    if (open.length === 0) return chains;
    const questions = open.map((at) => query(units[at]!, CommandId.QueryDeviceCertificate, u32(index)));
    const answers = await delivery.send(questions);
    const extended = new Map(open.map((at, place) => [at, { question: questions[place]!, answer: answers[place]! }]));
    chains = mapEach(chains, (chain, at) => {
      const step = extended.get(at);
      if (step === undefined) return chain;
      if (!step.answer.ok) throw step.answer.error;
      return extend(chain, step.question, step.answer.value);
    });
  }
  return mapEach(chains, (chain) => {
    if (chain.complete) return chain;
    throw untrusted(chain, `more than ${MAX_DEPTH} certificates`);
  });
}

function extend(chain: Chain, question: Question, bytes: Uint8Array): Chain {
  const { unit } = chain;
  const answer = readFrom(unit, () => openAnswer(bytes));
  checkEcho(question, answer);
  const answers = [...chain.answers, answer];
  if (chain.certificates.length > 0 && isEndOfChain(answer)) return { ...chain, answers, complete: true };
  const certificate = readFrom(unit, () => decodeOaCertificate(outputOf(answer)));
  return { ...chain, answers, certificates: [...chain.certificates, certificate] };
}

function isEndOfChain(answer: SignedAnswer): boolean {
  const { returnCode, reasonCode } = END_OF_CHAIN;
  return answer.returnCode === returnCode && reasonCodeOf(answer.output) === reasonCode;
}

/** The OA keys of complete chains, for each a CheckError if it is not to be trusted. All signatures in one call of the core. */
export function verifyChains(
  verifier: Verifier,
  roots: readonly PinnedRoot[],
  chains: readonly Outcome<Chain>[],
): Outcome<Uint8Array>[] {
  const signatures = mapEach(chains, (chain) => signaturesOf(chain, roots));
  const jobs = signatures.map((outcome) => (outcome.ok ? outcome.value : []));
  const verdicts = regroup(
    verifier.verify(jobs.flat()),
    jobs.map(({ length }) => length),
  );
  return mapEach(signatures, (_, at) => {
    const chain = unwrap(chains[at]!);
    const good = verdicts[at]!;
    const bad = good.indexOf(false);
    const { length } = chain.certificates;
    if (bad >= length) throw new CheckError("oa-signature", `${chain.unit.location}: ${NOT_ITS_OWN}`);
    if (bad >= 0) throw untrusted(chain, `the signature of certificate ${bad} is not good`);
    return chain.certificates[0]!.publicKey.slice();
  });
}

const NOT_ITS_OWN = "the certificates were not sent by the module whose OA key they certify; check the endpoint";

/** What must verify: each certificate under its signer's key, then the answers under the OA key. */
function signaturesOf(chain: Chain, roots: readonly PinnedRoot[]): VerifyJob[] {
  const { certificates, answers } = chain;
  const links = certificates.map((certificate, at): VerifyJob => {
    if (equal(certificate.subjectSki, certificate.signerSki))
      throw untrusted(chain, `certificate ${at} is self-signed`);
    const publicKey = signerKey(chain, at, roots);
    return { publicKey, message: certificate.body, signature: certificate.signature };
  });
  const oaKey = certificates[0]!.publicKey;
  return [...links, ...answers.map((answer) => signatureOf(answer, oaKey))];
}

/** The key that must have signed certificate `at`: that of the next certificate, or of a pinned root. */
function signerKey(chain: Chain, at: number, roots: readonly PinnedRoot[]): Uint8Array {
  const { signerSki } = chain.certificates[at]!;
  const parent = chain.certificates[at + 1];
  if (parent === undefined) {
    const root = roots.find(({ ski }) => equal(ski, signerSki));
    if (root) return root.publicKey;
    throw untrusted(chain, notPinned(signerSki, roots));
  }
  if (equal(parent.subjectSki, signerSki)) return parent.publicKey;
  throw untrusted(chain, `certificate ${at + 1} is not that of the signer of certificate ${at}`);
}

/** Says which root came, and how to trust it if that is right. */
function notPinned(ski: Uint8Array, roots: readonly PinnedRoot[]): string {
  const pinned = roots.map((root) => `${root.name} (${toHex(root.ski)})`).join(", ");
  const known = knownRoot(ski);
  const step = known
    ? `that is IBM's root ${known.name}: trust it with '--root ${known.name}' if the endpoint is IBM's`
    : "trust it with '--root-file' only if its key came to you by a way that you trust";
  return `want a root that is trusted, ${pinned || "of which there is none"}, got ${toHex(ski)}; ${step}`;
}

function untrusted({ unit }: Chain, why: string): CheckError {
  return new CheckError("oa-chain", `${unit.location}: certificate chain of module ${unit.serial}: ${why}`);
}
