// Failover units that a service instance gets later: where they are, that they are durable with their audit records, all or none, and
// who can have none.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readUnitList } from "../../src/client/units.ts";
import type { Core } from "../../src/core/api.ts";
import { PreconditionError, UsageError } from "../../src/errors.ts";
import { failoverProblems } from "../../src/fleet/failover.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import { type Layout, planLayout } from "../../src/fleet/layout.ts";
import { MemoryStore } from "../../src/fleet/memory-store.ts";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import { verifyStore } from "../../src/fleet/store/check.ts";
import { createStore, openStore } from "../../src/fleet/store/open.ts";
import { type FleetStore, StoreConflict } from "../../src/fleet/store.ts";
import { bayName, locationOf, regionPair, UnitType } from "../../src/fleet/topology.ts";
import type { OaRoot } from "../../src/unit/module.ts";
import { testCore } from "../support/core.ts";
import { temporary } from "../support/stores.ts";

let core: Core;
beforeAll(async () => {
  core = await testCore();
  core.setStorageKey((view) => view.fill(7));
});
afterAll(() => core.dispose());
const { folder, keep } = temporary();
const random = (seed = "more") => new SeededRandom(seed);

const layoutOf = (operational: number, failover = 0, instances = 2): Layout =>
  planLayout(
    { instances, operational, recovery: 2, failover, regions: regionPair("us-south"), resourceGroup: "Default" },
    new SeededRandom("failover"),
  );

interface Ground {
  readonly fleet: Fleet;
  readonly store: FleetStore;
  readonly first: string;
  readonly second: string;
}

function ground(operational: number, failover = 0, opened?: { store: FleetStore; root: OaRoot }): Ground {
  const store = opened?.store ?? new MemoryStore();
  const fleet = opened ? new Fleet(core, store, opened.root) : Fleet.create(core, store);
  const layout = layoutOf(operational, failover);
  fleet.build(layout);
  const [first, second] = layout.serviceInstances.map(({ id }) => id);
  return { fleet, store, first: first!, second: second! };
}

describe("failover units", () => {
  it.each([
    [2, 2],
    [3, 2],
    [3, 3],
    [6, 3],
  ])("for %i operational ones: %i, behind the others, pristine, each on a module of its own", (operational, count) => {
    const { fleet, store, first, second } = ground(operational);
    const before = fleet.instance(first)!.units;
    const bystander = fleet.instance(second)!;
    const standing = new Set(fleet.serials());
    const added = fleet.addFailoverUnits(first, count, random());
    const { units } = fleet.instance(first)!;
    expect(units).toEqual([...before, ...added]);
    expect(added.map(({ type }) => type)).toEqual(Array(count).fill(UnitType.Failover));
    expect(fleet.instance(second)).toEqual(bystander);
    const listed = readUnitList(first, fleet.listHsms(first));
    expect(listed.map(({ id, type, location }) => ({ id, type, location }))).toEqual(
      units.map((unit) => ({ id: unit.id, type: unit.type, location: locationOf(unit) })),
    );
    expect(new Set(units.map(({ bay }) => bayName(bay))).size).toBe(units.length);
    for (const { id, bay, domain } of added) {
      expect(bay.region).toBe("us-east");
      expect(standing.has(fleet.serialIn(bay)!)).toBe(false);
      const state = store.unit(id)!;
      expect([state.serial, state.domain]).toEqual([fleet.serialIn(bay), domain]);
      expect([state.attributes.signatureThreshold, state.administrators]).toEqual([0, []]);
      expect(state.registers).toEqual({ current: null, next: null });
    }
    fleet.close();
  });

  it("are at places that nobody has, for one instance after the other", () => {
    const { fleet, first, second } = ground(3);
    fleet.addFailoverUnits(first, 3, random("same"));
    fleet.addFailoverUnits(second, 2, random("other"));
    const units = Array.from(fleet.instances(), ({ units }) => units).flat();
    expect(new Set(units.map(locationOf)).size).toBe(units.length);
    expect(new Set(units.map(({ id }) => id)).size).toBe(units.length);
    fleet.close();
  });

  it("are a function of instance, number and seed", () => {
    const places = (seed: string) => {
      const { fleet, first } = ground(2);
      const added = fleet.addFailoverUnits(first, 2, random(seed));
      fleet.close();
      return added;
    };
    expect(places("one")).toEqual(places("one"));
    expect(places("one").map(({ id }) => id)).not.toEqual(places("two").map(({ id }) => id));
  });

  it("are durable, in order, and in the audit log", async () => {
    const home = folder();
    const opened = await createStore(core, { folder: home }, {}, (fresh) => {
      const { fleet } = ground(3, 0, fresh);
      expect(fleet).toBeDefined();
    });
    const fleet = new Fleet(core, opened.store, opened.root);
    const { id } = [...fleet.instances()][0]!;
    const records = opened.store.head().records;
    const added = fleet.addFailoverUnits(id, 3, random());
    const after = [...fleet.instances()];
    expect(opened.store.head().records - records).toBe(6);
    const lines = [...opened.store.auditLines()].slice(records).map((line) => JSON.parse(line) as { type: string });
    expect(lines.map(({ type }) => type)).toEqual(Array(3).fill(["module", "unit"]).flat());
    expect(verifyStore(opened.store, { core }).units).toBe(13);
    opened.close();
    const again = keep(await openStore(core, { folder: home }));
    expect([...again.store.instances()]).toEqual(after);
    expect(again.store.instance(id)!.units.slice(-3)).toEqual(added);
    for (const unit of added) expect(again.store.unit(unit.id)!.domain).toBe(unit.domain);
    expect(verifyStore(again.store, { core }).units).toBe(13);
  });

  it("are all there, or none is", async () => {
    const opened = keep(await createStore(core, { folder: folder() }));
    const { fleet, first } = ground(3, 0, opened);
    const before = { head: opened.store.head(), instance: fleet.instance(first), serials: [...fleet.serials()] };
    const install = fleet.install.bind(fleet);
    let calls = 0;
    vi.spyOn(fleet, "install").mockImplementation((bay, serial) => {
      if (++calls === 3) throw new Error("the disk is full");
      install(bay, serial);
    });
    expect(() => fleet.addFailoverUnits(first, 3, random())).toThrow("the disk is full");
    expect(calls).toBe(3);
    expect({ head: opened.store.head(), instance: fleet.instance(first), serials: [...fleet.serials()] }).toEqual(
      before,
    );
    expect(verifyStore(opened.store, { core }).units).toBe(10);
    vi.restoreAllMocks();
    expect(fleet.addFailoverUnits(first, 3, random())).toHaveLength(3);
    expect(verifyStore(opened.store, { core }).units).toBe(13);
  });
});

