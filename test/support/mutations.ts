// Valid messages, damaged: what a decoder must survive.

import fc from "fast-check";

/** Runs of each fuzzed property; the environment variable raises it. */
export const FUZZ_RUNS = Number(process.env["OPENTKE_FUZZ_RUNS"] ?? 300);

type Mutation = (bytes: readonly number[]) => number[];

/** One to four changes to one of the seeds: bytes changed, inserted, left out, repeated, the end cut off or lengthened. */
export function mutationsOf(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(mutation(), { minLength: 1, maxLength: 4 }))
    .map(([seed, mutations]) =>
      Uint8Array.from(mutations.reduce<number[]>((bytes, change) => change(bytes), [...seed])),
    );
}

function mutation(): fc.Arbitrary<Mutation> {
  const place = fc.nat(4096);
  // Half of all places are near the front, where tags and lengths are.
  const at = fc.oneof(fc.nat(40), place);
  const interesting = fc.constantFrom(0x00, 0x01, 0x02, 0x04, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xff);
  const value = fc.oneof(interesting, fc.nat(255));
  return fc
    .oneof(
      fc.tuple(at, value).map(
        ([i, v]): Mutation =>
          (b) =>
            b.with(b.length === 0 ? 0 : i % b.length, v),
      ),
      fc.tuple(at, fc.nat(7)).map(
        ([i, bit]): Mutation =>
          (b) =>
            b.map((x, k) => (k === i % b.length ? x ^ (1 << bit) : x)),
      ),
      fc.tuple(at, value).map(
        ([i, v]): Mutation =>
          (b) =>
            b.toSpliced(i % (b.length + 1), 0, v),
      ),
      at.map(
        (i): Mutation =>
          (b) =>
            b.toSpliced(i % (b.length + 1), 1),
      ),
      fc.tuple(at, fc.nat(40)).map(
        ([i, n]): Mutation =>
          (b) =>
            b.concat(b.slice(i % (b.length + 1), (i % (b.length + 1)) + n)),
      ),
      place.map(
        (n): Mutation =>
          (b) =>
            b.slice(0, n % (b.length + 1)),
      ),
      fc.array(value, { minLength: 1, maxLength: 4 }).map(
        (tail): Mutation =>
          (b) =>
            b.concat(tail),
      ),
    )
    .map(
      (change): Mutation =>
        (b) =>
          b.length === 0 ? [] : change(b),
    );
}
