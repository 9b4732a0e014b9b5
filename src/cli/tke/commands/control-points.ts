// cryptounit-cp, -cp-btc, -cp-eddsa, -cp-sig-other: control points of the selected crypto units.

import { Permission } from "../../../client/attributes.ts";
import { commandJob, queryJob } from "../../../client/job.ts";
import { addDomainControlPoints } from "../../../commands/add-domain-control-points.ts";
import { deleteDomainControlPoints } from "../../../commands/delete-domain-control-points.ts";
import { queryDomainControlPoints } from "../../../commands/query-domain-control-points.ts";
import { UsageError } from "../../../errors.ts";
import { inBatches } from "../../../procedures/batches.ts";
import { CONTROL_POINTS_SIZE, ControlPoint, controlPointSet, hasControlPoint } from "../../../wire/control-points.ts";
import type { Command } from "../../command.ts";
import { change, requireThresholds, type SelectedUnit, viewSelected } from "../change.ts";
import { allDone } from "../outcomes.ts";
import type { Result, Session } from "../session.ts";
import { CHANGE_OPTIONS, flagOption, textOption, tkeCommand } from "../tke-command.ts";
import { blocks, unitJson } from "../units.ts";
import { controlPointTitle } from "./compare.ts";

export const cryptounitCp = tkeCommand({
  name: "cryptounit-cp",
  summary: "Show or change one control point of the selected crypto units",
  examples: [
    ["opentke cryptounit-cp --number 66", "whether it is set, in each crypto unit"],
    ["opentke cryptounit-cp --number 66 --set", "sets it; --clear clears it"],
  ],
  options: {
    number: textOption("Number of the control point, 0 to 127"),
    set: flagOption("Set it"),
    clear: flagOption("Clear it"),
    ...CHANGE_OPTIONS,
  },
  run: async (session) => {
    const { argv, prompts } = session;
    if (argv["set"] === true && argv["clear"] === true) throw new UsageError("Want --set or --clear, not both.");
    const bit = await prompts.number("Enter the number of the control point:", "number");
    const last = 8 * CONTROL_POINTS_SIZE - 1;
    if (bit > last) throw new UsageError(`control point: want 0 to ${last}, got ${bit}.`);
    const units = await viewSelected(session);
    if (argv["set"] === true) return turn(session, units, bit, true);
    if (argv["clear"] === true) return turn(session, units, bit, false);
    return show(session, units, bit, "");
  },
});

/** A command that sets one control point. */
function enabling(name: string, bit: ControlPoint, what: string): Command {
  return tkeCommand({
    name,
    summary: `Enable ${what} in the selected crypto units (control point ${bit})`,
    examples: [[`opentke ${name}`, "asks for the passwords of those who sign"]],
    options: CHANGE_OPTIONS,
    run: async (session) => turn(session, await viewSelected(session), bit, true),
  });
}

export const cryptounitCpBtc = enabling("cryptounit-cp-btc", ControlPoint.BTC, "digital asset functions");
export const cryptounitCpEddsa = enabling("cryptounit-cp-eddsa", ControlPoint.ALG_EC_25519, "Ed25519 signatures");
export const cryptounitCpSigOther = enabling("cryptounit-cp-sig-other", ControlPoint.ECDSA_OTHER, "other signatures");

async function turn(session: Session, units: readonly SelectedUnit[], bit: number, on: boolean): Promise<Result> {
  requireThresholds(units);
  const what = `${on ? "set" : "clear"} control point ${bit}, ${controlPointTitle(bit)}`;
  const command = on ? addDomainControlPoints : deleteDomainControlPoints;
  const done = await change(session, units, {
    what,
    command,
    signatures: signaturesFor,
    job: ({ unit }, signers) => commandJob(unit, command, controlPointSet([bit]), signers),
  });
  if ("instead" in done) return done.instead;
  const intro = `${session.ok}The control point was ${on ? "set" : "cleared"} in the selected crypto units.\n`;
  return show(session, units, bit, intro);
}

/** unit-behaviour.md 4.1. */
function signaturesFor({ attributes: { signatureThreshold, permissions } }: SelectedUnit): number {
  return (permissions & Permission.CpOneSign) !== 0 ? Math.min(1, signatureThreshold) : signatureThreshold;
}

async function show(session: Session, units: readonly SelectedUnit[], bit: number, intro: string): Promise<Result> {
  const { client } = await session.target();
  const outcomes = await inBatches(units, (batch) =>
    client.query(batch.map(({ unit }) => queryJob(unit, queryDomainControlPoints, undefined))),
  );
  const sets = allDone(units, outcomes);
  const told = units.map((unit, at) => ({ ...unit, set: hasControlPoint(sets[at]!, bit) }));
  const rows = blocks(told, [controlPointTitle(bit)], ({ set }) => [[set ? "Set" : "Not Set"]]);
  return {
    text: `${intro}\nCONTROL POINTS\n${rows}`,
    json: { controlPoint: bit, units: told.map((unit) => ({ ...unitJson(unit), set: unit.set })) },
  };
}
