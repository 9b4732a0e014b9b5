// Copies the master key of one unit to another: five signed commands, for many pairs at once (workstation.md 7.3).
//
//   look -> importer key -> export -> import -> commit -> finalize -> verify
//            on target    on source  on target  on target  on target
//
// Each of them is one exchange: the commands of a step, and behind them in the same batch what the step after it has to know, which
// is the reading of attributes that goes before every command or, at the end, the registers.
//
// Where to begin is asked of the target, so an interrupted transfer goes on from where the unit really is. What keeps keys safe,
// whatever a transport does:
//   - The key is exported only to the importer key in the target's signed answer to this command, which its counter ties to it.
//   - Before a commit is signed, the target's signed answer to the import has told the pattern that is pending.
//   - Commit and finalize name the pattern expected, not one read from the target, and the target compares.
// What registers hold is told unsigned. By lying about it a transport can have a target passed over, or a key of the target
// replaced that was not to be lost; it can't have the target hold another key than the source's.

import type { Client } from "../client/client.ts";
import { type CommandJob, commandJob, type Inquiry, type Reading, readingJob, type SigningKey } from "../client/job.ts";
import { attempt, batchEach, failure, mapEach, type Outcome, unwrap } from "../client/outcome.ts";
import { RegisterStatus, type Registers, registersJob, samePattern } from "../client/registers.ts";
import { exportJob, importerKeyJob, importJob } from "../client/transfer-jobs.ts";
import type { CryptoUnit } from "../client/units.ts";
import { commitPendingWk } from "../commands/commit-pending-wk.ts";
import { finalizeWk } from "../commands/finalize-wk.ts";
import { CheckError, PreconditionError, UsageError } from "../errors.ts";

export const TransferStep = {
  Look: "look",
  ImporterKey: "importer key",
  Export: "export",
  Import: "import",
  Pending: "pending pattern",
  Commit: "commit",
  Finalize: "finalize",
  Verify: "verify",
} as const;
export type TransferStep = (typeof TransferStep)[keyof typeof TransferStep];

/** Which keys of a target may be lost. */
export interface Losses {
  /** Its current master key, if it has another than the source's. */
  readonly current: boolean;
  /** The key in its new register, if it is another than the source's. */
  readonly pending: boolean;
}

export interface Transfer {
  readonly source: CryptoUnit;
  readonly target: CryptoUnit;
  /** Pattern of the source's current register, 32 bytes. */
  readonly pattern: Uint8Array;
  /** Signature threshold of both units at least; administrators of both. The first signs what one signature is enough for. */
  readonly signers: readonly SigningKey[];
  readonly mayLose: Losses;
}

export type TransferResult =
  /** `begun` says where it began, which is later than the importer key if an earlier transfer went on. */
  | { readonly status: "transferred"; readonly begun: TransferStep }
  /** The target's current register held the key. Nothing was changed. */
  | { readonly status: "already" }
  | { readonly status: "failed"; readonly step: TransferStep; readonly error: Error };

const NOT_READ = failure(new Error("transfer: want a reading for every command, got none"));

/** One transfer under way. */
interface Run {
  readonly transfer: Transfer;
  step: TransferStep;
  begun: TransferStep;
  /** Made for its next command, of the unit that this is for. */
  reading: Outcome<Reading>;
  importerKey: Uint8Array | null;
  part: Uint8Array | null;
  result: TransferResult | null;
}

/** Runs transfers side by side. Their targets are distinct, and none is another one's source. */
export async function transferKeys(client: Client, transfers: readonly Transfer[]): Promise<TransferResult[]> {
  const runs = transfers.map(begin);
  await look(client, runs);
  await command(client, runs, TransferStep.ImporterKey, keyJob, readSource, (run, publicKey, reading) => {
    run.importerKey = publicKey;
    goOn(run, TransferStep.Export, reading);
  });
  await command(client, runs, TransferStep.Export, partJob, readTarget, (run, part, reading) => {
    run.part = part;
    goOn(run, TransferStep.Import, reading);
  });
  await command(client, runs, TransferStep.Import, loadJob, readTarget, (run, pattern, reading) => {
    if (pattern !== undefined) checkPending(run, pattern);
    goOn(run, pattern === undefined ? TransferStep.Pending : TransferStep.Commit, reading);
  });
  await askPending(client, runs);
  await command(client, runs, TransferStep.Commit, commitJob, readTarget, (run, _, reading) => {
    goOn(run, TransferStep.Finalize, reading);
  });
  await command(client, runs, TransferStep.Finalize, finalizeJob, askTarget, (run, _, told) => {
    run.step = TransferStep.Verify;
    verify(run, unwrap(told));
  });
  return runs.map(({ result }) => result!);
}

function begin(transfer: Transfer): Run {
  if (transfer.signers.length === 0) throw new UsageError("transfer: want at least one signer, got none");
  return {
    transfer,
    step: TransferStep.Look,
    begun: TransferStep.ImporterKey,
    reading: NOT_READ,
    importerKey: null,
    part: null,
    result: null,
  };
}

