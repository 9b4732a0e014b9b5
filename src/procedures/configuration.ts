// How the units of a service instance are to be administered, and what can be wrong with that in itself (workstation.md 5.2).

import { toHex } from "../bytes.ts";
import type { Client } from "../client/client.ts";
import type { Problem } from "../errors.ts";
import type { Administrator } from "../workstation/signer.ts";

/** Most administrators of a unit, and with them the highest threshold. */
export const MAX_ADMINISTRATORS = 8;
/** Bytes of a name in a certificate. */
const MAX_NAME = 30;

export interface Configuration {
  /** 1..8. */
  readonly signatureThreshold: number;
  /** 1..8. */
  readonly revocationThreshold: number;
  /** Up to 8, at least as many as each threshold; all their keys are at hand. */
  readonly administrators: readonly Administrator[];
}

const about = (problem: string, nextStep: string): Problem => ({ unit: "configuration", problem, nextStep });

/** What is wrong with a configuration in itself, its keys included. */
export async function configurationProblems(client: Client, configuration: Configuration): Promise<Problem[]> {
  const { administrators } = configuration;
  const thresholds = [
    ["signature threshold", configuration.signatureThreshold],
    ["revocation signature threshold", configuration.revocationThreshold],
  ] as const;
  const problems = thresholds.flatMap(([name, value]) => thresholdProblems(name, value, administrators.length));
  if (administrators.length > MAX_ADMINISTRATORS)
    problems.push(
      about(`want at most ${MAX_ADMINISTRATORS} administrators, got ${administrators.length}`, "name fewer"),
    );
  return [...problems, ...nameProblems(administrators), ...(await keyProblems(client, administrators))];
}

function thresholdProblems(name: string, value: number, administrators: number): Problem[] {
  if (!Number.isInteger(value) || value < 1 || value > MAX_ADMINISTRATORS)
    return [about(`${name}: want 1..${MAX_ADMINISTRATORS}, got ${value}`, "choose another")];
  if (administrators >= value) return [];
  return [about(`${name} ${value}: want as many administrators, got ${administrators}`, "name more, or lower it")];
}

function nameProblems(administrators: readonly Administrator[]): Problem[] {
  return administrators.flatMap(({ name }) => {
    const size = new TextEncoder().encode(name).length;
    return size <= MAX_NAME ? [] : [about(`name '${name}': want up to ${MAX_NAME} bytes, got ${size}`, "shorten it")];
  });
}

async function keyProblems(client: Client, administrators: readonly Administrator[]): Promise<Problem[]> {
  const tried = await client.tryKeys(administrators);
  const seen = new Set<string>();
  return administrators.flatMap(({ name, ski }, at) => {
    const why = tried[at];
    const problems = why
      ? [
          about(
            `the signature key of '${name}' can't be used: ${why.message}`,
            "check its file, or its signing service",
          ),
        ]
      : [];
    const twice = seen.has(toHex(ski));
    seen.add(toHex(ski));
    return twice ? [...problems, about(`the signature key of '${name}' is listed twice`, "list it once")] : problems;
  });
}
