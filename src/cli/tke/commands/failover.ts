// failover-enable: adds failover crypto units to a service instance (workstation.md 6, 7.4).

import { unwrap } from "../../../client/outcome.ts";
import { PreconditionError } from "../../../errors.ts";
import { checkFailoverCount, FAILOVER_UNITS, failoverProblems, mostFailoverUnits } from "../../../fleet/failover.ts";
import { readDomains } from "../../../workstation/domains.ts";
import { chooseInstance } from "../instances.ts";
import { recordModules } from "../modules.ts";
import type { Result, Session } from "../session.ts";
import { flagOption, TARGET_OPTIONS, textOption, tkeCommand } from "../tke-command.ts";
import { keepSelection, type ListedUnit, listUnits, unitJson, unitTables } from "../units.ts";

export const failoverEnable = tkeCommand({
  name: "failover-enable",
  summary: "Add failover crypto units to a service instance: 2 or 3, one at most for each operational one",
  examples: [
    ["opentke failover-enable", "asks for the service instance and the number"],
    ["opentke failover-enable --instance 1 --units 2 --force", "asks nothing"],
    [
      "opentke failover-enable --units 2 --control http://127.0.0.1:9000 --control-token-file token",
      "at an endpoint of 'opentke serve', through its control interface",
    ],
  ],
  options: {
    instance: textOption("INSTANCE NUM of the service instance"),
    units: textOption("Failover crypto units to add, 2 or 3"),
    force: { alias: "f", ...flagOption("Answer y to the question about the cost") },
    "dry-run": flagOption("Say what would be done, and do nothing"),
    ...TARGET_OPTIONS,
    control: textOption("Of an endpoint: URL of its control interface, or unix: and the path of its socket"),
    "control-token-file": textOption("File with a token for the control interface"),
  },
  run: async (session) => {
    const units = await chooseInstance(session, await listUnits(session), "enable failover for");
    const { instance } = units[0]!.unit;
    await requireCandidate(session, instance, units);
    const count = await askCount(session, units);
    const what = `add ${count} failover crypto units to service instance ${instance}`;
    if (session.dryRun)
      return {
        text: `Dry run: nothing was changed.\nWithout --dry-run: ${what}.\n`,
        json: { dryRun: true, what, instance, count },
      };
    if (!(await session.prompts.confirm(COST))) return { text: "Nothing was changed.\n", json: { changed: false } };
    session.progress.show(`${what}....`);
    const ids = await (await session.target()).addFailover(instance, count);
    return report(session, instance, new Set(ids));
  },
});

const COST = `
Failover crypto units are charged in addition to the operational ones.
Do you want to continue?
Answer [y/N]:`;

/** @throws PreconditionError if the instance can't have failover units now */
async function requireCandidate(session: Session, instance: string, units: readonly ListedUnit[]): Promise<void> {
  const { client } = await session.target();
  const registers = (await client.registers(units.map(({ unit }) => unit))).map(unwrap);
  const pending = registers.filter(({ next }) => next.status !== "Empty").length;
  const problems = failoverProblems({ instance, types: units.map(({ unit }) => unit.type), pending });
  if (problems.length > 0) throw new PreconditionError(problems);
}

async function askCount(session: Session, units: readonly ListedUnit[]): Promise<number> {
  const types = units.map(({ unit }) => unit.type);
  const { least } = FAILOVER_UNITS;
  const most = mostFailoverUnits(types);
  const advice = `Enter ${most > least ? `${least} or ${most}` : `${least}`}: one at most for each operational crypto unit.`;
  const question = `\nEnter the number of failover crypto units you want to add:\n${advice}`;
  const count = await session.prompts.number(question, "units");
  checkFailoverCount(types, count);
  return count;
}

/** The instance as it is now, and what is to be done next. */
async function report(session: Session, instance: string, ids: ReadonlySet<string>): Promise<Result> {
  const all = await listUnits(session);
  const added = all.filter(({ unit }) => ids.has(unit.id));
  const own = all.filter(({ unit }) => unit.instance === instance);
  await recordModules(
    session,
    added.map(({ unit }) => unit),
  );
  // Units behind the new ones have other numbers now.
  if (readDomains(session.folder).length > 0) keepSelection(session, all);
  const numbers = added.map(({ number }) => number);
  const steps = nextSteps(session, numbers.join(" "));
  const lines = steps.map((step, at) => `${at + 1}. ${step}\n`).join("");
  return {
    text: `${session.ok}${added.length} failover crypto units were added: CRYPTO UNIT NUM ${numbers.join(" ")}.\n\n${unitTables(own)}\nThey are in imprint mode, and have no master key. Next:\n${lines}`,
    json: { instance, added: added.map(unitJson), nextSteps: steps },
  };
}

/** workstation.md 7.4. */
function nextSteps({ hint }: Session, numbers: string): string[] {
  return [
    `Select them alone: ${hint("cryptounit-rm --all")}, then ${hint(`cryptounit-add --units "${numbers}"`)}.`,
    `Add the administrators of the other crypto units of the service instance: ${hint("cryptounit-admin-add")}.`,
    `Set the same signature thresholds: ${hint("cryptounit-thrhld-set")}.`,
    `Give them the master key: ${hint(`auto-mk-recover --targets "${numbers}"`)}, or load its key parts.`,
    `Select all crypto units of the service instance, and compare them: ${hint("cryptounit-compare")}.`,
  ];
}
