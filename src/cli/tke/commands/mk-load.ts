// cryptounit-mk-load: key parts of this workstation into the new master key registers of the selected crypto units.

import { RegisterStatus, samePattern } from "../../../client/registers.ts";
import type { UnitSlot } from "../../../core/api.ts";
import { PreconditionError, UsageError } from "../../../errors.ts";
import { loadKeyParts } from "../../../procedures/load-key-parts.ts";
import { installedSigners } from "../../../procedures/signers.ts";
import { WorkstationError, WrongPasswordError } from "../../../workstation/errors.ts";
import type { Numbered } from "../../../workstation/key-files.ts";
import { type KeyPartFile, openKeyPart } from "../../../workstation/key-part-file.ts";
import { patternOfParts, wrapKeyPart } from "../../../workstation/key-part-wrap.ts";
import { keysFor, requireThresholds, type SelectedUnit, viewSelected } from "../change.ts";
import { dryRunResult, loadPlan } from "../dry-run.ts";
import { allDone } from "../outcomes.ts";
import { registerSection } from "../sections.ts";
import type { Session } from "../session.ts";
import { openSigners } from "../signing.ts";
import { CHANGE_OPTIONS, textOption, tkeCommand } from "../tke-command.ts";
import { FEWEST_PARTS, listParts, requireSomeToChoose } from "./key-parts.ts";
import { registersOf } from "./registers.ts";

const MOST = 3;

export const cryptounitMkLoad = tkeCommand({
  name: "cryptounit-mk-load",
  summary: "Load master key parts into the new master key register of the selected crypto units",
  examples: [
    ["opentke cryptounit-mk-load", "shows the key parts and asks"],
    [
      "opentke cryptounit-mk-load --keynum '1 2' --password-file pw",
      "asks nothing: the signer's password, then each part's",
    ],
  ],
  options: { keynum: textOption("KEYNUM values of 2 or 3 key parts"), ...CHANGE_OPTIONS },
  run: async (session) => {
    const units = await viewSelected(session);
    requireThresholds(units);
    requireUncommitted(session, units);
    requireSomeToChoose(session);
    session.showChoices("keynum", () => listParts(session).text);
    const files = await chosenParts(session);
    const what = `load key parts ${files.map(({ keynum }) => keynum).join(" ")} into the new master key register`;
    const keys = await keysFor(session, units, () => 1);
    if (session.dryRun) return dryRunResult(what, units, loadPlan(units, keys));
    const signers = await openSigners(keys);
    const core = await session.core();
    const slots = await openParts(session, files);
    const pattern = patternOfParts(core, slots);
    requireOther(units, pattern);
    session.progress.show(`${what}....`);
    const { client } = await session.target();
    const views = new Map(units.map((unit) => [unit.unit.id, unit]));
    const outcomes = await loadKeyParts(
      client,
      units.map(({ unit }) => unit),
      {
        pattern,
        parts: slots.map((slot) => (importerKey) => wrapKeyPart(core, slot, importerKey)),
        signerOf: ({ id }) => installedSigners(views.get(id)!, signers)[0]!,
      },
    );
    const registers = allDone(units, outcomes);
    const after = units.map((unit, at) => ({ ...unit, registers: registers[at]! }));
    const intro = `${session.ok}The new master key register has been loaded in the selected crypto units.\n`;
    const next = `\nTo commit it, use the ${session.hint("cryptounit-mk-commit")} command.\n`;
    return { text: `${intro}\n${registerSection(after, "next")}${next}`, json: registersOf(after) };
  },
});

/** @throws UsageError unless 2 or 3 parts are named */
async function chosenParts({ prompts, keyParts }: Session): Promise<Numbered<KeyPartFile>[]> {
  const question =
    "\nEnter the KEYNUM values of the master key parts you wish to load.\n2 or 3 values must be specified, separated by spaces.";
  const keynums = await prompts.numbers(question, "keynum");
  if (keynums.length < FEWEST_PARTS || keynums.length > MOST)
    throw new UsageError(`key parts: want ${FEWEST_PARTS} or ${MOST} KEYNUM values, got ${keynums.length}.`);
  return keynums.map((keynum) => keyParts.get(keynum));
}

/** The parts in slots of the card. @throws WrongPasswordError, WorkstationError naming the part */
async function openParts(session: Session, files: readonly Numbered<KeyPartFile>[]): Promise<UnitSlot[]> {
  const core = await session.core();
  const slots: UnitSlot[] = [];
  for (const [at, { keynum, file }] of files.entries()) {
    const password = await session.prompts.password(`Enter the password for key file ${at + 1}`);
    try {
      slots.push(await openKeyPart(core, file, password));
    } catch (cause) {
      if (!(cause instanceof WorkstationError)) throw cause;
      const Kind = cause instanceof WrongPasswordError ? WrongPasswordError : WorkstationError;
      throw new Kind(`key part KEYNUM ${keynum} (${file.description}): ${cause.message}`, { cause });
    }
  }
  return slots;
}

/** A committed key may be one that key storage is being prepared for. @throws PreconditionError; --force allows it */
function requireUncommitted({ argv }: Session, units: readonly SelectedUnit[]): void {
  if (argv["force"] === true) return;
  const problems = units.flatMap(({ unit, registers }) => {
    if (registers.next.status !== RegisterStatus.FullCommitted) return [];
    const problem = "its new master key register is Full Committed: a rotation may be under way";
    const nextStep = "finish the rotation, or clear the register with 'opentke cryptounit-mk-clrnew', or use --force";
    return [{ unit: unit.location, problem, nextStep }];
  });
  if (problems.length > 0) throw new PreconditionError(problems);
}

/** @throws PreconditionError if the parts make the key that a unit has already */
function requireOther(units: readonly SelectedUnit[], pattern: Uint8Array): void {
  const problems = units.flatMap(({ unit, registers }) => {
    const { status, pattern: current } = registers.current;
    if (status !== RegisterStatus.Valid || !samePattern(current, pattern)) return [];
    const problem = "these parts make the master key that it has already";
    return [{ unit: unit.location, problem, nextStep: "choose another part, at least one" }];
  });
  if (problems.length > 0) throw new PreconditionError(problems);
}
