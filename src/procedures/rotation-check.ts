// What must be so before a master key is rotated (workstation.md 6.3, 7.2 and 8). All that is not so is found at once and named;
// nothing is changed.

import { inImprintMode, Permission } from "../client/attributes.ts";
import type { RewrapStatus } from "../client/key-storage.ts";
import { type Register, RegisterStatus, samePattern } from "../client/registers.ts";
import { type CryptoUnit, UnitType } from "../client/units.ts";
import type { Problem } from "../errors.ts";
import type { Seen } from "./recovery-check.ts";
import { imprint, repeatedUnits, signerProblems, unreadableUnit } from "./recovery-problems.ts";
import { commonSigners, type KnownSigner } from "./signers.ts";
import type { UnitView } from "./view.ts";

/** What a check has found out; only to be acted on if there are no problems. */
export interface RotationCheck<S extends KnownSigner> {
  readonly views: readonly UnitView[];
  /** Signature threshold of all units. */
  readonly threshold: number;
  /** The signers who are administrators of all units. */
  readonly signers: readonly S[];
  readonly problems: readonly Problem[];
}

export interface RotationScene<S extends KnownSigner> {
  /** The units that are to take part. */
  readonly seen: readonly Seen[];
  /** All units of the service instance of the first. */
  readonly instance: readonly CryptoUnit[];
  readonly signers: readonly S[];
}

/** For cryptounit-mk-rotate: the new key must be committed everywhere. */
export function checkMkRotation<S extends KnownSigner>(
  scene: RotationScene<S>,
  job: RewrapStatus | null,
): RotationCheck<S> {
  const { problems, ...check } = checkCommon(scene);
  const halfDone = halfDoneOf(check.views, job);
  if (halfDone) return { ...check, problems: [halfDone] };
  const loaded = oneKey(
    check.views,
    "next",
    RegisterStatus.FullCommitted,
    "load one with 'auto-mk-rotate', or by hand",
  );
  return { ...check, problems: [...problems, ...loaded] };
}

/**
 * For auto-mk-rotate: a new key may be replaced as long as key storage can't be under it, or if `replacePending` says that it may be
 * lost.
 */
export function checkAutoRotation<S extends KnownSigner>(
  scene: RotationScene<S>,
  job: RewrapStatus | null,
  replacePending: boolean,
): RotationCheck<S> {
  const { problems, ...check } = checkCommon(scene);
  const danger = replacePending ? null : dangerOf(check.views, job);
  if (danger) return { ...check, problems: [danger] };
  return { ...check, problems: [...problems, ...permissionProblems(check.views)] };
}

/** Units whose new register is to be cleared before there can be another key in it. */
export function pendingUnits(views: readonly UnitView[]): CryptoUnit[] {
  return views.flatMap(({ unit, registers }) => (registers.next.status === RegisterStatus.Empty ? [] : [unit]));
}

function checkCommon<S extends KnownSigner>({ seen, instance, signers }: RotationScene<S>): RotationCheck<S> {
  const views = seen.flatMap(({ view }) => (view.ok ? [view.value] : []));
  const left = views.filter(({ attributes }) => !inImprintMode(attributes));
  const threshold = left[0]?.attributes.signatureThreshold ?? 0;
  const problems = [
    ...instanceProblems(seen, instance),
    ...repeatedUnits(seen.map(({ unit }) => unit)),
    ...seen.flatMap(({ unit, view }) => (view.ok ? [] : [unreadableUnit(unit, view.error)])),
    ...views.flatMap(({ unit, attributes }) => (inImprintMode(attributes) ? [imprint(unit)] : [])),
    ...left.flatMap((view) => thresholdProblems(view, left[0]!)),
    ...signerProblems(left, signers, threshold),
    ...oneKey(views, "current", RegisterStatus.Valid, "bring it there with 'auto-mk-recover'"),
  ];
  return { views, threshold, signers: commonSigners(views, signers), problems };
}

function instanceProblems(seen: readonly Seen[], instance: readonly CryptoUnit[]): Problem[] {
  const ids = new Set(seen.map(({ unit }) => unit.id));
  const own = new Set(instance.map(({ id }) => id));
  const missing = instance.filter(({ id }) => !ids.has(id));
  const foreign = seen.filter(({ unit }) => !own.has(unit.id)).map(({ unit }) => unit);
  return [
    ...missing.map(({ location: unit }) => ({
      unit,
      problem: "is a crypto unit of the service instance, and not selected",
      nextStep: "select it with 'cryptounit-add'",
    })),
    ...foreign.map(({ location: unit }) => ({
      unit,
      problem: "is of another service instance",
      nextStep: "deselect it with 'cryptounit-rm': one service instance is rotated at a time",
    })),
  ];
}

