// cryptounit-admins, cryptounit-admin-add, cryptounit-admin-rm: the administrators of the selected crypto units.

import { equal, toHex } from "../../../bytes.ts";
import { groupBy } from "../../../client/groups.ts";
import { addDomainAdministrator } from "../../../commands/add-domain-administrator.ts";
import { removeDomainAdministrator } from "../../../commands/remove-domain-administrator.ts";
import { PreconditionError, type Problem, UsageError } from "../../../errors.ts";
import { MAX_ADMINISTRATORS } from "../../../procedures/configuration.ts";
import { includesSki } from "../../../procedures/signers.ts";
import { stepJob } from "../../../procedures/update-steps.ts";
import type { Administrator } from "../../../workstation/signer.ts";
import { change, type SelectedUnit, viewSelected } from "../change.ts";
import { shortSki } from "../key-tables.ts";
import { administratorSection, administratorsJson } from "../sections.ts";
import type { Session } from "../session.ts";
import { CHANGE_OPTIONS, TARGET_OPTIONS, textOption, tkeCommand } from "../tke-command.ts";
import { unitJson } from "../units.ts";

export const cryptounitAdmins = tkeCommand({
  name: "cryptounit-admins",
  summary: "List the administrators of the selected crypto units",
  examples: [["opentke cryptounit-admins", "names and key identifiers, for each crypto unit"]],
  options: TARGET_OPTIONS,
  run: async (session) => {
    const units = await viewSelected(session);
    const groups = groupBy(units, ({ unit }) => unit.instance);
    const blocks = Array.from(groups, ([instance, own]) =>
      own.some(({ named }) => named.length > 0)
        ? administratorSection(own, "\nCRYPTO UNIT ADMINISTRATORS")
        : `\nNo crypto unit administrators for service instance ${instance}\n`,
    );
    const json = units.map((unit) => ({ ...unitJson(unit), administrators: administratorsJson(unit) }));
    return { text: blocks.join("\n"), json: { units: json } };
  },
});

export const cryptounitAdminAdd = tkeCommand({
  name: "cryptounit-admin-add",
  summary: "Add an administrator to the selected crypto units",
  examples: [
    ["opentke cryptounit-admin-add", "shows the signature keys and asks"],
    ["opentke cryptounit-admin-add --keynum 2 --password-file pw", "asks nothing"],
    ["opentke cryptounit-admin-add --key alice --name 'Alice Doe'", "a key of the signing service (TKE_SIGNSERV_URL)"],
  ],
  options: {
    keynum: textOption("KEYNUM of the administrator's signature key"),
    key: textOption("Id of the administrator's key in the signing service"),
    name: textOption("Name of the administrator whose key is in the signing service, at most 30 bytes"),
    ...CHANGE_OPTIONS,
  },
  run: async (session) => {
    const units = await viewSelected(session);
    const key = await session.keySource.chooseAdministrator();
    requireRoom(units, key.ski);
    const what = `add administrator '${key.name}'`;
    let administrator: Administrator | undefined;
    const added = await change(session, units, {
      what,
      command: addDomainAdministrator,
      signatures: ({ attributes }) => attributes.signatureThreshold,
      ask: async () => {
        administrator = await key.open();
        return true;
      },
      job: ({ unit }, signers) => stepJob(unit, { kind: "add", administrator: administrator!, signers }),
    });
    if ("instead" in added) return added.instead;
    const next = `\nWhen all administrators are there, set the thresholds with the ${session.hint("cryptounit-thrhld-set")} command.\n`;
    const imprint = units.some(({ attributes }) => attributes.signatureThreshold === 0);
    return {
      text: `${session.ok}The crypto unit administrator was added to the selected crypto units.\n${imprint ? next : ""}`,
      json: {
        added: { name: key.name, ski: toHex(key.ski) },
        units: units.map(({ number }) => number),
      },
    };
  },
});

/** @throws PreconditionError naming the units that have this administrator, or as many as they can have */
function requireRoom(units: readonly SelectedUnit[], ski: Uint8Array): void {
  const problems = units.flatMap(({ unit, administrators }): Problem[] => {
    if (includesSki(administrators, ski)) {
      const nextStep = "deselect it with 'opentke cryptounit-rm', or choose another key";
      return [{ unit: unit.location, problem: "this administrator is installed already", nextStep }];
    }
    if (administrators.length < MAX_ADMINISTRATORS) return [];
    const problem = `it has ${MAX_ADMINISTRATORS} administrators, which is as many as it can have`;
    return [{ unit: unit.location, problem, nextStep: "remove one with 'opentke cryptounit-admin-rm'" }];
  });
  if (problems.length > 0) throw new PreconditionError(problems);
}

export const cryptounitAdminRm = tkeCommand({
  name: "cryptounit-admin-rm",
  summary: "Remove an administrator from the selected crypto units",
  examples: [
    ["opentke cryptounit-admin-rm", "shows the administrators and asks"],
    ["opentke cryptounit-admin-rm --admin 754adadb --password-file pw", "by the first digits of the key identifier"],
  ],
  options: {
    admin: textOption("Number in the list, name, or first digits (8 or more) of the subject key identifier"),
    ...CHANGE_OPTIONS,
  },
  run: async (session) => {
    const units = await viewSelected(session);
    const ski = await chosenAdministrator(session, units);
    const holders = units.filter(({ administrators }) => includesSki(administrators, ski));
    const what = `remove administrator ${shortSki(ski)}`;
    const removed = await change(session, holders, {
      what,
      command: removeDomainAdministrator,
      signatures: ({ attributes }) => attributes.revocationThreshold,
      job: ({ unit }, signers) => stepJob(unit, { kind: "remove", ski, signers }),
    });
    if ("instead" in removed) return removed.instead;
    return {
      text: `${session.ok}The crypto unit administrator was removed from the selected crypto units.\n${session.next("see who is left", "cryptounit-admins")}`,
      json: { removed: { ski: toHex(ski) }, units: holders.map(({ number }) => number) },
    };
  },
});

/** @throws UsageError, PreconditionError if no unit has an administrator */
async function chosenAdministrator(session: Session, units: readonly SelectedUnit[]): Promise<Uint8Array> {
  const known: { name: string; ski: Uint8Array }[] = [];
  for (const { ski, name } of units.flatMap(({ named }) => named))
    if (!known.some((one) => equal(one.ski, ski))) known.push({ name: name ?? "(no name)", ski });
  if (known.length === 0) {
    const problem = "no selected crypto unit has an administrator";
    throw new PreconditionError([{ unit: "selection", problem, nextStep: "look at 'opentke cryptounit-admins'" }]);
  }
  const list = known.map(({ name, ski }, at) => `${at + 1}   ${name} (${shortSki(ski)})\n`).join("");
  session.showChoices("admin", () => `\n${list}\n`);
  const answer = await session.prompts.text("Enter the number of the administrator you wish to remove:", "admin");
  const byPrefix = (ski: Uint8Array) => /^[0-9a-f]{8,64}$/i.test(answer) && toHex(ski).startsWith(answer.toLowerCase());
  const found = known.filter(({ name, ski }, at) => `${at + 1}` === answer || name === answer || byPrefix(ski));
  if (found.length === 1) return found[0]!.ski;
  throw new UsageError(`--admin: want one of the administrators, got '${answer}', which is ${found.length} of them.`);
}
