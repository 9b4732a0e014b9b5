import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { Client } from "../../src/client/client.ts";
import { adjustment, commandJob, queryJob, readingJob } from "../../src/client/job.ts";
import { unwrap } from "../../src/client/outcome.ts";
import { registersJob } from "../../src/client/registers.ts";
import { importerKeyJob } from "../../src/client/transfer-jobs.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { clearCurrentWk } from "../../src/commands/clear-current-wk.ts";
import { clearPendingWk } from "../../src/commands/clear-pending-wk.ts";
import { generateRandomWk } from "../../src/commands/generate-random-wk.ts";
import { queryDomainAdministrators } from "../../src/commands/query-domain-administrators.ts";
import { queryDomainAttributes } from "../../src/commands/query-domain-attributes.ts";
import { setDomainAttributes, settableAttributes } from "../../src/commands/set-domain-attributes.ts";
import { zeroizeDomain } from "../../src/commands/zeroize-domain.ts";
import type { KeySlot } from "../../src/core/api.ts";
import { TransportError, UnitError } from "../../src/errors.ts";
import { KeyType } from "../../src/wire/ids.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";
import { sight, tap } from "../support/tap.ts";
import { watchCore } from "../support/watched-core.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let units: CryptoUnit[];
let client: Client;

beforeAll(async () => {
  rig = await initialisedRig({ instances: { one: { operational: 2, recovery: 1 }, two: { recovery: 1 } } });
  kept = rig.store.keep();
  units = rig.units("one");
});

beforeEach(() => {
  rig.store.restore(kept);
  client = rig.client();
});

const signers = (count: number) => rig.administrators.slice(0, count);
const counterOf = (unit: CryptoUnit): bigint => BigInt(`0x${toHex(rig.state(unit).counter)}`);

