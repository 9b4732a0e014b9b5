// What must be so before a master key is copied from a recovery unit to others (workstation.md 7.3). Everything that is not so is
// found at once and named with its unit and the next step; nothing is changed.

import type { Outcome } from "../client/outcome.ts";
import { RegisterStatus, samePattern } from "../client/registers.ts";
import type { CryptoUnit } from "../client/units.ts";
import type { Problem } from "../errors.ts";
import type { Signer } from "../workstation/signer.ts";
import {
  lossProblems,
  repeatedUnits,
  signerProblems,
  sourceProblems,
  targetProblems,
  unreadableUnit,
} from "./recovery-problems.ts";
import { commonSigners, type KnownSigner } from "./signers.ts";
import type { Losses } from "./transfer.ts";
import type { UnitView } from "./view.ts";

/** What a target's registers hold, compared with the source's current one. */
export const Found = {
  /** Nothing. */
  Empty: "empty",
  /** The source's key, as the current one: there is nothing to do. */
  Holds: "holds",
  /** The source's key in the new register: an earlier recovery goes on. */
  Pending: "pending",
  /** Another key, current or new. */
  Other: "other",
  /** The unit could not be read. */
  Unknown: "unknown",
} as const;
export type Found = (typeof Found)[keyof typeof Found];

export interface CheckedTarget {
  readonly unit: CryptoUnit;
  readonly found: Found;
}

/** What was found out about a source and its targets. It is only to be acted on if there are no problems. */
export interface RecoveryCheck<S extends KnownSigner = Signer> {
  readonly source: CryptoUnit;
  /** The source's current pattern, 32 bytes. */
  readonly pattern: Uint8Array;
  /** Signature threshold of all units. */
  readonly threshold: number;
  /** The signers who are administrators of all units that take part. */
  readonly signers: readonly S[];
  readonly targets: readonly CheckedTarget[];
  readonly problems: readonly Problem[];
}

/** A unit and what it said of itself, if it did. */
export interface Seen {
  readonly unit: CryptoUnit;
  readonly view: Outcome<UnitView>;
}

const NO_PATTERN = new Uint8Array(32);

/** Judges what units said of themselves; asks nothing. Targets that hold the key already take no part. */
export function checkRecovery<S extends KnownSigner>(
  source: Seen,
  targets: readonly Seen[],
  signers: readonly S[],
  mayLose: Losses,
): RecoveryCheck<S> {
  const from = source.view.ok ? source.view.value : null;
  const valid = from?.registers.current.status === RegisterStatus.Valid;
  const pattern = valid ? from.registers.current.pattern : null;
  const threshold = from?.attributes.signatureThreshold ?? 0;
  const checked = targets.map(({ unit, view }) => ({ unit, found: foundIn(view, pattern) }));
  const to = targets.flatMap(({ view }, at) => (view.ok && checked[at]!.found !== Found.Holds ? [view.value] : []));
  const taking = from ? [from, ...to] : to;
  const problems = [
    ...repeatedUnits([source.unit, ...targets.map(({ unit }) => unit)]),
    ...[source, ...targets].flatMap(({ unit, view }) => (view.ok ? [] : [unreadableUnit(unit, view.error)])),
    ...(from ? sourceProblems(from) : []),
    ...to.flatMap((view) => targetProblems(view, source.unit, threshold)),
    ...(pattern ? to.flatMap((view) => lossProblems(view, pattern, mayLose)) : []),
    ...signerProblems(taking, signers, threshold),
  ];
  return {
    source: source.unit,
    pattern: pattern ?? NO_PATTERN,
    threshold,
    signers: commonSigners(taking, signers),
    targets: checked,
    problems,
  };
}

function foundIn(view: Outcome<UnitView>, pattern: Uint8Array | null): Found {
  if (!view.ok) return Found.Unknown;
  const { current, next } = view.value.registers;
  if (current.status === RegisterStatus.Empty && next.status === RegisterStatus.Empty) return Found.Empty;
  if (pattern === null) return Found.Other;
  if (current.status === RegisterStatus.Valid && samePattern(current.pattern, pattern)) return Found.Holds;
  return next.status !== RegisterStatus.Empty && samePattern(next.pattern, pattern) ? Found.Pending : Found.Other;
}
