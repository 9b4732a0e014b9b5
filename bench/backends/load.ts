// All back ends, the card first.

import { type Backend, baselines } from "./backend.ts";
import { card } from "./wasm.ts";

export async function loadBackends(): Promise<Backend[]> {
  return [await card(), ...(await baselines())];
}
