// What auto-init would do, step by step: its dry run.

import { equal } from "../../bytes.ts";
import { inImprintMode } from "../../client/attributes.ts";
import { RegisterStatus } from "../../client/registers.ts";
import { UnitType } from "../../client/units.ts";
import type { Configuration } from "../../procedures/configuration.ts";
import type { NamedView } from "../../procedures/view.ts";
import type { Result } from "./session.ts";
import type { ListedUnit } from "./units.ts";

/** In: the listed units of an instance, what each says in the same order, and what was checked of both. */
export function initDryRun(
  units: readonly ListedUnit[],
  views: readonly NamedView[],
  configuration: Configuration,
  created: readonly string[],
): Result {
  const steps = initSteps(units, views, configuration, created);
  const text = steps.length > 0 ? steps.map((step, at) => `${at + 1}. ${step}\n`).join("") : "Nothing is left to do.\n";
  return {
    text: `Dry run: all checks passed, nothing was changed.\nWithout --dry-run:\n${text}`,
    json: { dryRun: true, instance: units[0]!.unit.instance, units: units.map(({ number }) => number), steps },
  };
}

/** In: names of the administrators whose keys are to be made. */
function initSteps(
  units: readonly ListedUnit[],
  views: readonly NamedView[],
  { administrators, signatureThreshold, revocationThreshold }: Configuration,
  created: readonly string[],
): string[] {
  const where = (chosen: (view: NamedView) => boolean): string => numbersOf(units, views, chosen);
  const pristine = where(({ attributes }) => inImprintMode(attributes));
  const lacking = where((view) => administrators.some(({ ski }) => !knows(view, ski)));
  const names = administrators.map(({ name }) => name).join(", ");
  const unset = where(
    ({ attributes }) =>
      attributes.signatureThreshold !== signatureThreshold || attributes.revocationThreshold !== revocationThreshold,
  );
  return [
    ...(created.length > 0 ? [`Create signature key files for ${created.join(", ")}.`] : []),
    ...(pristine ? [`Zeroize, and select, CRYPTO UNIT NUM ${pristine}.`] : []),
    ...(lacking ? [`Install the administrators ${names} in CRYPTO UNIT NUM ${lacking}.`] : []),
    ...(unset
      ? [
          `Set the signature threshold to ${signatureThreshold}, and the revocation signature threshold to ${revocationThreshold}, in CRYPTO UNIT NUM ${unset}.`,
        ]
      : []),
    ...masterKeySteps(units, views),
  ];
}

/** A unit in imprint mode is zeroized first, and has none then. */
function knows({ attributes, administrators }: NamedView, ski: Uint8Array): boolean {
  return !inImprintMode(attributes) && administrators.some((installed) => equal(installed, ski));
}

/** As the master key is distributed: from the first recovery unit that has it, or else the first one, which gets it. */
function masterKeySteps(units: readonly ListedUnit[], views: readonly NamedView[]): string[] {
  const recovery = views.filter(({ unit }) => unit.type === UnitType.Recovery);
  const source = recovery.find(isSet) ?? recovery[0]!;
  const from = numbersOf(units, views, (view) => view === source);
  const targets = numbersOf(units, views, (view) => view !== source && !isSet(view));
  return [
    ...(isSet(source) ? [] : [`Generate a random master key value in CRYPTO UNIT NUM ${from}.`]),
    ...(targets ? [`Transfer the master key value from CRYPTO UNIT NUM ${from} to ${targets}.`] : []),
  ];
}

function isSet({ registers }: NamedView): boolean {
  return registers.current.status === RegisterStatus.Valid;
}

function numbersOf(
  units: readonly ListedUnit[],
  views: readonly NamedView[],
  chosen: (view: NamedView) => boolean,
): string {
  return views.flatMap((view, at) => (chosen(view) ? [units[at]!.number] : [])).join(" ");
}
