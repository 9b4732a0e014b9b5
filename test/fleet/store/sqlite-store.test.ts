import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Core } from "../../../src/core/api.ts";
import { verifyStore } from "../../../src/fleet/store/check.ts";
import { createStore, openStore } from "../../../src/fleet/store/open.ts";
import type { SqliteStore } from "../../../src/fleet/store/sqlite-store.ts";
import { StoreConflict } from "../../../src/fleet/store.ts";
import type { ServiceInstance } from "../../../src/fleet/topology.ts";
import { UnitType } from "../../../src/fleet/topology.ts";
import { createModule, createUnit } from "../../../src/unit/module.ts";
import type { AuditEntry, UnitState } from "../../../src/unit/state.ts";
import { step } from "../../support/changes.ts";
import { testCore } from "../../support/core.ts";
import { BAY, furnish, furnished, temporary } from "../../support/stores.ts";

let core: Core;
beforeAll(async () => {
  core = await testCore();
});
afterAll(() => core.dispose());
const { folder, keep } = temporary();

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const u32 = fc.nat({ max: 0xffff_ffff });
const registers = fc.record({
  current: fc.option(bytes(32)),
  next: fc.option(fc.record({ pattern: bytes(32), committed: fc.boolean() })),
});
/** All that commands can change. */
const anyChange = fc.record({
  domainInstance: fc.integer({ min: 1, max: 0xffff_ffff }),
  administrators: fc.array(
    fc.record({ ski: bytes(32), publicKey: bytes(133), certificate: fc.uint8Array({ minLength: 1, maxLength: 900 }) }),
    { maxLength: 8 },
  ),
  attributes: fc.record({
    signatureThreshold: u32,
    revocationThreshold: u32,
    permissions: u32,
    operationalMode: u32,
    standardsCompliance: u32,
  }),
  controlPoints: bytes(16),
  registers,
  importer: fc.option(
    fc.record({
      type: fc.constantFrom(0, 3),
      publicKey: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      sealedKey: fc.option(fc.uint8Array({ minLength: 1, maxLength: 1300 })),
    }),
  ),
  sealed: fc.option(fc.uint8Array({ minLength: 1, maxLength: 600 })),
});

const instance = (id: string, count: number, module = 0): ServiceInstance => ({
  id,
  resourceGroup: `group of ${id}`,
  units: Array.from({ length: count }, (_, domain) => ({
    id: `${id}-${domain}`,
    instance: id,
    type: [UnitType.Operational, UnitType.Recovery, UnitType.Failover][domain % 3]!,
    bay: { ...BAY, module },
    domain,
  })),
});

