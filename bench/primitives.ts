// Suite 1: below the level of protocols. SHA-512, one multiplication in GF(2^521 - 1), AES-256 key wrap.

import type { Backend } from "./backends/backend.ts";
import type { WrapJob } from "./backends/primitives.ts";
import { bytesOf, signerOf, textOf } from "./fixtures.ts";
import type { Start, Task } from "./task.ts";

/** Hashed in one operation: eight blocks and the padding's. */
const HASHED_BYTES = 1024;

const sha512: Task = {
  suite: "primitives",
  name: "sha512",
  start({ name, core }) {
    const data = new Uint8Array(HASHED_BYTES).map((_, i) => i);
    return {
      answer: textOf([core.sha512(data), core.sha512(data.subarray(0, 111)), core.sha512(data.subarray(0, 112))]),
      contestant: { backend: name, operations: 1, run: () => core.sha512(data) },
    };
  },
};

const fieldMul: Task = {
  suite: "primitives",
  name: "field-mul",
  only: ["wasm", "noble"],
  start({ name, primitives }) {
    const [x, y] = [signerOf("field x").scalar, signerOf("field y").scalar];
    const work = primitives.fieldMultiply([
      { x, y },
      { x: y, y: x },
    ]);
    if (work === null) throw new RangeError(`field-mul: want a back end with field arithmetic, got ${name}`);
    const { operations, run } = work;
    return { answer: textOf(run()), contestant: { backend: name, operations, run } };
  },
};

function keyWrap(name: string, count: number): Task {
  const start = ({ name: backend, primitives }: Backend): Start => {
    const jobs = Array.from({ length: count }, (_, i): WrapJob => {
      return { kek: bytesOf(`kek ${i}`, 32), key: bytesOf(`wrapped ${i}`, 32) };
    });
    const run = primitives.wrap(jobs);
    return { answer: textOf(run()), contestant: { backend, operations: count, run } };
  };
  return { suite: "primitives", name, start };
}

export const primitiveTasks: readonly Task[] = [sha512, fieldMul, keyWrap("aeskw", 1), keyWrap("aeskw-batch32", 32)];
