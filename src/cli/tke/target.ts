// Where commands go: the fleet in OPENTKE_HOME, or an endpoint.

import { readFileSync } from "node:fs";
import { fromHex } from "../../bytes.ts";
import type { PinnedRoot } from "../../client/chain.ts";
import { Client } from "../../client/client.ts";
import { httpKeyStorage, type KeyStorage, localKeyStorage } from "../../client/key-storage.ts";
import { loopback } from "../../client/loopback.ts";
import type { Observer } from "../../client/observed.ts";
import type { Core } from "../../core/api.ts";
import { UsageError } from "../../errors.ts";
import { breathing } from "../../scenario/breathing.ts";
import type { Arguments } from "../command.ts";
import type { Io } from "../io.ts";
import { storedFleet } from "../open-fleet.ts";
import { observedBy, observerOf } from "../verbose.ts";
import { listInstances } from "./endpoint.ts";
import { readTargetSettings, type TargetSettings } from "./target-file.ts";

export interface Target {
  /** As it is shown to the user. */
  readonly name: string;
  readonly resourceGroup: string;
  readonly client: Client;
  readonly keyStorage: KeyStorage;
  /** Ids of the service instances of the resource group. */
  readonly instances: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

const DEFAULT_GROUP = "Default";
const POINT_SIZE = 133;

/** Options say more than the environment, the environment more than the file. */
export function targetSettings(argv: Arguments, io: Pick<Io, "env">): TargetSettings {
  const kept = readTargetSettings(io);
  const chosen = {
    endpoint: argv["endpoint"] ?? io.env["TKE_PRIVATE_ADDR"],
    tokenFile: argv["token-file"],
    rootFile: argv["root-file"],
    caFile: argv["ca-file"],
    resourceGroup: argv["resource-group"],
  };
  const given = Object.fromEntries(
    Object.entries(chosen).flatMap(([name, value]) => (value ? [[name, `${value}`]] : [])),
  );
  const instance = argv["instance-id"];
  return { ...kept, ...given, ...(instance === undefined ? {} : { instances: `${instance}`.split(/[\s,]+/) }) };
}

/** @param core the administrators' card */
export function openTarget(argv: Arguments, io: Io, core: Core): Promise<Target> {
  const settings = targetSettings(argv, io);
  const observer = observerOf(argv, io);
  if (settings.endpoint === undefined) return embedded(settings, io, core, observer);
  return remote(settings.endpoint, settings, core, observer, io.signal);
}

async function embedded(
  { resourceGroup, instances }: TargetSettings,
  io: Io,
  core: Core,
  observer: Observer | undefined,
): Promise<Target> {
  const { fleet, close } = await storedFleet(io);
  const transport = observedBy(observer, loopback(fleet.handleMany, fleet.listHsms));
  const group = resourceGroup ?? DEFAULT_GROUP;
  return {
    name: "the fleet in OPENTKE_HOME",
    resourceGroup: group,
    client: new Client({ transport: breathing(transport, io.signal), core, roots: [{ name: "OpenTKE", ...fleet.root }] }),
    keyStorage: localKeyStorage(fleet),
    instances: async () =>
      instances ?? Array.from(fleet.instances()).flatMap((one) => (one.resourceGroup === group ? [one.id] : [])),
    close: async () => close(),
  };
}

async function remote(
  url: string,
  settings: TargetSettings,
  core: Core,
  observer: Observer | undefined,
  signal: AbortSignal,
): Promise<Target> {
  const { httpTransport } = await import("../../client/http.ts");
  const { tokenFile, rootFile, caFile, resourceGroup = DEFAULT_GROUP } = settings;
  const token = tokenFile === undefined ? undefined : readFile("token-file", tokenFile);
  const ca = caFile === undefined ? undefined : readFile("ca-file", caFile).toString("utf8");
  if (rootFile === undefined)
    throw new UsageError(
      `No root is pinned for ${url}: name the file with the modules' root key with --root-file or 'opentke target'.`,
    );
  const roots = [readRoot(rootFile, core)];
  const access = { url, ...(token ? { token } : {}), ...(ca === undefined ? {} : { ca }) };
  const transport = httpTransport(access);
  const keyStorage = httpKeyStorage(access);
  return {
    name: url,
    resourceGroup,
    client: new Client({ transport: breathing(observedBy(observer, transport), signal), core, roots }),
    keyStorage,
    instances: async () => settings.instances ?? listInstances(access, resourceGroup),
    close: async () => {
      token?.fill(0);
      await Promise.all([transport.close(), keyStorage.close()]);
    },
  };
}

/** A root key as `GET /v1/opentke/root` gives it: {"ski", "x", "y"} in hexadecimal. @throws UsageError */
export function readRoot(file: string, core: Core): PinnedRoot {
  const text = readFile("root-file", file).toString("utf8");
  try {
    const { x, y, ski } = JSON.parse(text) as Record<string, string>;
    const publicKey = Uint8Array.of(4, ...fromHex(x ?? ""), ...fromHex(y ?? ""));
    const computed = core.sha512(publicKey).slice(0, 32);
    if (publicKey.length !== POINT_SIZE) throw new Error(`want coordinates of 66 bytes`);
    if (ski !== undefined && Buffer.compare(computed, fromHex(ski)) !== 0)
      throw new Error("its ski is not that of the key");
    return { name: file, ski: computed, publicKey };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "unreadable";
    throw new UsageError(`--root-file: '${file}': want {"ski", "x", "y"} in hexadecimal: ${why}.`, { cause });
  }
}

function readFile(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UsageError(`--${option}: '${file}' cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}
