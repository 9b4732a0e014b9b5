// Where commands go: the fleet in OPENTKE_HOME, or an endpoint.

import type { Client } from "../../client/client.ts";
import type { RootKeyStorage } from "../../client/key-storage.ts";
import type { KnownKeys } from "../../client/trust.ts";
import type { Core } from "../../core/api.ts";
import type { Arguments } from "../command.ts";
import type { Io } from "../io.ts";
import { observerOf } from "../verbose.ts";
import { embeddedTarget } from "./embedded-target.ts";
import { resolveTarget } from "./target-settings.ts";

export interface Target {
  /** As it is shown to the user. */
  readonly name: string;
  readonly resourceGroup: string;
  readonly client: Client;
  readonly keyStorage: RootKeyStorage;
  /** Ids of the service instances of the resource group. */
  readonly instances: () => Promise<readonly string[]>;
  /** Adds failover units to a service instance, as whoever provides it does. Out: ids of the new units. */
  readonly addFailover: (instance: string, count: number) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** In: the administrators' card, and the OA keys of modules met in earlier commands. @throws UsageError, StoreError */
export async function openTarget(argv: Arguments, io: Io, core: Core, known: KnownKeys): Promise<Target> {
  const resolved = resolveTarget(argv, io);
  const { value: url } = resolved.endpoint;
  const access = { core, known, observer: observerOf(argv, io) };
  if (url === undefined) return embeddedTarget(resolved, argv, io, access);
  // Loaded when it is wanted: HTTP brings a library of its own.
  const { remoteTarget } = await import("./remote-target.ts");
  return remoteTarget(url, resolved, argv, io, access);
}
