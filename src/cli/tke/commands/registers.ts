// cryptounit-mk, -mk-load, -mk-commit, -mk-setimm, -mk-clrcur, -mk-clrnew: the master key registers of the selected crypto units.

import { commandJob } from "../../../client/job.ts";
import { RegisterStatus, samePattern } from "../../../client/registers.ts";
import { clearCurrentWk } from "../../../commands/clear-current-wk.ts";
import { clearPendingWk } from "../../../commands/clear-pending-wk.ts";
import type { Command as UnitCommand } from "../../../commands/command.ts";
import { commitPendingWk } from "../../../commands/commit-pending-wk.ts";
import { finalizeWk } from "../../../commands/finalize-wk.ts";
import { PreconditionError } from "../../../errors.ts";
import type { Command } from "../../command.ts";
import { change, requireThresholds, type SelectedUnit, viewAfter, viewSelected } from "../change.ts";
import { registerSection, registersJson } from "../sections.ts";
import type { Result, Session } from "../session.ts";
import { CHANGE_OPTIONS, TARGET_OPTIONS, tkeCommand } from "../tke-command.ts";
import { unitJson } from "../units.ts";

export const cryptounitMk = tkeCommand({
  name: "cryptounit-mk",
  aliases: ["cryptounit-mks"],
  summary: "Show the master key registers of the selected crypto units",
  examples: [["opentke cryptounit-mk", "status and verification pattern of both registers, for each crypto unit"]],
  options: TARGET_OPTIONS,
  run: async (session) => {
    const units = await viewSelected(session);
    return { text: `\n${bothSections(units)}`, json: registersOf(units) };
  },
});

function bothSections(units: readonly SelectedUnit[]): string {
  return `${registerSection(units, "next")}\n\n${registerSection(units, "current")}`;
}

export function registersOf(units: readonly SelectedUnit[]) {
  return { units: units.map((unit) => ({ ...unitJson(unit), ...registersJson(unit.registers) })) };
}

/** @throws PreconditionError naming the units whose register is not as wanted */
function requireRegister(
  units: readonly SelectedUnit[],
  which: "next" | "current",
  wanted: readonly RegisterStatus[],
  nextStep: string,
): void {
  const name = which === "next" ? "new" : "current";
  const problems = units.flatMap(({ unit, registers }) => {
    const { status } = registers[which];
    if (wanted.includes(status)) return [];
    const problem = `its ${name} master key register is ${status}, want ${wanted.join(" or ")}`;
    return [{ unit: unit.location, problem, nextStep }];
  });
  if (problems.length > 0) throw new PreconditionError(problems);
}

export const cryptounitMkCommit = tkeCommand({
  name: "cryptounit-mk-commit",
  summary: "Commit the new master key register of the selected crypto units",
  examples: [
    ["opentke cryptounit-mk-commit", "asks for the passwords of as many administrators as the threshold says"],
  ],
  options: CHANGE_OPTIONS,
  run: async (session) => {
    const units = await viewSelected(session);
    requireThresholds(units);
    const full = [RegisterStatus.FullUncommitted, RegisterStatus.FullCommitted];
    requireRegister(units, "next", full, "load it with 'opentke cryptounit-mk-load'");
    const what = "commit the new master key register";
    const done = await change(session, units, {
      what,
      command: commitPendingWk,
      signatures: ({ attributes }) => attributes.signatureThreshold,
      job: ({ unit, registers }, signers) => commandJob(unit, commitPendingWk, registers.next.pattern, signers),
    });
    if ("instead" in done) return done.instead;
    const after = await viewAfter(session, units);
    const intro = `${session.ok}The new master key register has been committed in the selected crypto units.\n`;
    const next = `\nTo activate the master key, use the ${session.hint("cryptounit-mk-setimm")} command.\n`;
    return { text: `${intro}\n${registerSection(after, "next")}${next}`, json: registersOf(after) };
  },
});

const SETIMM_WARNING = `
Warning!  Any key storage associated with the targeted service instance must be prepared to accept the new master key value before running this command.  Otherwise, key storage may become unusable.
Do you want to continue?
Answer [y/N]:`;

