// Zeroizes units: administrators, thresholds and master keys are gone (workstation.md 5.4).

import { inImprintMode, Permission } from "../client/attributes.ts";
import type { Client } from "../client/client.ts";
import { commandJob } from "../client/job.ts";
import type { Outcome } from "../client/outcome.ts";
import type { CryptoUnit } from "../client/units.ts";
import { zeroizeDomain } from "../commands/zeroize-domain.ts";
import { PreconditionError, type Problem } from "../errors.ts";
import type { Signer } from "../workstation/signer.ts";
import { inBatches } from "./batches.ts";
import { unreadableUnit } from "./recovery-problems.ts";
import { installedSigners } from "./signers.ts";
import { type UnitView, viewUnits } from "./view.ts";

/**
 * Zeroizes all of the units, each with exactly the signatures it asks for; none in imprint mode.
 * @throws PreconditionError with all problems if a unit can't be read or lacks signers; then nothing has been changed.
 */
export async function zeroizeUnits(
  client: Client,
  units: readonly CryptoUnit[],
  signers: readonly Signer[],
): Promise<Outcome<undefined>[]> {
  const seen = await viewUnits(client, units);
  const problems = seen.flatMap((outcome, at): Problem[] => {
    if (!outcome.ok) return [unreadableUnit(units[at]!, outcome.error)];
    return shortageOf(outcome.value, signers);
  });
  if (problems.length > 0) throw new PreconditionError(problems);
  const views = seen.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  return inBatches(views, (batch) =>
    client.run(
      batch.map((view) => {
        const own = installedSigners(view, signers).slice(0, signaturesFor(view));
        return commandJob(view.unit, zeroizeDomain, undefined, own);
      }),
    ),
  );
}

/** Signatures that a unit wants for its zeroizing. */
function signaturesFor({ attributes }: UnitView): number {
  if (inImprintMode(attributes)) return 0;
  return (attributes.permissions & Permission.ZeroOneSign) !== 0 ? 1 : attributes.signatureThreshold;
}

function shortageOf(view: UnitView, signers: readonly Signer[]): Problem[] {
  const wanted = signaturesFor(view);
  const found = installedSigners(view, signers).length;
  if (found >= wanted) return [];
  const problem = `want ${wanted} of its administrators to sign, got the keys of ${found}`;
  const nextStep = "select more signature keys with 'sigkey-sel'";
  return [{ unit: view.unit.location, problem, nextStep, lacks: "signatures" }];
}
