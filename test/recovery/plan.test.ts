import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { planRecovery, type RecoveryOrder, type RecoveryPlan } from "../../src/recovery/plan.ts";
import type { UnitState } from "../../src/unit/state.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let one: CryptoUnit[];
let two: CryptoUnit[];
let three: CryptoUnit[];
let source: CryptoUnit;

const EMPTY = { registers: { current: null, next: null }, sealed: null } as const;
const mayLose = { current: false, pending: false };

beforeAll(async () => {
  rig = await initialisedRig({
    instances: {
      one: { operational: 1, recovery: 2 },
      two: { operational: 2, recovery: 2, failover: 1 },
      three: { operational: 1, recovery: 1 },
    },
    modules: 3,
  });
  [one, two, three] = [rig.units("one"), rig.units("two"), rig.units("three")];
  source = rig.unit("one", "recovery", 0);
  kept = rig.store.keep();
});

beforeEach(() => rig.store.restore(kept));

function change(unit: CryptoUnit, to: Partial<UnitState>): void {
  rig.store.units.set(unit.id, { ...rig.state(unit), ...to });
}

const plan = (orders: readonly RecoveryOrder[], loss = mayLose): Promise<RecoveryPlan> =>
  planRecovery(rig.client(), orders, { signers: rig.administrators, mayLose: loss });

/** "unit-3 2: unit-1 unit-2" for each target: its stage and who is to give it the key. */
const routes = ({ groups }: RecoveryPlan): string[] =>
  groups.flatMap(({ targets }) =>
    targets.map(({ unit, stage, sources }) => `${unit.id} ${stage}: ${sources.map(({ id }) => id).join(" ")}`),
  );

describe("a plan", () => {
  it("is data, and changes nothing", async () => {
    for (const unit of two) change(unit, EMPTY);
    const before = rig.store.keep();
    const made = await plan([{ source, targets: two }]);
    expect(rig.store.keep()).toEqual(before);
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
    expect(made).toMatchObject({ version: 1, mayLose, problems: [] });
    expect(made.groups[0]).toMatchObject({
      source,
      pattern: toHex(rig.state(source).registers.current!),
      threshold: 2,
      signers: rig.administrators.map(({ ski }) => toHex(ski)),
      holders: [source.id],
    });
    expect(made.groups[0]!.targets.map(({ found }) => found)).toEqual(two.map(() => "empty"));
  });

  it("asks each unit once, three queries each", async () => {
    for (const unit of [...two, ...three]) change(unit, EMPTY);
    const client = rig.client();
    const orders = [
      { source, targets: two },
      { source, targets: three, helpers: [one[2]!] },
    ];
    const made = await planRecovery(client, orders, { signers: rig.administrators, mayLose });
    expect(made.problems).toEqual([]);
    expect(made.groups).toHaveLength(2);
    // Three modules' chains of two certificates, and no more.
    expect(client.statistics.queries).toBe(3 * (1 + two.length + three.length + 1) + 3 * 3);
    expect(client.statistics.signedCommands).toBe(0);
  });
});

describe("the fan-out", () => {
  it("gives recovery units the key first, and other units get it from those of their instance, in turn", async () => {
    for (const unit of [...two, ...three]) change(unit, EMPTY);
    const [a, b, r, s, f] = two.map(({ id }) => id);
    const [c, t] = three.map(({ id }) => id);
    expect(routes(await plan([{ source, targets: [...two, ...three] }]))).toEqual([
      `${a} 2: ${r} ${s} ${source.id}`,
      `${b} 2: ${s} ${r} ${source.id}`,
      `${r} 1: ${source.id}`,
      `${s} 1: ${source.id}`,
      `${f} 2: ${r} ${s} ${source.id}`,
      `${c} 2: ${t} ${source.id}`,
      `${t} 1: ${source.id}`,
    ]);
  });

  it("lets recovery units that hold the key already help, also with other recovery units", async () => {
    const [operational, first, second] = one as [CryptoUnit, CryptoUnit, CryptoUnit];
    for (const unit of [operational, ...two]) change(unit, EMPTY);
    const made = await plan([{ source: first, targets: [operational, two[2]!], helpers: [second] }]);
    expect(made.groups[0]!.holders).toEqual([first.id, second.id]);
    expect(routes(made)).toEqual([`${operational.id} 2: ${second.id} ${first.id}`, `${two[2]!.id} 1: ${first.id}`]);
  });

  it("does not ask for help where the key is another, the threshold is, or administrators are missing", async () => {
    const [operational, first, second] = one as [CryptoUnit, CryptoUnit, CryptoUnit];
    change(operational, EMPTY);
    const order = [{ source: first, targets: [operational], helpers: [second] }];
    const holders = async () => (await plan(order)).groups[0]!.holders;
    expect(await holders()).toEqual([first.id, second.id]);
    const { attributes, administrators, registers } = rig.state(second);
    change(second, { registers: rig.state(two[0]!).registers });
    expect(await holders()).toEqual([first.id]);
    change(second, { registers, attributes: { ...attributes, signatureThreshold: 1 } });
    expect(await holders()).toEqual([first.id]);
    change(second, { attributes: { ...attributes, permissions: attributes.permissions & ~2 } });
    expect(await holders()).toEqual([first.id]);
    change(second, { attributes, administrators: administrators.slice(0, 2) });
    expect(await holders()).toEqual([first.id]);
    change(second, { administrators });
    expect(await holders()).toEqual([first.id, second.id]);
  });

  it("does not wait for a recovery unit that will not be able to give the key", async () => {
    for (const unit of three) change(unit, EMPTY);
    const [operational, recovery] = three as [CryptoUnit, CryptoUnit];
    const { attributes } = rig.state(recovery);
    change(recovery, { attributes: { ...attributes, permissions: attributes.permissions & ~2 } });
    expect(routes(await plan([{ source, targets: three }]))).toEqual([
      `${operational.id} 2: ${source.id}`,
      `${recovery.id} 1: ${source.id}`,
    ]);
  });
});

describe("problems of a plan", () => {
  it("are those of all orders, and name their units", async () => {
    change(source, EMPTY);
    const { attributes } = rig.state(three[0]!);
    change(three[0]!, { ...EMPTY, attributes: { ...attributes, signatureThreshold: 3 } });
    const made = await plan([
      { source, targets: [one[0]!] },
      { source: two[2]!, targets: three },
    ]);
    expect(made.problems.map(({ unit }) => unit)).toEqual(
      expect.arrayContaining([source.location, three[0]!.location, three[1]!.location]),
    );
    expect(made.groups).toHaveLength(2);
  });

  it("are units with a part in two orders, sources apart", async () => {
    for (const unit of three) change(unit, EMPTY);
    const [c, t] = three as [CryptoUnit, CryptoUnit];
    const orders = (last: CryptoUnit) => [
      { source, targets: [c] },
      { source, targets: [last] },
    ];
    expect((await plan(orders(t))).problems).toEqual([]);
    expect((await plan(orders(c))).problems).toEqual([
      { unit: c.location, problem: "has a part in two recoveries", nextStep: "make one recovery after the other" },
    ]);
    const crossed = await plan([
      { source, targets: [c] },
      { source: two[2]!, targets: [source] },
    ]);
    expect(crossed.problems.map(({ unit, problem }) => `${unit} ${problem}`)).toContain(
      `${source.location} has a part in two recoveries`,
    );
  });
});
