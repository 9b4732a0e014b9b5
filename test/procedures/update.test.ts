import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { PreconditionError } from "../../src/errors.ts";
import type { Configuration } from "../../src/procedures/configuration.ts";
import { type UpdateOptions, update } from "../../src/procedures/update.ts";
import {
  type Administrator,
  administratorsOf,
  type CardSigner,
  generateSigners,
} from "../../src/workstation/signer.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";
import { tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let units: CryptoUnit[];
let others: Administrator[];

beforeAll(async () => {
  rig = await initialisedRig({
    instances: { one: { operational: 1, recovery: 2 }, two: { operational: 1, recovery: 1, failover: 1 } },
    administrators: 4,
    signatureThreshold: 1,
    revocationThreshold: 3,
  });
  others = administratorsOf(
    rig.cores.administrators,
    generateSigners(rig.cores.administrators, ["new 1", "new 2", "new 3", "new 4", "new 5", "new 6"]),
  );
  kept = rig.store.keep();
  units = rig.units("one");
});

beforeEach(() => rig.store.restore(kept));

const pick = (from: readonly Administrator[], ...at: number[]): Administrator[] => at.map((i) => from[i]!);

const to = (
  signatureThreshold: number,
  revocationThreshold: number,
  administrators: readonly Administrator[],
): Configuration => {
  return { signatureThreshold, revocationThreshold, administrators };
};

/** Runs an update of instance "one". Out: the commands that its first unit saw, with the number of signatures on each. */
async function traced(configuration: Configuration, options?: UpdateOptions): Promise<string[]> {
  const line = tap(rig.transport);
  const results = await update(rig.client(line), units, configuration, options);
  expect(results.map(({ status }) => status)).toEqual(units.map(() => "done"));
  return line.requests
    .filter(({ unit, counter }) => unit === units[0]!.id && counter.length > 0)
    .map(({ command, signatures }) => `${command}/${signatures}`);
}

function expectConfigured(configuration: Configuration): void {
  const skis = configuration.administrators.map(({ ski }) => toHex(ski)).sort();
  for (const unit of units) {
    const { attributes, administrators } = rig.state(unit);
    expect(attributes).toMatchObject({
      signatureThreshold: configuration.signatureThreshold,
      revocationThreshold: configuration.revocationThreshold,
    });
    expect(administrators.map(({ ski }) => toHex(ski)).sort()).toEqual(skis);
  }
}

describe("an update of units that have left imprint mode", () => {
  it("in order A removes, adds, sets", async () => {
    // From S = 1, R = 3: first to thresholds for which A holds.
    await traced(to(2, 2, rig.administrators));
    const configuration = to(3, 2, [...pick(rig.administrators, 0, 1), ...pick(others, 0)]);
    expect(await traced(configuration)).toEqual([
      "RemoveDomainAdministrator/2",
      "RemoveDomainAdministrator/2",
      "AddDomainAdministrator/2",
      "SetDomainAttributes/2",
    ]);
    expectConfigured(configuration);
  });

  it("in order B lowers the revocation threshold, removes, adds, sets", async () => {
    const configuration = to(2, 1, [...pick(rig.administrators, 0), ...pick(others, 0, 1)]);
    expect(await traced(configuration)).toEqual([
      "SetDomainAttributes/1",
      "RemoveDomainAdministrator/1",
      "RemoveDomainAdministrator/1",
      "RemoveDomainAdministrator/1",
      "AddDomainAdministrator/1",
      "AddDomainAdministrator/1",
      "SetDomainAttributes/1",
    ]);
    expectConfigured(configuration);
  });

  it("in order C adds, removes with the new ones' signatures, sets", async () => {
    const configuration = to(2, 2, [...pick(rig.administrators, 0), ...pick(others, 0, 1)]);
    expect(await traced(configuration)).toEqual([
      "AddDomainAdministrator/1",
      "AddDomainAdministrator/1",
      "RemoveDomainAdministrator/3",
      "RemoveDomainAdministrator/3",
      "RemoveDomainAdministrator/3",
      "SetDomainAttributes/1",
    ]);
    expectConfigured(configuration);
  });

  it("keeps master keys, and gives the instance's to units that have none", async () => {
    const pattern = rig.state(units[0]!).registers.current;
    const [bare] = units as [CryptoUnit];
    const state = rig.state(bare);
    rig.store.units.set(bare.id, { ...state, registers: { current: null, next: null }, sealed: null });
    const commands = await traced(to(1, 3, rig.administrators));
    expect(commands).toEqual([
      // R' = 3 of 4 kept: order B, with nobody to remove or add.
      "SetDomainAttributes/1",
      "SetDomainAttributes/1",
      "GenerateImporterKey/1",
      "ImportWk/0",
      "CommitPendingWk/1",
      "FinalizeWk/1",
    ]);
    for (const unit of units) expect(rig.state(unit).registers).toEqual({ current: pattern, next: null });
  });
});

describe("an update is refused, with all that is wrong, and nothing changed,", () => {
  async function refusal(configuration: Configuration, which = units, client = rig.client()): Promise<string[]> {
    const error = await update(client, which, configuration).then(
      () => expect.fail("must be refused"),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(PreconditionError);
    expect(rig.store.changes).toEqual([]);
    return (error as PreconditionError).problems.map(({ unit, problem }) => `${unit}: ${problem}`);
  }

  it("for thresholds and numbers of administrators that can't be", async () => {
    expect(await refusal(to(0, 9, pick(rig.administrators, 0)))).toEqual([
      "configuration: signature threshold: want 1..8, got 0",
      "configuration: revocation signature threshold: want 1..8, got 9",
    ]);
    expect(await refusal(to(2, 3, pick(rig.administrators, 0)))).toEqual([
      "configuration: signature threshold 2: want as many administrators, got 1",
      "configuration: revocation signature threshold 3: want as many administrators, got 1",
    ]);
    expect(await refusal(to(1, 1, [...rig.administrators, ...others]))).toEqual([
      "configuration: want at most 8 administrators, got 10",
    ]);
  });

  it("for names that are too long, keys that can't be used, keys listed twice", async () => {
    const [one, two] = rig.administrators as [Administrator, Administrator];
    const unusable = { ...two, key: 4000 as typeof two.key };
    const long = { ...others[0]!, name: "é".repeat(16) };
    expect(await refusal(to(1, 1, [one, one, unusable, long]))).toEqual([
      `configuration: name '${long.name}': want up to 30 bytes, got 32`,
      "configuration: the signature key of 'administrator 1' is listed twice",
      "configuration: the signature key of 'administrator 2' can't be used: want a key slot in use, got 4000",
    ]);
  });

  it("for units whose present administrators are not enough to sign it", async () => {
    expect(await refusal(to(1, 1, pick(others, 0, 1)))).toEqual(
      units.map(
        ({ location }) => `${location}: its signature threshold is 1, and only 0 of its administrators are configured`,
      ),
    );
    const { location } = units[1]!;
    const state = rig.state(units[1]!);
    rig.store.units.set(state.id, { ...state, attributes: { ...state.attributes, revocationThreshold: 4 } });
    expect(await refusal(to(2, 2, [...pick(rig.administrators, 0), ...pick(others, 0, 1)]))).toEqual([
      `${location}: too few of its administrators are configured for its revocation threshold`,
    ]);
  });

  it("for an administrator that units know by another name", async () => {
    const [one, ...rest] = rig.administrators as [Administrator & CardSigner, ...Administrator[]];
    const renamed = administratorsOf(rig.cores.administrators, [{ ...one, name: "somebody" }]);
    expect(await refusal(to(1, 1, [...renamed, ...rest]))).toEqual(
      units.map(({ location }) => `${location}: knows administrator 'somebody' as 'administrator 1'`),
    );
  });

  it("for a service instance without a recovery unit", async () => {
    const operational = units.filter(({ type }) => type === "operational");
    expect(await refusal(to(1, 1, rig.administrators), operational)).toEqual([
      "service instance one: has no recovery unit",
      `${operational[0]!.location}: has a master key, and no recovery unit of the service instance has it`,
    ]);
  });

  it("for master keys that are not the recovery unit's", async () => {
    const foreign = rig.state(rig.units("two")[0]!).registers;
    const state = rig.state(units[0]!);
    rig.store.units.set(state.id, { ...state, registers: foreign });
    const [, recovery] = units as [CryptoUnit, CryptoUnit];
    expect(await refusal(to(1, 1, rig.administrators))).toEqual([
      `${units[0]!.location}: has another master key than recovery unit ${recovery.location}`,
    ]);
  });

  it("for units that can't be read", async () => {
    const line = tap(rig.transport, (answer, { unit }) => (unit === units[2]!.id ? new Error("line down") : answer));
    expect(await refusal(to(1, 1, rig.administrators), units, rig.client(line))).toEqual([
      `${units[2]!.location}: cannot be read: line down`,
    ]);
  });
});

describe("an update of several service instances", () => {
  it("goes on where one unit fails", async () => {
    const every = rig.units("one", "two");
    const sick = units[1]!;
    const line = tap(rig.transport, (answer, { unit, command }) =>
      unit === sick.id && command === "SetDomainAttributes" ? new Error("line down") : answer,
    );
    const results = await update(rig.client(line), every, to(2, 2, rig.administrators));
    expect(results.map(({ unit, status }) => [unit.id, status])).toEqual(
      every.map(({ id }) => [id, id === sick.id ? "failed" : "done"]),
    );
    expect(results[1]).toMatchObject({ phase: "thresholds" });
  });

  it("makes no second master key because the recovery unit that has the first one fails", async () => {
    const [operational, sick, recovery] = units as [CryptoUnit, CryptoUnit, CryptoUnit];
    for (const bare of [operational, recovery]) {
      const state = rig.state(bare);
      rig.store.units.set(bare.id, { ...state, registers: { current: null, next: null }, sealed: null });
    }
    const line = tap(rig.transport, (answer, { unit, command }) =>
      unit === sick.id && command === "SetDomainAttributes" ? new Error("line down") : answer,
    );
    const results = await update(rig.client(line), units, to(2, 2, rig.administrators));
    expect(results.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    expect(results[0]).toMatchObject({ phase: "generate", error: { message: expect.stringContaining("is ready") } });
    expect(line.requests.filter(({ command }) => command === "GenerateRandomWk")).toEqual([]);
    expect(rig.state(operational).registers.current).toBeNull();
  });
});