export const cryptounitMkSetimm = tkeCommand({
  name: "cryptounit-mk-setimm",
  summary: "Make the committed new master key the current one in the selected crypto units",
  examples: [
    ["opentke cryptounit-mk-setimm", "warns, asks, and asks for one administrator's password"],
    ["opentke cryptounit-mk-setimm --force --password-file pw", "asks nothing"],
  ],
  options: CHANGE_OPTIONS,
  run: async (session) => {
    const units = await viewSelected(session);
    requireThresholds(units);
    const due = stillDue(units);
    requireRegister(due, "next", [RegisterStatus.FullCommitted], holdOneKey(due) ? NOTHING_DUE : NOTHING_COMMITTED);
    const what = "make the new master key the current one";
    const done = await change(session, due, {
      what,
      command: finalizeWk,
      signatures: () => 1,
      ask: () => session.prompts.confirm(SETIMM_WARNING),
      job: ({ unit, registers }, signers) => commandJob(unit, finalizeWk, registers.next.pattern, signers),
    });
    if ("instead" in done) return done.instead;
    const next = session.next("compare the crypto units", "cryptounit-compare");
    return showAfter(session, units, "Set immediate completed successfully in the selected crypto units.", next);
  },
});

const NOTHING_COMMITTED = "load and commit it with 'opentke cryptounit-mk-load' and 'opentke cryptounit-mk-commit'";
/** So it looks too if the answer to a set immediate was lost. */
const NOTHING_DUE =
  "nothing is left to do if the current master key, which 'opentke cryptounit-mk' shows, is the new one; else load it with 'opentke cryptounit-mk-load'";

/** Whether all of them have one current master key, and no other waits. */
function holdOneKey(units: readonly SelectedUnit[]): boolean {
  const [first] = units;
  return units.every(
    ({ registers: { next, current } }) =>
      next.status === RegisterStatus.Empty &&
      current.status === RegisterStatus.Valid &&
      samePattern(current.pattern, first!.registers.current.pattern),
  );
}

/** All units but those that have the others' new master key as the current one already: an earlier set immediate went so far. */
function stillDue(units: readonly SelectedUnit[]): SelectedUnit[] {
  const pending = units.filter(({ registers }) => registers.next.status === RegisterStatus.FullCommitted);
  const isDone = ({ registers: { next, current } }: SelectedUnit): boolean =>
    next.status === RegisterStatus.Empty &&
    current.status === RegisterStatus.Valid &&
    pending.some(({ registers }) => samePattern(registers.next.pattern, current.pattern));
  return units.filter((unit) => !isDone(unit));
}

async function showAfter(
  session: Session,
  units: readonly SelectedUnit[],
  done: string,
  next: string,
): Promise<Result> {
  const after = await viewAfter(session, units);
  return { text: `${session.ok}${done}\n\n${bothSections(after)}${next}`, json: registersOf(after) };
}

interface Clearing {
  readonly name: string;
  readonly register: "new" | "current";
  readonly command: UnitCommand<undefined, undefined>;
  readonly warning: string;
  /** What for, and the command. */
  readonly next: readonly [string, string];
}

function clearing({ name, register, command, warning, next }: Clearing): Command {
  return tkeCommand({
    name,
    summary: `Clear the ${register} master key register of the selected crypto units`,
    examples: [
      [`opentke ${name}`, "warns, asks, and asks for one administrator's password"],
      [`opentke ${name} --force --password-file pw`, "asks nothing"],
    ],
    options: CHANGE_OPTIONS,
    run: async (session) => {
      const units = await viewSelected(session);
      requireThresholds(units);
      const what = `clear the ${register} master key register`;
      const done = await change(session, units, {
        what,
        command,
        signatures: () => 1,
        ask: () => session.prompts.confirm(`\n${warning}\nDo you want to continue?\nAnswer [y/N]:`),
        job: ({ unit }, signers) => commandJob(unit, command, undefined, signers),
      });
      if ("instead" in done) return done.instead;
      const text = `The ${register} master key register was cleared in the selected crypto units.`;
      return showAfter(session, units, text, session.next(...next));
    },
  });
}

export const cryptounitMkClrcur = clearing({
  name: "cryptounit-mk-clrcur",
  register: "current",
  command: clearCurrentWk,
  warning:
    "Warning!  What is encrypted under the current master key cannot be used until the same key is loaded again.",
  next: ["bring it back from a recovery crypto unit", "auto-mk-recover"],
});

export const cryptounitMkClrnew = clearing({
  name: "cryptounit-mk-clrnew",
  register: "new",
  command: clearPendingWk,
  warning: "Warning!  If a rotation is under way, key storage may already need the new master key.",
  next: ["load key parts", "cryptounit-mk-load"],
});