describe("units", () => {
  it("come back as they were committed, every field, in this process and the next", async () => {
    const home = folder();
    const { store, close } = await furnished(core, home, 3);
    await fc.assert(
      fc.asyncProperty(anyChange, async (change) => {
        const { next, previous, audit } = step(store.unit("unit-1")!, change);
        store.commit([{ previous, next, audit }]);
        expect(store.unit("unit-1")).toEqual(next);
        const stored = [...store.ends()].find(({ state }) => state.id === "unit-1")!;
        expect(stored.state).toEqual(next);
      }),
      { numRuns: 60 },
    );
    const before = ["unit-0", "unit-1", "unit-2"].map((id) => store.unit(id));
    close();
    const again = keep(await openStore(core, { folder: home }));
    expect(["unit-0", "unit-1", "unit-2"].map((id) => again.store.unit(id))).toEqual(before);
    expect(again.store.unit("unit-3")).toBeUndefined();
    verifyStore(again.store, { core });
  });

  it("change together or not at all", async () => {
    const { store } = keep(await furnished(core, folder(), 3));
    const [a, b, c] = ["unit-0", "unit-1", "unit-2"].map((id) => store.unit(id)!) as [UnitState, UnitState, UnitState];
    store.commit([step(b)]);
    const head = store.head();
    // The second of three is out of date: what the first wrote is taken back.
    expect(() => store.commit([step(a), step(b), step(c)])).toThrow(StoreConflict);
    expect(["unit-0", "unit-2"].map((id) => store.unit(id))).toEqual([a, c]);
    expect(store.head()).toEqual(head);
    expect([...store.auditLines()]).toHaveLength(head.records);
    // And a statement that fails in the middle: no pattern has this type.
    const broken = { registers: { current: "text" as unknown as Uint8Array, next: null } };
    const readA = store.unit("unit-0")!;
    const readB = store.unit("unit-1")!;
    const readC = store.unit("unit-2")!;
    const bad = step(readB);
    expect(() => store.commit([step(readA), { ...bad, next: { ...bad.next, ...broken } }, step(readC)])).toThrow();
    expect(store.head()).toEqual(head);
    expect(store.unit("unit-0")).toEqual(a);
    store.commit([step(store.unit("unit-0")!), step(store.unit("unit-1")!)]);
    verifyStore(store, { core });
  });

  it("lose no update: a state that was not read from here, or was replaced, is refused", async () => {
    const { store } = keep(await furnished(core, folder(), 2));
    const read = store.unit("unit-0")!;
    store.commit([step(read)]);
    expect(() => store.commit([step(read)])).toThrow("unit unit-0 is not in the state that the change replaces");
    expect(() => store.commit([step({ ...store.unit("unit-0")! })])).toThrow(StoreConflict);
    const fresh = store.unit("unit-0")!;
    const one = step(fresh);
    expect(() => store.commit([one, one])).toThrow("one change of a unit in a commit, got two");
    const other = step(fresh);
    expect(() => store.commit([{ ...other, next: { ...other.next, id: "unit-1" } }])).toThrow(
      "want unit-0, got unit-1",
    );
    store.commit([one]);
    expect(store.unit("unit-0")).toEqual(one.next);
  });

  it("may be changed further from the very state that was committed", async () => {
    const { store } = keep(await furnished(core, folder(), 1));
    let state = store.unit("unit-0")!;
    for (let round = 0; round < 5; round++) {
      const change = step(state);
      store.commit([change]);
      state = change.next;
    }
    expect(store.unit("unit-0")!.counter).toEqual(state.counter);
  });

  it("may be changed although they left memory in between", async () => {
    const { store } = keep(await furnished(core, folder(), 12, { hotUnits: 2 }));
    const read = store.unit("unit-0")!;
    for (let at = 1; at < 12; at++) store.unit(`unit-${at}`);
    expect(store.unit("unit-0")).not.toBe(read);
    expect(store.unit("unit-0")).toEqual(read);
    store.commit([step(read)]);
    expect(() => store.commit([step(read)])).toThrow(StoreConflict);
  });

  it("share their administrators' certificates, in the file and in memory", async () => {
    const { store } = keep(await furnished(core, folder(), 40, { hotUnits: 4 }));
    const administrator = (n: number) => ({
      ski: new Uint8Array(32).fill(n),
      publicKey: new Uint8Array(133).fill(n),
      certificate: new Uint8Array(800).fill(n),
    });
    for (const { state } of [...store.ends()]) {
      const administrators = [administrator(1), administrator(2)];
      store.commit([step(store.unit(state.id)!, { administrators })]);
    }
    store.commit([
      step(store.unit("unit-5")!, { administrators: [{ ...administrator(1), certificate: new Uint8Array(9) }] }),
    ]);
    const states = [...store.ends()].map(({ state }) => state);
    const first = states.find(({ id }) => id === "unit-0")!;
    expect(first.administrators).toEqual([administrator(1), administrator(2)]);
    for (const { id, administrators } of states)
      if (id !== "unit-5") expect(administrators[0]).toBe(first.administrators[0]);
    expect(states.find(({ id }) => id === "unit-5")!.administrators[0]!.certificate).toEqual(new Uint8Array(9));
  });

  it("take no more memory than there is room for, however many there are", async () => {
    const { store } = keep(
      await createStore(core, { folder: folder() }, { hotUnits: 16, hotModules: 2 }, (opened) => {
        for (let module = 0; module < 12; module++)
          furnish(core, opened.store, opened.root, 85, {
            bay: { ...BAY, module },
            serial: `93TEST${String(module).padStart(2, "0")}`,
            prefix: `unit-${module}-`,
          });
      }),
    );
    const seen = new Set<WeakRef<UnitState>>();
    for (let module = 0; module < 12; module++)
      for (let at = 0; at < 85; at++) seen.add(new WeakRef(store.unit(`unit-${module}-${at}`)!));
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose_gc");
    (runInNewContext("gc") as () => void)();
    const alive = [...seen].filter((reference) => reference.deref()).length;
    expect(seen.size).toBe(12 * 85);
    expect(alive).toBeLessThanOrEqual(16);
    expect(store.unit("unit-11-84")).toBe(store.unit("unit-11-84"));
  });
});

