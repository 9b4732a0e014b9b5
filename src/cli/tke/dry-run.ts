// What a dry run says: what would be done, and each command that would be sent, with who would sign it.

import { toHex } from "../../bytes.ts";
import { RegisterStatus, type Registers, samePattern } from "../../client/registers.ts";
import { UnitType } from "../../client/units.ts";
import { clearPendingWk } from "../../commands/clear-pending-wk.ts";
import { commitPendingWk } from "../../commands/commit-pending-wk.ts";
import { exportNextWk } from "../../commands/export-next-wk.ts";
import { exportWk } from "../../commands/export-wk.ts";
import { finalizeWk } from "../../commands/finalize-wk.ts";
import { generateImporterKey } from "../../commands/generate-importer-key.ts";
import { generateRandomWk } from "../../commands/generate-random-wk.ts";
import { importWk } from "../../commands/import-wk.ts";
import type { KnownSigner } from "../../procedures/signers.ts";
import { table } from "../style.ts";
import { shortSki } from "./key-tables.ts";
import type { Result } from "./session.ts";
import type { ListedUnit } from "./units.ts";

/** A command of the protocol, by its name. */
interface Named {
  readonly name: string;
}

/** One command that would be sent to one unit. */
export interface PlannedCommand {
  readonly unit: ListedUnit;
  readonly command: string;
  /** As many as the unit wants; none in imprint mode. */
  readonly signers: readonly KnownSigner[];
}

/** What would be done to units. */
export function dryRunResult(what: string, units: readonly ListedUnit[], plan: readonly PlannedCommand[]): Result {
  const numbers = units.map(({ number }) => number);
  return {
    text: `${dryRunText(`${what} in CRYPTO UNIT NUM ${numbers.join(" ")}`)}${plan.length > 0 ? `\n${planText(plan)}` : ""}`,
    json: { dryRun: true, what, units: numbers, commands: plan.map(planJson) },
  };
}

/** What would be done to something else: files, mostly. */
export function dryRunOf(what: string, about: Readonly<Record<string, unknown>> = {}): Result {
  return { text: dryRunText(what), json: { dryRun: true, what, ...about } };
}

export function dryRunText(what: string): string {
  return `Dry run: nothing was changed.\nWithout --dry-run: ${what}.\n`;
}

function planText(plan: readonly PlannedCommand[]): string {
  const rows = plan.map(({ unit, command, signers }) => {
    const who = signers.map(({ name, ski }) => `${name} (${shortSki(ski)})`).join(", ");
    return [unit.number, command, signers.length, who === "" ? "-" : who];
  });
  return table(["CRYPTO UNIT NUM", "COMMAND", "SIGNATURES", "SIGNERS"], rows);
}

function planJson({ unit, command, signers }: PlannedCommand) {
  return {
    number: unit.number,
    location: unit.unit.location,
    command,
    signatures: signers.length,
    signers: signers.map(({ name, ski }) => ({ name, ski: toHex(ski) })),
  };
}

export type SeenUnit = ListedUnit & { readonly registers: Registers };

/** The commands of auto-mk-recover. In: as many signers as the threshold says. */
export function recoveryPlan(
  source: SeenUnit,
  targets: readonly SeenUnit[],
  signers: readonly KnownSigner[],
): PlannedCommand[] {
  const { pattern } = source.registers.current;
  const has = ({ status, pattern: own }: Registers["next"]) =>
    status !== RegisterStatus.Empty && samePattern(own, pattern);
  return targets.flatMap((target) => {
    const { current, next } = target.registers;
    if (has(current)) return [];
    const one = signers.slice(0, 1);
    const finalize = command(target, finalizeWk, one);
    const commit = command(target, commitPendingWk, signers);
    // An earlier transfer went so far.
    if (has(next)) return next.status === RegisterStatus.FullCommitted ? [finalize] : [commit, finalize];
    return [...transferPlan(source, target, exportWk, signers), commit, finalize];
  });
}

/** The commands of auto-mk-rotate. In: all units of an instance, a recovery unit among them; as many signers as the threshold says. */
export function autoRotationPlan(units: readonly SeenUnit[], signers: readonly KnownSigner[]): PlannedCommand[] {
  const source = units.find(({ unit }) => unit.type === UnitType.Recovery)!;
  const one = signers.slice(0, 1);
  const pending = units.filter(({ registers }) => registers.next.status !== RegisterStatus.Empty);
  return [
    ...pending.map((unit) => command(unit, clearPendingWk, one)),
    command(source, generateRandomWk, one),
    ...units.flatMap((unit) => (unit === source ? [] : transferPlan(source, unit, exportNextWk, signers))),
    ...units.map((unit) => command(unit, commitPendingWk, signers)),
    ...rotationEnd(units, signers),
  ];
}

/** The commands that end a rotation, once key storage is re-encrypted. */
export function rotationEnd(units: readonly ListedUnit[], signers: readonly KnownSigner[]): PlannedCommand[] {
  return units.map((unit) => command(unit, finalizeWk, signers.slice(0, 1)));
}

/** The commands of cryptounit-mk-load. */
export function loadPlan(units: readonly ListedUnit[], signers: readonly KnownSigner[]): PlannedCommand[] {
  const one = signers.slice(0, 1);
  return units.flatMap((unit) => [command(unit, generateImporterKey, one), command(unit, importWk, one)]);
}

function transferPlan(source: ListedUnit, target: ListedUnit, exporting: Named, signers: readonly KnownSigner[]) {
  const one = signers.slice(0, 1);
  return [
    command(target, generateImporterKey, one),
    command(source, exporting, signers),
    command(target, importWk, one),
  ];
}

export function command(unit: ListedUnit, { name }: Named, signers: readonly KnownSigner[]): PlannedCommand {
  return { unit, command: name, signers };
}
