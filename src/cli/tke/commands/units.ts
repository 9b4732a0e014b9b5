// cryptounits, cryptounit-add, cryptounit-rm: which crypto units there are, and which ones commands go to.

import { groupBy } from "../../../client/groups.ts";
import { PreconditionError, UsageError } from "../../../errors.ts";
import { unreadableUnit } from "../../../procedures/recovery-problems.ts";
import { viewUnits } from "../../../procedures/view.ts";
import { DRY_RUN_OPTION } from "../../options.ts";
import { dryRunOf } from "../dry-run.ts";
import { recordModules, unrecorded } from "../modules.ts";
import type { Session } from "../session.ts";
import { flagOption, TARGET_OPTIONS, textOption, tkeCommand } from "../tke-command.ts";
import { keepSelection, type ListedUnit, listUnits, unitJson, unitListing } from "../units.ts";

export const cryptounits = tkeCommand({
  name: "cryptounits",
  summary: "List the crypto units of the resource group, and which are selected",
  examples: [
    ["opentke cryptounits", "service instances with their crypto units"],
    ["opentke cryptounits --output json", "the same for programs"],
  ],
  options: TARGET_OPTIONS,
  run: async (session) => {
    const units = await listUnits(session);
    const strangers = unrecorded(
      session,
      units.map(({ unit }) => unit),
    );
    const refused = strangers.length > 0 ? await recordModules(session, strangers) : [];
    for (const { message } of refused) session.warn(`${message}.`);
    return listing(session, units, "");
  },
});

async function listing(session: Session, units: readonly ListedUnit[], intro: string) {
  const groups = groupBy(units, ({ unit }) => unit.instance);
  const instances = Array.from(groups, ([id, own]) => ({ id, units: own.map(unitJson) }));
  return { text: `${intro}${await unitListing(session, units)}`, json: { instances } };
}

const SELECTION_OPTIONS = {
  units: textOption("CRYPTO UNIT NUM values, separated by spaces"),
  all: flagOption("All crypto units"),
  ...DRY_RUN_OPTION,
  ...TARGET_OPTIONS,
};

export const cryptounitAdd = tkeCommand({
  name: "cryptounit-add",
  summary: "Select crypto units: commands go to all selected ones",
  examples: [
    ["opentke cryptounit-add", "shows the list and asks"],
    ["opentke cryptounit-add --units '1 2 3 4'", "asks nothing"],
    ["opentke cryptounit-add --all --instance-id ID", "all crypto units of one service instance"],
    ["opentke cryptounit-add --units 3 --accept-oa-keys", "after the firmware of its module was loaded anew"],
  ],
  options: {
    ...SELECTION_OPTIONS,
    "accept-oa-keys": flagOption("Record the OA keys that the modules have now, in place of other ones"),
  },
  run: (session) => select(session, "add", true),
});

export const cryptounitRm = tkeCommand({
  name: "cryptounit-rm",
  summary: "Deselect crypto units",
  examples: [
    ["opentke cryptounit-rm --units 4", "commands go to number 4 no more"],
    ["opentke cryptounit-rm --all", "none is selected any more"],
  ],
  options: SELECTION_OPTIONS,
  run: (session) => select(session, "remove", false),
});

async function select(session: Session, verb: "add" | "remove", selected: boolean) {
  const units = await listUnits(session);
  const numbers = new Set(await chosenNumbers(session, units, verb));
  const chosen = units.map((unit) => (numbers.has(unit.number) ? { ...unit, selected } : unit));
  if (session.dryRun) {
    const what = `${selected ? "select" : "deselect"} CRYPTO UNIT NUM ${[...numbers].join(" ")}`;
    return dryRunOf(what, { units: [...numbers] });
  }
  if (selected) await checkModules(session, chosen);
  keepSelection(session, chosen);
  return listing(session, chosen, `${session.ok}\n`);
}

async function chosenNumbers(session: Session, units: readonly ListedUnit[], verb: string): Promise<number[]> {
  if (session.argv["all"] === true) return units.map(({ number }) => number);
  const list = await unitListing(session, units);
  session.showChoices("units", () => `${list}\n`);
  const question = `Enter a list of CRYPTO UNIT NUM to ${verb}, separated by spaces:`;
  const numbers = await session.prompts.numbers(question, "units");
  const unknown = numbers.find((number) => !units.some((unit) => unit.number === number));
  if (unknown !== undefined) throw new UsageError(`CRYPTO UNIT NUM: want 1 to ${units.length}, got ${unknown}.`);
  if (numbers.length === 0) throw new UsageError("Want at least one CRYPTO UNIT NUM, got none.");
  return numbers;
}

/** Reads what the selected units say, and records their modules: a unit whose chain is not to be trusted is not selected. */
async function checkModules(session: Session, units: readonly ListedUnit[]): Promise<void> {
  const { client } = await session.target();
  const chosen = units.filter(({ selected }) => selected).map(({ unit }) => unit);
  const problems = (await viewUnits(client, chosen)).flatMap((view, at) =>
    view.ok ? [] : [unreadableUnit(chosen[at]!, view.error)],
  );
  if (problems.length > 0) throw new PreconditionError(problems);
  await recordModules(session, chosen);
}
