// What there is to see of a fleet from outside: public state alone, as JSON has it.

import { toHex } from "../bytes.ts";
import type { UnitState } from "../unit/state.ts";
import { RegisterStatus } from "../wire/domain-info.ts";
import type { FleetStore } from "./store.ts";
import { locationOf, type ServiceInstance, type Unit, UnitType } from "./topology.ts";

export interface RegisterView {
  readonly status: RegisterStatus;
  /** Verification pattern, 64 hexadecimal digits. */
  readonly pattern: string | null;
}

export interface UnitView {
  readonly id: string;
  readonly type: UnitType;
  readonly location: string;
  readonly serial: string;
  readonly imprint: boolean;
  readonly signatureThreshold: number;
  readonly revocationThreshold: number;
  /** Subject key identifiers. */
  readonly administrators: readonly string[];
  readonly current: RegisterView;
  readonly next: RegisterView;
}

export interface InstanceView {
  readonly id: string;
  readonly resourceGroup: string;
  readonly region: string;
  readonly operational: number;
  readonly recovery: number;
  readonly failover: number;
  /** Units that have left imprint mode. */
  readonly initialized: number;
  /** Units whose current register is Valid. */
  readonly valid: number;
}

export function viewUnit(store: FleetStore, unit: Unit): UnitView | null {
  const state = store.unit(unit.id);
  if (!state) return null;
  const { signatureThreshold, revocationThreshold } = state.attributes;
  return {
    id: unit.id,
    type: unit.type,
    location: locationOf(unit),
    serial: state.serial,
    imprint: inImprint(state),
    signatureThreshold,
    revocationThreshold,
    administrators: state.administrators.map(({ ski }) => toHex(ski)),
    ...registersOf(state),
  };
}

export function viewInstance(store: FleetStore, { id, resourceGroup, units }: ServiceInstance): InstanceView {
  const states = units.flatMap((unit) => store.unit(unit.id) ?? []);
  const ofType = (type: UnitType): number => units.filter((unit) => unit.type === type).length;
  return {
    id,
    resourceGroup,
    region: units[0]?.bay.region ?? "",
    operational: ofType(UnitType.Operational),
    recovery: ofType(UnitType.Recovery),
    failover: ofType(UnitType.Failover),
    initialized: states.filter((state) => !inImprint(state)).length,
    valid: states.filter(({ registers }) => registers.current !== null).length,
  };
}

function inImprint({ attributes }: UnitState): boolean {
  return attributes.signatureThreshold === 0;
}

function registersOf({ registers: { current, next } }: UnitState): Pick<UnitView, "current" | "next"> {
  const pending = next?.committed ? RegisterStatus.FullCommitted : RegisterStatus.FullUncommitted;
  return {
    current: { status: current ? RegisterStatus.Valid : RegisterStatus.Empty, pattern: current && toHex(current) },
    next: { status: next ? pending : RegisterStatus.Empty, pattern: next && toHex(next.pattern) },
  };
}
