import { describe, expect, it } from "vitest";
import { MemoryStore } from "../../src/fleet/memory-store.ts";
import { StoreConflict } from "../../src/fleet/store.ts";
import { UnitType } from "../../src/fleet/topology.ts";
import type { AuditEntry, Change, ModuleState, UnitState } from "../../src/unit/state.ts";

const bytes = (length: number): Uint8Array => new Uint8Array(length);
const bay = { region: "us-south", host: "AZ1-CS1", module: 0 };

const module = (serial: string): ModuleState => ({
  serial,
  instance: bytes(8),
  sealedOaKey: bytes(8),
  oaPublicKey: bytes(133),
  certificates: [],
});

const unit = (id: string, domainInstance = 1): UnitState => ({
  id,
  serial: "93AAAAAA",
  domain: 0,
  domainInstance,
  counter: bytes(16),
  administrators: [],
  attributes: {
    signatureThreshold: 0,
    revocationThreshold: 0,
    permissions: 0,
    operationalMode: 0,
    standardsCompliance: 1,
  },
  controlPoints: bytes(16),
  registers: { current: null, next: null },
  importer: null,
  sealed: null,
});

const entry = (id: string, command: number): AuditEntry => ({
  unit: id,
  command,
  returnCode: 0,
  reasonCode: null,
  signers: [],
  counter: bytes(16),
  before: { current: null, next: null },
  after: { current: null, next: null },
  job: null,
});

const change = (previous: UnitState, next: UnitState, commands = [1]): Change => ({
  previous,
  next,
  audit: commands.map((command) => entry(next.id, command)),
});

function filled(): { store: MemoryStore; a: UnitState; b: UnitState; audit: AuditEntry[] } {
  const audit: AuditEntry[] = [];
  const store = new MemoryStore((one) => audit.push(one));
  const [a, b] = [unit("a"), unit("b")];
  store.install({ bay, module: module("93AAAAAA"), units: [a, b] });
  return { store, a, b, audit };
}

describe("store in memory", () => {
  it("commits all changes, with their audit entries in order", () => {
    const { store, a, b, audit } = filled();
    const [a2, b2] = [unit("a", 2), unit("b", 2)];
    store.commit([change(a, a2, [1, 2]), change(b, b2, [3])]);
    expect(store.unit("a")).toBe(a2);
    expect(store.unit("b")).toBe(b2);
    expect(audit.map(({ unit: id, command }) => `${id}${command}`)).toEqual(["a1", "a2", "b3"]);
  });

  it.each([
    ["a stale state", (a: UnitState) => change({ ...a }, unit("a", 2))],
    ["another unit's state", (a: UnitState) => change(a, unit("b", 2))],
    ["an unknown unit", () => change(unit("c"), unit("c", 2))],
  ])("commits nothing if one change replaces %s", (_name, wrong) => {
    const { store, a, b, audit } = filled();
    expect(() => store.commit([change(b, unit("b", 2)), wrong(a)])).toThrow(StoreConflict);
    expect(store.unit("a")).toBe(a);
    expect(store.unit("b")).toBe(b);
    expect(store.unit("c")).toBeUndefined();
    expect(audit).toEqual([]);
  });

  it("commits nothing if a unit changes twice", () => {
    const { store, a } = filled();
    const a2 = unit("a", 2);
    expect(() => store.commit([change(a, a2), change(a2, unit("a", 3))])).toThrow(/one change/);
    expect(store.unit("a")).toBe(a);
  });

  it("replaces the module of a bay with all its units, and refuses a serial number that is installed", () => {
    const { store } = filled();
    const fresh = unit("a", 9);
    store.install({ bay, module: module("93BBBBBB"), units: [fresh] });
    expect(store.module("93AAAAAA")).toBeUndefined();
    expect(store.serialIn(bay)).toBe("93BBBBBB");
    expect([...store.serials()]).toEqual(["93BBBBBB"]);
    expect(store.unit("a")).toBe(fresh);
    expect(() => store.install({ bay: { ...bay, module: 1 }, module: module("93BBBBBB"), units: [] })).toThrow(
      StoreConflict,
    );
  });

  it("keeps root keys of each instance apart", () => {
    const { store } = filled();
    const key = (n: number) => ({ blob: Uint8Array.of(n), pattern: Uint8Array.of(n) });
    store.addRootKeys("i", [key(1)]);
    store.addRootKeys("i", [key(2)]);
    expect(store.rootKeys("i").map(({ blob }) => blob[0])).toEqual([1, 2]);
    expect(store.rootKeys("j")).toEqual([]);
  });

  it("tells observers each entry until they have had enough, and who lives in a bay", () => {
    const { store, a, b } = filled();
    const told: AuditEntry[] = [];
    const stop = store.observe((one) => told.push(one));
    const a2 = unit("a", 2);
    store.together(() => store.commit([change(a, a2, [1])]));
    expect(() => store.commit([change(a, unit("a", 3), [2])])).toThrow(StoreConflict);
    stop();
    store.commit([change(b, unit("b", 2), [3])]);
    expect(told.map(({ command }) => command)).toEqual([1]);
    expect(store.unitsIn(bay)).toEqual([]);
    const place = { id: "a", instance: "i", type: UnitType.Operational, bay, domain: 3 };
    store.addInstances([{ id: "i", resourceGroup: "Default", units: [place] }]);
    expect(store.unitsIn(bay)).toEqual([place]);
  });
});