describe("queries", () => {
  it("answer for each unit what its state is", async () => {
    const attributes = await client.query(units.map((unit) => queryJob(unit, queryDomainAttributes, undefined)));
    expect(attributes.map(unwrap)).toEqual(units.map((unit) => rig.state(unit).attributes));
    const skis = await client.query(units.map((unit) => queryJob(unit, queryDomainAdministrators, undefined)));
    expect(skis.map(unwrap)).toEqual(units.map(() => rig.administrators.map(({ ski }) => ski)));
    const registers = await client.registers(units);
    const pattern = rig.state(units[0]!).registers.current;
    for (const { current, next } of registers.map(unwrap)) {
      expect(current).toEqual({ status: "Valid", pattern });
      expect(next).toEqual({ status: "Empty", pattern: new Uint8Array(32) });
    }
    const modules = await client.modules(units);
    expect(modules.map((module) => toHex(unwrap(module).moduleId.subarray(0, 8)))).toEqual(
      units.map(({ serial }) => toHex(new TextEncoder().encode(serial))),
    );
  });

  it("of several kinds go out in one batch, and are answered list by list", async () => {
    const [first, second] = units as [CryptoUnit, CryptoUnit];
    const missing = { ...second, id: "no such unit" };
    const line = tap(rig.transport);
    const core = watchCore(rig.cores.administrators);
    const pins = [{ name: "rig", ski: rig.root.ski, publicKey: rig.root.publicKey }];
    const watched = new Client({ transport: line, core: core.core, roots: pins });
    await watched.query(units.map((unit) => queryJob(unit, queryDomainAttributes, undefined)));
    line.batches.length = 0;
    core.reset();
    const [registers, lists, nothing, attributes] = await watched.ask(
      [first, missing].map(registersJob),
      [queryJob(first, queryDomainAdministrators, undefined)],
      [],
      [missing, second].map((unit) => queryJob(unit, queryDomainAttributes, undefined)),
    );
    expect(line.batches.map((batch) => batch.map(({ command }) => command))).toEqual([
      ["info", "info", "QueryDomainAdministrators", "QueryDomainAttributes", "QueryDomainAttributes"],
    ]);
    expect([...core.calls]).toEqual([["verify", 1]]);
    expect(unwrap(registers[0]!).current.pattern).toEqual(rig.state(first).registers.current);
    expect(lists.map(unwrap)).toEqual([rig.administrators.map(({ ski }) => ski)]);
    expect(nothing).toEqual([]);
    expect(unwrap(attributes[1]!)).toEqual(rig.state(second).attributes);
    expect([registers[1]!.ok, attributes[0]!.ok]).toEqual([false, false]);
  });

  it("fail alone where a unit can't be reached or is not there", async () => {
    const missing = { ...units[0]!, id: "no such unit" };
    const outcomes = await client.query(
      [missing, units[1]!].map((unit) => queryJob(unit, queryDomainAttributes, undefined)),
    );
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, true]);
    const infos = await client.registers([units[0]!, missing]);
    expect(infos.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it("read a module's chain once in a run", async () => {
    const line = tap(rig.transport);
    const watched = rig.client(line);
    const jobs = units.map((unit) => queryJob(unit, queryDomainAttributes, undefined));
    await watched.query(jobs);
    await watched.query(jobs);
    const chains = line.requests.filter(({ command }) => command === "QueryDeviceCertificate");
    expect(chains).toHaveLength(3 * new Set(units.map(({ serial }) => serial)).size);
    expect(watched.statistics).toEqual({
      signedCommands: 0,
      queries: line.requests.length,
      signaturesMade: 0,
      // Two modules with two links and three answers each, and two queries of each unit.
      signaturesVerified: 2 * (2 + 3) + 2 * units.length,
    });
  });
});

describe("signed commands", () => {
  it("read the attributes first, and carry the next counter", async () => {
    const line = tap(rig.transport);
    const watched = rig.client(line);
    const before = units.map(counterOf);
    const outcomes = await watched.run(units.map((unit) => commandJob(unit, clearCurrentWk, undefined, signers(1))));
    expect(outcomes.map(unwrap)).toEqual(units.map(() => undefined));
    expect(line.batches.slice(-2).map((batch) => batch.map(({ command }) => command))).toEqual([
      units.map(() => "QueryDomainAttributes"),
      units.map(() => "ClearCurrentWk"),
    ]);
    expect(line.batches.at(-1)!.map(({ counter }) => BigInt(`0x${toHex(counter)}`))).toEqual(before.map((c) => c + 1n));
    expect(units.map(counterOf)).toEqual(before.map((c) => c + 1n));
    expect(units.map((unit) => rig.state(unit).registers.current)).toEqual(units.map(() => null));
    expect(watched.statistics).toMatchObject({ signedCommands: units.length, signaturesMade: units.length });
  });

  it("to one unit in one batch get counters of their own, in order, each after a read of its own", async () => {
    const line = tap(rig.transport);
    const [unit] = units as [CryptoUnit];
    const before = counterOf(unit);
    const jobs = [1, 2, 3].map(() => importerKeyJob(unit, signers(1)));
    const keys = (await rig.client(line).run(jobs)).map(unwrap);
    expect(line.batches.at(-2)!.map(({ command }) => command)).toEqual(Array(3).fill("QueryDomainAttributes"));
    const counters = line.batches.at(-1)!.map(({ counter }) => BigInt(`0x${toHex(counter)}`));
    expect(counters).toEqual([before + 1n, before + 2n, before + 3n]);
    expect(new Set(keys.map(toHex)).size).toBe(3);
    expect(rig.state(unit).importer?.publicKey).toEqual(keys[2]);
  });

  it("may have questions behind them, which see what the commands have done", async () => {
    const line = tap(rig.transport);
    const watched = rig.client(line);
    const [first, second] = units as [CryptoUnit, CryptoUnit];
    const [readings] = await watched.ask([first, second].map(readingJob));
    const clear = (unit: CryptoUnit, at: number) => {
      return { job: commandJob(unit, clearCurrentWk, undefined, signers(1)), reading: unwrap(readings[at]!) };
    };
    const [done, next, told] = await watched.send(
      [first, second].map(clear),
      [readingJob(first)],
      [second].map(registersJob),
    );
    expect(line.batches.at(-1)!.map(({ command }) => command)).toEqual([
      ...["ClearCurrentWk", "ClearCurrentWk", "QueryDomainAttributes", "info"],
    ]);
    expect(done.map(unwrap)).toEqual([undefined, undefined]);
    expect(unwrap(told[0]!).current.status).toBe("Empty");
    // The reading is good for the next command.
    expect(unwrap(next[0]!).counter).toEqual(rig.state(first).counter);
    const again = { job: commandJob(first, clearPendingWk, undefined, signers(1)), reading: unwrap(next[0]!) };
    expect((await watched.send([again]))[0].map(unwrap)).toEqual([undefined]);
    // Used twice, it leads to another counter all the same.
    expect((await watched.send([again]))[0].map(unwrap)).toEqual([undefined]);
    const counters = line.requests
      .filter(({ command }) => command === "ClearPendingWk")
      .map(({ counter }) => toHex(counter));
    expect(new Set(counters).size).toBe(2);
  });

  it("whose answer a line withholds or spoils do not spoil the questions behind them, nor these the commands", async () => {
    const [first, second] = units as [CryptoUnit, CryptoUnit];
    const line = tap(rig.transport, (answer, { unit, command }) => {
      if (answer instanceof Error) return answer;
      if (unit === first.id && command === "ClearCurrentWk") return answer.with(60, answer[60]! ^ 1);
      return unit === second.id && command === "info" ? new TransportError("line down", { retryable: true }) : answer;
    });
    const watched = rig.client(line);
    const [readings] = await watched.ask([first, second].map(readingJob));
    const commands = [first, second].map((unit, at) => {
      return { job: commandJob(unit, clearCurrentWk, undefined, signers(1)), reading: unwrap(readings[at]!) };
    });
    const [done, told] = await watched.send(commands, [first, second].map(registersJob));
    expect([done.map(({ ok }) => ok), told.map(({ ok }) => ok)]).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(done[0]).toMatchObject({ error: { code: "ERR_CHECK" } });
  });

  it("never use a counter again, also one that the unit did not accept", async () => {
    const [unit] = units as [CryptoUnit];
    const before = counterOf(unit);
    // Withheld: the unit never sees the command, so its counter stays.
    let withhold = true;
    const line = tap({
      hsms: rig.transport.hsms,
      async send(batch) {
        if (withhold && batch.some((envelope) => sight(envelope).counter.length > 0)) throw new Error("line down");
        return rig.transport.send(batch);
      },
    });
    const watched = rig.client(line);
    const [lost] = await watched.run([commandJob(unit, clearPendingWk, undefined, signers(2))]);
    expect(lost).toMatchObject({ ok: false, error: expect.any(TransportError) });
    expect(counterOf(unit)).toBe(before);
    withhold = false;
    unwrap((await watched.run([commandJob(unit, clearPendingWk, undefined, signers(1))]))[0]!);
    expect(counterOf(unit)).toBe(before + 2n);
  });

  it("report what a unit refuses, and spoil no other", async () => {
    const [first, second] = units as [CryptoUnit, CryptoUnit];
    const outcomes = await client.run([
      commandJob(first, generateRandomWk, undefined, signers(1)),
      commandJob(second, clearCurrentWk, undefined, []),
      commandJob(second, clearCurrentWk, undefined, signers(1)),
    ]);
    expect(outcomes[0]).toMatchObject({ ok: false, error: { returnCode: 80, reasonCode: 52 } });
    expect(outcomes[1]).toMatchObject({ ok: false, error: { returnCode: 208, reasonCode: 21 } });
    expect(outcomes[2]).toEqual({ ok: true, value: undefined });
    expect(outcomes.slice(0, 2).every((outcome) => !outcome.ok && outcome.error instanceof UnitError)).toBe(true);
  });

  it("can depend on the attributes read for them", async () => {
    const [unit] = units as [CryptoUnit];
    const raise = adjustment(
      unit,
      setDomainAttributes,
      (now) => settableAttributes({ ...now, revocationThreshold: now.revocationThreshold + 1 }),
      signers(2),
    );
    unwrap((await client.run([raise]))[0]!);
    expect(rig.state(unit).attributes.revocationThreshold).toBe(3);
  });

  it("fail alone if their input can't be made", async () => {
    const broken = adjustment(
      units[0]!,
      setDomainAttributes,
      () => {
        throw new Error("no");
      },
      signers(2),
    );
    const fine = commandJob(units[1]!, clearCurrentWk, undefined, signers(1));
    const outcomes = await client.run([broken, fine]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it("go on after a zeroize, with the unit's next domain instance", async () => {
    const [unit] = units as [CryptoUnit];
    unwrap((await client.run([commandJob(unit, zeroizeDomain, undefined, signers(1))]))[0]!);
    expect(rig.state(unit).domainInstance).toBe(3);
    unwrap((await client.run([commandJob(unit, zeroizeDomain, undefined, [])]))[0]!);
    expect(rig.state(unit).domainInstance).toBe(4);
  });
});

describe("signature keys", () => {
  it("are tried by signing", async () => {
    const [good] = rig.administrators;
    const refusal = new Error("not today");
    const away = { keyType: KeyType.P521, sign: () => Promise.reject(refusal) };
    const tried = await client.tryKeys([
      good!,
      { ski: good!.ski, key: 4000 as KeySlot },
      { ski: good!.ski, key: away },
    ]);
    expect(tried).toEqual([null, expect.any(RangeError), refusal]);
  });
});

describe("the list of units", () => {
  it("is read through the transport, and not to be had is a TransportError", async () => {
    expect(await client.units("one")).toEqual(units);
    await expect(
      rig
        .client({ ...rig.transport, hsms: () => Promise.reject(new TransportError("401", { retryable: false })) })
        .units("one"),
    ).rejects.toThrow(TransportError);
  });
});