function thresholdProblems({ unit, attributes }: UnitView, first: UnitView): Problem[] {
  const [got, want] = [attributes.signatureThreshold, first.attributes.signatureThreshold];
  if (got === want) return [];
  const problem = `its signature threshold is ${got}, want ${want} as in ${first.unit.location}`;
  return [{ unit: unit.location, problem, nextStep: "set its thresholds with 'cryptounit-thrhld-set'" }];
}

/** Units whose register has not this status, or another key than that of the first unit that has it. */
function oneKey(
  views: readonly UnitView[],
  which: "current" | "next",
  want: RegisterStatus,
  nextStep: string,
): Problem[] {
  const name = which === "next" ? "new" : "current";
  const first = views.find(({ registers }) => registers[which].status === want);
  const wrong = ({ status, pattern }: Register): string | null => {
    if (status !== want) return `its ${name} master key register is ${status}, want ${want}`;
    const same = first !== undefined && samePattern(pattern, first.registers[which].pattern);
    return same ? null : `its ${name} master key register holds another key than that of ${first?.unit.location}`;
  };
  return views.flatMap(({ unit, registers }) => {
    const problem = wrong(registers[which]);
    return problem === null ? [] : [{ unit: unit.location, problem, nextStep }];
  });
}

function permissionProblems(views: readonly UnitView[]): Problem[] {
  const source = rotationSource(views);
  const nextStep = "set its thresholds with 'cryptounit-thrhld-set'";
  const lacks = ({ unit, attributes }: UnitView, wanted: number, what: string): Problem[] =>
    inImprintMode(attributes) || (attributes.permissions & wanted) === wanted
      ? []
      : [{ unit: unit.location, problem: `its permissions forbid ${what}`, nextStep }];
  if (!source) {
    const problem = "has no recovery unit to generate the new master key";
    return [{ unit: "service instance", problem, nextStep: "load key parts by hand: 'cryptounit-mk-load'" }];
  }
  const { WkRandom, WkExport, WkImport, Wk1Part } = Permission;
  const targets = views.filter((view) => view !== source);
  return [
    ...lacks(source, WkRandom | WkExport, "the generation and export of a random master key"),
    ...targets.flatMap((view) => lacks(view, WkImport | Wk1Part, "the import of a master key in one part")),
  ];
}

/** The recovery unit that generates the new key. */
export function rotationSource(views: readonly UnitView[]): UnitView | undefined {
  return views.find(({ unit }) => unit.type === UnitType.Recovery);
}

const SET_IMMEDIATE = "finish with 'cryptounit-mk-setimm', which passes over the crypto units that have it";

/** Key storage is under the new key, and some units already have that as the current one; null if it is not so. */
function halfDoneOf(views: readonly UnitView[], job: RewrapStatus | null): Problem | null {
  if (job?.status !== "complete") return null;
  const isIn = (which: "current" | "next"): boolean =>
    views.some(({ registers }) => samePattern(registers[which].pattern, job.pattern));
  if (!isIn("current") || !isIn("next")) return null;
  const problem = "it is under the new master key, which is current in some crypto units already";
  return { unit: "key storage", problem, nextStep: SET_IMMEDIATE };
}

/** Why another new key would cost root keys (workstation.md 8); null if it would not. */
function dangerOf(views: readonly UnitView[], job: RewrapStatus | null): Problem | null {
  const pending = views.filter(({ registers }) => registers.next.status !== RegisterStatus.Empty);
  const unit = "key storage";
  const underIt = job !== null && pending.some(({ registers }) => samePattern(registers.next.pattern, job.pattern));
  if (underIt && job.status === "complete") {
    const problem = "it is under the key in the new registers, which auto-mk-rotate would replace";
    return { unit, problem, nextStep: SET_IMMEDIATE };
  }
  const nextStep = "finish the rotation with 'cryptounit-mk-rotate'";
  if (underIt || job?.status === "started" || job?.status === "in-progress") {
    const problem = "its re-encryption has begun, and auto-mk-rotate would replace the key that it is for";
    return { unit, problem, nextStep };
  }
  const [first] = pending;
  const committed = views.every(
    ({ registers: { next } }) =>
      next.status === RegisterStatus.FullCommitted && samePattern(next.pattern, first!.registers.next.pattern),
  );
  if (!committed || !first) return null;
  const problem = "its re-encryption may have begun: one new master key is committed in all crypto units";
  return { unit, problem, nextStep };
}
