import { createCipheriv, randomBytes } from "node:crypto";
import { aeskw } from "@noble/ciphers/aes.js";
import { beforeAll, describe, expect, test } from "vitest";
import { Status } from "../../../src/core/status.ts";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const SCRATCH = 0x6a0000;
const SCRATCH_END = 0x700000;
const JOBS = ARENA;
const MAX_BYTES = 512;
/** A job's operands: KEK, input, output. */
const STRIDE = 0x1000;
const kekAt = (j: number) => ARENA + 0x10000 + j * STRIDE;
const inAt = (j: number) => kekAt(j) + 0x100;
const outAt = (j: number) => kekAt(j) + 0x600;

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

interface Job {
  readonly kek: Uint8Array;
  readonly input: Uint8Array;
}

/** Runs a batch; the outputs and statuses. Bytes after each output must stay as they are, and scratch must be clear. */
function run(name: "keyWrapMany" | "keyUnwrapMany", jobs: readonly Job[], size: number, outSize: number) {
  for (const [j, { kek, input }] of jobs.entries()) {
    card.memory.set(kek, kekAt(j));
    card.memory.set(input, inAt(j));
    card.memory.fill(0xee, outAt(j), outAt(j) + outSize + 8);
    [kekAt(j), inAt(j), outAt(j), 0xdead].forEach((word, i) => {
      card.view.setUint32(JOBS + 16 * j + 4 * i, word, true);
    });
  }
  expect(card.call(name, jobs.length, JOBS, size)).toBe(Status.Ok);
  expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  return jobs.map((_, j) => {
    expect(card.memory.slice(outAt(j) + outSize, outAt(j) + outSize + 8)).toEqual(new Uint8Array(8).fill(0xee));
    return {
      out: card.memory.slice(outAt(j), outAt(j) + outSize),
      status: card.view.getUint32(JOBS + 16 * j + 12, true),
    };
  });
}

const wrap = (jobs: readonly Job[], size: number) => run("keyWrapMany", jobs, size, size + 8);
const unwrap = (jobs: readonly Job[], size: number) => run("keyUnwrapMany", jobs, size, size);

const nodeWrap = (kek: Uint8Array, data: Uint8Array) =>
  new Uint8Array(createCipheriv("id-aes256-wrap", kek, Buffer.alloc(8, 0xa6)).update(data));

describe("RFC 3394 with a 256-bit KEK", () => {
  const kek = bytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  test.each([
    ["4.3", "00112233445566778899aabbccddeeff", "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"],
    [
      "4.5",
      "00112233445566778899aabbccddeeff0001020304050607",
      "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1",
    ],
    [
      "4.6",
      "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
      "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
    ],
  ])("%s", (_, data, wrapped) => {
    const [key, cipher] = [bytes(data), bytes(wrapped)];
    expect(wrap([{ kek, input: key }], key.length)).toEqual([{ out: cipher, status: Status.Ok }]);
    expect(unwrap([{ kek, input: cipher }], key.length)).toEqual([{ out: key, status: Status.Ok }]);
  });
});

