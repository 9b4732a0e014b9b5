// The core that tests run on: the card if it has been built, else the baseline on node:crypto, which behaves alike.

import { existsSync } from "node:fs";
import { NodeCore } from "../../bench/backends/node.ts";
import type { Core } from "../../src/core/api.ts";

/** A core with no keys, no units and no storage key. */
export async function testCore(): Promise<Core> {
  const card = await loadCard();
  return card ?? new NodeCore();
}

/** The card, or null where it has not been built. */
export async function loadCard(): Promise<Core | null> {
  const loader = new URL("../../src/core/load.ts", import.meta.url);
  if (!existsSync(loader) || !existsSync(new URL("core.wasm", loader))) return null;
  const { loadCore } = (await import(loader.href)) as { loadCore: () => Promise<Core> };
  return loadCore();
}
