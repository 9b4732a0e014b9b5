// The card: the core that users run, and the entries of the same core.wasm below the level of Core. One multiplication in the field
// is no entry of the card; it is timed in a build of its own, compiled from the same source with the same options.

import { existsSync, readFileSync } from "node:fs";
import { SIZE } from "../../src/core/abi.ts";
import { loadCore } from "../../src/core/load.ts";
import { loadPrimitives } from "../../src/core/primitives.ts";
import { type Backend, backendOf } from "./backend.ts";
import { FIELD_STEPS, type FieldJob, type FieldWork, type Primitives } from "./primitives.ts";

/** assembly/bench.ts: beside the compiled benchmarks, or where the build of a working copy puts it. */
const FIELD = [new URL("../bench.wasm", import.meta.url), new URL("../../build/bench.wasm", import.meta.url)];

export async function card(): Promise<Backend> {
  return backendOf(loadCore, await cardPrimitives());
}

async function cardPrimitives(): Promise<Primitives> {
  const primitives = await loadPrimitives();
  return {
    fieldMultiply,
    wrap(jobs) {
      const records = jobs.map(({ kek, key }) => ({ kek, data: key }));
      return () => primitives.keyWrap(records);
    },
    ecdh: (jobs) => () => primitives.ecdh(jobs).map(accepted),
  };
}

function accepted(secret: Uint8Array | null): Uint8Array {
  if (secret === null) throw new RangeError("want a scalar in 1..n-1 and a point of P-521, got other values");
  return secret;
}

interface FieldExports {
  readonly memory: WebAssembly.Memory;
  readonly EXCHANGE: WebAssembly.Global;
  fieldChain(out: number, x: number, y: number, times: number): void;
}

/** The two chains are in the two lanes of the same vectors. */
function fieldMultiply(chains: readonly [FieldJob, FieldJob]): FieldWork {
  const file = FIELD.find((candidate) => existsSync(candidate));
  if (file === undefined) throw new Error("want bench.wasm, got none: run node scripts/build.mjs");
  const { memory, EXCHANGE, fieldChain } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)))
    .exports as unknown as FieldExports;
  const at = EXCHANGE.value as number;
  const operand = new Uint8Array(memory.buffer, at, 6 * SIZE.scalar);
  const [out, x, y] = [at, at + 2 * SIZE.scalar, at + 4 * SIZE.scalar];
  for (const [i, chain] of chains.entries()) {
    operand.set(chain.x, (2 + i) * SIZE.scalar);
    operand.set(chain.y, (4 + i) * SIZE.scalar);
  }
  const run = () => {
    fieldChain(out, x, y, FIELD_STEPS);
    return [operand.slice(0, SIZE.scalar), operand.slice(SIZE.scalar, 2 * SIZE.scalar)];
  };
  return { operations: chains.length * FIELD_STEPS, run };
}
