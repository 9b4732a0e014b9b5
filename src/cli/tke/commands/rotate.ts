// auto-mk-rotate and cryptounit-mk-rotate: another master key for a service instance, and its key storage with it (workstation.md 6.3,
// 7.2 and 8).

import { setTimeout } from "node:timers/promises";
import { toHex } from "../../../bytes.ts";
import { InterruptedError, PreconditionError } from "../../../errors.ts";
import { autoMkRotate, inspectAutoRotation } from "../../../procedures/auto-mk-rotate.ts";
import { inspectMkRotation, mkRotate } from "../../../procedures/mk-rotate.ts";
import type { RotationProgress, RotationRequest } from "../../../procedures/rotation.ts";
import type { RotationCheck } from "../../../procedures/rotation-check.ts";
import { wholeNumber } from "../../command.ts";
import { unchanged, viewAfter, viewListed } from "../change.ts";
import { autoRotationPlan, dryRunResult, type PlannedCommand, rotationEnd, type SeenUnit } from "../dry-run.ts";
import { chooseInstance } from "../instances.ts";
import type { SourceKey } from "../key-source.ts";
import { registerSection } from "../sections.ts";
import type { Result, Session } from "../session.ts";
import { openSigners, signingKeys } from "../signing.ts";
import { CHANGE_OPTIONS, flagOption, textOption, tkeCommand } from "../tke-command.ts";
import { type ListedUnit, listUnits, selectedUnits, selectInstance } from "../units.ts";

export const autoMkRotateCommand = tkeCommand({
  name: "auto-mk-rotate",
  summary: "Rotate the master key of a service instance: a new random one, key storage re-encrypted",
  examples: [
    ["opentke auto-mk-rotate", "asks for the service instance and the administrators' passwords"],
    ["opentke auto-mk-rotate --instance 1 --password-file pw", "asks nothing"],
    ["opentke auto-mk-rotate --dry-run", "the pre-check alone"],
  ],
  options: {
    instance: textOption("INSTANCE NUM of the service instance"),
    delay: textOption("Seconds in which the server finds the new values; 30 if left out"),
    "replace-pending": flagOption(
      "Replace a new master key even if key storage may be under it: those root keys are lost",
    ),
    ...CHANGE_OPTIONS,
  },
  run: async (session) => {
    const units = await chooseInstance(session, await listUnits(session), "rotate the master key of");
    const { client } = await session.target();
    const request = await requestOf(session, units);
    const replacePending = session.argv["replace-pending"] === true;
    const delay = session.argv["delay"] === undefined ? {} : { delay: 1000 * wholeNumber(session.argv, "delay") };
    if (session.dryRun) {
      const { keyStorage, signers } = request;
      const check = await inspectAutoRotation(client, keyStorage, request.units, signers, replacePending);
      return dryRun("rotate the master key", units, check, autoRotationPlan);
    }
    await selectInstance(session, units);
    const options = { progress: teller(session), wait: waiter(session), replacePending, ...delay };
    const pattern = await autoMkRotate(client, request, options);
    return rotated(session, units, pattern);
  },
});

const PRE_CHECK = `
Before key storage is re-encrypted, a pre-check looks at the selected crypto units: all of one service instance, with one signature threshold, one current and one committed new master key.
Do you want to continue?
Answer [y/N]:`;

export const cryptounitMkRotate = tkeCommand({
  name: "cryptounit-mk-rotate",
  summary: "Re-encrypt key storage for the committed new master key, and make that the current one",
  examples: [
    ["opentke cryptounit-mk-rotate", "asks, and asks for one administrator's password"],
    ["opentke cryptounit-mk-rotate --force --password-file pw", "asks nothing; also after an interruption"],
  ],
  options: CHANGE_OPTIONS,
  run: async (session) => {
    const units = await selectedUnits(session);
    const { client } = await session.target();
    const request = await requestOf(session, units);
    if (session.dryRun) {
      const check = await inspectMkRotation(client, request.keyStorage, request.units, request.signers);
      return dryRun("re-encrypt key storage and activate the new master key", units, check, rotationEnd);
    }
    if (!(await session.prompts.confirm(PRE_CHECK))) return unchanged(await viewListed(session, units));
    const pattern = await mkRotate(client, request, { progress: teller(session), wait: waiter(session) });
    return rotated(session, units, pattern);
  },
});

async function requestOf(session: Session, units: readonly ListedUnit[]): Promise<RotationRequest<SourceKey>> {
  const { keyStorage } = await session.target();
  return {
    keyStorage,
    units: units.map(({ unit }) => unit),
    signers: await signingKeys(session),
    open: openSigners,
  };
}

/** @throws PreconditionError if there is a problem */
function dryRun(
  what: string,
  units: readonly ListedUnit[],
  { problems, views, signers, threshold }: RotationCheck<SourceKey>,
  planOf: (units: readonly SeenUnit[], signers: readonly SourceKey[]) => PlannedCommand[],
): Result {
  if (problems.length > 0) throw new PreconditionError(problems);
  const seen = views.map((view, at) => ({ ...units[at]!, ...view }));
  return dryRunResult(what, units, planOf(seen, signers.slice(0, threshold)));
}

async function rotated(session: Session, units: readonly ListedUnit[], pattern: Uint8Array): Promise<Result> {
  const after = await viewAfter(session, units);
  return {
    text: `${session.ok}The master key was rotated.\n\n${registerSection(after, "current")}${session.next("check key storage", "keystore check")}`,
    json: {
      instance: units[0]!.unit.instance,
      units: units.map(({ number }) => number),
      verificationPattern: toHex(pattern),
    },
  };
}

/** Waits on the clock, until the user interrupts. */
function waiter({ io }: Session): (milliseconds: number) => Promise<void> {
  return async (milliseconds) => {
    try {
      await setTimeout(milliseconds, undefined, { signal: io.signal });
    } catch (cause) {
      throw new InterruptedError("interrupted", { cause });
    }
  };
}

/** Shows each step as a line that stays: which of M1 and M2 was printed decides what to do after a failure. */
function teller(session: Session): (progress: RotationProgress) => void {
  return (progress) => session.show(`${lineOf(progress)}\n`);
}

function lineOf(progress: RotationProgress): string {
  switch (progress.phase) {
    case "clear":
      return "Clearing the new master key registers....";
    case "generate":
      return "Generating a random master key value....";
    case "transfer":
      return "Transferring the master key value to the other crypto units....";
    case "commit":
      return "Committing the new master key registers....";
    case "committed":
      return `A delay of ${progress.delay / 1000} seconds is needed so that the server can discover the new master key values....`;
    case "rewrap":
      return "Re-encrypting key storage....";
    case "rewrapping":
      return `Re-encrypting key storage: ${progress.message}....`;
    case "rewrapped":
      return "KMS CRK rewrap successful. Waiting for set immediate....";
    case "finalize":
      return "Activating the new master key....";
  }
}
