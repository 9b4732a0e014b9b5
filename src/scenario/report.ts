// What a drill found, as data: the JSON of `opentke drill --output json`, members in this order.

import type { StrikeKind } from "./strikes.ts";

/** Seconds of one part of a drill. */
export interface PhaseTime {
  readonly phase: Phase;
  readonly seconds: number;
}

/** The parts of a drill, in order. */
export const Phase = {
  /** Hardware, administrators, thresholds, a master key for each instance, in all its units. */
  Initialise: "initialise",
  Canaries: "canaries",
  Strike: "strike",
  /** The canaries no longer unwrap in struck units. */
  ProveLoss: "prove-loss",
  /** Administrators and thresholds again, where units were zeroized or replaced. */
  Reinitialise: "re-initialise",
  /** auto-mk-recover: the part that `seconds` is about. */
  Recover: "recover",
  ProveRecovery: "prove-recovery",
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

export interface Canaries {
  /** Pairs of a struck unit and a canary of the key it is to hold. */
  readonly checked: number;
  /** Pairs that failed after the strike. */
  readonly lost: number;
  /** Pairs that unwrap at the end. */
  readonly intact: number;
}

/** Something that a proof found to be false. */
export interface Finding {
  /** Location of the unit. */
  readonly unit: string;
  readonly finding: string;
}

export interface InstanceReport {
  readonly id: string;
  readonly units: number;
  readonly struck: number;
  readonly recovered: number;
  /** Units whose current register is Valid with the expected pattern at the end. */
  readonly valid: number;
  readonly canaries: Canaries;
  /** The first 8 bytes of the expected verification pattern, hex. */
  readonly pattern: string;
}

export interface StrikeReport {
  readonly kind: StrikeKind;
  readonly struck: number;
  readonly recovered: number;
}

export interface DrillReport {
  /** True if every proof held. */
  readonly ok: boolean;
  readonly instances: number;
  readonly units: number;
  readonly modules: number;
  /** Units to be recovered, those that are taken over included. */
  readonly struck: number;
  /** Struck units whose current register is Valid with the source's pattern at the end. */
  readonly recovered: number;
  readonly failed: number;
  /** During the recovery: administrators' signatures verified by units and modules' signatures verified by the client. */
  readonly signaturesVerified: number;
  /** Commands that change something, sent during the recovery. */
  readonly signedCommands: number;
  readonly canaries: Canaries;
  /** Of the recovery alone. */
  readonly seconds: number;
  readonly unitsPerSecond: number;
  /** Units of the whole fleet that are Valid with the expected pattern at the end. */
  readonly valid: number;
  readonly admins: number;
  readonly threshold: number;
  readonly seed: string;
  readonly region: string;
  readonly recoveryRegion: string;
  readonly resourceGroup: string;
  /** What computed: "wasm", or a baseline's name. */
  readonly core: string;
  readonly takeover: { readonly taker: string; readonly giver: string } | null;
  readonly strikes: readonly StrikeReport[];
  readonly phases: readonly PhaseTime[];
  readonly serviceInstances: readonly InstanceReport[];
  /** Empty if `ok`. */
  readonly findings: readonly Finding[];
}
