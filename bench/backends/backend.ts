// The back ends that are compared: the card, node:crypto, @noble.

import type { Core } from "../../src/core/api.ts";
import { hostWork } from "./host-work.ts";
import { NobleCore, nobleFieldMultiply, noblePrimitives } from "./noble.ts";
import { NodeCore, nodePrimitives } from "./node.ts";
import type { Primitives } from "./primitives.ts";

export const BACKEND_NAMES = ["wasm", "node", "noble"] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

export interface Backend {
  readonly name: string;
  readonly core: Core;
  readonly primitives: Primitives;
  /** Another core of the same kind, with nothing in it. */
  readonly newCore: () => Promise<Core>;
}

export async function backendOf(newCore: () => Promise<Core>, primitives: Primitives): Promise<Backend> {
  const core = await newCore();
  return { name: core.name, core, primitives, newCore };
}

export async function baselines(): Promise<Backend[]> {
  return [
    await backendOf(async () => new NodeCore(), hostWork(nodePrimitives)),
    await backendOf(async () => new NobleCore(), hostWork(noblePrimitives, nobleFieldMultiply)),
  ];
}
