import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import type { Client } from "../../src/client/client.ts";
import { commandJob, type ReadyCommand } from "../../src/client/job.ts";
import { unwrap } from "../../src/client/outcome.ts";
import { exportJob, importerKeyJob, importJob } from "../../src/client/transfer-jobs.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { clearCurrentWk } from "../../src/commands/clear-current-wk.ts";
import { commitPendingWk } from "../../src/commands/commit-pending-wk.ts";
import { TransportError } from "../../src/errors.ts";
import { type Transfer, type TransferResult, transferKeys } from "../../src/procedures/transfer.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";
import { sight, tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let source: CryptoUnit;
let targets: CryptoUnit[];
let pattern: Uint8Array;
let foreign: CryptoUnit;

beforeAll(async () => {
  rig = await initialisedRig({ instances: { one: { operational: 3, recovery: 1 }, two: { recovery: 1 } } });
  source = rig.unit("one", "recovery");
  targets = rig.units("one").filter(({ type }) => type === "operational");
  foreign = rig.unit("two", "recovery");
  pattern = rig.state(source).registers.current!;
  const cleared = await rig
    .client()
    .run(targets.map((unit) => commandJob(unit, clearCurrentWk, undefined, signers(1))));
  cleared.forEach(unwrap);
  kept = rig.store.keep();
});

beforeEach(() => rig.store.restore(kept));

const signers = (count: number) => rig.administrators.slice(0, count);

function transferTo(target: CryptoUnit, more: Partial<Transfer> = {}): Transfer {
  return { source, target, pattern, signers: signers(2), mayLose: { current: false, pending: false }, ...more };
}

const recover = (client: Client = rig.client(), more: Partial<Transfer> = {}): Promise<TransferResult[]> =>
  transferKeys(
    client,
    targets.map((target) => transferTo(target, more)),
  );

function expectRecovered(): void {
  for (const target of targets) expect(rig.state(target).registers).toEqual({ current: pattern, next: null });
}

describe("a transfer", () => {
  it("is five signed commands a unit, each after a read of the attributes, and three more queries at most", async () => {
    const line = tap(rig.transport);
    const watched = rig.client(line);
    const results = await recover(watched);
    expect(results).toEqual(targets.map(() => ({ status: "transferred", begun: "importer key" })));
    expectRecovered();
    const chains = line.requests.filter(({ command }) => command === "QueryDeviceCertificate").length;
    const { signedCommands, queries, signaturesMade } = watched.statistics;
    expect(signedCommands).toBe(5 * targets.length);
    expect(signaturesMade).toBe((2 * 2 + 3) * targets.length);
    expect(queries - chains).toBe((5 + 2) * targets.length);
    expect(queries - chains).toBeLessThanOrEqual((5 + 3) * targets.length);
    const perUnit = line.requests.filter(({ unit }) => unit === targets[0]!.id).map(({ command }) => command);
    expect(perUnit.filter((command) => command !== "QueryDeviceCertificate")).toEqual([
      "info",
      "QueryDomainAttributes",
      "GenerateImporterKey",
      "QueryDomainAttributes",
      "ImportWk",
      "QueryDomainAttributes",
      "CommitPendingWk",
      "QueryDomainAttributes",
      "FinalizeWk",
      "info",
    ]);
  });

  it("is six exchanges, in which every command has the questions of the next step behind it", async () => {
    const line = tap(rig.transport);
    await recover(rig.client(line));
    const exchanges = line.batches.filter((batch) => batch[0]!.command !== "QueryDeviceCertificate");
    const each = (...kinds: string[]) => kinds.flatMap((kind) => targets.map(() => kind));
    expect(exchanges.map((batch) => batch.map(({ command }) => command))).toEqual([
      each("info", "QueryDomainAttributes"),
      each("GenerateImporterKey", "QueryDomainAttributes"),
      each("ExportWk", "QueryDomainAttributes"),
      each("ImportWk", "QueryDomainAttributes"),
      each("CommitPendingWk", "QueryDomainAttributes"),
      each("FinalizeWk", "info"),
    ]);
  });

  it("fails where a reading is missing, not where it was made", async () => {
    const [, sick] = targets as [CryptoUnit, CryptoUnit];
    let readings = 0;
    const line = tap(rig.transport, (answer, { unit, command }) => {
      // Its third is for the commit.
      const lost = unit === sick.id && command === "QueryDomainAttributes" && ++readings === 3;
      return lost ? new TransportError("line down", { retryable: true }) : answer;
    });
    const results = await recover(rig.client(line));
    expect(results.map(({ status }) => status)).toEqual(["transferred", "failed", "transferred"]);
    expect(results[1]).toMatchObject({ step: "commit", error: { message: `${sick.location}: line down` } });
    const sent = line.requests.filter(({ unit }) => unit === sick.id).map(({ command }) => command);
    expect(sent.slice(-2)).toEqual(["ImportWk", "QueryDomainAttributes"]);
  });

  it("has the same source sign the exports of a wave under counters of their own", async () => {
    const line = tap(rig.transport);
    await recover(rig.client(line));
    const exports = line.requests.filter(({ command }) => command === "ExportWk");
    expect(exports.map(({ unit }) => unit)).toEqual(targets.map(() => source.id));
    const counters = exports.map(({ counter }) => BigInt(`0x${toHex(counter)}`));
    expect(counters).toEqual([counters[0], counters[0]! + 1n, counters[0]! + 2n]);
  });

  it("to a unit that holds the key changes nothing", async () => {
    await recover();
    rig.store.changes.length = 0;
    expect(await recover()).toEqual(targets.map(() => ({ status: "already" })));
    expect(rig.store.changes).toEqual([]);
  });

  it("replaces another current key only with leave", async () => {
    const theirs = transferTo(targets[0]!, { source: foreign, pattern: rig.state(foreign).registers.current! });
    await recover();
    const before = rig.state(targets[0]!);
    const [refused] = await transferKeys(rig.client(), [theirs]);
    const message = expect.stringContaining(targets[0]!.location);
    expect(refused).toMatchObject({ status: "failed", step: "look", error: { code: "ERR_PRECONDITION", message } });
    expect(rig.state(targets[0]!)).toBe(before);
    const [replaced] = await transferKeys(rig.client(), [{ ...theirs, mayLose: { current: true, pending: false } }]);
    expect(replaced).toMatchObject({ status: "transferred" });
    expect(rig.state(targets[0]!).registers.current).toEqual(theirs.pattern);
  });

  it("goes on from its own pending key, and replaces another pending key only with leave", async () => {
    const client = rig.client();
    const [target] = targets as [CryptoUnit];
    const pend = async (from: CryptoUnit) => {
      const [key] = await client.run([importerKeyJob(target, signers(1))]);
      const [part] = await client.run([exportJob(from, unwrap(key!), signers(2))]);
      return unwrap((await client.run([importJob(target, [unwrap(part!)], signers(1))]))[0]!);
    };
    expect(await pend(foreign)).toEqual(rig.state(foreign).registers.current);
    const [refused] = await transferKeys(client, [transferTo(target)]);
    expect(refused).toMatchObject({ status: "failed", step: "look", error: { code: "ERR_PRECONDITION" } });
    const [replaced] = await transferKeys(client, [transferTo(target, { mayLose: { current: false, pending: true } })]);
    expect(replaced).toEqual({ status: "transferred", begun: "importer key" });

    rig.store.restore(kept);
    const again = rig.client();
    const [key] = await again.run([importerKeyJob(target, signers(1))]);
    const [part] = await again.run([exportJob(source, unwrap(key!), signers(2))]);
    unwrap((await again.run([importJob(target, [unwrap(part!)], signers(1))]))[0]!);
    const pending = rig.store.keep();
    expect(await transferKeys(again, [transferTo(target)])).toEqual([{ status: "transferred", begun: "commit" }]);

    rig.store.restore(pending);
    const third = rig.client();
    unwrap((await third.run([commandJob(target, commitPendingWk, pattern, signers(2))]))[0]!);
    expect(await transferKeys(third, [transferTo(target)])).toEqual([{ status: "transferred", begun: "finalize" }]);
  });

  it("that fails at one unit goes on at the others", async () => {
    const [, sick] = targets as [CryptoUnit, CryptoUnit];
    const line = tap(rig.transport, (answer, { unit, command }) =>
      unit === sick.id && command === "ImportWk" ? new TransportError("line down", { retryable: true }) : answer,
    );
    const results = await recover(rig.client(line));
    expect(results.map(({ status }) => status)).toEqual(["transferred", "failed", "transferred"]);
    expect(results[1]).toMatchObject({ step: "import", error: { message: `${sick.location}: line down` } });
  });

  describe("to units that do not tell what they have imported", () => {
    /** A client that can't read the output of an import: units of another make may leave it empty. */
    function blindClient(line = tap(rig.transport)): Client {
      const client = rig.client(line);
      const send = client.send.bind(client);
      const blind = ({ job, reading }: ReadyCommand<unknown>) => {
        return { job: job.input.kind === "parts" ? { ...job, decode: () => undefined } : job, reading };
      };
      const sendBlind = (commands: readonly ReadyCommand<unknown>[], ...behind: Parameters<Client["ask"]>) =>
        send(commands.map(blind), ...behind);
      return Object.assign(client, { send: sendBlind });
    }

    it("asks them for what is pending", async () => {
      const line = tap(rig.transport);
      expect(await recover(blindClient(line))).toEqual(
        targets.map(() => ({ status: "transferred", begun: "importer key" })),
      );
      expectRecovered();
      const infos = line.requests.filter(({ unit, command }) => unit === targets[0]!.id && command === "info");
      expect(infos).toHaveLength(3);
    });

    it("commits nothing if that is not the key expected", async () => {
      const line = tap(rig.transport);
      const expected = rig.state(foreign).registers.current!;
      for (const result of await recover(blindClient(line), { pattern: expected })) {
        expect(result).toMatchObject({ status: "failed", step: "pending pattern", error: { check: "pattern" } });
      }
      expect(line.requests.filter(({ command }) => command === "CommitPendingWk")).toEqual([]);
    });
  });

  it("wants signers", async () => {
    await expect(recover(rig.client(), { signers: [] })).rejects.toThrow(/at least one signer/);
  });

  it("with too few signers fails at the source, and no key is exported", async () => {
    const results = await recover(rig.client(), { signers: signers(1) });
    for (const result of results) {
      const error = { returnCode: 208, reasonCode: 21, message: expect.stringContaining(source.location) };
      expect(result).toMatchObject({ status: "failed", step: "export", error });
    }
  });
});

describe("a transfer that is cut off", () => {
  /** A line that goes dead at the n-th batch of anything: before it is delivered, or before its answers come back. */
  function dying(at: number, when: "before" | "after") {
    let batches = 0;
    return {
      hsms: rig.transport.hsms,
      async send(batch: Parameters<typeof rig.transport.send>[0]) {
        const chain = batch.some((envelope) => sight(envelope).command === "QueryDeviceCertificate");
        if (!chain) batches++;
        if (batches > at || (batches === at && when === "before"))
          throw new TransportError("line down", { retryable: true });
        const answers = await rig.transport.send(batch);
        if (batches === at) throw new TransportError("line down", { retryable: true });
        return answers;
      },
    };
  }

  // Look; five commands, each with what has to be known next behind it.
  const batches = Array.from({ length: 6 }, (_, at) => at + 1);
  it.each(batches.flatMap((at) => [[at, "before"] as const, [at, "after"] as const]))(
    "at batch %i, %s it is delivered, is finished by doing it again",
    async (at, when) => {
      const results = await recover(rig.client(dying(at, when)));
      for (const result of results) expect(result).toMatchObject({ status: "failed" });
      const resumed = await recover();
      expect(resumed.every(({ status }) => status === "transferred" || status === "already")).toBe(true);
      expectRecovered();
      // Committed and finalized once: what was done is not done again.
      const done = rig.store.changes.flatMap(({ audit }) => audit).filter(({ returnCode }) => returnCode === 0);
      expect(done.filter(({ command }) => command === 0x0e)).toHaveLength(targets.length);
    },
  );
});
