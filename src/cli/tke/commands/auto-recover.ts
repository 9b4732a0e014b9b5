// auto-mk-recover: the master key of a recovery unit to other crypto units (workstation.md 7.3).

import { toHex } from "../../../bytes.ts";
import { RegisterStatus, samePattern } from "../../../client/registers.ts";
import { UnitType } from "../../../client/units.ts";
import { PreconditionError, UsageError } from "../../../errors.ts";
import { autoMkRecover, type RecoveryRequest } from "../../../procedures/auto-mk-recover.ts";
import { checkRecovery } from "../../../procedures/recovery-check.ts";
import type { TransferResult } from "../../../procedures/transfer.ts";
import { type SelectedUnit, viewAfter, viewListed } from "../change.ts";
import { dryRunResult, recoveryPlan } from "../dry-run.ts";
import { allDone } from "../outcomes.ts";
import { registerSection } from "../sections.ts";
import type { Result, Session } from "../session.ts";
import { openSigners, signingKeys } from "../signing.ts";
import { CHANGE_OPTIONS, textOption, tkeCommand } from "../tke-command.ts";
import { blocks, listUnits } from "../units.ts";

export const autoMkRecoverCommand = tkeCommand({
  name: "auto-mk-recover",
  aliases: ["auto-recover"],
  summary: "Copy the master key of a recovery crypto unit to other crypto units",
  examples: [
    ["opentke auto-mk-recover", "shows the crypto units and asks"],
    [
      "opentke auto-mk-recover --source 3 --targets '1 2 4' --password-file pw",
      "asks nothing, unless a key would be lost",
    ],
    ["opentke auto-mk-recover --source 3 --targets '1 2 4' --dry-run", "what would be done"],
  ],
  options: {
    source: textOption("CRYPTO UNIT NUM of the recovery unit"),
    targets: textOption("CRYPTO UNIT NUM values of the crypto units that are to get its master key"),
    ...CHANGE_OPTIONS,
  },
  run: async (session) => {
    const units = await viewListed(session, await listUnits(session));
    const source = await chooseSource(session, units);
    const targets = await chooseTargets(session, units, source);
    return recover(session, source, targets);
  },
});

async function recover(session: Session, source: SelectedUnit, targets: readonly SelectedUnit[]): Promise<Result> {
  const pending = session.argv["force"] === true;
  const others = holdersOfOthers(source, targets);
  const current = others.length > 0 && (session.dryRun || (await confirmLoss(session, others)));
  const mayLose = { current, pending };
  const keys = await signingKeys(session);
  const { problems, signers, threshold } = checkRecovery(seen(source), targets.map(seen), keys, mayLose);
  if (problems.length > 0) throw new PreconditionError(problems);
  const what = `copy the master key of CRYPTO UNIT NUM ${source.number} to the current registers`;
  if (session.dryRun) return dryRunResult(what, targets, recoveryPlan(source, targets, signers.slice(0, threshold)));
  const results = await transfer(session, {
    source: source.unit,
    targets: targets.map(({ unit }) => unit),
    signers: await openSigners(signers.slice(0, threshold)),
    mayLose,
  });
  const goOn = `run 'opentke auto-mk-recover' again: it passes over the crypto units that have the key`;
  allDone(targets, results.map(outcomeOf), goOn);
  const after = await viewAfter(session, targets);
  return {
    text: `${session.ok}${summary(source, targets, results)}\n${registerSection(after, "current")}${session.next("compare the selected crypto units", "cryptounit-compare")}`,
    json: {
      source: source.number,
      verificationPattern: toHex(source.registers.current.pattern),
      targets: targets.map(({ number }, at) => ({ number, status: results[at]!.status })),
    },
  };
}

async function transfer(session: Session, request: RecoveryRequest): Promise<TransferResult[]> {
  const { client } = await session.target();
  const of = request.targets.length;
  const tell = (done: number): void => session.progress.show(`Recovering ${done} of ${of} crypto units....`);
  tell(0);
  return (await autoMkRecover(client, request, tell)).map(({ result }) => result);
}

