// A drill must not say OK when it is not: every test here spoils one thing, and the report has to say so.
import { describe, expect, it } from "vitest";
import type { Transport } from "../../src/client/transport.ts";
import { locationOf } from "../../src/fleet/topology.ts";
import { clearCurrentRegisters } from "../../src/procedures/clear-registers.ts";
import { Phase } from "../../src/scenario/report.ts";
import type { Stage } from "../../src/scenario/stage.ts";
import { StrikeKind, type StrikePlan } from "../../src/scenario/strikes.ts";
import type { UnitState } from "../../src/unit/state.ts";
import { runDrill } from "../support/drill.ts";

/** Clears one unit's current register behind the drill's back. */
async function clear({ list, client, administrators }: Stage, unit: string): Promise<void> {
  const target = (await list()).get(unit)!;
  const [outcome] = await clearCurrentRegisters(client, [target], administrators[0]!);
  expect(outcome!.ok).toBe(true);
}

/** A unit that was struck in this way, and is to get its own instance's key back. */
const struckBy = ({ strikes, takeover }: StrikePlan, kind: StrikeKind) =>
  strikes.find((strike) => strike.kind === kind && strike.unit.instance !== takeover!.taker.id)!.unit;

/** Flips a bit of the first occurrence of `bytes` in a copy of `message`; null if it is not there. */
function flipped(message: Uint8Array, bytes: Uint8Array): Uint8Array | null {
  const at = Buffer.from(message).indexOf(bytes);
  if (at < 0) return null;
  const copy = message.slice();
  copy[at]! ^= 1;
  return copy;
}

describe("a drill finds", () => {
  it("a unit that was not recovered", async () => {
    let location = "";
    const report = await runDrill(
      {},
      {
        after: async (phase, stage, plan) => {
          if (phase !== Phase.Recover) return;
          const unit = struckBy(plan, StrikeKind.Zeroized);
          location = locationOf(unit);
          await clear(stage, unit.id);
        },
      },
    );
    expect(report.ok).toBe(false);
    expect([report.failed, report.recovered]).toEqual([1, report.struck - 1]);
    expect(report.canaries.intact).toBeLessThan(report.canaries.checked);
    expect(report.findings).toEqual([
      { unit: location, finding: "its current register is Empty, want Valid" },
      { unit: location, finding: "4 of 4 canaries do not unwrap" },
    ]);
  });

  it("a unit that nobody struck and that lost its key", async () => {
    const report = await runDrill(
      {},
      {
        after: async (phase, stage, { spared, takeover }) => {
          if (phase === Phase.Recover) await clear(stage, spared.get(takeover!.giver.id)!.id);
        },
      },
    );
    expect(report.ok).toBe(false);
    expect([report.failed, report.valid]).toEqual([0, report.units - 1]);
    expect(report.findings.length).toBe(2);
  });

  it("a canary that does not come back", async () => {
    const report = await runDrill(
      {},
      {
        after: (phase, { store }, { takeover }) => {
          if (phase === Phase.Recover) store.rootKeys(takeover!.giver.id)[2]!.blob[0]! ^= 1;
        },
      },
    );
    expect(report.ok).toBe(false);
    expect(report.failed).toBe(0);
    expect(report.canaries.lost).toBe(report.canaries.checked);
    expect(report.canaries.intact).toBeLessThan(report.canaries.checked);
    expect(new Set(report.findings.map(({ finding }) => finding))).toEqual(new Set(["1 of 4 canaries do not unwrap"]));
  });

  it("a canary that comes back as another key", async () => {
    const report = await runDrill(
      {},
      {
        after: (phase, { store }, { takeover }) => {
          if (phase === Phase.Recover) store.rootKeys(takeover!.giver.id)[0]!.pattern[3]! ^= 1;
        },
      },
    );
    expect(report.ok).toBe(false);
    expect(report.findings.length).toBeGreaterThan(0);
  });

  it("a key that survived its strike", async () => {
    const kept = new Map<string, UnitState>();
    const report = await runDrill(
      {},
      {
        after: (phase, { store }, plan) => {
          const { id } = struckBy(plan, StrikeKind.Cleared);
          if (phase === Phase.Canaries) kept.set(id, store.unit(id)!);
          if (phase !== Phase.Strike) return;
          const previous = store.unit(id)!;
          store.commit([{ previous, next: { ...kept.get(id)!, counter: previous.counter }, audit: [] }]);
        },
      },
    );
    expect(report.ok).toBe(false);
    expect(report.canaries.lost).toBe(report.canaries.checked - 4);
    expect(report.findings.map(({ finding }) => finding)).toEqual([
      "4 of 4 canaries unwrap, though the unit was struck (cleared); want 0",
    ]);
  });

  it("a register that holds another key than it should", async () => {
    let lying: Uint8Array | null = null;
    let liar = "";
    const wrap = (transport: Transport): Transport => ({
      hsms: (instance) => transport.hsms(instance),
      send: async (batch) => {
        const answers = await transport.send(batch);
        return answers.map((answer, at) => {
          if (lying === null || batch[at]!.unit !== liar || !(answer instanceof Uint8Array)) return answer;
          return flipped(answer, lying) ?? answer;
        });
      },
    });
    const report = await runDrill(
      {},
      {
        wrap,
        after: (phase, { store }, plan) => {
          if (phase !== Phase.Recover) return;
          liar = struckBy(plan, StrikeKind.Replaced).id;
          lying = store.unit(liar)!.registers.current;
        },
      },
    );
    expect(report.ok).toBe(false);
    expect(report.failed).toBe(1);
    expect(report.findings.map(({ finding }) => finding)).toEqual([
      expect.stringMatching(/^its current register holds [0-9a-f]{16}, want [0-9a-f]{16}$/),
    ]);
  });

  it("a unit that is out of reach during the recovery, and recovers all others", async () => {
    let cut = "";
    const wrap = (transport: Transport): Transport => ({
      hsms: (instance) => transport.hsms(instance),
      send: async (batch) => {
        const answers = await transport.send(batch);
        return answers.map((answer, at) =>
          batch[at]!.unit === cut && batch[at]!.cprb.length > 400 ? new Error("cut") : answer,
        );
      },
    });
    const report = await runDrill(
      {},
      {
        wrap,
        after: (phase, _stage, plan) => {
          cut = phase === Phase.Reinitialise ? struckBy(plan, StrikeKind.Cleared).id : "";
        },
      },
    );
    expect(report.ok).toBe(false);
    expect([report.failed, report.recovered]).toEqual([1, report.struck - 1]);
    expect(report.findings[0]!.finding).toMatch(/^recovery failed at /);
  });

  it("a pre-check that forbids the recovery, and then recovers nothing", async () => {
    const report = await runDrill(
      {},
      {
        after: async (phase, stage, { spared, takeover }) => {
          if (phase === Phase.Reinitialise) await clear(stage, spared.get(takeover!.giver.id)!.id);
        },
      },
    );
    expect(report.ok).toBe(false);
    expect(report.recovered).toBe(0);
    expect(report.findings[0]!.finding).toMatch(/^pre-check: its current master key register is Empty/);
  });
});
