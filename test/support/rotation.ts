// A service instance with a master key and root keys under it: the ground for rotations.

import { Client } from "../../src/client/client.ts";
import { type KeyStorage, localKeyStorage } from "../../src/client/key-storage.ts";
import { loopback } from "../../src/client/loopback.ts";
import type { Transport } from "../../src/client/transport.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import type { Core } from "../../src/core/api.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import { planLayout } from "../../src/fleet/layout.ts";
import { MemoryStore } from "../../src/fleet/memory-store.ts";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import type { FleetStore } from "../../src/fleet/store.ts";
import { regionPair } from "../../src/fleet/topology.ts";
import { autoInit } from "../../src/procedures/auto-init.ts";
import type { RotationRequest } from "../../src/procedures/rotation.ts";
import type { OaRoot } from "../../src/unit/module.ts";
import { type Administrator, administratorsOf, generateSigners } from "../../src/workstation/signer.ts";
import { testCore } from "./core.ts";

export interface RotationGround {
  readonly core: Core;
  readonly store: FleetStore;
  readonly fleet: Fleet;
  readonly transport: Transport;
  readonly keyStorage: KeyStorage;
  readonly administrators: readonly Administrator[];
  readonly instance: string;
  /** Two operational, then two recovery units. */
  readonly units: readonly CryptoUnit[];
  client(through?: Transport): Client;
  /** All units, all administrators. */
  request(keyStorage?: KeyStorage): RotationRequest;
  /** Root keys that some unit's current master key doesn't unwrap to what they were. */
  lost(): number;
  close(): void;
}

/** More than two batches of key storage. */
export const CANARIES = 130;

export interface GroundOptions {
  readonly canaries?: number;
  readonly core?: Core;
  readonly store?: FleetStore;
  readonly root?: OaRoot;
}

export async function rotationGround(options: GroundOptions = {}): Promise<RotationGround> {
  const { canaries = CANARIES, store = new MemoryStore() } = options;
  const core = options.core ?? (await testCore());
  if (!options.core) core.setStorageKey((view) => view.fill(7));
  const fleet = options.root ? new Fleet(core, store, options.root) : Fleet.create(core, store);
  const counts = { instances: 1, operational: 2, recovery: 2, failover: 0 };
  const request = { ...counts, regions: regionPair("us-south"), resourceGroup: "Default" };
  const layout = planLayout(request, new SeededRandom("rotation"));
  fleet.build(layout);
  const instance = layout.serviceInstances[0]!.id;
  const transport = loopback(fleet.handleMany, fleet.listHsms);
  const pins = [{ name: "fleet", ski: fleet.root.ski, publicKey: fleet.root.publicKey }];
  const client = (through = transport) => new Client({ transport: through, core, roots: pins });
  const administrators = administratorsOf(core, generateSigners(core, ["Ada", "Ben", "Cyd"]));
  const units = await client().units(instance);
  const results = await autoInit(client(), units, { signatureThreshold: 2, revocationThreshold: 2, administrators });
  for (const result of results) if (result.status === "failed") throw result.error;
  fleet.storeRootKeys(instance, units[0]!.id, canaries);
  const keyStorage = localKeyStorage(fleet);
  let closed = false;
  return {
    ...{ core, store, fleet, transport, administrators, instance, units, client },
    keyStorage,
    request: (storage = keyStorage) => ({
      ...{ keyStorage: storage, units, signers: administrators },
      open: async (signers) => signers,
    }),
    lost: () => Math.max(...units.map(({ id }) => fleet.unwrap(id, instance).filter((alive) => !alive).length)),
    close: () => {
      if (!closed) fleet.close();
      closed = true;
    },
  };
}

/** No time passes; the event loop turns. */
export const noWait = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