describe("batches of distinct keys", () => {
  const sizes = Array.from({ length: (MAX_BYTES - 16) / 8 + 1 }, (_, i) => 16 + 8 * i);

  test.each([...Array.from({ length: 40 }, (_, i) => i + 1), 64])("of %i agree with node:crypto and noble", (n) => {
    const jobs = Array.from({ length: n }, () => ({ kek: randomBytes(32), input: randomBytes(32) }));
    const wrapped = wrap(jobs, 32);
    for (const [j, { kek, input }] of jobs.entries()) {
      expect(wrapped[j]).toEqual({ out: nodeWrap(kek, input), status: Status.Ok });
      expect(wrapped[j]!.out).toEqual(aeskw(new Uint8Array(kek)).encrypt(new Uint8Array(input)));
    }
    const back = unwrap(
      jobs.map(({ kek }, j) => ({ kek, input: wrapped[j]!.out })),
      32,
    );
    expect(back).toEqual(jobs.map(({ input }) => ({ out: new Uint8Array(input), status: Status.Ok })));
  });

  test("of every size of key data agree with node:crypto", () => {
    for (const size of sizes) {
      const jobs = Array.from({ length: 3 }, () => ({ kek: randomBytes(32), input: randomBytes(size) }));
      const wrapped = wrap(jobs, size);
      expect(wrapped.map(({ out }) => out)).toEqual(jobs.map(({ kek, input }) => nodeWrap(kek, input)));
      const back = unwrap(
        jobs.map(({ kek }, j) => ({ kek, input: wrapped[j]!.out })),
        size,
      );
      expect(back.map(({ out }) => out)).toEqual(jobs.map(({ input }) => new Uint8Array(input)));
    }
  });

  test("a bad one, in any lane, spoils no other and comes out as zeros", () => {
    const jobs = Array.from({ length: 11 }, () => ({ kek: randomBytes(32), input: randomBytes(32) }));
    const good = wrap(jobs, 32).map(({ out }, j) => ({ kek: jobs[j]!.kek, input: out }));
    for (let bad = 0; bad < jobs.length; bad++) {
      const input = good[bad]!.input.slice();
      input[(7 * bad) % 40]! ^= 1 << (bad % 8);
      const results = unwrap(good.with(bad, { kek: jobs[bad]!.kek, input }), 32);
      for (const [j, result] of results.entries()) {
        const want =
          j === bad ? { out: new Uint8Array(32), status: Status.BadWrap } : { out: jobs[j]!.input, status: 0 };
        expect({ out: Buffer.from(result.out), status: result.status }).toEqual({
          out: Buffer.from(want.out),
          status: want.status,
        });
      }
    }
  });

  test("every flipped bit of a wrapped key, and of its KEK, is refused", () => {
    const [kek, key] = [randomBytes(32), randomBytes(32)];
    const wrapped = nodeWrap(kek, key);
    const flips = [
      ...Array.from({ length: 320 }, (_, bit) => ({ kek, input: flipBit(wrapped, bit) })),
      ...Array.from({ length: 256 }, (_, bit) => ({ kek: flipBit(kek, bit), input: wrapped })),
    ];
    for (let from = 0; from < flips.length; from += 64) {
      for (const { status } of unwrap(flips.slice(from, from + 64), 32)) expect(status).toBe(Status.BadWrap);
    }
  });

  test.each([1, 2, 3, 4, 9])("%i at once: the output may lie anywhere on the job's own input", (n) => {
    for (let shift = -48; shift <= 48; shift += 4) {
      const jobs = Array.from({ length: n }, () => ({ kek: randomBytes(32), input: randomBytes(32) }));
      const set = (from: (j: number) => number, to: (j: number) => number) => {
        for (let j = 0; j < n; j++) {
          card.memory.set(jobs[j]!.kek, kekAt(j));
          [kekAt(j), from(j), to(j), 0].forEach((word, i) => {
            card.view.setUint32(JOBS + 16 * j + 4 * i, word, true);
          });
        }
      };
      for (const [j, { input }] of jobs.entries()) card.memory.set(input, inAt(j));
      const outAt = (j: number) => inAt(j) + shift;
      set(inAt, outAt);
      card.call("keyWrapMany", n, JOBS, 32);
      for (const [j, { kek, input }] of jobs.entries())
        expect(card.memory.slice(outAt(j), outAt(j) + 40)).toEqual(nodeWrap(kek, input));
      set(outAt, inAt);
      card.call("keyUnwrapMany", n, JOBS, 32);
      for (const [j, { input }] of jobs.entries())
        expect(card.memory.slice(inAt(j), inAt(j) + 32)).toEqual(new Uint8Array(input));
    }
  });

  test("jobs may share a key and an input", () => {
    const [kek, input] = [randomBytes(32), randomBytes(32)];
    card.memory.set(kek, kekAt(0));
    card.memory.set(input, inAt(0));
    for (let j = 0; j < 7; j++) {
      [kekAt(0), inAt(0), outAt(j), 0].forEach((word, i) => {
        card.view.setUint32(JOBS + 16 * j + 4 * i, word, true);
      });
    }
    card.call("keyWrapMany", 7, JOBS, 32);
    for (let j = 0; j < 7; j++) expect(card.memory.slice(outAt(j), outAt(j) + 40)).toEqual(nodeWrap(kek, input));
  });
});

describe("key data of other sizes", () => {
  test.each([0, 7, 8, 15, 17, 20, 31, 33, 504 + 9, 520, 0xfffffff8])("%i bytes: BadArgument, nothing done", (size) => {
    card.memory.set(randomBytes(0x800), kekAt(0));
    [kekAt(0), inAt(0), outAt(0), 0xdead].forEach((word, i) => {
      card.view.setUint32(JOBS + 4 * i, word, true);
    });
    const before = card.memory.slice(ARENA, kekAt(1));
    expect(card.call("keyWrapMany", 1, JOBS, size)).toBe(Status.BadArgument);
    expect(card.call("keyUnwrapMany", 1, JOBS, size)).toBe(Status.BadArgument);
    expect(Buffer.from(card.memory.subarray(ARENA, kekAt(1))).equals(before)).toBe(true);
  });
});

function flipBit(from: Uint8Array, bit: number): Uint8Array {
  const flipped = new Uint8Array(from);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}
