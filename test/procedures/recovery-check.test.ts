import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CryptoUnit } from "../../src/client/units.ts";
import { PreconditionError, type Problem } from "../../src/errors.ts";
import { autoInit } from "../../src/procedures/auto-init.ts";
import { autoMkRecover, inspectRecovery, type RecoveryRequest } from "../../src/procedures/auto-mk-recover.ts";
import { PRISTINE } from "../../src/unit/pristine.ts";
import type { UnitState } from "../../src/unit/state.ts";
import { administratorsOf, generateSigners } from "../../src/workstation/signer.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";
import { tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let source: CryptoUnit;
let lost: CryptoUnit;
let other: CryptoUnit;
let foreign: UnitState["registers"];

const EMPTY = { current: null, next: null } as const;

beforeAll(async () => {
  rig = await initialisedRig({
    instances: { one: { operational: 2, recovery: 2 }, two: { operational: 1, recovery: 1 } },
  });
  source = rig.unit("one", "recovery");
  lost = rig.unit("one", "operational", 0);
  other = rig.unit("one", "operational", 1);
  for (const unit of [lost, other]) change(unit, { registers: EMPTY, sealed: null });
  foreign = rig.state(rig.unit("two", "operational")).registers;
  kept = rig.store.keep();
});

beforeEach(() => rig.store.restore(kept));

function change(unit: CryptoUnit, to: Partial<UnitState>): void {
  rig.store.units.set(unit.id, { ...rig.state(unit), ...to });
}

const request = (more: Partial<RecoveryRequest> = {}): RecoveryRequest => {
  const mayLose = { current: false, pending: false };
  return { source, targets: [lost, other], signers: rig.administrators, mayLose, ...more };
};

/** Problems of a request that must be refused with nothing changed. */
async function problems(more: Partial<RecoveryRequest> = {}, client = rig.client()): Promise<readonly Problem[]> {
  const before = rig.store.keep();
  const error = await autoMkRecover(client, request(more)).then(
    () => expect.fail("must be refused"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PreconditionError);
  expect(client.statistics.signedCommands).toBe(0);
  expect(rig.store.keep()).toEqual(before);
  return (error as PreconditionError).problems;
}

async function expectRefused(
  unit: CryptoUnit,
  what: RegExp,
  next: RegExp,
  more: Partial<RecoveryRequest> = {},
): Promise<void> {
  const wrong = { unit: unit.location, problem: expect.stringMatching(what), nextStep: expect.stringMatching(next) };
  expect(await problems(more)).toEqual([wrong]);
}

describe("with every precondition met", () => {
  it("nothing speaks against the recovery", async () => {
    const check = await inspectRecovery(rig.client(), request());
    expect(check).toMatchObject({ threshold: 2, problems: [] });
    expect(check.pattern).toEqual(rig.state(source).registers.current);
    expect(check.targets.map(({ found }) => found)).toEqual(["empty", "empty"]);
    expect(check.signers).toEqual(rig.administrators);
  });
});

describe("a recovery is refused, and nothing changed,", () => {
  it("if the source is in imprint mode", async () => {
    change(source, { ...PRISTINE, registers: rig.state(source).registers });
    const found = await problems();
    expect(found[0]).toMatchObject({ unit: source.location, problem: "is in imprint mode" });
  });

  it("if a target is in imprint mode", async () => {
    change(lost, { ...PRISTINE });
    await expectRefused(lost, /is in imprint mode/, /cryptounit-admin-add/);
  });

  it("if the thresholds differ", async () => {
    const { attributes } = rig.state(lost);
    change(lost, { attributes: { ...attributes, signatureThreshold: 1 } });
    await expectRefused(lost, /signature threshold is 1, want 2 as in /, /cryptounit-thrhld-set/);
  });

  it("if a target lacks administrators", async () => {
    const { administrators } = rig.state(lost);
    change(lost, { administrators: administrators.slice(0, 1) });
    await expectRefused(
      lost,
      /want 2 of the selected administrators installed in all units, got 1, it lacks administrator 2 .*administrator 3/,
      /cryptounit-admin-add/,
    );
  });

  it("if every unit has enough administrators, and not enough of them are common", async () => {
    const { administrators } = rig.state(lost);
    change(lost, { administrators: administrators.slice(0, 2) });
    change(other, { administrators: administrators.slice(1) });
    const found = await problems();
    expect(found.map(({ unit }) => unit)).toEqual([lost.location, other.location]);
    expect(found[0]!.problem).toMatch(/got 1, it lacks administrator 3/);
    expect(found[1]!.problem).toMatch(/got 1, it lacks administrator 1/);
  });

  it("if the keys at hand are not those of enough administrators", async () => {
    const found = await problems({ signers: rig.administrators.slice(0, 1) });
    expect(found.map(({ unit }) => unit)).toEqual([source, lost, other].map(({ location }) => location));
    expect(found[0]!.problem).toMatch(/want 2 of the selected administrators installed in all units, got 1$/);
    const [stranger] = generateSigners(rig.cores.administrators, ["stranger"]);
    const [lacking] = await problems({ signers: [...rig.administrators.slice(0, 1), stranger!] });
    expect(lacking!.problem).toMatch(/it lacks stranger/);
  });

  it("if the source's current register is empty", async () => {
    change(source, { registers: EMPTY, sealed: null });
    await expectRefused(
      source,
      /current master key register is Empty, want Valid/,
      /choose a recovery unit that holds/,
    );
  });

  it("if the source is not a recovery unit", async () => {
    const wrong = { ...source, type: "operational" as const };
    await expectRefused(wrong, /want a recovery unit as the source, got an operational one/, /choose/, {
      source: wrong,
    });
  });

  it("if the source must not export", async () => {
    const { attributes } = rig.state(source);
    change(source, { attributes: { ...attributes, permissions: attributes.permissions & ~2 } });
    await expectRefused(source, /forbid the export/, /cryptounit-thrhld-set/);
  });

  it.each([
    ["not import", 1],
    ["not import in one part", 4],
  ])("if a target must %s", async (_, bit) => {
    const { attributes } = rig.state(lost);
    change(lost, { attributes: { ...attributes, permissions: attributes.permissions & ~bit } });
    await expectRefused(lost, /forbid the import/, /cryptounit-thrhld-set/);
  });

  it("if a target's new register holds another key", async () => {
    change(lost, { registers: { current: null, next: { pattern: foreign.current!, committed: true } } });
    await expectRefused(lost, /new master key register is Full Committed with another key/, /cryptounit-mk-clrnew/);
  });

  it("if a target's current register holds another key", async () => {
    change(lost, { registers: foreign });
    await expectRefused(lost, /Valid with another key, which would be lost/, /confirm/);
  });

  it("if units are named twice, or as source and target", async () => {
    await expectRefused(lost, /named more than once/, /once/, { targets: [lost, lost] });
    expect((await problems({ targets: [source, lost] })).map(({ unit }) => unit)).toEqual([source.location]);
  });

  it("if units can't be read, or their answers not be believed", async () => {
    const down = tap(rig.transport, (answer, { unit }) => (unit === lost.id ? new Error("line down") : answer));
    expect(await problems({}, rig.client(down))).toEqual([
      { unit: lost.location, problem: "cannot be read: line down", nextStep: expect.stringMatching(/endpoint/) },
    ]);
    const moved = { ...lost, serial: other.serial };
    const [wrong] = await problems({ targets: [moved] });
    expect(wrong).toMatchObject({
      unit: lost.location,
      nextStep: expect.stringMatching(/before anything is sent to it/),
    });
  });

  it("with everything that is wrong, at once", async () => {
    change(source, { registers: EMPTY, sealed: null });
    change(lost, { ...PRISTINE });
    const { attributes } = rig.state(other);
    change(other, { attributes: { ...attributes, signatureThreshold: 3, permissions: 0 } });
    const found = await problems();
    expect(found.map(({ unit, problem }) => `${unit} ${problem}`)).toEqual([
      `${source.location} its current master key register is Empty, want Valid`,
      `${lost.location} is in imprint mode`,
      `${other.location} its signature threshold is 3, want 2 as in ${source.location}`,
      `${other.location} its permissions forbid the import of a master key in one part`,
    ]);
  });
});

describe("what may be lost", () => {
  it("is replaced with leave", async () => {
    change(lost, { registers: foreign });
    const check = await inspectRecovery(rig.client(), request({ mayLose: { current: true, pending: true } }));
    expect(check.problems).toEqual([]);
    expect(check.targets[0]).toMatchObject({ found: "other" });
  });
});

describe("targets that hold the key", () => {
  it("are passed over, whatever else they are", async () => {
    const holder = rig.unit("one", "recovery", 1);
    const { attributes } = rig.state(holder);
    change(holder, { attributes: { ...attributes, signatureThreshold: 3 } });
    const before = rig.state(holder);
    const results = await autoMkRecover(rig.client(), request({ targets: [lost, holder] }));
    expect(results.map(({ result }) => result.status)).toEqual(["transferred", "already"]);
    expect(rig.state(holder)).toBe(before);
  });
});

describe("recovering an instance from its own administrators", () => {
  it("needs signers of both sides when the target belongs to others", async () => {
    const strangers = administratorsOf(
      rig.cores.administrators,
      generateSigners(rig.cores.administrators, ["stranger 1", "stranger 2"]),
    );
    const units = rig.units("two");
    for (const unit of units) change(unit, { ...PRISTINE, sealed: null });
    const configuration = { signatureThreshold: 2, revocationThreshold: 2, administrators: strangers };
    await autoInit(rig.client(), units, configuration);
    change(units[0]!, { registers: EMPTY, sealed: null });
    const found = await problems({ targets: [units[0]!], signers: [...rig.administrators, ...strangers] });
    expect(found.map(({ unit }) => unit)).toEqual([source.location, units[0]!.location]);
  });
});
