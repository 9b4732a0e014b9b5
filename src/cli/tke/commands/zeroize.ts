// cryptounit-zeroize: administrators, thresholds and master keys of the selected crypto units are gone.

import { inImprintMode, Permission } from "../../../client/attributes.ts";
import { zeroizeDomain } from "../../../commands/zeroize-domain.ts";
import { zeroizeUnits } from "../../../procedures/zeroize.ts";
import { keysFor, type SelectedUnit, signersOf, unchanged, viewSelected } from "../change.ts";
import { command, dryRunResult } from "../dry-run.ts";
import { allDone } from "../outcomes.ts";
import { openSigners } from "../signing.ts";
import { CHANGE_OPTIONS, tkeCommand } from "../tke-command.ts";

const WARNING = `
Warning!  The administrators, the thresholds and the master keys of the selected crypto units will be erased.
Are you sure you want to zeroize the selected crypto units?
Answer [y/N]:`;

export const cryptounitZeroize = tkeCommand({
  name: "cryptounit-zeroize",
  summary: "Zeroize the selected crypto units",
  examples: [
    ["opentke cryptounit-zeroize", "warns, asks, and asks for the password of one who signs"],
    ["opentke cryptounit-zeroize --dry-run", "which crypto units it would be"],
  ],
  options: CHANGE_OPTIONS,
  run: async (session) => {
    const units = await viewSelected(session);
    const what = "erase administrators, thresholds and master keys";
    const keys = await keysFor(session, units, signaturesFor);
    if (session.dryRun) {
      const plan = units.map((unit) => command(unit, zeroizeDomain, signersOf(unit, keys, signaturesFor)));
      return dryRunResult(what, units, plan);
    }
    if (!(await session.prompts.confirm(WARNING))) return unchanged(units);
    const signers = await openSigners(keys);
    session.progress.show("Zeroizing crypto units....");
    const { client } = await session.target();
    const outcomes = await zeroizeUnits(
      client,
      units.map(({ unit }) => unit),
      signers,
    );
    allDone(units, outcomes);
    const next = `\nThey are in imprint mode: begin again with the ${session.hint("cryptounit-admin-add")} command.\n`;
    return {
      text: `${session.ok}The selected crypto units have been zeroized.\n${next}`,
      json: { zeroized: units.map(({ number }) => number) },
    };
  },
});

/** Signatures that a unit wants for its zeroizing (unit-behaviour.md 4.1). */
function signaturesFor({ attributes }: SelectedUnit): number {
  if (inImprintMode(attributes)) return 0;
  return (attributes.permissions & Permission.ZeroOneSign) !== 0 ? 1 : attributes.signatureThreshold;
}
