// Copies the master key of one unit to another: five signed commands, for many pairs at once (workstation.md 7.3).
//
//   look -> importer key -> export -> import -> commit -> finalize -> verify
//            on target    on source  on target  on target  on target
//
// Where to begin is asked of the target, so an interrupted transfer goes on from where the unit really is. What keeps keys safe,
// whatever a transport does:
//   - The key is exported only to the importer key in the target's signed answer to this command, which its counter ties to it.
//   - Before a commit is signed, the target's signed answer to the import has told the pattern that is pending.
//   - Commit and finalize name the pattern expected, not one read from the target, and the target compares.
// What registers hold is told unsigned. By lying about it a transport can have a target passed over, or a key of the target
// replaced that was not to be lost; it can't have the target hold another key than the source's.

import type { Client } from "../client/client.ts";
import { type CommandJob, commandJob, type SigningKey } from "../client/job.ts";
import { attempt, batchEach, mapEach, type Outcome } from "../client/outcome.ts";
import { RegisterStatus, type Registers, samePattern } from "../client/registers.ts";
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

/** One transfer under way. */
interface Run {
  readonly transfer: Transfer;
  step: TransferStep;
  begun: TransferStep;
  importerKey: Uint8Array | null;
  part: Uint8Array | null;
  result: TransferResult | null;
}

/** Runs transfers side by side. Their targets are distinct, and none is another one's source. */
export async function transferKeys(client: Client, transfers: readonly Transfer[]): Promise<TransferResult[]> {
  const runs = transfers.map(begin);
  await read(client, runs, TransferStep.Look, place);
  await command(client, runs, TransferStep.ImporterKey, keyJob, (run, publicKey) => {
    run.importerKey = publicKey;
    run.step = TransferStep.Export;
  });
  await command(client, runs, TransferStep.Export, partJob, (run, part) => {
    run.part = part;
    run.step = TransferStep.Import;
  });
  await command(client, runs, TransferStep.Import, loadJob, (run, pattern) => {
    if (pattern !== undefined) checkPending(run, pattern);
    run.step = pattern === undefined ? TransferStep.Pending : TransferStep.Commit;
  });
  await read(client, runs, TransferStep.Pending, (run, { next }) => {
    checkPending(run, next.pattern);
    run.step = TransferStep.Commit;
  });
  await command(client, runs, TransferStep.Commit, commitJob, (run) => {
    run.step = TransferStep.Finalize;
  });
  await command(client, runs, TransferStep.Finalize, finalizeJob, (run) => {
    run.step = TransferStep.Verify;
  });
  await read(client, runs, TransferStep.Verify, verify);
  return runs.map(({ result }) => result!);
}

function begin(transfer: Transfer): Run {
  if (transfer.signers.length === 0) throw new UsageError("transfer: want at least one signer, got none");
  return {
    transfer,
    step: TransferStep.Look,
    begun: TransferStep.ImporterKey,
    importerKey: null,
    part: null,
    result: null,
  };
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

/** Registers of the targets that are at this step. */
async function read(
  client: Client,
  runs: readonly Run[],
  step: TransferStep,
  accept: (run: Run, registers: Registers) => void,
): Promise<void> {
  const active = at(runs, step);
  if (active.length === 0) return;
  settle(active, await client.registers(active.map(({ transfer }) => transfer.target)), accept);
}

/** One command for each transfer that is at this step. */
async function command<T>(
  client: Client,
  runs: readonly Run[],
  step: TransferStep,
  jobOf: (run: Run) => CommandJob<T>,
  accept: (run: Run, result: T) => void,
): Promise<void> {
  const active = at(runs, step);
  const jobs = active.map((run) => attempt(() => jobOf(run)));
  settle(active, await batchEach(jobs, (values) => client.run(values)), accept);
}

function at(runs: readonly Run[], step: TransferStep): Run[] {
  return runs.filter((run) => run.result === null && run.step === step);
}

function settle<T>(runs: readonly Run[], outcomes: readonly Outcome<T>[], accept: (run: Run, value: T) => void): void {
  mapEach(outcomes, (value, place) => accept(runs[place]!, value)).forEach((outcome, place) => {
    const run = runs[place]!;
    if (!outcome.ok) run.result = { status: "failed", step: run.step, error: outcome.error };
  });
}
