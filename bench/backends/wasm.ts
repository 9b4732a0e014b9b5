// The card: the core that users run, and the entries of the same core.wasm below the level of Core. One multiplication in the field
// is no entry of the card; it is timed in the test build, which is compiled from the same source with the same options.

import { existsSync, readFileSync } from "node:fs";
import { RECORD, SIZE } from "../../src/core/abi.ts";
import { Card, expectOk } from "../../src/core/card.ts";
import { loadCore } from "../../src/core/load.ts";
import type { Status } from "../../src/core/status.ts";
import { type Backend, backendOf } from "./backend.ts";
import { FIELD_STEPS, type FieldJob, type FieldWork, type Primitives, type Work } from "./primitives.ts";

const CORE = new URL("../../src/core/core.wasm", import.meta.url);
/** Beside the compiled benchmarks, or where the build of a working copy puts it. */
const TESTING = [new URL("../testing.wasm", import.meta.url), new URL("../../build/testing.wasm", import.meta.url)];

export async function card(): Promise<Backend> {
  return backendOf(loadCore, cardPrimitives());
}

function cardPrimitives(): Primitives {
  const card = new Card(instanceOf(CORE));
  return {
    fieldMultiply,
    wrap(jobs) {
      const operands = jobs.map(({ kek, key }) => [kek, key] as const);
      return manyWork(card, operands, SIZE.wrapped, (count, at) => card.run.keyWrapMany(count, at, SIZE.key));
    },
    ecdh(jobs) {
      const operands = jobs.map(({ scalar, peer }) => [scalar, peer] as const);
      return manyWork(card, operands, SIZE.scalar, (count, at) => card.run.ecdhMany(count, at));
    },
  };
}

/** The work of an entry that takes jobs of two operands and a result of `size` bytes: copy in, call, copy out, wipe. */
function manyWork(
  card: Card,
  operands: readonly (readonly [Uint8Array, Uint8Array])[],
  size: number,
  entry: (count: number, jobs: number) => Status,
): Work {
  return () => {
    const mark = card.mark();
    try {
      const jobs = card.reserve(RECORD.job * operands.length);
      const results = operands.map(([a, b], i) => {
        const result = card.reserve(size);
        card.setJob(jobs + RECORD.job * i, card.put(a), card.put(b), result);
        return result;
      });
      expectOk(entry(operands.length, jobs));
      return results.map((result, i) => {
        expectOk(card.status(jobs + RECORD.job * i + 12));
        return card.take(result, size);
      });
    } finally {
      card.release(mark);
    }
  };
}

interface FieldExports {
  readonly memory: WebAssembly.Memory;
  readonly EXCHANGE: WebAssembly.Global;
  /** assembly/testing/field-chain.ts */
  test_fieldChain(out: number, x: number, y: number, times: number): void;
}

/** The two chains are in the two lanes of the same vectors. */
function fieldMultiply(chains: readonly [FieldJob, FieldJob]): FieldWork | null {
  const file = TESTING.find((candidate) => existsSync(candidate));
  if (file === undefined) return null;
  const { memory, EXCHANGE, test_fieldChain } = instanceOf(file).exports as unknown as FieldExports;
  const at = EXCHANGE.value as number;
  const operand = new Uint8Array(memory.buffer, at, 6 * SIZE.scalar);
  const [out, x, y] = [at, at + 2 * SIZE.scalar, at + 4 * SIZE.scalar];
  for (const [i, chain] of chains.entries()) {
    operand.set(chain.x, (2 + i) * SIZE.scalar);
    operand.set(chain.y, (4 + i) * SIZE.scalar);
  }
  const run = () => {
    test_fieldChain(out, x, y, FIELD_STEPS);
    return [operand.slice(0, SIZE.scalar), operand.slice(SIZE.scalar, 2 * SIZE.scalar)];
  };
  return { operations: chains.length * FIELD_STEPS, run };
}

function instanceOf(file: URL): WebAssembly.Instance {
  return new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
}
