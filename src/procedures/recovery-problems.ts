// The preconditions of a recovery, one function for each of the things that can be wrong, each problem with its next step.

import { inImprintMode, Permission } from "../client/attributes.ts";
import { RegisterStatus, samePattern } from "../client/registers.ts";
import { type CryptoUnit, UnitType } from "../client/units.ts";
import { CheckError, type Problem } from "../errors.ts";
import { commonSigners, installedSigners, type KnownSigner, signerText } from "./signers.ts";
import type { Losses } from "./transfer.ts";
import type { UnitView } from "./view.ts";

const SET_THRESHOLDS = "set its thresholds with 'cryptounit-thrhld-set'";

function problem({ location: unit }: CryptoUnit, what: string, nextStep: string): Problem {
  return { unit, problem: what, nextStep };
}

/** A unit that could not be asked, or whose answers are not to be believed. */
export function unreadableUnit(unit: CryptoUnit, error: Error): Problem {
  return problem(unit, `cannot be read: ${error.message}`, unreadableStep(error));
}

function unreadableStep(error: Error): string {
  if (!(error instanceof CheckError)) return "check the endpoint and the token, and run the command again";
  if (error.check === "oa-key")
    return "ask who runs it; if its firmware was loaded anew, record the new key with 'opentke cryptounit-add --accept-oa-keys'";
  return "find out why before anything is sent to it: list the units again, check the endpoint and the roots";
}

/** Units that are named more than once. In: the source, then the targets. */
export function repeatedUnits(units: readonly CryptoUnit[]): Problem[] {
  const seen = new Set<string>();
  return units.flatMap((unit) => {
    if (seen.has(unit.id))
      return [problem(unit, "is named more than once", "name every unit once, as source or as target")];
    seen.add(unit.id);
    return [];
  });
}

/** Why a unit can't be the source. */
export function sourceProblems({ unit, attributes, registers }: UnitView): Problem[] {
  const problems: Problem[] = [];
  if (unit.type !== UnitType.Recovery)
    problems.push(
      problem(unit, `want a recovery unit as the source, got an ${unit.type} one`, "choose a recovery unit"),
    );
  if (inImprintMode(attributes)) problems.push(imprint(unit));
  else if ((attributes.permissions & Permission.WkExport) === 0)
    problems.push(problem(unit, "its permissions forbid the export of its master key", SET_THRESHOLDS));
  if (registers.current.status !== RegisterStatus.Valid) {
    const what = `its current master key register is ${registers.current.status}, want Valid`;
    problems.push(problem(unit, what, "choose a recovery unit that holds the master key"));
  }
  return problems;
}

/** Why a unit can't be a target. In: the source's threshold, 0 if it is not known. */
export function targetProblems({ unit, attributes }: UnitView, source: CryptoUnit, threshold: number): Problem[] {
  if (inImprintMode(attributes)) return [imprint(unit)];
  const problems: Problem[] = [];
  const { signatureThreshold, permissions } = attributes;
  if (threshold > 0 && signatureThreshold !== threshold) {
    const what = `its signature threshold is ${signatureThreshold}, want ${threshold} as in ${source.location}`;
    problems.push(problem(unit, what, SET_THRESHOLDS));
  }
  const wanted = Permission.WkImport | Permission.Wk1Part;
  if ((permissions & wanted) !== wanted)
    problems.push(problem(unit, "its permissions forbid the import of a master key in one part", SET_THRESHOLDS));
  return problems;
}

/** A unit whose administrators and thresholds are yet to be set. */
export function imprint(unit: CryptoUnit): Problem {
  const nextStep =
    "install the administrators with 'cryptounit-admin-add' and set the thresholds with 'cryptounit-thrhld-set'";
  return problem(unit, "is in imprint mode", nextStep);
}

/** Keys of a target that would be lost without leave. */
export function lossProblems({ unit, registers }: UnitView, pattern: Uint8Array, mayLose: Losses): Problem[] {
  const problems: Problem[] = [];
  const { current, next } = registers;
  const other = (register: UnitView["registers"]["next"]) =>
    register.status !== RegisterStatus.Empty && !samePattern(register.pattern, pattern);
  if (other(current) && !mayLose.current) {
    const what = "its current master key register is Valid with another key, which would be lost";
    problems.push(problem(unit, what, "confirm that the key may be replaced, or leave the unit out"));
  }
  if (other(next) && !mayLose.pending) {
    const what = `its new master key register is ${next.status} with another key: a rotation may be under way`;
    problems.push(
      problem(unit, what, "finish the rotation, or clear the register with 'cryptounit-mk-clrnew', or use --force"),
    );
  }
  return problems;
}

/** Units that lack administrators among the signers. In: all units that take part; the threshold, 0 if it is not known. */
export function signerProblems(
  views: readonly UnitView[],
  signers: readonly KnownSigner[],
  threshold: number,
): Problem[] {
  const common = commonSigners(views, signers).length;
  if (threshold === 0 || common >= threshold) return [];
  return views.flatMap((view) => {
    const installed = installedSigners(view, signers);
    const missing = signers.filter((signer) => !installed.includes(signer));
    if (inImprintMode(view.attributes) || (missing.length === 0 && signers.length >= threshold)) return [];
    const lacks = missing.length > 0 ? `, it lacks ${missing.map(signerText).join(", ")}` : "";
    const what = `want ${threshold} of the selected administrators installed in all units, got ${common}${lacks}`;
    const nextStep =
      "install them with 'cryptounit-admin-add', or select others with 'sigkey-sel' (of a signing service: in SIGNSERVKEYS)";
    const found = problem(view.unit, what, nextStep);
    // Nothing is wrong with a unit that knows all of them: there are too few.
    return missing.length === 0 && view.administrators.length >= threshold
      ? [{ ...found, lacks: "signatures" }]
      : [found];
  });
}
