import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CryptoUnit } from "../../src/client/units.ts";
import { PreconditionError } from "../../src/errors.ts";
import { zeroizeUnits } from "../../src/procedures/zeroize.ts";
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

function change(unit: CryptoUnit, to: Partial<UnitState>): void {
  rig.store.units.set(unit.id, { ...rig.state(unit), ...to });
}

/** Without the permission to zeroize with one signature. */
function wantQuorum(unit: CryptoUnit): void {
  const { attributes } = rig.state(unit);
  change(unit, { attributes: { ...attributes, permissions: attributes.permissions & ~0x40 } });
}

describe("zeroizing", () => {
  it("takes one signature, the threshold's where the permission is off, none in imprint mode", async () => {
    wantQuorum(units[1]!);
    await zeroizeUnits(rig.client(), [units[2]!], rig.administrators);
    const line = tap(rig.transport);
    const outcomes = await zeroizeUnits(rig.client(line), units, rig.administrators);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    const signatures = line.requests
      .filter(({ command }) => command === "ZeroizeDomain")
      .map((seen) => seen.signatures);
    expect(signatures).toEqual([1, 2, 0]);
    for (const unit of units) {
      const { administrators, attributes, registers } = rig.state(unit);
      expect([administrators, attributes.signatureThreshold, registers]).toEqual([
        [],
        0,
        { current: null, next: null },
      ]);
    }
  });

  it("of units in imprint mode needs no signer", async () => {
    await zeroizeUnits(rig.client(), units, rig.administrators);
    expect((await zeroizeUnits(rig.client(), units, [])).every(({ ok }) => ok)).toBe(true);
  });

  it("is refused for all units if one lacks signers, and nothing is changed", async () => {
    wantQuorum(units[1]!);
    const failure = zeroizeUnits(rig.client(), units, rig.administrators.slice(0, 1));
    const error = await failure.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PreconditionError);
    expect((error as PreconditionError).problems).toEqual([
      {
        unit: units[1]!.location,
        lacks: "signatures",
        problem: "want 2 of its administrators to sign, got the keys of 1",
        nextStep: "select more signature keys with 'sigkey-sel'",
      },
    ]);
    expect(rig.store.changes).toEqual([]);
  });

  it("is refused for all units if one can't be read", async () => {
    const line = tap(rig.transport, (answer, { unit }) => (unit === units[0]!.id ? new Error("line down") : answer));
    await expect(zeroizeUnits(rig.client(line), units, rig.administrators)).rejects.toThrow(
      /cannot be read: line down/,
    );
    expect(rig.store.changes).toEqual([]);
  });
});
