// Suite 1: below the level of protocols. SHA-512, one multiplication in GF(2^521 - 1), AES-256 key wrap.

import type { Backend } from "./backends/backend.ts";
import type { FieldWork, Work } from "./backends/primitives.ts";
import { bytesOf, signerOf, textOf } from "./fixtures.ts";
import type { Task } from "./task.ts";

/** Hashed in one operation: eight blocks and the padding's. */
const HASHED_BYTES = 1024;
const hashed = Uint8Array.from({ length: HASHED_BYTES }, (_, i) => i);

const sha512: Task = {
  suite: "primitives",
  name: "sha512",
  answer: ({ core }) => textOf([111, 112, HASHED_BYTES].map((length) => core.sha512(hashed.subarray(0, length)))),
  contestant: ({ name, core }) => ({ backend: name, operations: 1, run: () => core.sha512(hashed) }),
};

function fieldWork({ name, primitives }: Backend): FieldWork {
  const [x, y] = [signerOf("field x").scalar, signerOf("field y").scalar];
  const chains = [
    { x, y },
    { x: y, y: x },
  ] as const;
  const work = primitives.fieldMultiply(chains);
  if (work === null) throw new RangeError(`field-mul: want a back end with field arithmetic, got ${name}`);
  return work;
}

const fieldMul: Task = {
  suite: "primitives",
  name: "field-mul",
  only: ["wasm", "noble"],
  answer: (backend) => textOf(fieldWork(backend).run()),
  contestant: (backend) => ({ backend: backend.name, ...fieldWork(backend) }),
};

function keyWrap(name: string, count: number): Task {
  const jobs = Array.from({ length: count }, (_, i) => ({
    kek: bytesOf(`kek ${i}`, 32),
    key: bytesOf(`wrapped ${i}`, 32),
  }));
  const work = ({ primitives }: Backend): Work => primitives.wrap(jobs);
  return {
    suite: "primitives",
    name,
    answer: (backend) => textOf(work(backend)()),
    contestant: (backend) => ({ backend: backend.name, operations: count, run: work(backend) }),
  };
}

export const primitiveTasks: readonly Task[] = [sha512, fieldMul, keyWrap("aeskw", 1), keyWrap("aeskw-batch32", 32)];
