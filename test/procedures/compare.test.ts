import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unwrap } from "../../src/client/outcome.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { compareUnits } from "../../src/procedures/compare.ts";
import type { UnitState } from "../../src/unit/state.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";
import { tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let units: CryptoUnit[];

beforeAll(async () => {
  rig = await initialisedRig({ instances: { one: { operational: 2, recovery: 1 } } });
  kept = rig.store.keep();
  units = rig.units("one");
});

beforeEach(() => rig.store.restore(kept));

const alike = {
  thresholds: true,
  administrators: true,
  newRegister: true,
  currentRegister: true,
  controlPoints: true,
};

describe("a comparison", () => {
  it("of units configured alike says so in every section", async () => {
    const { units: compared, agreement } = await compareUnits(rig.client(), units);
    expect(agreement).toEqual(alike);
    const { named, controlPoints, registers } = unwrap(compared[0]!);
    expect(named.map(({ name }) => name)).toEqual(["administrator 1", "administrator 2", "administrator 3"]);
    expect(controlPoints).toEqual(rig.state(units[0]!).controlPoints);
    expect(registers.current.status).toBe("Valid");
  });

  const other = new Uint8Array(32).fill(5);
  it.each([
    ["thresholds", ({ attributes }: UnitState) => ({ attributes: { ...attributes, revocationThreshold: 1 } })],
    ["administrators", ({ administrators }: UnitState) => ({ administrators: administrators.slice(1) })],
    ["currentRegister", ({ registers }: UnitState) => ({ registers: { ...registers, current: other } })],
    [
      "newRegister",
      ({ registers }: UnitState) => ({ registers: { ...registers, next: { pattern: other, committed: true } } }),
    ],
    [
      "controlPoints",
      ({ controlPoints }: UnitState) => ({ controlPoints: controlPoints.with(3, controlPoints[3]! ^ 1) }),
    ],
  ] as const)("shows a difference in %s", async (section, change) => {
    const [, unit] = units as [CryptoUnit, CryptoUnit];
    const state = rig.state(unit);
    rig.store.units.set(unit.id, { ...state, ...change(state) });
    const { agreement } = await compareUnits(rig.client(), units);
    expect(agreement).toEqual({ ...alike, [section]: false });
  });

  it("does not mind the order of administrators", async () => {
    const [unit] = units as [CryptoUnit];
    const state = rig.state(unit);
    rig.store.units.set(unit.id, { ...state, administrators: [...state.administrators].reverse() });
    expect((await compareUnits(rig.client(), units)).agreement).toEqual(alike);
  });

  it("shows administrators whose certificates can't be read without a name", async () => {
    const [unit] = units as [CryptoUnit];
    const state = rig.state(unit);
    const [first, ...rest] = state.administrators;
    const administrators = [{ ...first!, certificate: new Uint8Array(5) }, ...rest];
    rig.store.units.set(unit.id, { ...state, administrators });
    const { units: compared, agreement } = await compareUnits(rig.client(), units);
    expect(unwrap(compared[0]!).named.map(({ name }) => name)).toEqual([
      undefined,
      "administrator 2",
      "administrator 3",
    ]);
    expect(agreement).toEqual({ ...alike, administrators: false });
  });

  it("with a unit that can't be read agrees in nothing", async () => {
    const line = tap(rig.transport, (answer, { unit }) => (unit === units[0]!.id ? new Error("line down") : answer));
    const { units: compared, agreement } = await compareUnits(rig.client(line), units);
    expect(compared.map(({ ok }) => ok)).toEqual([false, true, true]);
    expect(Object.values(agreement)).toEqual([false, false, false, false, false]);
  });
});
