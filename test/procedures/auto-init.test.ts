import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { unwrap } from "../../src/client/outcome.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { PreconditionError, TransportError } from "../../src/errors.ts";
import { autoInit } from "../../src/procedures/auto-init.ts";
import type { UpdateProgress } from "../../src/procedures/participants.ts";
import { stepJob } from "../../src/procedures/update-steps.ts";
import type { Administrator } from "../../src/workstation/signer.ts";
import { createRig, type Rig } from "../support/rig.ts";
import { type Sighting, sight, tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let units: CryptoUnit[];

beforeAll(async () => {
  rig = await createRig({
    instances: { one: { operational: 2, recovery: 2, failover: 1 }, two: { operational: 1, recovery: 1 } },
    modules: 3,
  });
  kept = rig.store.keep();
  units = rig.units("one", "two");
});

beforeEach(() => rig.store.restore(kept));

const configuration = () => ({ signatureThreshold: 2, revocationThreshold: 3, administrators: rig.administrators });

function expectInitialised(): void {
  const patterns = new Map<string, Set<string>>();
  for (const unit of units) {
    const state = rig.state(unit);
    expect(state.attributes).toMatchObject({
      signatureThreshold: 2,
      revocationThreshold: 3,
      permissions: unit.type === "recovery" ? 0x01ff205f : 0x01ff2055,
    });
    expect(state.administrators.map(({ certificate }) => certificate)).toEqual(
      rig.administrators.map(({ certificate }) => certificate),
    );
    expect(state.registers.next).toBeNull();
    patterns.set(unit.instance, (patterns.get(unit.instance) ?? new Set()).add(toHex(state.registers.current!)));
  }
  // One key an instance, and no two have the same.
  expect([...patterns.values()].map(({ size }) => size)).toEqual([1, 1]);
  expect(new Set([...patterns.values()].flatMap((set) => [...set])).size).toBe(2);
}

describe("auto-init", () => {
  it("initialises several instances at once, each with its own master key", async () => {
    const progress: UpdateProgress[] = [];
    const line = tap(rig.transport);
    const results = await autoInit(rig.client(line), units, configuration(), { progress: (p) => progress.push(p) });
    expect(results.map(({ status }) => status)).toEqual(units.map(() => "done"));
    expectInitialised();
    expect(progress).toEqual([
      { phase: "zeroize", at: 1, of: 1 },
      ...[1, 2, 3].map((at) => ({ phase: "administrators", at, of: 3 })),
      { phase: "thresholds", at: 1, of: 1 },
      { phase: "generate", at: 1, of: 1 },
      ...[1, 2, 3, 4, 5].map((at) => ({ phase: "transfer", at, of: 5 })),
    ]);
  });

  it("sends each unit what a pristine one is to see", async () => {
    const line = tap(rig.transport);
    await autoInit(rig.client(line), units, configuration());
    const seenBy = ({ id }: CryptoUnit) =>
      line.requests
        .filter(({ unit, counter }) => unit === id && counter.length > 0)
        .map(({ command, signatures }) => `${command}/${signatures}`);
    const configured = ["ZeroizeDomain/0", ...Array(3).fill("AddDomainAdministrator/0"), "SetDomainAttributes/2"];
    const [operational, , recovery, second] = units as [CryptoUnit, CryptoUnit, CryptoUnit, CryptoUnit];
    const given = ["GenerateImporterKey/1", "ImportWk/0", "CommitPendingWk/2", "FinalizeWk/1"];
    expect(seenBy(operational)).toEqual([...configured, ...given]);
    expect(seenBy(second)).toEqual([...configured, ...given]);
    expect(seenBy(recovery)).toEqual([...configured, "GenerateRandomWk/1", ...Array(4).fill("ExportWk/2")]);
  });

  it("brings units of earlier firmware, which zeroizing renews, to the permissions of new ones", async () => {
    const old = await createRig({ instances: { one: { operational: 1, recovery: 1, old: true } } });
    const all = old.units("one");
    const results = await autoInit(old.client(), all, { ...configuration(), administrators: old.administrators });
    expect(results.map(({ status }) => status)).toEqual(["done", "done"]);
    expect(all.map((unit) => old.state(unit).attributes.permissions)).toEqual([0x01ff2055, 0x01ff205f]);
  });

  it("asks and checks again if zeroizing took administrators from a unit", async () => {
    const [unit] = units as [CryptoUnit];
    const [administrator] = rig.administrators as [Administrator];
    const client = rig.client();
    unwrap((await client.run([stepJob(unit, { kind: "add", administrator, signers: [] })]))[0]!);
    const line = tap(rig.transport);
    const results = await autoInit(rig.client(line), units, configuration());
    expect(results.map(({ status }) => status)).toEqual(units.map(() => "done"));
    expectInitialised();
    const isList = ({ command }: Sighting) => command === "QueryDomainAdministrators";
    const lists = line.batches.flatMap((batch, at) => (batch.some(isList) ? [at] : []));
    const zeroized = line.batches.findIndex((batch) => batch[0]!.command === "ZeroizeDomain");
    // The list and the certificate of the one administrator before, the lists after.
    expect(lists.map((at) => at > zeroized)).toEqual([false, false, true]);
  });

  it("refuses units that are not in imprint mode, all of them named, nothing changed", async () => {
    await autoInit(rig.client(), rig.units("two"), configuration());
    rig.store.changes.length = 0;
    const error = await autoInit(rig.client(), units, configuration()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PreconditionError);
    const { problems } = error as PreconditionError;
    expect(problems.map(({ unit, problem }) => `${unit} ${problem}`)).toEqual(
      rig.units("two").map(({ location }) => `${location} is not in imprint mode`),
    );
    expect(rig.store.changes).toEqual([]);
  });

  it("refuses an instance without a recovery unit", async () => {
    const operational = units.filter(({ type }) => type === "operational");
    await expect(autoInit(rig.client(), operational, configuration())).rejects.toThrow(/has no recovery unit/);
    expect(rig.store.changes).toEqual([]);
  });
});

describe("an auto-init that is cut off", () => {
  /** A line that goes dead at one of the batches with commands: before it is delivered, or before its answers come back. */
  function dying(at: number, when: "before" | "after") {
    let commands = 0;
    return {
      hsms: rig.transport.hsms,
      async send(batch: Parameters<typeof rig.transport.send>[0]) {
        const due = batch.some((envelope) => sight(envelope).counter.length > 0) && ++commands >= at;
        if (commands > at || (due && when === "before")) throw new TransportError("line down", { retryable: true });
        const answers = await rig.transport.send(batch);
        if (due) throw new TransportError("line down", { retryable: true });
        return answers;
      },
    };
  }

  // Zeroize, three administrators, thresholds, random key, and five steps of the transfer.
  const steps = Array.from({ length: 11 }, (_, at) => at + 1);
  it.each(steps.flatMap((at) => [[at, "before"] as const, [at, "after"] as const]))(
    "at batch of commands %i, %s it is delivered, is finished by resuming it",
    async (at, when) => {
      const results = await autoInit(rig.client(dying(at, when)), units, configuration());
      expect(results.some(({ status }) => status === "failed")).toBe(true);
      const resumed = await autoInit(rig.client(), units, configuration(), { resume: true });
      expect(resumed.map(({ status }) => status)).toEqual(units.map(() => "done"));
      expectInitialised();
    },
  );
});
