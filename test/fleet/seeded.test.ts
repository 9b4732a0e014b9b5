import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../src/fleet/seeded.ts";

const draw = (random: SeededRandom, count: number): number[] => Array.from({ length: count }, () => random.u32());

/** xoshiro128** 1.1 in BigInt, from the published C, seeded the same way. */
async function* reference(seed: string): AsyncGenerator<number> {
  const digest = new DataView(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(seed)));
  const mask = 0xffffffffn;
  const s = [0, 4, 8, 12].map((at) => BigInt(digest.getUint32(at))) as [bigint, bigint, bigint, bigint];
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  for (;;) {
    yield Number((rotl((s[1] * 5n) & mask, 7n) * 9n) & mask);
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11n);
  }
}

describe("seeded choices", () => {
  it("are xoshiro128** on a state of SHA-256", async () => {
    for (const seed of ["", "1", "drill", "ÄÖ"]) {
      const random = new SeededRandom(seed);
      const expected = reference(seed);
      for (let i = 0; i < 200; i++) expect(random.u32()).toBe((await expected.next()).value);
    }
  });

  it("repeat with the seed, differ with another, and forks are independent of what their parent draws", () => {
    expect(draw(new SeededRandom("a"), 20)).toEqual(draw(new SeededRandom("a"), 20));
    expect(draw(new SeededRandom("a"), 20)).not.toEqual(draw(new SeededRandom("b"), 20));
    const parent = new SeededRandom("a");
    const early = draw(parent.fork("x"), 5);
    parent.u32();
    expect(draw(parent.fork("x"), 5)).toEqual(early);
    expect(draw(parent.fork("y"), 5)).not.toEqual(early);
  });

  it("below(n) reaches all of 0..n-1, evenly, and nothing else", () => {
    const random = new SeededRandom("even");
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 14_000; i++) counts[random.below(7)]!++;
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(300);
    for (const n of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) expect(() => random.below(n)).toThrow(RangeError);
    expect(random.below(1)).toBe(0);
    expect(random.below(2 ** 32)).toBeLessThan(2 ** 32);
  });

  it("shuffle keeps the items and leaves the input alone; UUIDs are version 4", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 50 }), fc.string(), (items, seed) => {
        const before = [...items];
        const shuffled = new SeededRandom(seed).shuffle(items);
        expect(items).toEqual(before);
        expect([...shuffled].sort()).toEqual([...items].sort());
        expect(new SeededRandom(seed).uuid()).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });
});
