// Commands that change the selected crypto units: look at them, see who signs, sign, send, tell. Every unit gets a command of its own.

import { inImprintMode } from "../../client/attributes.ts";
import type { CommandJob } from "../../client/job.ts";
import { PreconditionError } from "../../errors.ts";
import { inBatches } from "../../procedures/batches.ts";
import { unreadableUnit } from "../../procedures/recovery-problems.ts";
import { installedSigners, type KnownSigner } from "../../procedures/signers.ts";
import { type NamedView, viewNamedUnits } from "../../procedures/view.ts";
import type { Signer } from "../../workstation/signer.ts";
import { dryRunResult, command as planned } from "./dry-run.ts";
import type { SourceKey } from "./key-source.ts";
import { allDone, NotSeenError } from "./outcomes.ts";
import type { Result, Session } from "./session.ts";
import { chooseKeys, openSigners } from "./signing.ts";
import { type ListedUnit, selectedUnits } from "./units.ts";

/** A selected unit and what it says of itself. */
export type SelectedUnit = ListedUnit & NamedView;

/** @throws PreconditionError if one of the selected units cannot be read; nothing was changed then. */
export async function viewSelected(session: Session): Promise<SelectedUnit[]> {
  return viewListed(session, await selectedUnits(session));
}

export async function viewListed(session: Session, listed: readonly ListedUnit[]): Promise<SelectedUnit[]> {
  const { client } = await session.target();
  const views = await viewNamedUnits(
    client,
    listed.map(({ unit }) => unit),
  );
  const problems = views.flatMap((view, at) => (view.ok ? [] : [unreadableUnit(listed[at]!.unit, view.error)]));
  if (problems.length > 0) throw new PreconditionError(problems);
  return views.flatMap((view, at) => (view.ok ? [{ ...listed[at]!, ...view.value }] : []));
}

/** Units that were changed, as they are now. @throws NotSeenError */
export async function viewAfter(session: Session, listed: readonly ListedUnit[]): Promise<SelectedUnit[]> {
  try {
    return await viewListed(session, listed);
  } catch (cause) {
    throw new NotSeenError(listed, cause);
  }
}

/** @throws PreconditionError naming the units in imprint mode, where only administrators and attributes can be changed (unit-behaviour.md 2) */
export function requireThresholds(units: readonly SelectedUnit[]): void {
  const problems = units.flatMap(({ unit, attributes }) => {
    if (!inImprintMode(attributes)) return [];
    const nextStep = "leave it with 'opentke cryptounit-thrhld-set'";
    return [{ unit: unit.location, problem: "is in imprint mode, where this is not allowed", nextStep }];
  });
  if (problems.length > 0) throw new PreconditionError(problems);
}

/** The keys that sign a command to these units. @throws PreconditionError naming each unit that lacks signers */
export function keysFor(
  session: Session,
  units: readonly SelectedUnit[],
  signatures: (unit: SelectedUnit) => number,
): Promise<SourceKey[]> {
  return chooseKeys(
    session,
    units.map((one) => ({
      unit: one.unit.location,
      administrators: one.administrators,
      signatures: signatures(one),
    })),
  );
}

export interface Change<T> {
  /** What is done, as in `add the administrator in CRYPTO UNIT NUM 1 2`. */
  readonly what: string;
  /** The command that each unit gets. */
  readonly command: { readonly name: string };
  /** Signatures that a unit wants. */
  readonly signatures: (unit: SelectedUnit) => number;
  /** What else is asked, once enough keys can sign and before their passwords; false if nothing is to be done. */
  readonly ask?: () => Promise<boolean>;
  readonly job: (unit: SelectedUnit, signers: readonly Signer[]) => CommandJob<T>;
}

/** What each unit answered; or, since nothing was done, what the command comes to. */
export type Changed<T> = { readonly answers: readonly T[] } | { readonly instead: Result };

/** Has the keys made ready, and the units changed; not in a dry run, and not if the user says no. */
export async function change<T>(
  session: Session,
  units: readonly SelectedUnit[],
  { what, command, signatures, ask, job }: Change<T>,
): Promise<Changed<T>> {
  const keys = await keysFor(session, units, signatures);
  if (session.dryRun) {
    const plan = units.map((unit) => planned(unit, command, signersOf(unit, keys, signatures)));
    return { instead: dryRunResult(what, units, plan) };
  }
  if (ask && !(await ask())) return { instead: unchanged(units) };
  const signers = await openSigners(keys);
  session.progress.show(`${what}....`);
  const { client } = await session.target();
  const outcomes = await inBatches(units, (batch) =>
    client.run(batch.map((unit) => job(unit, signersOf(unit, signers, signatures)))),
  );
  return { answers: allDone(units, outcomes) };
}

/** As many as the unit wants, of those it knows. */
export function signersOf<S extends KnownSigner>(
  unit: SelectedUnit,
  signers: readonly S[],
  signatures: (unit: SelectedUnit) => number,
): S[] {
  return installedSigners(unit, signers).slice(0, signatures(unit));
}

export function unchanged(units: readonly ListedUnit[]): Result {
  return { text: "Nothing was changed.\n", json: { changed: false, units: units.map(({ number }) => number) } };
}
