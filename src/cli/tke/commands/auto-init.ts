// auto-init: initializes a service instance: administrators, thresholds, and one random master key in all its crypto units
// (workstation.md 7.1).

import { equal } from "../../../bytes.ts";
import { inImprintMode } from "../../../client/attributes.ts";
import { PreconditionError, UsageError } from "../../../errors.ts";
import { checkInit, autoInit as initialize } from "../../../procedures/auto-init.ts";
import { MAX_ADMINISTRATORS } from "../../../procedures/configuration.ts";
import type { UnitResult, UpdateProgress } from "../../../procedures/participants.ts";
import type { Administrator } from "../../../workstation/signer.ts";
import { viewListed } from "../change.ts";
import { initDryRun } from "../init-steps.ts";
import { chooseInstance } from "../instances.ts";
import { allDone } from "../outcomes.ts";
import type { Session } from "../session.ts";
import { CHANGE_OPTIONS, flagOption, textOption, tkeCommand } from "../tke-command.ts";
import { type ListedUnit, listUnits, selectInstance } from "../units.ts";

export const autoInit = tkeCommand({
  name: "auto-init",
  summary: "Initialize a service instance: administrators, thresholds and a random master key",
  examples: [
    ["opentke auto-init", "asks for everything"],
    [
      "opentke auto-init --signature-threshold 2 --revocation-threshold 2 --admins 3 --keynum '1 2 3' --password-file pw",
      "asks nothing",
    ],
    ["opentke auto-init --resume", "goes on with one that was interrupted"],
  ],
  options: {
    instance: textOption("INSTANCE NUM of the service instance"),
    "signature-threshold": textOption("Administrators who must sign a command, 1 to 8"),
    "revocation-threshold": textOption("Administrators who must sign the removal of one, 1 to 8"),
    admins: textOption("Administrators to install, 1 to 8"),
    keynum: textOption("KEYNUM values of existing signature key files; empty for none"),
    key: textOption("Ids of the administrators' keys in the signing service"),
    name: textOption(
      "Names of the administrators to create keys for, or of those with keys in the signing service, separated by commas",
    ),
    resume: flagOption("Go on with an initialization that was interrupted"),
    ...CHANGE_OPTIONS,
  },
  again: "auto-init --resume",
  run: async (session) => {
    const units = await chooseInstance(session, await listUnits(session), "initialize");
    await requirePristine(session, units);
    const { signatureThreshold, revocationThreshold, count } = await numbers(session);
    const makeReady = await session.keySource.chooseAdministrators(count);
    const administrators = await makeReady();
    const configuration = { signatureThreshold, revocationThreshold, administrators };
    const resume = session.argv["resume"] === true;
    const selected = units.map(({ unit }) => unit);
    const { client } = await session.target();
    if (session.dryRun) {
      const views = await checkInit(client, selected, configuration, { resume });
      return initDryRun(units, views, configuration, newcomers(session, administrators));
    }
    await selectInstance(session, units);
    const results = await initialize(client, selected, configuration, {
      progress: (step) => session.show(`${progressLine(step)}\n`),
      resume,
    });
    allDone(units, results.map(outcomeOf), goOn(session, administrators));
    const hint = `To check it, use the ${session.hint("cryptounit-compare")} command.\n`;
    return {
      text: `${session.ok}The service instance was initialized.\n${hint}`,
      json: {
        instance: selected[0]!.instance,
        units: units.map(({ number }) => number),
        signatureThreshold,
        revocationThreshold,
      },
    };
  },
});

/** Administrators whose keys have no files, and are to have some. */
function newcomers({ signingService, signatureKeys }: Session, administrators: readonly Administrator[]): string[] {
  if (signingService !== null) return [];
  const keys = signatureKeys.list();
  return administrators.flatMap(({ name, ski }) => (keys.some(({ file }) => equal(file.ski, ski)) ? [] : [name]));
}

/** What brings the units up to each other. Administrators whose keys were made on the way have key files now. */
function goOn({ signingService, signatureKeys }: Session, administrators: readonly Administrator[]): string {
  const keys = signingService === null ? signatureKeys.list() : [];
  const used = administrators.flatMap(({ ski }) => keys.find(({ file }) => equal(file.ski, ski)) ?? []);
  const keynums = used.length > 0 ? ` --keynum ${used.map(({ keynum }) => keynum).join(",")}` : "";
  return `run 'opentke auto-init --resume${keynums}'`;
}

/** @throws PreconditionError naming the units that are not in imprint mode, unless --resume is given */
async function requirePristine(session: Session, units: readonly ListedUnit[]): Promise<void> {
  if (session.argv["resume"] === true) return;
  const problems = (await viewListed(session, units)).flatMap(({ unit, attributes }) => {
    if (inImprintMode(attributes)) return [];
    const nextStep = "go on with 'opentke auto-init --resume', or zeroize it with 'opentke cryptounit-zeroize'";
    return [{ unit: unit.location, problem: "is not in imprint mode", nextStep }];
  });
  if (problems.length > 0) throw new PreconditionError(problems);
}

async function numbers({ prompts }: Session) {
  const advice = "A value of 2 or more enforces dual control.";
  const signatureThreshold = inRange(
    "signature threshold",
    await prompts.number(`\nEnter the new signature threshold value:\n${advice}`, "signature-threshold"),
    1,
  );
  const revocationThreshold = inRange(
    "revocation signature threshold",
    await prompts.number(`\nEnter the new revocation signature threshold value:\n${advice}`, "revocation-threshold"),
    1,
  );
  const least = Math.max(signatureThreshold, revocationThreshold);
  const question = "\nEnter the number of administrators you want to install:";
  return {
    signatureThreshold,
    revocationThreshold,
    count: inRange("number of administrators", await prompts.number(question, "admins"), least),
  };
}

/** @throws UsageError */
function inRange(what: string, value: number, least: number): number {
  if (value >= least && value <= MAX_ADMINISTRATORS) return value;
  throw new UsageError(`${what}: want ${least} to ${MAX_ADMINISTRATORS}, got ${value}.`);
}

function progressLine({ phase, at, of }: UpdateProgress): string {
  const lines: Readonly<Record<UpdateProgress["phase"], string>> = {
    zeroize: "Zeroizing crypto units....",
    administrators: `Installing administrator ${at} of ${of}....`,
    thresholds: "Setting the signature thresholds....",
    generate: "Generating a random master key value....",
    transfer: `Transferring the master key value to ${at} of ${of} crypto units....`,
  };
  return lines[phase];
}

function outcomeOf(result: UnitResult) {
  return result.status === "done"
    ? { ok: true as const, value: undefined }
    : { ok: false as const, error: result.error };
}