function goOn(run: Run, step: TransferStep, reading: Outcome<Reading>): void {
  run.step = step;
  run.reading = reading;
}

/** Where to begin, from what the target says of its registers. */
function place(run: Run, { current, next }: Registers): void {
  const { target, pattern, mayLose } = run.transfer;
  const holds = current.status === RegisterStatus.Valid;
  if (holds && samePattern(current.pattern, pattern)) {
    run.result = { status: "already" };
    return;
  }
  if (holds && !mayLose.current) throw wouldLose(target, "current master key register holds another key");
  const pending = next.status !== RegisterStatus.Empty;
  if (pending && samePattern(next.pattern, pattern))
    run.begun = next.status === RegisterStatus.FullCommitted ? TransferStep.Finalize : TransferStep.Commit;
  else if (pending && !mayLose.pending) throw wouldLose(target, "new master key register holds another key");
  run.step = run.begun;
}

function wouldLose({ location: unit }: CryptoUnit, problem: string): PreconditionError {
  return new PreconditionError([{ unit, problem, nextStep: "look at it with 'cryptounit-mk' before it is replaced" }]);
}

const readSource = ({ transfer }: Run) => readingJob(transfer.source);
const readTarget = ({ transfer }: Run) => readingJob(transfer.target);
const askTarget = ({ transfer }: Run) => registersJob(transfer.target);

function keyJob({ transfer: { target, signers } }: Run) {
  return importerKeyJob(target, signers.slice(0, 1));
}

function partJob({ transfer: { source, signers }, importerKey }: Run) {
  return exportJob(source, importerKey!, signers);
}

function loadJob({ transfer: { target, signers }, part }: Run) {
  return importJob(target, [part!], signers.slice(0, 1));
}

function commitJob({ transfer: { target, signers, pattern } }: Run) {
  return commandJob(target, commitPendingWk, pattern, signers);
}

function finalizeJob({ transfer: { target, signers, pattern } }: Run) {
  return commandJob(target, finalizeWk, pattern, signers.slice(0, 1));
}

function checkPending({ transfer: { source, target, pattern } }: Run, pending: Uint8Array): void {
  if (samePattern(pending, pattern)) return;
  throw wrong(target, `the imported key is not the one expected of ${source.location}; nothing was committed`);
}

function verify(run: Run, { current, next }: Registers): void {
  const { target, pattern } = run.transfer;
  if (current.status !== RegisterStatus.Valid || !samePattern(current.pattern, pattern))
    throw wrong(target, "the unit finalized the key, but says that its current register does not hold it");
  if (next.status !== RegisterStatus.Empty)
    throw wrong(target, "the unit finalized the key, but says that its new register is not empty");
  run.result = { status: "transferred", begun: run.begun };
}

function wrong(unit: CryptoUnit, what: string): CheckError {
  return new CheckError("pattern", `${unit.location}: ${what}`);
}

/** Where the targets are. */
async function look(client: Client, runs: readonly Run[]): Promise<void> {
  const [told, read] = await client.ask(runs.map(askTarget), runs.map(readTarget));
  settle(runs, told, (run, registers, at) => {
    run.reading = read[at]!;
    place(run, registers);
  });
}

/** What is pending in targets that did not tell. */
async function askPending(client: Client, runs: readonly Run[]): Promise<void> {
  const active = at(runs, TransferStep.Pending);
  if (active.length === 0) return;
  const [told] = await client.ask(active.map(askTarget));
  settle(active, told, (run, { next }) => {
    checkPending(run, next.pattern);
    run.step = TransferStep.Commit;
  });
}

/** One command for each transfer that is at this step, and behind them what the next step has to know. */
async function command<T, N>(
  client: Client,
  runs: readonly Run[],
  step: TransferStep,
  jobOf: (run: Run) => CommandJob<T>,
  inquiryOf: (run: Run) => Inquiry<N>,
  accept: (run: Run, result: T, told: Outcome<N>) => void,
): Promise<void> {
  const active = at(runs, step);
  const ready = active.map((run) => attempt(() => ({ job: jobOf(run), reading: takeReading(run) })));
  const outcomes = await batchEach(ready, async (commands, places) => {
    const [results, told] = await client.send(
      commands,
      places.map((place) => inquiryOf(active[place]!)),
    );
    return mapEach(results, (result, k) => ({ result, told: told[k]! }));
  });
  settle(active, outcomes, (run, { result, told }) => accept(run, result, told));
}

/** A reading is for one command. */
function takeReading(run: Run): Reading {
  const { reading } = run;
  run.reading = NOT_READ;
  return unwrap(reading);
}

function at(runs: readonly Run[], step: TransferStep): Run[] {
  return runs.filter((run) => run.result === null && run.step === step);
}

function settle<T>(
  runs: readonly Run[],
  outcomes: readonly Outcome<T>[],
  accept: (run: Run, value: T, at: number) => void,
): void {
  mapEach(outcomes, (value, at) => accept(runs[at]!, value, at)).forEach((outcome, at) => {
    const run = runs[at]!;
    if (!outcome.ok) run.result = { status: "failed", step: run.step, error: outcome.error };
  });
}
