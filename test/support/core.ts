// The core that tests run on.

import type { Core } from "../../src/core/api.ts";
import { loadCore } from "../../src/core/load.ts";

/** A card with no keys, no units and no storage key. */
export function testCore(): Promise<Core> {
  return loadCore();
}