describe("no failover units", () => {
  it.each([
    [2, 0, "number of failover crypto units: want 2, got 0"],
    [2, 1, "want 2, got 1"],
    [2, 3, "want 2, got 3"],
    [3, 1, "want 2 to 3, got 1"],
    [3, 4, "want 2 to 3, got 4"],
    [6, 2.5, "want 2 to 3, got 2.5"],
  ])("for %i operational ones: %d", (operational, count, message) => {
    const { fleet, first } = ground(operational);
    expect(() => fleet.addFailoverUnits(first, count, random())).toThrow(UsageError);
    expect(() => fleet.addFailoverUnits(first, count, random())).toThrow(message);
    expect(fleet.instance(first)!.units).toHaveLength(operational + 2);
    fleet.close();
  });

  it("where there are some, or too few operational ones, or an unknown instance", () => {
    const some = ground(2, 1);
    expect(() => some.fleet.addFailoverUnits(some.first, 2, random())).toThrow(PreconditionError);
    expect(() => some.fleet.addFailoverUnits(some.first, 2, random())).toThrow("has 1 failover crypto units already");
    const lonely = ground(1);
    expect(() => lonely.fleet.addFailoverUnits(lonely.first, 2, random())).toThrow(
      "want 2 operational crypto units at least, got 1",
    );
    expect(() => lonely.fleet.addFailoverUnits("nobody", 2, random())).toThrow(UsageError);
    for (const { fleet } of [some, lonely]) fleet.close();
  });

  it("while a rotation may be under way: it could not end", () => {
    const types = [UnitType.Operational, UnitType.Operational, UnitType.Recovery];
    expect(failoverProblems({ instance: "i", types, pending: 0 })).toEqual([]);
    const [problem, ...others] = failoverProblems({ instance: "i", types, pending: 1 });
    expect([problem!.problem, others]).toEqual([expect.stringContaining("a rotation may be under way"), []]);
  });

  it("in a store that does not know the instance", async () => {
    const { store } = keep(await createStore(core, { folder: folder() }));
    for (const each of [store, new MemoryStore()]) expect(() => each.addUnits("nobody", [])).toThrow(StoreConflict);
  });
});
