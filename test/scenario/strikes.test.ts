// Laws that hold for every layout and seed; the plans are pure functions, so thousands of drills are cheap to look at.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Layout, planLayout } from "../../src/fleet/layout.ts";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import { bayName, regionPair, UnitType } from "../../src/fleet/topology.ts";
import { planStrikes, StrikeKind, type StrikePlan } from "../../src/scenario/strikes.ts";

interface Case {
  readonly layout: Layout;
  readonly plan: StrikePlan;
}

const small = fc.record({
  instances: fc.integer({ min: 1, max: 40 }),
  operational: fc.integer({ min: 1, max: 6 }),
  recovery: fc.integer({ min: 1, max: 4 }),
  failover: fc.integer({ min: 0, max: 1 }),
});

const anyCase: fc.Arbitrary<Case> = fc.tuple(small, fc.string()).map(([counts, seed]) => {
  const random = new SeededRandom(seed);
  const layout = planLayout(
    { ...counts, regions: regionPair("us-south"), resourceGroup: "Default" },
    random.fork("layout"),
  );
  return { layout, plan: planStrikes(layout, random.fork("strikes")) };
});

const law = (name: string, check: (one: Case) => void): void =>
  it(name, () => fc.assert(fc.property(anyCase, check), { numRuns: 300 }));

describe("strikes, whatever the seed", () => {
  law("every instance keeps a recovery unit that still has its key", ({ layout, plan }) => {
    const losing = new Set(plan.strikes.filter(({ kind }) => kind !== StrikeKind.TakenOver).map(({ unit }) => unit.id));
    for (const instance of layout.serviceInstances) {
      const spared = plan.spared.get(instance.id)!;
      expect(instance.units).toContain(spared);
      expect(spared.type).toBe(UnitType.Recovery);
      expect(losing.has(spared.id)).toBe(false);
      expect(plan.bays.map(bayName)).not.toContain(bayName(spared.bay));
    }
  });

  law("all units of a replaced module, and no others, are replaced; no unit is struck twice", ({ layout, plan }) => {
    const bays = new Set(plan.bays.map(bayName));
    const residents = layout.serviceInstances.flatMap(({ units }) =>
      units.filter((unit) => bays.has(bayName(unit.bay))),
    );
    const replaced = plan.strikes.filter(({ kind }) => kind === StrikeKind.Replaced).map(({ unit }) => unit.id);
    expect(replaced.sort()).toEqual(residents.map((unit) => unit.id).sort());
    expect(new Set(plan.strikes.map(({ unit }) => unit.id)).size).toBe(plan.strikes.length);
  });

  law("the taker's units are all to be recovered, and only its units are taken over", ({ layout, plan }) => {
    const struck = new Set(plan.strikes.map(({ unit }) => unit.id));
    const takenOver = plan.strikes.filter(({ kind }) => kind === StrikeKind.TakenOver);
    if (layout.instances === 1) {
      expect(plan.takeover).toBeNull();
      expect(takenOver).toEqual([]);
    } else {
      const { taker, giver } = plan.takeover!;
      expect(taker).not.toBe(giver);
      expect(taker.units.every((unit) => struck.has(unit.id))).toBe(true);
      expect(takenOver.every(({ unit }) => unit.instance === taker.id)).toBe(true);
      expect(takenOver.map(({ unit }) => unit)).toContain(plan.spared.get(taker.id));
    }
  });

  law(
    "a module is replaced whenever one may be, and recovery units are hit where there is a second one",
    ({ layout, plan }) => {
      expect(plan.bays.length).toBeGreaterThan(0);
      const hit = plan.strikes.filter(
        ({ unit, kind }) => unit.type === UnitType.Recovery && kind !== StrikeKind.TakenOver,
      );
      if (layout.recovery > 1) expect(hit.length).toBeGreaterThan(0);
      else expect(hit).toEqual([]);
    },
  );

  law("zeroized and cleared units are as many, one more or less", ({ plan }) => {
    const count = (kind: StrikeKind): number => plan.strikes.filter((strike) => strike.kind === kind).length;
    expect(count(StrikeKind.Zeroized) - count(StrikeKind.Cleared)).toBeGreaterThanOrEqual(0);
    expect(count(StrikeKind.Zeroized) - count(StrikeKind.Cleared)).toBeLessThanOrEqual(1);
  });

  law("the same layout and seed are struck alike", ({ layout }) => {
    expect(planStrikes(layout, new SeededRandom("x"))).toEqual(planStrikes(layout, new SeededRandom("x")));
  });

  it("the default drill shows every kind of strike", () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = new SeededRandom(`${seed}`);
      const counts = { instances: 16, operational: 3, recovery: 2, failover: 0 };
      const layout = planLayout(
        { ...counts, regions: regionPair("us-south"), resourceGroup: "Default" },
        random.fork("layout"),
      );
      const kinds = new Set(planStrikes(layout, random.fork("strikes")).strikes.map(({ kind }) => kind));
      expect(kinds).toEqual(new Set(Object.values(StrikeKind)));
    }
  });
});
