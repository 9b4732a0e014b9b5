import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { type LayoutRequest, planLayout, SerialNumbers } from "../../src/fleet/layout.ts";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import { bayName, DOMAINS_PER_MODULE, locationOf, regionPair, UnitType } from "../../src/fleet/topology.ts";

const regions = regionPair("us-south");
const request = (counts: Partial<LayoutRequest> = {}): LayoutRequest => ({
  instances: 4,
  operational: 3,
  recovery: 2,
  failover: 2,
  regions,
  resourceGroup: "Default",
  ...counts,
});
const plan = (counts: Partial<LayoutRequest> = {}, seed = "seed") =>
  planLayout(request(counts), new SeededRandom(seed));

const anyRequest = fc
  .record({
    instances: fc.integer({ min: 1, max: 200 }),
    operational: fc.integer({ min: 1, max: 6 }),
    recovery: fc.integer({ min: 1, max: 6 }),
    standby: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ standby, ...counts }) => request({ ...counts, failover: Math.min(standby, counts.operational) }));

describe("layout", () => {
  it("gives every instance its units, in the order of GET /hsms, each in a domain of its own", () => {
    fc.assert(
      fc.property(anyRequest, fc.string(), (wanted, seed) => {
        const layout = planLayout(wanted, new SeededRandom(seed));
        const order = [
          ...new Array(wanted.operational).fill(UnitType.Operational),
          ...new Array(wanted.recovery).fill(UnitType.Recovery),
          ...new Array(wanted.failover).fill(UnitType.Failover),
        ];
        const units = layout.serviceInstances.flatMap((instance) => instance.units);
        expect(layout.serviceInstances.length).toBe(wanted.instances);
        for (const instance of layout.serviceInstances) {
          expect(instance.units.map((unit) => unit.type)).toEqual(order);
          expect(instance.units.every((unit) => unit.instance === instance.id)).toBe(true);
          expect(new Set(instance.units.map((unit) => bayName(unit.bay))).size).toBe(order.length);
        }
        const ids = [...layout.serviceInstances.map((instance) => instance.id), ...units.map((unit) => unit.id)];
        expect(new Set(ids).size).toBe(ids.length);
        expect(new Set(units.map(locationOf)).size).toBe(units.length);
        expect(units.every((unit) => unit.domain >= 0 && unit.domain < DOMAINS_PER_MODULE)).toBe(true);
        expect(new Set(layout.modules.map(({ serial }) => serial)).size).toBe(layout.modules.length);
        const bays = layout.modules.map(({ bay }) => bayName(bay));
        expect(new Set(bays).size).toBe(bays.length);
        expect(new Set(units.map((unit) => bayName(unit.bay)))).toEqual(new Set(bays));
      }),
      { numRuns: 40 },
    );
  });

  it("puts the second recovery unit and the failover units in the disaster-recovery region", () => {
    for (const { units } of plan().serviceInstances) {
      const at = (type: UnitType): string[] =>
        units.filter((unit) => unit.type === type).map((unit) => unit.bay.region);
      expect(at(UnitType.Operational)).toEqual(["us-south", "us-south", "us-south"]);
      expect(at(UnitType.Recovery)).toEqual(["us-south", "us-east"]);
      expect(at(UnitType.Failover)).toEqual(["us-east", "us-east"]);
    }
  });

  it("writes locations as documented and serial numbers of 8 characters", () => {
    const layout = plan();
    for (const { units } of layout.serviceInstances)
      for (const unit of units)
        expect(locationOf(unit)).toMatch(/^\[us-(south|east)\]\.\[AZ[123]-CS\d\]\.\[\d\d\]\.\[\d\d\]$/);
    for (const { serial } of layout.modules) expect(serial).toMatch(/^93[A-Z2-9]{6}$/);
  });

  it("fills modules of 85 domains to the last one before it opens more than two a pool", () => {
    expect(plan({ instances: 170, operational: 1, recovery: 1, failover: 0 }).modules.length).toBe(4);
    expect(plan({ instances: 171, operational: 1, recovery: 1, failover: 0 }).modules.length).toBe(6);
  });

  it("is a function of counts and seed", () => {
    expect(plan()).toEqual(plan());
    expect(plan({}, "other")).not.toEqual(plan());
  });

  it.each([
    [
      { recovery: 0 },
      "recovery units of an instance: want 1 to 6, got 0; without one, a lost master key cannot be recovered",
    ],
    [{ recovery: 7 }, "recovery units of an instance: want 1 to 6, got 7"],
    [{ operational: 0 }, "operational units of an instance: want 1 to 6, got 0"],
    [{ operational: 7 }, "got 7"],
    [{ operational: 2, failover: 3 }, "failover units of an instance: want 0 to 2, got 3; there is one at most"],
    [{ instances: 0 }, "service instances: want 1 to 100000, got 0"],
    [{ instances: 1.5 }, "got 1.5"],
  ])("refuses %j", (counts, message) => {
    expect(() => plan(counts)).toThrow(UsageError);
    expect(() => plan(counts)).toThrow(message);
  });

  it("knows no region without recovery units", () => expect(() => regionPair("eu-es")).toThrow(UsageError));

  it("never gives out a serial number twice", () => {
    const first = new SerialNumbers(new SeededRandom("s"));
    const given = Array.from({ length: 50 }, () => first.next());
    const second = new SerialNumbers(new SeededRandom("s"), given);
    expect(given).not.toContain(second.next());
    expect(new Set(given).size).toBe(50);
  });
});
