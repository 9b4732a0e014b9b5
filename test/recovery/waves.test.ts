import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import type { Client } from "../../src/client/client.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { PreconditionError, TransportError, UsageError } from "../../src/errors.ts";
import { planRecovery, type RecoveryOrder, type RecoveryPlan } from "../../src/recovery/plan.ts";
import type { RecoveryReport } from "../../src/recovery/report.ts";
import { type RecoveryProgress, type RunOptions, runRecovery } from "../../src/recovery/waves.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";
import { sight, tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let source: CryptoUnit;
let lost: CryptoUnit[];

const EMPTY = { registers: { current: null, next: null }, sealed: null } as const;
const mayLose = { current: false, pending: false };

beforeAll(async () => {
  rig = await initialisedRig({
    instances: { one: { recovery: 1 }, two: { operational: 3, recovery: 1 }, three: { operational: 2, recovery: 2 } },
    modules: 3,
  });
  source = rig.unit("one", "recovery");
  lost = rig.units("two", "three");
  for (const unit of lost) empty(unit);
  kept = rig.store.keep();
});

beforeEach(() => rig.store.restore(kept));

function empty(unit: CryptoUnit): void {
  rig.store.units.set(unit.id, { ...rig.state(unit), ...EMPTY });
}

const plan = (orders: readonly RecoveryOrder[] = [{ source, targets: lost }], loss = mayLose): Promise<RecoveryPlan> =>
  planRecovery(rig.client(), orders, { signers: rig.administrators, mayLose: loss });

const run = (
  made: RecoveryPlan,
  client: Client = rig.client(),
  options: Partial<RunOptions> = {},
): Promise<RecoveryReport> => runRecovery(client, made, { signers: rig.administrators, ...options });

function expectRecovered(units = lost): void {
  const pattern = rig.state(source).registers.current;
  for (const unit of units) expect(rig.state(unit).registers).toEqual({ current: pattern, next: null });
}

describe("a run", () => {
  it("recovers every target, from the sources that the plan names", async () => {
    const client = rig.client();
    const report = await run(await plan(), client);
    expectRecovered();
    const givers = report.units.map(({ unit, source: from }) => [unit.type, unit.instance, from.type, from.instance]);
    expect(givers).toEqual([
      ...Array(3).fill(["operational", "two", "recovery", "two"]),
      ["recovery", "two", "recovery", "one"],
      ...Array(2).fill(["operational", "three", "recovery", "three"]),
      ...Array(2).fill(["recovery", "three", "recovery", "one"]),
    ]);
    expect(report.counts).toEqual({ recovered: lost.length, already: 0, failed: 0, waiting: 0 });
    expect(report.statistics.signedCommands).toBe(5 * lost.length);
    expect(report.statistics.signaturesMade).toBe(7 * lost.length);
    expect(report.statistics.signaturesVerified).toBe(10 * lost.length + 3 * 5);
    expect(report.seconds).toBeGreaterThan(0);
    expect(report.unitsPerSecond).toBeCloseTo(lost.length / report.seconds);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("keeps waves to their size, and tells after each one how far it is", async () => {
    const seen: RecoveryProgress[] = [];
    const line = tap(rig.transport);
    const report = await run(await plan(), rig.client(line), { waveSize: 2, progress: (p) => seen.push(p) });
    expect(report.counts.recovered).toBe(lost.length);
    // Three recovery units in two waves, then five others in three.
    expect(seen.map(({ done }) => done)).toEqual([2, 3, 5, 7, 8]);
    expect(seen.every(({ failed, total }) => failed === 0 && total === lost.length)).toBe(true);
    const commands = line.batches.map((batch) => batch.filter(({ counter }) => counter.length > 0));
    expect(Math.max(...commands.map(({ length }) => length))).toBe(2);
    // A command or a question, and behind each a question.
    expect(Math.max(...line.batches.map(({ length }) => length))).toBe(2 * 2);
  });

  it("gives several targets of one source counters of their own", async () => {
    const line = tap(rig.transport);
    await run(await plan(), rig.client(line));
    const exports = line.requests.filter(({ command, unit }) => command === "ExportWk" && unit === source.id);
    expect(exports).toHaveLength(3);
    expect(new Set(exports.map(({ counter }) => toHex(counter))).size).toBe(3);
  });

  it("passes over units that hold the key, and does nothing a second time", async () => {
    const made = await plan();
    await run(made);
    rig.store.changes.length = 0;
    const again = await run(made);
    expect(again.counts).toEqual({ recovered: 0, already: lost.length, failed: 0, waiting: 0 });
    const fresh = await run(await plan());
    expect(fresh.counts.already).toBe(lost.length);
    expect(rig.store.changes).toEqual([]);
  });

  it("goes on where one unit fails, and says where and why", async () => {
    const sick = lost[1]!;
    const line = tap(rig.transport, (answer, { unit, command }) =>
      unit === sick.id && command === "CommitPendingWk" ? new TransportError("line down", { retryable: true }) : answer,
    );
    const report = await run(await plan(), rig.client(line));
    expect(report.counts).toEqual({ recovered: lost.length - 1, already: 0, failed: 1, waiting: 0 });
    expect(report.units[1]).toMatchObject({
      unit: sick,
      status: "failed",
      step: "commit",
      error: { code: "ERR_TRANSPORT", message: `${sick.location}: line down` },
    });
    expectRecovered(lost.filter((unit) => unit !== sick));
    expect((await run(await plan())).counts).toMatchObject({ recovered: 1, already: lost.length - 1 });
    expectRecovered();
  });

  it("falls back to the order's source where the nearer one fails or never got the key", async () => {
    const near = rig.unit("two", "recovery");
    const made = await plan();
    const noExport = tap(rig.transport, (answer, { unit, command }) =>
      unit === near.id && command === "ExportWk" ? new TransportError("line down", { retryable: true }) : answer,
    );
    const report = await run(made, rig.client(noExport));
    expect(report.counts.recovered).toBe(lost.length);
    const from = report.units.filter(({ unit }) => unit.instance === "two").map(({ source: giver }) => giver.id);
    expect(from).toEqual(Array(4).fill(source.id));

    rig.store.restore(kept);
    const noKey = tap(rig.transport, (answer, { unit, command }) =>
      unit === near.id && command === "ImportWk" ? new TransportError("line down", { retryable: true }) : answer,
    );
    const second = await run(made, rig.client(noKey));
    expect(second.counts).toMatchObject({ recovered: lost.length - 1, failed: 1 });
    const exports = noKey.requests.filter(({ unit, command }) => unit === near.id && command === "ExportWk");
    expect(exports).toEqual([]);
  });

  it("runs several orders side by side, each with its own key", async () => {
    // Instance two gets the key of one, and three, which has lost the key in its operational units alone, its own.
    const second = rig.unit("three", "recovery", 0);
    const own = rig.store.units.get(rig.units("one")[0]!.id)!.registers.current;
    rig.store.restore(kept);
    const report = await run(await plan([{ source, targets: [second] }]));
    expect(report.counts.recovered).toBe(1);
    const line = tap(rig.transport);
    const both = await run(
      await plan([
        { source, targets: rig.units("two") },
        { source: second, targets: rig.units("three").filter(({ id }) => id !== second.id) },
      ]),
      rig.client(line),
    );
    expect(both.counts.failed).toBe(0);
    expect(rig.state(lost.at(-1)!).registers.current).toEqual(own);
    const first = line.batches.find((batch) => batch.some(({ command }) => command === "GenerateImporterKey"))!;
    expect(new Set(first.map(({ unit }) => rig.units("two").some(({ id }) => id === unit)))).toEqual(
      new Set([true, false]),
    );
  });

  it("stops between waves when told, and says which units have not had their turn", async () => {
    const stop = new AbortController();
    const report = await run(await plan(), rig.client(), {
      waveSize: 2,
      progress: ({ done }) => done >= 3 && stop.abort(),
      signal: stop.signal,
    });
    expect(report.counts).toEqual({ recovered: 3, already: 0, failed: 0, waiting: 5 });
    expect((await run(await plan())).counts).toMatchObject({ recovered: 5, already: 3 });
    expectRecovered();
  });
});

describe("a run is refused, and nothing changed,", () => {
  it("if the plan has problems", async () => {
    empty(source);
    const made = await plan();
    rig.store.changes.length = 0;
    await expect(run(made)).rejects.toThrow(PreconditionError);
    expect(rig.store.changes).toEqual([]);
  });

  it("if too few of the plan's signers are there", async () => {
    const made = await plan();
    const client = rig.client();
    const failure = run(made, client, { signers: rig.administrators.slice(0, 1) });
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(/want 2 of the plan's, got 1/);
    expect(client.statistics.queries).toBe(0);
  });
});

describe("a plan that time has overtaken", () => {
  it("does not lose a key that came after it, even if it may lose those that it knew of", async () => {
    const [unit, ...rest] = lost as [CryptoUnit, ...CryptoUnit[]];
    const made = await plan(undefined, { current: true, pending: true });
    const other = rig.units("one")[0]!;
    const { registers } = rig.state(other);
    const foreign = { current: registers.current!.with(0, registers.current![0]! ^ 1), next: null };
    rig.store.units.set(unit.id, { ...rig.state(unit), registers: foreign });
    const report = await run(made);
    expect(report.units[0]).toMatchObject({ status: "failed", step: "look", error: { code: "ERR_PRECONDITION" } });
    expect(rig.state(unit).registers).toEqual(foreign);
    expectRecovered(rest);
  });

  it("does not commit the key that its source has now", async () => {
    const made = await plan();
    const pattern = toHex(rig.state(source).registers.current!.with(3, 0x55));
    const overtaken = { ...made, groups: made.groups.map((group) => ({ ...group, pattern })) };
    const report = await run(overtaken);
    expect(report.counts).toMatchObject({ recovered: 0, failed: lost.length });
    for (const unit of lost) expect(rig.state(unit).registers.current).toBeNull();
  });
});

describe("a recovery that is cut off", () => {
  const cut = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  it.each(cut)("after %i batches of commands is finished by planning and running it again", async (at) => {
    let commands = 0;
    const dying = {
      hsms: rig.transport.hsms,
      async send(batch: Parameters<typeof rig.transport.send>[0]) {
        if (batch.some((envelope) => sight(envelope).counter.length > 0)) commands++;
        if (commands > at) throw new TransportError("line down", { retryable: true });
        return rig.transport.send(batch);
      },
    };
    const report = await run(await plan(), rig.client(dying));
    expect(report.counts.recovered + report.counts.failed).toBe(lost.length);
    const resumed = await run(await plan());
    expect(resumed.counts.failed).toBe(0);
    expectRecovered();
  });
});
