// Who signs: the keys that may (key-source.ts), those of them that the units know, and of these as many as a command needs. Their
// passwords are asked for by every command.

import { toHex } from "../../bytes.ts";
import { PreconditionError, type Problem } from "../../errors.ts";
import { includesSki } from "../../procedures/signers.ts";
import type { Signer } from "../../workstation/signer.ts";
import type { SourceKey } from "./key-source.ts";
import type { Session } from "./session.ts";

/** A unit as far as its administrators are concerned, and how many of them a command to it needs. */
export interface Quorum {
  /** Location of the unit. */
  readonly unit: string;
  /** SKIs of its administrators. */
  readonly administrators: readonly Uint8Array[];
  readonly signatures: number;
}

/** The keys that may sign, in the order of preference, each once. @throws WorkstationError, UsageError, PreconditionError */
export async function signingKeys({ keySource }: Session): Promise<SourceKey[]> {
  const seen = new Set<string>();
  return (await keySource.signing()).filter(({ ski }) => seen.size < seen.add(toHex(ski)).size);
}

/**
 * The keys that are to sign: administrators of all the units, as many as the most demanding of these wants.
 * @throws PreconditionError naming each unit that lacks signers
 */
export async function chooseKeys(session: Session, quorums: readonly Quorum[]): Promise<SourceKey[]> {
  const wanted = Math.max(0, ...quorums.map(({ signatures }) => signatures));
  if (wanted === 0) return [];
  const keys = await signingKeys(session);
  const knownTo = ({ administrators }: Quorum) => keys.filter(({ ski }) => includesSki(administrators, ski));
  const signed = quorums.filter(({ signatures }) => signatures > 0);
  const common = keys.filter((key) => signed.every((quorum) => knownTo(quorum).includes(key)));
  if (common.length >= wanted) return common.slice(0, wanted);
  const { remedy } = session.keySource;
  const problems = signed
    .filter((quorum) => knownTo(quorum).length < wanted)
    .map((quorum) => shortage(quorum, knownTo(quorum).length, wanted, remedy));
  throw new PreconditionError(problems.length > 0 ? problems : [noCommonKeys(common.length, wanted)]);
}

function shortage({ unit, administrators }: Quorum, found: number, wanted: number, nextStep: string): Problem {
  const problem = `want ${wanted} of its administrators to sign, got ${found} selected signature key${found === 1 ? "" : "s"} that it knows`;
  // A unit with fewer administrators wants more of those, not of signatures.
  return { unit, problem, nextStep, ...(administrators.length >= wanted ? { lacks: "signatures" } : {}) };
}

function noCommonKeys(found: number, wanted: number) {
  const problem = `want ${wanted} selected signature keys that all of these crypto units know, got ${found}`;
  return { unit: "all", problem, nextStep: "give the crypto units the same administrators, or work on fewer at once" };
}

/** The keys ready to sign, after the questions for their passwords. */
export async function openSigners(keys: readonly SourceKey[]): Promise<Signer[]> {
  const signers: Signer[] = [];
  for (const key of keys) signers.push(await key.open());
  return signers;
}
