import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readUnitList } from "../../src/client/units.ts";
import type { Core } from "../../src/core/api.ts";
import { UsageError } from "../../src/errors.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import { type Layout, planLayout } from "../../src/fleet/layout.ts";
import { MemoryStore } from "../../src/fleet/memory-store.ts";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import { bayName, locationOf, regionPair } from "../../src/fleet/topology.ts";
import { encodeXcpInfoRequest } from "../../src/wire/admin.ts";
import { encodeCprbRequest } from "../../src/wire/cprb.ts";
import { SubType } from "../../src/wire/ids.ts";
import { testCore } from "../support/core.ts";

let core: Core;
let store: MemoryStore;
let fleet: Fleet;
let layout: Layout;

beforeAll(async () => {
  core = await testCore();
  core.setStorageKey((view) => view.fill(0x5a));
  store = new MemoryStore();
  fleet = Fleet.create(core, store);
  const counts = { instances: 3, operational: 2, recovery: 2, failover: 1 };
  const request = { ...counts, regions: regionPair("us-south"), resourceGroup: "Default" };
  layout = planLayout(request, new SeededRandom("fleet"));
  fleet.build(layout);
});

afterAll(() => {
  fleet.close();
  core.dispose();
});

describe("a fleet", () => {
  it("lists an instance's units as GET /hsms does: three arrays, documented locations, serial numbers", () => {
    const instance = layout.serviceInstances[1]!;
    const body = JSON.parse(fleet.listHsms(instance.id)) as Record<string, { hsm_id: string; serial_number: string }[]>;
    expect(Object.keys(body)).toEqual(["hsms", "source_hsms", "failover_hsms"]);
    expect(Object.values(body).map((units) => units.length)).toEqual([2, 2, 1]);
    const units = readUnitList(instance.id, fleet.listHsms(instance.id));
    expect(units.map(({ id, location, type }) => ({ id, location, type }))).toEqual(
      instance.units.map((unit) => ({ id: unit.id, location: locationOf(unit), type: unit.type })),
    );
    for (const { id, serial } of units) expect(store.unit(id)!.serial).toBe(serial);
  });

  it("knows its instances and units, and no others", () => {
    const instance = layout.serviceInstances[0]!;
    expect(fleet.instance(instance.id)).toEqual(instance);
    expect(fleet.registers(instance.units[0]!.id)).toEqual({ current: null, next: null });
    expect(fleet.instance("nobody")).toBeUndefined();
    expect(fleet.registers("nobody")).toBeUndefined();
    expect(() => fleet.listHsms("nobody")).toThrow(UsageError);
  });

  it("has one module in each bay, certified by the one root, and every unit pristine", () => {
    const serials = layout.modules.map(({ bay, serial }) => {
      expect(store.serialIn(bay)).toBe(serial);
      expect(store.module(serial)!.certificates.length).toBe(2);
      return serial;
    });
    expect([...fleet.serials()].sort()).toEqual([...serials].sort());
    for (const { units } of layout.serviceInstances)
      for (const unit of units) {
        const state = store.unit(unit.id)!;
        expect(state.domain).toBe(unit.domain);
        expect(state.administrators).toEqual([]);
        expect(store.module(state.serial)).toBeDefined();
      }
    const counters = layout.serviceInstances.flatMap(({ units }) =>
      units.map(({ id }) => `${store.unit(id)!.counter}`),
    );
    expect(new Set(counters).size).toBe(counters.length);
  });

  it("answers request CPRBs by unit", () => {
    const unit = layout.serviceInstances[0]!.units[0]!;
    const request = encodeXcpInfoRequest({ domain: unit.domain, subType: SubType.DomainInfo, subQuery: 0 });
    const cprb = encodeCprbRequest(unit.domain, request);
    const [answer, lost] = fleet.handleMany([
      { unit: unit.id, cprb },
      { unit: "nobody", cprb },
    ]);
    expect(answer).toBeInstanceOf(Uint8Array);
    expect(lost).toBeInstanceOf(Error);
  });

  it("replaces the hardware of a bay: its units are as new, all others untouched", () => {
    const [{ bay, serial }, ...others] = layout.modules as [Layout["modules"][0], ...Layout["modules"]];
    const before = fleet.unitsIn(bay).map(({ id }) => store.unit(id)!);
    const untouched = others.flatMap(({ bay: other }) => fleet.unitsIn(other).map(({ id }) => store.unit(id)!));
    const module = store.module(serial)!;
    expect(before.length).toBeGreaterThan(0);
    fleet.install(bay, "93NEWONE");
    expect(store.serialIn(bay)).toBe("93NEWONE");
    expect(store.module(serial)).toBeUndefined();
    expect(store.module("93NEWONE")!.oaPublicKey).not.toEqual(module.oaPublicKey);
    expect(store.module("93NEWONE")!.instance).not.toEqual(module.instance);
    for (const state of before) {
      expect(store.unit(state.id)!.serial).toBe("93NEWONE");
      expect(store.unit(state.id)!.counter).not.toEqual(state.counter);
    }
    for (const state of untouched) expect(store.unit(state.id)).toBe(state);
    const instance = layout.serviceInstances.find(({ units }) =>
      units.some((unit) => bayName(unit.bay) === bayName(bay)),
    )!;
    expect(fleet.listHsms(instance.id)).toContain("93NEWONE");
  });

  it("stores no root keys under a register that is empty", () => {
    const [instance] = layout.serviceInstances;
    expect(() => fleet.storeRootKeys(instance!.id, instance!.units[0]!.id, 1)).toThrow(/want a Valid current/);
    expect(store.rootKeys(instance!.id)).toEqual([]);
    expect(fleet.unwrap(instance!.units[0]!.id, instance!.id)).toEqual([]);
  });

  it("opens again over the same store and root", () => {
    const again = new Fleet(core, store, fleet.root);
    for (const { id } of layout.serviceInstances) expect(again.listHsms(id)).toBe(fleet.listHsms(id));
    for (const { bay } of layout.modules) expect(again.unitsIn(bay)).toEqual(fleet.unitsIn(bay));
  });
});
