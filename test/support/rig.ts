// A small fleet and a client to it, in process: real units, real wire bytes. States can be kept and brought back, so that a test
// file initialises its fleet once.

import { Client } from "../../src/client/client.ts";
import { loopback } from "../../src/client/loopback.ts";
import type { Transport } from "../../src/client/transport.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import type { Core } from "../../src/core/api.ts";
import { UnitHost } from "../../src/unit/host.ts";
import { createModule, createRoot, createUnit, type OaRoot } from "../../src/unit/module.ts";
import type { Change, ModuleState, UnitState, UnitStore } from "../../src/unit/state.ts";
import { encodeHsmList, UnitType } from "../../src/wire/hsm-list.ts";
import { formatLocation } from "../../src/wire/location.ts";
import { type Administrator, administratorsOf, generateSigners } from "../../src/workstation/signer.ts";
import { testCore } from "./core.ts";

/** Units of a service instance. */
export interface RigInstance {
  readonly operational?: number;
  readonly recovery?: number;
  readonly failover?: number;
  /** Units of earlier firmware. */
  readonly old?: boolean;
}

export interface RigOptions {
  /** By name. */
  readonly instances: Readonly<Record<string, RigInstance>>;
  /** Modules, over which units are dealt in turn. */
  readonly modules?: number;
  /** Certificates in each module's chain. */
  readonly depth?: 1 | 2;
  readonly administrators?: number;
}

type Kept = ReadonlyMap<string, UnitState>;

/** States of units and modules, to be looked at, changed and brought back at will. */
export class RigStore implements UnitStore {
  units = new Map<string, UnitState>();
  readonly modules = new Map<string, ModuleState>();
  /** Everything committed, in order. */
  readonly changes: Change[] = [];

  unit(id: string): UnitState | undefined {
    return this.units.get(id);
  }

  module(serial: string): ModuleState | undefined {
    return this.modules.get(serial);
  }

  commit(changes: readonly Change[]): void {
    for (const { next } of changes) this.units.set(next.id, next);
    this.changes.push(...changes);
  }

  keep(): Kept {
    return new Map(this.units);
  }

  restore(kept: Kept): void {
    this.units = new Map(kept);
    this.changes.length = 0;
  }
}

export interface Rig {
  readonly store: RigStore;
  readonly host: UnitHost;
  readonly transport: Transport;
  readonly root: OaRoot;
  /** The units' core and the administrators' core. */
  readonly cores: { readonly units: Core; readonly administrators: Core };
  readonly administrators: readonly Administrator[];
  /** A new client, through this transport or the honest one. */
  client(transport?: Transport): Client;
  /** Units as the list of an instance shows them. */
  units(...instances: string[]): CryptoUnit[];
  /** The one unit of a type, counted from 0. */
  unit(instance: string, type: UnitType, at?: number): CryptoUnit;
  state(unit: CryptoUnit): UnitState;
}

export async function createRig(options: RigOptions): Promise<Rig> {
  const { instances, modules = 2, depth = 2, administrators = 3 } = options;
  const cores = { units: await testCore(), administrators: await testCore() };
  cores.units.setStorageKey((view) => view.fill(7));
  const root = createRoot(cores.units);
  const store = new RigStore();
  const serials = Array.from({ length: modules }, (_, at) => `93RIG${String(at).padStart(3, "0")}`);
  for (const serial of serials) {
    store.modules.set(serial, createModule(cores.units, root, { serial, instance: new Uint8Array(8).fill(9), depth }));
  }
  const listed = placeUnits(instances, serials, store);
  const host = new UnitHost(cores.units, store);
  const transport = loopback(
    (batch) => host.handleMany(batch),
    (instance) => encodeHsmList(listed.filter((unit) => unit.instance === instance).map(entryOf)),
  );
  const names = Array.from({ length: administrators }, (_, at) => `administrator ${at + 1}`);
  const pins = [{ name: "rig", ski: root.ski, publicKey: root.publicKey }];
  const units = (...wanted: string[]) => wanted.flatMap((name) => listed.filter(({ instance }) => instance === name));
  return {
    store,
    host,
    transport,
    root,
    cores,
    administrators: administratorsOf(cores.administrators, generateSigners(cores.administrators, names)),
    client: (through = transport) => new Client({ transport: through, core: cores.administrators, roots: pins }),
    units,
    unit: (instance, type, at = 0) => units(instance).filter((unit) => unit.type === type)[at]!,
    state: ({ id }) => store.units.get(id)!,
  };
}

function entryOf({ id: hsmId, location, serial: serialNumber, type }: CryptoUnit) {
  return { hsmId, location, serialNumber, type };
}

function placeUnits(instances: RigOptions["instances"], serials: readonly string[], store: RigStore): CryptoUnit[] {
  const listed: CryptoUnit[] = [];
  for (const [instance, { operational = 0, recovery = 0, failover = 0, old = false }] of Object.entries(instances)) {
    const types = [
      ...Array<UnitType>(operational).fill(UnitType.Operational),
      ...Array<UnitType>(recovery).fill(UnitType.Recovery),
      ...Array<UnitType>(failover).fill(UnitType.Failover),
    ];
    for (const type of types) {
      const moduleIndex = listed.length % serials.length;
      const domainIndex = Math.floor(listed.length / serials.length);
      const serial = serials[moduleIndex]!;
      const id = `unit-${listed.length + 1}`;
      const location = formatLocation({ zone: "us-south", host: "AZ1-CS1", moduleIndex, domainIndex });
      listed.push({ id, instance, type, location, moduleIndex, domainIndex, serial });
      store.units.set(id, createUnit({ id, serial, domain: domainIndex, counterSeed: new Uint8Array(8).fill(1), old }));
    }
  }
  return listed;
}
