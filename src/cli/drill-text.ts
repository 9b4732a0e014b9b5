// A drill's report for people: what was struck, each service instance, the verdict.

import { type DrillReport, Phase } from "../scenario/report.ts";
import { StrikeKind } from "../scenario/strikes.ts";
import { contentsText, labels, type Style, table } from "./style.ts";

/** More findings than this are counted, not listed: the JSON report has them all. */
const MAX_FINDINGS = 20;

const STRIKE_LABELS: Readonly<Record<StrikeKind, string>> = {
  [StrikeKind.Zeroized]: "Zeroized",
  [StrikeKind.Cleared]: "Current register cleared",
  [StrikeKind.Replaced]: "Hardware replaced",
  [StrikeKind.TakenOver]: "Key taken over",
};

const PHASE_LABELS: Readonly<Record<Phase, string>> = {
  [Phase.Initialise]: "Initialise the fleet",
  [Phase.Canaries]: "Store canaries",
  [Phase.Strike]: "Strike",
  [Phase.ProveLoss]: "Prove the loss",
  [Phase.Reinitialise]: "Initialise again",
  [Phase.Recover]: "Recover",
  [Phase.ProveRecovery]: "Prove the recovery",
};

/** All of it, on standard output. A failed drill's verdict is not in here: it is the command's error. */
export function drillText(report: DrillReport, style: Style): string {
  const parts = [header(report), strikes(report, style), instances(report, style), phases(report, style)];
  if (report.ok) parts.push(verdict(report, style));
  return parts.join("\n");
}

/** What failed, for the error. */
export function findingsText(report: DrillReport): string {
  const shown = report.findings.slice(0, MAX_FINDINGS);
  const more = report.findings.length - shown.length;
  const rows = shown.map(({ unit, finding }) => [unit, finding]);
  const rest = more > 0 ? `and ${more} more; '--output json' lists them all\n` : "";
  return `${table(["CRYPTO UNIT", "FINDING"], rows)}${rest}`;
}

function header(report: DrillReport): string {
  const { instances, units, modules, region, recoveryRegion, admins, threshold } = report;
  return labels([
    ["Region", `${region} (disaster recovery: ${recoveryRegion})`],
    ["Resource group", report.resourceGroup],
    ["Fleet", contentsText(instances, units, modules)],
    ["Administrators", `${admins}, signature threshold ${threshold}`],
    ["Seed", report.seed],
    ["Crypto core", report.core],
  ]);
}

function strikes(report: DrillReport, style: Style): string {
  const rows = report.strikes.map(({ kind, struck, recovered }) => [STRIKE_LABELS[kind], struck, recovered]);
  return table(["STRIKE", "CRYPTO UNITS", "RECOVERED"], rows, style);
}

function instances(report: DrillReport, style: Style): string {
  const rows = report.serviceInstances.map((instance) => [
    instance.id,
    instance.units,
    instance.struck,
    instance.recovered,
    instance.valid,
    instance.canaries.checked === 0 ? "-" : `${instance.canaries.intact} of ${instance.canaries.checked}`,
    `${instance.pattern}...`,
  ]);
  const header = ["SERVICE INSTANCE", "UNITS", "STRUCK", "RECOVERED", "VALID", "CANARIES", "VERIFICATION PATTERN"];
  const { takeover } = report;
  const note = takeover ? `\n${takeover.taker} took over the master key of ${takeover.giver}.\n` : "";
  return table(header, rows, style) + note;
}

function phases(report: DrillReport, style: Style): string {
  const rows = report.phases.map(({ phase, seconds }) => [PHASE_LABELS[phase], seconds.toFixed(2)]);
  return table(["PHASE", "SECONDS"], rows, style);
}

function verdict(report: DrillReport, style: Style): string {
  const { recovered, struck, seconds, unitsPerSecond, signedCommands, signaturesVerified, canaries, valid, units } =
    report;
  return [
    style.good("OK"),
    `${recovered} of ${struck} struck crypto units recovered in ${seconds.toFixed(2)} s: ${unitsPerSecond.toFixed(1)} units per second.`,
    `${signedCommands} signed commands, ${signaturesVerified} signatures verified.`,
    `${valid} of ${units} current master key registers are Valid with the expected pattern.`,
    `${canaries.checked} canaries checked in struck units: ${canaries.lost} lost after the strike, ${canaries.intact} unwrap now.`,
    "",
  ].join("\n");
}