function summary(source: SelectedUnit, targets: readonly SelectedUnit[], results: readonly TransferResult[]): string {
  const those = (status: TransferResult["status"]) =>
    targets.flatMap(({ number }, at) => (results[at]!.status === status ? [number] : [])).join(" ");
  const [transferred, already] = [those("transferred"), those("already")];
  const lines = [
    transferred && `The master key of CRYPTO UNIT NUM ${source.number} was copied to CRYPTO UNIT NUM ${transferred}.\n`,
    already && `CRYPTO UNIT NUM ${already} had it already.\n`,
  ];
  return lines.filter((line) => line !== "").join("");
}

function outcomeOf(result: TransferResult) {
  return result.status === "failed"
    ? { ok: false as const, error: result.error }
    : { ok: true as const, value: undefined };
}

function seen(view: SelectedUnit) {
  return { unit: view.unit, view: { ok: true as const, value: view } };
}

/** Targets whose current register is Valid with another key than the source's: it would be lost. */
function holdersOfOthers(source: SelectedUnit, targets: readonly SelectedUnit[]): SelectedUnit[] {
  return targets.filter(({ registers: { current } }) => {
    return current.status === RegisterStatus.Valid && !samePattern(current.pattern, source.registers.current.pattern);
  });
}

/** Whether the user agrees; if not, the pre-check says what speaks against it. */
async function confirmLoss(session: Session, units: readonly SelectedUnit[]): Promise<boolean> {
  const numbers = units.map(({ number }) => number).join(" ");
  const warning = `\nWarning!  CRYPTO UNIT NUM ${numbers}: the current master key is another one and will be lost.`;
  return session.prompts.confirm(`${warning}\nDo you want to continue?\nAnswer [y/N]:`);
}

const COLUMNS = ["TYPE", "LOCATION", "CURRENT MASTER KEY"] as const;

function unitTable(units: readonly SelectedUnit[]): string {
  return blocks(units, COLUMNS, ({ unit, registers: { current } }) => [
    [unit.type.toUpperCase(), unit.location, currentText(current)],
  ]);
}

function currentText({ status, pattern }: SelectedUnit["registers"]["current"]): string {
  return status === RegisterStatus.Valid ? `${toHex(pattern).slice(0, 16)}...` : status;
}

/** One of the recovery units that have a master key. @throws PreconditionError if there is none, UsageError */
async function chooseSource(session: Session, units: readonly SelectedUnit[]): Promise<SelectedUnit> {
  const sources = units.filter(
    ({ unit, registers }) => unit.type === UnitType.Recovery && registers.current.status === RegisterStatus.Valid,
  );
  if (sources.length === 0) {
    const problem = "no recovery unit holds a master key";
    const nextStep = "initialize a service instance with 'opentke auto-init'";
    throw new PreconditionError([{ unit: "resource group", problem, nextStep }]);
  }
  session.showChoices("source", () => `\n${unitTable(sources)}`);
  const question = "\nEnter the CRYPTO UNIT NUM of the recovery unit whose master key is to be copied:";
  const number = await session.prompts.number(question, "source");
  const source = sources.find((unit) => unit.number === number);
  if (source) return source;
  const known = sources.map((unit) => unit.number).join(", ");
  throw new UsageError(`--source: want a recovery unit with a master key (${known}), got ${number}.`);
}

/** Other units. @throws UsageError */
async function chooseTargets(
  session: Session,
  units: readonly SelectedUnit[],
  source: SelectedUnit,
): Promise<SelectedUnit[]> {
  const others = units.filter((unit) => unit !== source);
  session.showChoices("targets", () => `\n${unitTable(others)}`);
  const question = "\nEnter the CRYPTO UNIT NUM values of the crypto units that are to get it, separated by spaces:";
  const numbers = await session.prompts.numbers(question, "targets");
  if (numbers.length === 0) throw new UsageError("--targets: want at least one CRYPTO UNIT NUM, got none.");
  return numbers.map((number) => {
    const target = others.find((unit) => unit.number === number);
    if (target) return target;
    throw new UsageError(`--targets: want crypto units other than the source, got ${number}.`);
  });
}
