// The secret regions of P-521 (assembly/layout.ts), which must hold zeros between calls.

import { block, regions } from "./memory-map.ts";
import { firstNonZero, type TestModule } from "./wasm.ts";

const { from, to } = block("p521");
const secrets = regions().filter((region) => region.kind === "S" && region.from >= from && region.to <= to);

/** The names of those that hold anything but zeros. */
export function dirtySecrets(module: TestModule): string[] {
  return secrets.filter((region) => firstNonZero(module.memory, region.from, region.to) >= 0).map(({ name }) => name);
}

/** Fills them with something, so that a region that is wiped but never written does not pass for clean by luck. */
export function soilSecrets(module: TestModule): void {
  for (const region of secrets) module.memory.fill(0x5a, region.from, region.to);
}
