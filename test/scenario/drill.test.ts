import { describe, expect, it } from "vitest";
import { InterruptedError, UsageError } from "../../src/errors.ts";
import { CANARIES } from "../../src/scenario/canaries.ts";
import { drill } from "../../src/scenario/drill.ts";
import { type DrillReport, Phase } from "../../src/scenario/report.ts";
import type { StrikePlan } from "../../src/scenario/strikes.ts";
import { runDrill, SMALL, twoCores } from "../support/drill.ts";

describe("a drill", () => {
  it("recovers every struck unit, and its figures add up", async () => {
    const report = await runDrill();
    expect(report.findings).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.units).toBe(15);
    expect(report.struck).toBeGreaterThan(SMALL.instances);
    expect([report.recovered, report.failed, report.valid]).toEqual([report.struck, 0, 15]);
    expect(report.strikes.reduce((sum, { struck }) => sum + struck, 0)).toBe(report.struck);
    expect(report.strikes.every(({ struck, recovered }) => struck > 0 && recovered === struck)).toBe(true);
    const pairs = report.struck * CANARIES;
    expect(report.canaries).toEqual({ checked: pairs, lost: pairs, intact: pairs });
    expect(report.unitsPerSecond).toBeCloseTo(report.recovered / report.seconds, 6);
    expect(report.phases.map(({ phase }) => phase)).toEqual(Object.values(Phase));
  });

  it.each([
    [1, 1],
    [3, 2],
    [4, 4],
  ])(
    "with %i administrators counts 5 commands and 2t + 3 signatures for a threshold t of %i",
    async (admins, threshold) => {
      const report = await runDrill({ instances: 2, failover: 0, admins, threshold });
      expect(report.ok).toBe(true);
      expect(report.signedCommands).toBe(5 * report.struck);
      // Besides, the client verifies the module's signature of every answer: at least two for each command.
      const byUnits = (2 * threshold + 3) * report.struck;
      expect(report.signaturesVerified).toBeGreaterThanOrEqual(byUnits + 10 * report.struck);
    },
  );

  it("hands the giver's key to the taker, which has no canaries of its own", async () => {
    let keys = new Map<string, number>();
    const report = await runDrill(
      {},
      {
        after: (phase, { store, layout }) => {
          if (phase !== Phase.ProveRecovery) return;
          keys = new Map(layout.serviceInstances.map(({ id }) => [id, store.rootKeys(id).length]));
        },
      },
    );
    const { taker, giver } = report.takeover!;
    const of = (id: string) => report.serviceInstances.find((instance) => instance.id === id)!;
    expect(of(taker).pattern).toBe(of(giver).pattern);
    expect(of(taker).struck).toBe(of(taker).units);
    expect(of(taker).canaries.intact).toBe(of(taker).units * CANARIES);
    expect(keys.get(taker)).toBe(0);
    expect(keys.get(giver)).toBe(CANARIES);
    const patterns = new Set(report.serviceInstances.map(({ pattern }) => pattern));
    expect(patterns.size).toBe(SMALL.instances - 1);
  });

  it("replaces hardware for good: other serial numbers, module instances and OA keys, the same units", async () => {
    const seen: { serial: string; key: string; instance: string }[][] = [];
    await runDrill(
      {},
      {
        after: (phase, { store }, plan) => {
          if (phase !== Phase.Initialise && phase !== Phase.Strike) return;
          seen.push(
            plan.bays.map((bay) => {
              const { serial, oaPublicKey, instance } = store.module(store.serialIn(bay)!)!;
              return { serial, key: `${oaPublicKey}`, instance: `${instance}` };
            }),
          );
        },
      },
    );
    const [before, after] = seen;
    expect(before!.length).toBeGreaterThan(0);
    before!.forEach((old, at) => {
      const now = after![at]!;
      expect(now.serial).not.toBe(old.serial);
      expect(now.key).not.toBe(old.key);
      expect(now.instance).not.toBe(old.instance);
    });
  });

  it("leaves struck units as the strikes say, before they are set up again", async () => {
    const found: string[] = [];
    await runDrill(
      {},
      {
        after: (phase, { store }, { strikes }) => {
          if (phase !== Phase.Strike) return;
          for (const { unit, kind } of strikes) {
            const { registers, administrators, domainInstance } = store.unit(unit.id)!;
            const admins = administrators.length;
            found.push(
              `${kind}: ${registers.current ? "key" : "no key"}, ${admins} admins, ${domainInstance > 1 ? "used" : "new"}`,
            );
          }
        },
      },
    );
    // The domain instance counts zeroizings, the one before the initialisation included.
    expect([...new Set(found)].sort()).toEqual([
      "cleared: no key, 3 admins, used",
      "replaced: no key, 0 admins, new",
      "taken-over: key, 3 admins, used",
      "zeroized: no key, 0 admins, used",
    ]);
  });

  it("has the same layout and strikes for the same seed, and never the same keys", async () => {
    const runs: { plan: StrikePlan; report: DrillReport; blobs: string[] }[] = [];
    for (const seed of ["7", "7", "8"]) {
      let plan: StrikePlan | undefined;
      let blobs: string[] = [];
      const report = await runDrill(
        { seed },
        {
          after: (_phase, { store, layout }, planned) => {
            plan = planned;
            blobs = layout.serviceInstances.flatMap(({ id }) => store.rootKeys(id).map(({ blob }) => `${blob}`));
          },
        },
      );
      runs.push({ plan: plan!, report, blobs });
    }
    const [first, second, third] = runs as [(typeof runs)[0], (typeof runs)[0], (typeof runs)[0]];
    expect(second.plan).toEqual(first.plan);
    expect(third.plan).not.toEqual(first.plan);
    const patterns = ({ report }: (typeof runs)[0]) => report.serviceInstances.map(({ pattern }) => pattern);
    for (const pattern of patterns(second)) expect(patterns(first)).not.toContain(pattern);
    for (const blob of second.blobs) expect(first.blobs).not.toContain(blob);
  });

  it("works for a single instance of two units: no takeover, the recovery unit spared", async () => {
    const report = await runDrill({ instances: 1, operational: 1, recovery: 1, failover: 0 });
    expect(report.ok).toBe(true);
    expect([report.struck, report.recovered, report.takeover]).toEqual([1, 1, null]);
  });

  it("refuses counts that make no sense", async () => {
    await expect(runDrill({ recovery: 0 })).rejects.toThrow(UsageError);
    await expect(runDrill({ threshold: 4 })).rejects.toThrow("signature threshold: want 1 to 3, got 4");
    await expect(runDrill({ admins: 9 })).rejects.toThrow("administrators: want 1 to 8, got 9");
    await expect(runDrill({ seed: "" })).rejects.toThrow("seed: want 1 to 64 characters, got 0");
  });

  it("stops when it is interrupted", async () => {
    const stop = new AbortController();
    let progress = 0;
    const interrupted = runDrill(
      {},
      {
        signal: stop.signal,
        progress: () => {
          if (++progress === 5) stop.abort();
        },
      },
    );
    await expect(interrupted).rejects.toThrow(InterruptedError);
  });

  it.each(["done", "interrupted"])("gives back every slot of the cores when it is %s", async (end) => {
    const cores = await twoCores();
    const stop = new AbortController();
    const after = (phase: Phase): void => {
      if (end === "interrupted" && phase === Phase.Strike) stop.abort();
    };
    const run = drill({ ...SMALL, instances: 1 }, cores, { signal: stop.signal, after });
    if (end === "done") expect((await run).ok).toBe(true);
    else await expect(run).rejects.toThrow(InterruptedError);
    for (const core of [cores.units, cores.administrators]) {
      for (let at = 0; at < core.unitSlots; at++) core.unitAlloc();
      expect(() => core.unitAlloc()).toThrow(RangeError);
      expect(core.keyGenerate(core.keySlots).length).toBe(core.keySlots);
      core.dispose();
    }
  });
});
