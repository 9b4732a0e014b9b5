// cryptounit-compare: whether the selected crypto units are configured alike, section by section.

import { PreconditionError } from "../../../errors.ts";
import { type Agreement, type ComparedUnit, compareUnits } from "../../../procedures/compare.ts";
import { unreadableUnit } from "../../../procedures/recovery-problems.ts";
import { ControlPoint, controlPointsIn, hasControlPoint } from "../../../wire/control-points.ts";
import {
  administratorSection,
  administratorsJson,
  registerSection,
  registersJson,
  thresholdSection,
} from "../sections.ts";
import { TARGET_OPTIONS, tkeCommand } from "../tke-command.ts";
import { blocks, type ListedUnit, selectedUnits, unitJson } from "../units.ts";

type Compared = ListedUnit & ComparedUnit;

/** Shown in any case; others where the units differ. */
const ALWAYS_SHOWN: readonly number[] = [ControlPoint.ALG_EC_25519, ControlPoint.BTC, ControlPoint.ECDSA_OTHER];
const NAMES = new Map<number, string>(Object.entries(ControlPoint).map(([name, bit]) => [bit, name]));

export const cryptounitCompare = tkeCommand({
  name: "cryptounit-compare",
  summary: "Compare how the selected crypto units are configured",
  examples: [
    ["opentke cryptounit-compare", "thresholds, administrators, registers and control points"],
    ["opentke cryptounit-compare --output json", "the same for programs: .alike says whether they agree"],
  ],
  options: TARGET_OPTIONS,
  run: async (session) => {
    const selected = await selectedUnits(session);
    const { client } = await session.target();
    const comparison = await compareUnits(
      client,
      selected.map(({ unit }) => unit),
    );
    const { agreement } = comparison;
    const problems = comparison.units.flatMap((outcome, at) =>
      outcome.ok ? [] : [unreadableUnit(selected[at]!.unit, outcome.error)],
    );
    if (problems.length > 0) throw new PreconditionError(problems);
    const units = comparison.units.flatMap((outcome, at) =>
      outcome.ok ? [{ ...selected[at]!, ...outcome.value }] : [],
    );
    return { text: `\n${sections(units, agreement)}`, json: json(units, agreement) };
  },
});

function sections(units: readonly Compared[], agreement: Agreement): string {
  const verdict = (alike: boolean): string =>
    alike
      ? "\n==> Crypto units are configured the same. <==\n"
      : "\n==> WARNING: Crypto units are configured differently. <==\n";
  return [
    `${thresholdSection(units)}${verdict(agreement.thresholds)}`,
    `${administratorSection(units, "ADMINISTRATORS")}${verdict(agreement.administrators)}`,
    `${registerSection(units, "next")}${verdict(agreement.newRegister)}`,
    `${registerSection(units, "current")}${verdict(agreement.currentRegister)}`,
    `${controlPointSection(units)}${verdict(agreement.controlPoints)}`,
  ].join("\n\n");
}

function controlPointSection(units: readonly Compared[]): string {
  const shown = shownControlPoints(units);
  const rows = blocks(
    units,
    shown.map((bit) => controlPointTitle(bit)),
    ({ controlPoints }) => [shown.map((bit) => (hasControlPoint(controlPoints, bit) ? "Set" : "Not Set"))],
  );
  return `CONTROL POINTS\n${rows}`;
}

/** The three that operators set, and those that are not the same everywhere; ascending. */
function shownControlPoints(units: readonly Compared[]): number[] {
  const all = units.flatMap(({ controlPoints }) => controlPointsIn(controlPoints));
  const differing = all.filter((bit) => units.some(({ controlPoints }) => !hasControlPoint(controlPoints, bit)));
  return [...new Set([...ALWAYS_SHOWN, ...differing])].sort((a, b) => a - b);
}

/** Name of a control point as the plug-in shows it. */
export function controlPointTitle(bit: number): string {
  return `XCP_CPB_${NAMES.get(bit) ?? bit}`;
}

function json(units: readonly Compared[], agreement: Agreement) {
  return {
    alike: Object.values(agreement).every(Boolean),
    agreement,
    units: units.map((unit) => ({
      ...unitJson(unit),
      signatureThreshold: unit.attributes.signatureThreshold,
      revocationThreshold: unit.attributes.revocationThreshold,
      administrators: administratorsJson(unit),
      ...registersJson(unit.registers),
      controlPoints: controlPointsIn(unit.controlPoints),
    })),
  };
}