describe("hardware", () => {
  it("is what was installed, in its bay", async () => {
    const home = folder();
    const opened = await createStore(core, { folder: home });
    const module = createModule(core, opened.root, { serial: "93AAAAAA", instance: new Uint8Array(8).fill(5) });
    opened.store.install({ bay: BAY, module, units: [] });
    opened.close();
    const { store } = keep(await openStore(core, { folder: home }));
    expect(store.module("93AAAAAA")).toEqual(module);
    expect(store.module("93AAAAAA")).toBe(store.module("93AAAAAA"));
    expect(store.serialIn(BAY)).toBe("93AAAAAA");
    expect(store.serialIn({ ...BAY, module: 1 })).toBeUndefined();
    expect(store.module("93BBBBBB")).toBeUndefined();
    expect([...store.serials()]).toEqual(["93AAAAAA"]);
  });

  it("gives way to what replaces it: the units begin anew, and nobody goes on from before", async () => {
    const { store, root } = keep(await furnished(core, folder(), 2));
    const before = store.unit("unit-0")!;
    store.commit([step(before, { registers: { current: new Uint8Array(32).fill(1), next: null } })]);
    const read = store.unit("unit-0")!;
    furnish(core, store, root, 2, { serial: "93TEST02" });
    expect([...store.serials()]).toEqual(["93TEST02"]);
    expect(store.module("93TEST01")).toBeUndefined();
    expect(store.unit("unit-0")!.serial).toBe("93TEST02");
    expect(store.unit("unit-0")!.registers.current).toBeNull();
    expect(() => store.commit([step(read)])).toThrow(StoreConflict);
    const report = verifyStore(store, { core });
    expect(report.records).toBe(1 + 3 + 1 + 3);
  });

  it("may not leave units behind, nor come twice", async () => {
    const { store, root } = keep(await furnished(core, folder(), 2));
    expect(() => furnish(core, store, root, 2)).toThrow("module 93TEST01 is installed already");
    const head = store.head();
    expect(() => furnish(core, store, root, 1, { serial: "93TEST02" })).toThrow("FOREIGN KEY");
    expect(store.head()).toEqual(head);
    expect([...store.serials()]).toEqual(["93TEST01"]);
    verifyStore(store, { core });
  });

  it("of two units in one domain, the second is refused", async () => {
    const { store, root } = keep(await furnished(core, folder(), 1));
    const module = createModule(core, root, { serial: "93TEST02", instance: new Uint8Array(8) });
    const unit = (id: string) => createUnit({ id, serial: "93TEST02", domain: 4, counterSeed: new Uint8Array(8) });
    const bay = { ...BAY, module: 1 };
    expect(() => store.install({ bay, module, units: [unit("a"), unit("b")] })).toThrow("UNIQUE");
    expect(store.unit("a")).toBeUndefined();
    expect(store.module("93TEST02")).toBeUndefined();
  });
});

describe("instances", () => {
  it("come back in order, with their units and places", async () => {
    const home = folder();
    const many = Array.from({ length: 300 }, (_, at) => instance(`instance-${299 - at}`, 3, at));
    const opened = await createStore(core, { folder: home });
    opened.store.addInstances(many);
    opened.close();
    const { store } = keep(await openStore(core, { folder: home }));
    expect([...store.instances()]).toEqual(many);
    expect(store.instance("instance-7")).toEqual(many[292]);
    expect(store.instance("instance-300")).toBeUndefined();
    expect(store.unitsIn({ ...BAY, module: 292 })).toEqual(many[292]!.units);
    expect(store.unitsIn({ ...BAY, module: 300 })).toEqual([]);
  });

  it("are added all or none", async () => {
    const { store } = keep(await createStore(core, { folder: folder() }));
    expect(() => store.addInstances([instance("a", 2), instance("b", 2)])).toThrow("UNIQUE"); // the same places
    expect([...store.instances()]).toEqual([]);
  });

  it("keep their root keys, in the order they were added", async () => {
    const home = folder();
    const opened = await createStore(core, { folder: home });
    opened.store.addInstances([instance("a", 1, 1), instance("b", 1, 2)]);
    const key = (n: number) => ({ pattern: new Uint8Array(32).fill(n), blob: new Uint8Array(50).fill(n) });
    opened.store.addRootKeys("a", [key(1), key(2)]);
    opened.store.addRootKeys("b", [key(9)]);
    opened.store.addRootKeys("a", [key(3)]);
    expect(() => opened.store.addRootKeys("c", [key(1)])).toThrow(StoreConflict);
    opened.close();
    const { store } = keep(await openStore(core, { folder: home }));
    expect(store.rootKeys("a")).toEqual([key(1), key(2), key(3)]);
    expect(store.rootKeys("b")).toEqual([key(9)]);
    expect(store.rootKeys("c")).toEqual([]);
  });
});

describe("steps taken together", () => {
  it("are durable at once, or none is", async () => {
    const { store, root } = keep(await furnished(core, folder(), 2));
    const head = store.head();
    const work = (fail: boolean) => (): void => {
      store.addInstances([instance("a", 1, 5)]);
      furnish(core, store, root, 1, { bay: { ...BAY, module: 5 }, serial: "93TEST05", prefix: "a-" });
      store.commit([step(store.unit("unit-0")!)]);
      if (fail) throw new Error("no");
    };
    expect(() => store.together(work(true))).toThrow("no");
    expect(store.head()).toEqual(head);
    expect(store.instance("a")).toBeUndefined();
    expect(store.unit("a-0")).toBeUndefined();
    expect(store.module("93TEST05")).toBeUndefined();
    verifyStore(store, { core });
    store.together(work(false));
    expect(store.head().records).toBe(head.records + 3);
    expect(store.instance("a")!.units[0]!.id).toBe("a-0");
    verifyStore(store, { core });
  });
});

describe("observers", () => {
  it("are told entries once they are durable, until they have had enough", async () => {
    const { store } = keep(await furnished(core, folder(), 2));
    const told: AuditEntry[] = [];
    const stop = store.observe((entry) => told.push(entry));
    const changes = [step(store.unit("unit-0")!), step(store.unit("unit-1")!)];
    store.commit(changes);
    expect(() => store.commit(changes)).toThrow(StoreConflict);
    expect(told).toEqual(changes.flatMap(({ audit }) => audit));
    stop();
    commitOne(store);
    expect(told).toHaveLength(2);
  });
});

function commitOne(store: SqliteStore): void {
  store.commit([step(store.unit("unit-0")!)]);
}
