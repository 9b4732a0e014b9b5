import { p521 } from "@noble/curves/nist.js";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { block } from "../../support/memory-map.ts";
import { fillEntropy, keypairs, Ok, type Signed, sign, verify } from "../../support/p521-jobs.ts";
import { loadTesting, type TestModule } from "../../support/wasm.ts";

// assembly/p521/cache.ts
const CAPACITY = 79;
const USES = 8;
const RING = 64;

let module: TestModule;
const signatures: Signed[] = [];
beforeAll(async () => {
  module = await loadTesting();
  while (signatures.length < CAPACITY + 90) {
    fillEntropy(module);
    const keys = keypairs(module, 64).outputs.map((output) => output ?? []);
    const digest = new Uint8Array(64).fill(signatures.length);
    const jobs = keys.map(([scalar = digest]) => ({ scalar, digest }));
    sign(module, jobs, 0).outputs.forEach((output, j) => {
      signatures.push({ digest, signature: output?.[0] ?? digest, publicKey: keys[j]?.[1] ?? digest });
    });
  }
});
beforeEach(() => {
  module.call("cacheSetLimit", CAPACITY);
});

const job = (i: number): Signed => signatures[i] ?? signatures[0]!;
const tables = () => module.call("test_cacheTables");
const use = (...keys: number[]) => {
  expect(verify(module, keys.map(job))).toEqual(keys.map(() => Ok));
};
const useTimes = (times: number, ...keys: number[]) => {
  for (let i = 0; i < times; i++) use(...keys);
};
/** Whether the key has a table. Does not count as a use that would earn one. */
function hasTable(i: number): boolean {
  const at = block("exchange").from;
  module.memory.set(job(i).publicKey, at);
  return module.call("test_cacheFind", at) !== 0;
}

test("the signatures are good", () => {
  for (const { digest, signature, publicKey } of signatures.slice(0, 3)) {
    expect(p521.verify(signature, digest, publicKey, { prehash: false, lowS: false })).toBe(true);
  }
});

describe("a table is earned", () => {
  test("by the eighth use, one call each", () => {
    useTimes(USES - 1, 0);
    expect([tables(), hasTable(0)]).toEqual([0, false]);
    use(0);
    expect([tables(), hasTable(0)]).toEqual([1, true]);
    useTimes(3, 0);
    expect(tables()).toBe(1);
  });

  test("by eight uses in one call", () => {
    use(...Array(USES - 1).fill(0));
    expect(tables()).toBe(0);
    module.call("cacheSetLimit", CAPACITY);
    use(1, ...Array(USES).fill(0), 1);
    expect([hasTable(0), hasTable(1)]).toEqual([true, false]);
  });

  test("by wrong signatures as by good ones, but not by keys that are no points", () => {
    const wrong = { ...job(0), digest: new Uint8Array(64).fill(99) };
    const noPoint = { ...job(1), publicKey: job(1).publicKey.map((byte, i) => (i === 132 ? byte ^ 1 : byte)) };
    for (let i = 0; i < 2 * USES; i++) verify(module, [wrong, noPoint]);
    expect([tables(), hasTable(0)]).toEqual([1, true]);
  });

  test("not by a stream of keys used once, which drops no table either", () => {
    useTimes(USES, 0, 1);
    for (let i = 2; i < 160; i += 8) use(...Array.from({ length: 8 }, (_, k) => i + k));
    expect([tables(), hasTable(0), hasTable(1)]).toEqual([2, true, true]);
  });

  test("by uses that are not forgotten: the ring holds the last 64 keys", () => {
    useTimes(USES - 1, 0, 1);
    const others = Array.from({ length: RING - 2 }, (_, i) => i + 2);
    use(...others);
    use(1); // 64 keys are known, none was forgotten
    expect([hasTable(0), hasTable(1)]).toEqual([false, true]);
    use(...Array.from({ length: 3 }, (_, i) => i + 100)); // the first takes the place of key 1; the next two forget key 0
    use(0);
    expect(hasTable(0)).toBe(false);
  });
});

describe("the limit", () => {
  test("drops the table that was not used for longest", () => {
    module.call("cacheSetLimit", 2);
    useTimes(USES, 0);
    useTimes(USES, 1);
    use(0);
    useTimes(USES, 2);
    expect([tables(), hasTable(0), hasTable(1), hasTable(2)]).toEqual([2, true, false, true]);
    use(0, 1, 2);
    expect(hasTable(1)).toBe(false); // it has to earn it again
  });

  test("a table used in a batch is not dropped in it, nor is one that was built in it", () => {
    module.call("cacheSetLimit", 1);
    useTimes(USES, 0);
    useTimes(USES - 1, 1);
    use(0, 1, 0, 1);
    expect([hasTable(0), hasTable(1)]).toEqual([true, false]);
    use(1, 0, 1); // key 1 earns it before key 0 is looked up
    expect([hasTable(0), hasTable(1)]).toEqual([false, true]);
    useTimes(2, ...Array(10).fill(2), ...Array(10).fill(3), 1, 0);
  });

  test("none: no table at all", () => {
    module.call("cacheSetLimit", 0);
    useTimes(USES + 2, 0, 1);
    expect(tables()).toBe(0);
  });

  test("set again: all tables are dropped, and counting begins anew", () => {
    useTimes(USES - 1, 0);
    useTimes(USES, 1);
    module.call("cacheSetLimit", 5);
    expect(tables()).toBe(0);
    use(0, 1);
    expect(tables()).toBe(0);
    useTimes(USES - 1, 0, 1);
    expect(tables()).toBe(2);
  });

  test("more than there is room for: as many as there is room for, the last within the memory", () => {
    module.call("cacheSetLimit", 0xffffffff);
    const all = Array.from({ length: CAPACITY }, (_, i) => i);
    for (let i = 0; i < CAPACITY; i += 8) {
      use(...all.slice(i, i + 8).flatMap((key) => Array(USES).fill(key)));
    }
    expect(tables()).toBe(CAPACITY);
    for (let i = 0; i < CAPACITY; i += 32) use(...all.slice(i, i + 32));
    useTimes(USES, CAPACITY);
    expect([tables(), hasTable(0), hasTable(1), hasTable(CAPACITY)]).toEqual([CAPACITY, false, true, true]);
    expect(all.filter((key) => !hasTable(key))).toEqual([0]);
    use(...all.slice(0, 40), CAPACITY);
  });
});
