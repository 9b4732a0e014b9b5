// Stores in folders of their own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Core } from "../../src/core/api.ts";
import { createStore, type OpenOptions, type OpenStore } from "../../src/fleet/store/open.ts";
import type { FleetStore } from "../../src/fleet/store.ts";
import type { Bay } from "../../src/fleet/topology.ts";
import { createModule, createUnit, type OaRoot } from "../../src/unit/module.ts";

/** A folder that is removed after the test, and what was left open in it closed. */
export function temporary(): {
  readonly folder: () => string;
  readonly keep: <T extends { close(): void }>(open: T) => T;
} {
  const folders: string[] = [];
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder: () => {
      const folder = mkdtempSync(join(tmpdir(), "opentke-store-"));
      folders.push(folder);
      return join(folder, "home");
    },
    keep: (each) => {
      let closed = false;
      const once = {
        ...each,
        close: () => {
          if (!closed) each.close();
          closed = true;
        },
      };
      open.push(once);
      return once;
    },
  };
}

export const BAY: Bay = { region: "us-south", host: "AZ1-CS1", module: 0 };

/** Puts a module with `count` pristine units in a bay: `${prefix}0`, `${prefix}1`, ... */
export function furnish(
  core: Core,
  store: FleetStore,
  root: OaRoot,
  count: number,
  { bay = BAY, serial = "93TEST01", prefix = "unit-" }: { bay?: Bay; serial?: string; prefix?: string } = {},
): string[] {
  const module = createModule(core, root, { serial, instance: new Uint8Array(8).fill(3) });
  const ids = Array.from({ length: count }, (_, at) => `${prefix}${at}`);
  const units = ids.map((id, domain) => createUnit({ id, serial, domain, counterSeed: new Uint8Array(8).fill(1) }));
  store.install({ bay, module, units });
  return ids;
}

/** A new store with one module of `units` units. */
export async function furnished(
  core: Core,
  folder: string,
  units: number,
  options: OpenOptions = {},
): Promise<OpenStore> {
  return createStore(core, { folder }, options, ({ store, root }) => {
    furnish(core, store, root, units);
  });
}
