// cryptounit-thrhlds, cryptounit-thrhld-set: how many administrators must sign, in the selected crypto units.

import { RegisterStatus } from "../../../client/registers.ts";
import { setDomainAttributes } from "../../../commands/set-domain-attributes.ts";
import { PreconditionError, type Problem, UsageError } from "../../../errors.ts";
import { MAX_ADMINISTRATORS } from "../../../procedures/configuration.ts";
import { stepJob } from "../../../procedures/update-steps.ts";
import { change, type SelectedUnit, viewListed, viewSelected } from "../change.ts";
import { thresholdSection } from "../sections.ts";
import { CHANGE_OPTIONS, TARGET_OPTIONS, textOption, tkeCommand } from "../tke-command.ts";
import { unitJson } from "../units.ts";

function thresholdsJson(units: readonly SelectedUnit[]) {
  return {
    units: units.map((unit) => {
      const { signatureThreshold, revocationThreshold } = unit.attributes;
      return { ...unitJson(unit), signatureThreshold, revocationThreshold };
    }),
  };
}

export const cryptounitThrhlds = tkeCommand({
  name: "cryptounit-thrhlds",
  summary: "Show the signature thresholds of the selected crypto units",
  examples: [["opentke cryptounit-thrhlds", "both thresholds, for each crypto unit"]],
  options: TARGET_OPTIONS,
  run: async (session) => {
    const units = await viewSelected(session);
    return { text: `\n${thresholdSection(units)}`, json: thresholdsJson(units) };
  },
});

export const cryptounitThrhldSet = tkeCommand({
  name: "cryptounit-thrhld-set",
  aliases: ["cryptounit-exit-impr"],
  summary: "Set the signature thresholds of the selected crypto units; this leaves imprint mode",
  examples: [
    ["opentke cryptounit-thrhld-set", "asks for both thresholds, and for the passwords of those who sign"],
    [
      "opentke cryptounit-thrhld-set --signature-threshold 2 --revocation-threshold 2 --password-file pw",
      "asks nothing",
    ],
  ],
  options: {
    "signature-threshold": textOption("Administrators who must sign a command, 1 to 8"),
    "revocation-threshold": textOption("Administrators who must sign the removal of one, 1 to 8"),
    ...CHANGE_OPTIONS,
  },
  run: async (session) => {
    const units = await viewSelected(session);
    const { prompts } = session;
    const signatureThreshold = inRange(
      "signature threshold",
      await prompts.number("\nEnter the new signature threshold value:", "signature-threshold"),
    );
    const revocationThreshold = inRange(
      "revocation signature threshold",
      await prompts.number("\nEnter the new revocation signature threshold value:", "revocation-threshold"),
    );
    requireAdministrators(units, Math.max(signatureThreshold, revocationThreshold));
    const what = `set the signature thresholds to ${signatureThreshold} and ${revocationThreshold}`;
    const set = await change(session, units, {
      what,
      command: setDomainAttributes,
      signatures: ({ attributes }) => attributes.signatureThreshold || signatureThreshold,
      job: ({ unit }, signers) => stepJob(unit, { kind: "set", signatureThreshold, revocationThreshold, signers }),
    });
    if ("instead" in set) return set.instead;
    const after = await viewListed(session, units);
    const intro = `${session.ok}New signature threshold values have been set in the selected crypto units.\n`;
    const empty = after.some(({ registers }) => registers.current.status === RegisterStatus.Empty);
    const next = empty ? session.next("make the parts of a master key for them", "mk-add") : "";
    return { text: `${intro}\n${thresholdSection(after)}${next}`, json: thresholdsJson(after) };
  },
});

/** @throws UsageError */
function inRange(what: string, value: number): number {
  if (value >= 1 && value <= MAX_ADMINISTRATORS) return value;
  throw new UsageError(`${what}: want 1 to ${MAX_ADMINISTRATORS}, got ${value}.`);
}

/** @throws PreconditionError naming the units that have fewer administrators */
function requireAdministrators(units: readonly SelectedUnit[], wanted: number): void {
  const problems = units.flatMap(({ unit, administrators }): Problem[] => {
    if (administrators.length >= wanted) return [];
    const problem = `want ${wanted} administrator${wanted === 1 ? "" : "s"} for these thresholds, got ${administrators.length}`;
    return [{ unit: unit.location, problem, nextStep: "add more with 'opentke cryptounit-admin-add'" }];
  });
  if (problems.length > 0) throw new PreconditionError(problems);
}
