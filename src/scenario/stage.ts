// Both sides of the wire in one process: a fleet of units over one core, its administrators over another.

import { Client } from "../client/client.ts";
import { loopback } from "../client/loopback.ts";
import type { Transport } from "../client/transport.ts";
import type { CryptoUnit } from "../client/units.ts";
import type { Core } from "../core/api.ts";
import { Fleet } from "../fleet/fleet.ts";
import { type Layout, planLayout } from "../fleet/layout.ts";
import { MemoryStore } from "../fleet/memory-store.ts";
import { SeededRandom } from "../fleet/seeded.ts";
import type { FleetStore } from "../fleet/store.ts";
import { regionPair } from "../fleet/topology.ts";
import { autoInit } from "../procedures/auto-init.ts";
import type { Configuration } from "../procedures/configuration.ts";
import { type Administrator, administratorsOf, type CardSigner, generateSigners } from "../workstation/signer.ts";
import { breathing } from "./breathing.ts";
import { requireDone } from "./failures.ts";
import { checkFleetOptions, type FleetOptions } from "./options.ts";
import { initProgress } from "./progress.ts";

/** The two cores; one will do, where the two sides need not be kept apart. */
export interface Cores {
  readonly units: Core;
  readonly administrators: Core;
}

export interface StageHooks {
  /** One line for the user's eyes. */
  readonly progress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Stands between the client and the units: tests meddle here. */
  readonly wrap?: (transport: Transport) => Transport;
  /** Where the fleet is kept; by default in memory. */
  readonly house?: House;
}

/** A fleet and its store. The units' core holds the storage key. */
export interface House {
  readonly store: FleetStore;
  /** The stage closes it. */
  readonly fleet: Fleet;
  /** What stands there already; without it, a fleet is built. */
  readonly standing?: Standing;
}

/** A fleet that was there before. */
export interface Standing {
  readonly layout: Layout;
  /** Who administers all of its units, their keys in the administrators' core; null if all units are pristine. */
  readonly signers: readonly CardSigner[] | null;
}

export interface Stage {
  readonly layout: Layout;
  readonly store: FleetStore;
  readonly fleet: Fleet;
  readonly client: Client;
  readonly administrators: readonly Administrator[];
  readonly configuration: Configuration;
  /** What is drawn from the seed after the layout. */
  readonly random: SeededRandom;
  /** Whether all units have been set up already. */
  readonly isInitialised: boolean;
  /** Administrators' signatures that units have accepted so far. */
  readonly signaturesAccepted: () => number;
  /** The units as the cloud lists them now, by hsm_id. */
  readonly list: () => Promise<Map<string, CryptoUnit>>;
  /** Wipes all keys of the stage from both cores. */
  readonly close: () => void;
}

const REGION = "us-south";
const RESOURCE_GROUP = "Default";

/**
 * A fleet of new hardware with nothing set up, or the one that stands in the house.
 * @throws UsageError if an option is out of bounds.
 */
export function newStage(options: FleetOptions, cores: Cores, hooks: StageHooks = {}): Stage {
  checkFleetOptions(options);
  const { wrap = (transport) => transport, signal = new AbortController().signal } = hooks;
  const { administrators: admins } = cores;
  const random = new SeededRandom(options.seed);
  const house = hooks.house ?? inMemory(cores.units);
  const layout = house.standing?.layout ?? planned(options, random);
  const { fleet } = house;
  if (!house.standing) fleet.build(layout);
  let accepted = 0;
  const stopCounting = house.store.observe(({ signers }) => {
    accepted += signers.length;
  });
  const administrators = administratorsOf(admins, house.standing?.signers ?? newSigners(admins, options.admins));
  const transport = breathing(wrap(loopback(fleet.handleMany, fleet.listHsms)), signal);
  const client = new Client({ transport, core: admins, roots: [{ name: "OpenTKE", ...fleet.root }] });
  const { threshold } = options;
  return {
    layout,
    store: house.store,
    fleet,
    client,
    administrators,
    configuration: { signatureThreshold: threshold, revocationThreshold: threshold, administrators },
    random,
    isInitialised: house.standing?.signers != null,
    signaturesAccepted: () => accepted,
    list: () => listUnits(client, layout),
    close: () => {
      stopCounting();
      fleet.close();
      for (const { key } of administrators) admins.keyFree(key);
    },
  };
}

function inMemory(core: Core): House {
  core.setStorageKey((view) => crypto.getRandomValues(view as Uint8Array<ArrayBuffer>));
  const store = new MemoryStore();
  return { store, fleet: Fleet.create(core, store) };
}

function planned(options: FleetOptions, random: SeededRandom): Layout {
  const request = { ...options, regions: regionPair(REGION), resourceGroup: RESOURCE_GROUP };
  return planLayout(request, random.fork("layout"));
}

function newSigners(core: Core, count: number): CardSigner[] {
  const names = Array.from({ length: count }, (_, at) => `Administrator ${at + 1}`);
  return generateSigners(core, names);
}

/**
 * A fleet whose instances are all initialised: administrators, thresholds, and a master key for each instance.
 * @throws UsageError if an option is out of bounds.
 */
export async function initialisedFleet(options: FleetOptions, cores: Cores, hooks: StageHooks = {}): Promise<Stage> {
  const stage = newStage(options, cores, hooks);
  await initialise(stage, hooks);
  return stage;
}

/** Sets up all units of a new stage: auto-init of all service instances side by side. */
export async function initialise(stage: Stage, { progress }: StageHooks = {}): Promise<void> {
  const units = [...(await stage.list()).values()];
  const told = progress ? { progress: initProgress(progress) } : {};
  requireDone("auto-init", await autoInit(stage.client, units, stage.configuration, told));
}

async function listUnits(client: Client, { serviceInstances }: Layout): Promise<Map<string, CryptoUnit>> {
  const lists = await Promise.all(serviceInstances.map(({ id }) => client.units(id)));
  return new Map(lists.flat().map((unit) => [unit.id, unit]));
}
