// What a recovery costs, in exchanges with the units and calls of the two cards: counts that must not grow, neither with the code
// nor with the number of units.
import { describe, expect, it } from "vitest";
import { strike } from "../../src/scenario/damage.ts";
import { recoverUnits } from "../../src/scenario/recover.ts";
import { initialisedFleet } from "../../src/scenario/stage.ts";
import { type Strike, StrikeKind } from "../../src/scenario/strikes.ts";
import { testCore } from "../support/core.ts";
import { sight } from "../support/tap.ts";
import { watchCore } from "../support/watched-core.ts";

/** Recovers the operational unit of each of some service instances, when all modules are known. */
async function recovery(instances: number, threshold: number) {
  const [administrators, units] = [watchCore(await testCore()), watchCore(await testCore())];
  const exchanges: string[][] = [];
  const stage = await initialisedFleet(
    { operational: 1, recovery: 1, failover: 0, admins: 3, threshold, instances, seed: "cost" },
    { administrators: administrators.core, units: units.core },
    {
      wrap: ({ send, hsms }) => ({
        hsms,
        send: (batch) => {
          exchanges.push(batch.map((envelope) => sight(envelope).command));
          return send(batch);
        },
      }),
    },
  );
  const lost = stage.layout.serviceInstances.map(({ units: [operational] }) => operational!);
  const strikes = lost.map((unit): Strike => ({ unit, kind: StrikeKind.Cleared }));
  await strike(stage, { bays: [], strikes, takeover: null, spared: new Map() });
  const listed = await stage.list();
  exchanges.length = 0;
  administrators.reset();
  units.reset();
  const targets = lost.map(({ id }) => listed.get(id)!);
  const figures = await recoverUnits(stage, targets, listed);
  stage.close();
  expect(figures).toMatchObject({ recovered: instances, findings: [] });
  return { ...figures, exchanges, administrators: administrators.calls, units: units.calls };
}

const CALLS = {
  administrators: { sign: 5, verify: 7 },
  units: { sign: 7, verifyQuorum: 5, importerGenerate: 1, wkExport: 1, wkImport: 1, unitSeal: 4 },
} as const;

/** How often each of some methods was called. */
const called = (calls: ReadonlyMap<string, number>, methods: object) =>
  Object.fromEntries(Object.keys(methods).map((method) => [method, calls.get(method)]));

describe("a recovery", () => {
  it.each([1, 2, 3])("of one unit by %i signers is five signed commands in seven exchanges", async (t) => {
    const { exchanges, signedCommands, signaturesVerified, administrators, units } = await recovery(1, t);
    expect(exchanges).toEqual([
      // The pre-check: source and target.
      ...[["QueryDomainAttributes", "QueryDomainAdministrators", "info"].flatMap((kind) => [kind, kind])],
      ["info", "QueryDomainAttributes"],
      ["GenerateImporterKey", "QueryDomainAttributes"],
      ["ExportWk", "QueryDomainAttributes"],
      ["ImportWk", "QueryDomainAttributes"],
      ["CommitPendingWk", "QueryDomainAttributes"],
      ["FinalizeWk", "info"],
    ]);
    expect(signedCommands).toBe(5);
    // The modules' on all answers but those of info; the administrators'.
    expect(signaturesVerified).toBe(14 + 2 * t + 3);
    expect(called(administrators, CALLS.administrators)).toEqual(CALLS.administrators);
    expect(called(units, CALLS.units)).toEqual(CALLS.units);
  });

  it("of ten units takes as many exchanges and calls as that of one", async () => {
    const { exchanges, signedCommands, administrators, units } = await recovery(10, 2);
    expect(exchanges.map(({ length }) => length)).toEqual([60, 20, 20, 20, 20, 20, 20]);
    expect(signedCommands).toBe(50);
    expect(called(administrators, CALLS.administrators)).toEqual(CALLS.administrators);
    expect(called(units, CALLS.units)).toEqual(CALLS.units);
  });
});
