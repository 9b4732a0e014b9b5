// Rotations of the master key: the whole way, every interruption on it, every precondition broken in turn.

import { beforeEach, describe, expect, it } from "vitest";
import { Permission } from "../../src/client/attributes.ts";
import { type CommandJob, commandJob } from "../../src/client/job.ts";
import type { KeyStorage } from "../../src/client/key-storage.ts";
import { success, unwrap } from "../../src/client/outcome.ts";
import type { Transport } from "../../src/client/transport.ts";
import { type CryptoUnit, UnitType } from "../../src/client/units.ts";
import { clearCurrentWk } from "../../src/commands/clear-current-wk.ts";
import { clearPendingWk } from "../../src/commands/clear-pending-wk.ts";
import { finalizeWk } from "../../src/commands/finalize-wk.ts";
import { generateRandomWk } from "../../src/commands/generate-random-wk.ts";
import { removeDomainAdministrator } from "../../src/commands/remove-domain-administrator.ts";
import { zeroizeDomain } from "../../src/commands/zeroize-domain.ts";
import { PreconditionError, TransportError } from "../../src/errors.ts";
import { type AutoRotationOptions, autoMkRotate } from "../../src/procedures/auto-mk-rotate.ts";
import { mkRotate } from "../../src/procedures/mk-rotate.ts";
import {
  type RotationCommand,
  RotationError,
  type RotationProgress,
  type RotationRequest,
} from "../../src/procedures/rotation.ts";
import { checkAutoRotation } from "../../src/procedures/rotation-check.ts";
import { type UnitView, viewUnits } from "../../src/procedures/view.ts";
import { noWait, type RotationGround, rotationGround } from "../support/rotation.ts";
import { sight, tap } from "../support/tap.ts";

let ground: RotationGround;
beforeEach(async () => {
  ground = await rotationGround();
  return () => ground.close();
});

const gone = () => new TransportError("the line is dead", { retryable: false });

interface Through extends AutoRotationOptions {
  readonly transport?: Transport;
  readonly keyStorage?: KeyStorage;
}

function auto({ transport, keyStorage = ground.keyStorage, ...options }: Through = {}): Promise<Uint8Array> {
  return autoMkRotate(ground.client(transport), ground.request(keyStorage), { wait: noWait, ...options });
}

function manual({ transport, keyStorage = ground.keyStorage, ...options }: Through = {}): Promise<Uint8Array> {
  return mkRotate(ground.client(transport), ground.request(keyStorage), { wait: noWait, ...options });
}

/** cryptounit-mk-setimm where the new register is not empty. */
async function setImmediateOnTheRest(): Promise<void> {
  const rest = ground.units.filter(({ id }) => ground.fleet.registers(id)!.next);
  await run(...rest.map((unit) => commandJob(unit, finalizeWk, registers(unit).next!.pattern, signers(1))));
}

const signers = (count: number) => ground.administrators.slice(0, count);
const registers = ({ id }: CryptoUnit) => ground.fleet.registers(id)!;
const unit = (at: number) => ground.units[at]!;

async function run(...jobs: CommandJob<unknown>[]): Promise<void> {
  for (const outcome of await ground.client().run(jobs)) unwrap(outcome);
}

/** The same ground, for rotations of other units or by others. */
function withRequest(change: Partial<RotationRequest>): RotationGround {
  const { request } = ground;
  return { ...ground, request: (keyStorage) => ({ ...request(keyStorage), ...change }) };
}

async function failureOf(rotation: Promise<unknown>): Promise<Error> {
  const error = await rotation.then(
    () => null,
    (reason: Error) => reason,
  );
  if (error === null) throw new Error("want a failure, got none");
  return error;
}

async function problemsOf(rotation: Promise<unknown>): Promise<string[]> {
  const error = await failureOf(rotation);
  if (!(error instanceof PreconditionError)) throw error;
  return error.problems.map(({ unit: where, problem, nextStep }) => `${where}: ${problem}; ${nextStep}`);
}

const state = () =>
  JSON.stringify([
    ground.units.map(registers),
    ground.fleet.rootKeys(ground.instance),
    ground.units.map(({ id }) => ground.fleet.counter(id)),
  ]);

/** The new key is current everywhere, and no root key is lost. */
function expectRotated(old: Uint8Array): void {
  const { current } = registers(unit(0));
  expect(current).not.toEqual(old);
  for (const each of ground.units) expect(registers(each)).toEqual({ current, next: null });
  expect(ground.lost()).toBe(0);
}

describe("auto-mk-rotate", () => {
  it("gives all units another key, and key storage with it", async () => {
    const old = registers(unit(0)).current!;
    const told: RotationProgress[] = [];
    const waited: number[] = [];
    const line = tap(ground.transport);
    const wait = (milliseconds: number) => {
      waited.push(milliseconds);
      return noWait();
    };
    const pattern = await auto({ transport: line, progress: (one) => told.push(one), wait });
    expectRotated(old);
    expect(registers(unit(0)).current).toEqual(pattern);
    expect(waited[0]).toBe(30_000);
    const phases = told.map(({ phase }) => phase).filter((phase) => phase !== "rewrapping");
    expect(phases).toEqual(["generate", "transfer", "commit", "committed", "rewrap", "rewrapped", "finalize"]);
    const sent = line.requests.filter(({ counter }) => counter.length > 0);
    const changing = sent.filter(({ command }) => !command.startsWith("Query")).map(({ command }) => command);
    expect(changing.filter((command) => command === "GenerateRandomWk")).toHaveLength(1);
    expect(changing.filter((command) => command === "ExportNextWk")).toHaveLength(3);
    expect(changing.filter((command) => command === "ImportWk")).toHaveLength(3);
    expect(changing.filter((command) => command === "CommitPendingWk")).toHaveLength(4);
    expect(changing.slice(-4)).toEqual(Array(4).fill("FinalizeWk"));
    expect(changing).toHaveLength(1 + 3 * 3 + 4 + 4);
  });

  it("can be done again and again", async () => {
    for (let times = 0; times < 3; times++) {
      const old = registers(unit(0)).current!;
      await auto();
      expectRotated(old);
    }
  });
});

/** Counts what changes units, and dies before or after the n-th of it. */
function dying(at: number, answered: boolean): Transport {
  let sent = 0;
  let dead = false;
  return {
    hsms: (instance) => ground.transport.hsms(instance),
    async send(batch) {
      const answers: (Uint8Array | Error)[] = [];
      for (const envelope of batch) {
        const { command } = sight(envelope);
        const changes = command !== "info" && !command.startsWith("Query");
        const last = changes && !dead && sent++ === at;
        if (dead || (last && !answered)) answers.push(gone());
        else answers.push(...(await ground.transport.send([envelope])));
        if (last && answered) answers[answers.length - 1] = gone();
        dead ||= last;
      }
      return answers;
    },
  };
}

/** Key storage that is not reached any more before the n-th request to it, or whose n-th answer is lost. */
function dyingStorage(at: number, answered: boolean): KeyStorage {
  let asked = 0;
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    const turn = asked++;
    if (turn > at || (turn === at && !answered)) throw gone();
    const result = await work();
    if (turn === at) throw gone();
    return result;
  };
  const { keyStorage } = ground;
  return {
    list: keyStorage.list,
    rewrap: (instance) => through(() => keyStorage.rewrap(instance)),
    status: (instance) => through(() => keyStorage.status(instance)),
  };
}

/** Does what the error says, until it is done; the commands that it took. */
async function follow(first: Error): Promise<string[]> {
  const taken: string[] = [];
  for (let error: Error | null = first; error !== null && taken.length < 4; ) {
    const next = nextCommandOf(error);
    taken.push(next);
    const rerun = {
      "auto-mk-rotate": auto,
      "cryptounit-mk-rotate": manual,
      "cryptounit-mk-setimm": setImmediateOnTheRest,
    }[next];
    error = await rerun().then(
      () => null,
      (reason: Error) => reason,
    );
  }
  return taken;
}

function nextCommandOf(error: Error): RotationCommand {
  if (error instanceof RotationError) return error.nextCommand;
  const named = /'(auto-mk-rotate|cryptounit-mk-rotate|cryptounit-mk-setimm)'/.exec(error.message)?.[1];
  if (!(error instanceof PreconditionError) || !named) throw error;
  return named as RotationCommand;
}

describe("interrupted", () => {
  /** One random key, three times importer key, export, import; four commits, four times set immediate. */
  const COMMANDS = 1 + 9 + 4 + 4;
  const cases = Array.from({ length: COMMANDS }, (_, at) => at).flatMap(
    (at) =>
      [
        [at, "not delivered"],
        [at, "answered into the void"],
      ] as const,
  );

  it.each(cases)("at command %i, %s: what the error names finishes it, and no root key is lost", async (at, how) => {
    const old = registers(unit(0)).current!;
    const messages: string[] = [];
    const transport = dying(at, how === "answered into the void");
    const error = await failureOf(auto({ transport, progress: ({ phase }) => messages.push(phase) }));
    const [m1, m2] = [messages.includes("committed"), messages.includes("rewrapped")];
    const wanted = m2 ? "cryptounit-mk-setimm" : m1 ? "cryptounit-mk-rotate" : "auto-mk-rotate";
    expect(error).toMatchObject({ code: "ERR_PARTIAL", nextCommand: wanted });
    expect(error.message).toContain(`'${wanted}'`);
    if (!m2) expect(ground.lost()).toBe(0);
    const taken = await follow(error);
    expect(taken.length).toBeLessThanOrEqual(2);
    expectRotated(old);
  });

  it.each([
    [1, false],
    [1, true],
    [2, false],
    [2, true],
    [3, false],
  ])("at request %i to key storage, answered: %s", async (at, answered) => {
    const old = registers(unit(0)).current!;
    const error = await failureOf(auto({ keyStorage: dyingStorage(at, answered) }));
    expect(error).toMatchObject({ nextCommand: "cryptounit-mk-rotate" });
    await noWait();
    expect(await follow(error)).toEqual(["cryptounit-mk-rotate"]);
    expectRotated(old);
  });

  it("by nobody's fault but a lost answer, a commit or set immediate goes on by itself", async () => {
    const old = registers(unit(0)).current!;
    const lost = new Set<string>();
    const transport = tap(ground.transport, (answer, { command, unit: id }) => {
      if (!["CommitPendingWk", "FinalizeWk"].includes(command) || lost.has(command + id)) return answer;
      lost.add(command + id);
      return gone();
    });
    await auto({ transport });
    expect(lost.size).toBe(8);
    expectRotated(old);
  });

  it("cryptounit-mk-rotate is run again, also after a re-encryption that failed", async () => {
    const old = registers(unit(0)).current!;
    await failureOf(auto({ keyStorage: dyingStorage(1, false) }));
    const failing: KeyStorage = {
      ...ground.keyStorage,
      rewrap: async (instance) => ({
        ...(await ground.keyStorage.rewrap(instance)),
        status: "failed",
        message: "no room",
      }),
    };
    const error = await failureOf(manual({ keyStorage: failing }));
    expect(error).toMatchObject({ nextCommand: "cryptounit-mk-rotate", message: expect.stringContaining("no room") });
    await manual();
    expectRotated(old);
  });

  it("key storage that is under another key than the new one is not believed", async () => {
    const wrong: KeyStorage = {
      ...ground.keyStorage,
      rewrap: async () => ({ status: "complete", message: "", pattern: registers(unit(0)).current! }),
    };
    const error = await failureOf(auto({ keyStorage: wrong }));
    expect(error.message).toContain("want key storage under the units' new master key");
    for (const each of ground.units) expect(registers(each).next?.committed).toBe(true);
    await manual();
    expect(ground.lost()).toBe(0);
  });

  it("key storage that does not go on is given up after ten minutes", async () => {
    let minutes = 0;
    const stuck: KeyStorage = {
      ...ground.keyStorage,
      rewrap: async () => ({ status: "in-progress", message: "1 of 2", pattern: registers(unit(0)).next!.pattern }),
      status: async () =>
        registers(unit(0)).next
          ? { status: "in-progress", message: "1 of 2", pattern: registers(unit(0)).next!.pattern }
          : null,
    };
    const wait = async (milliseconds: number) => {
      minutes += milliseconds / 60_000;
    };
    const error = await failureOf(auto({ keyStorage: stuck, wait }));
    expect(error).toMatchObject({ nextCommand: "cryptounit-mk-rotate", message: expect.stringContaining("1 of 2") });
    expect(minutes).toBeCloseTo(10.5, 1);
  });
});

describe("the dangerous re-run", () => {
  it("is refused from the commit on, with the reason and the command that goes on", async () => {
    await failureOf(auto({ keyStorage: dyingStorage(1, false) }));
    const before = state();
    const [problem, ...others] = await problemsOf(auto());
    expect(others).toEqual([]);
    expect(problem).toContain("committed in all crypto units");
    expect(problem).toContain("'cryptounit-mk-rotate'");
    expect(state()).toBe(before);
  });

  it("is refused while key storage is re-encrypted", async () => {
    await failureOf(auto({ keyStorage: dyingStorage(1, true) }));
    const before = JSON.stringify(ground.units.map(registers));
    expect(await problemsOf(auto())).toEqual([expect.stringMatching(/has begun.*'cryptounit-mk-rotate'/)]);
    expect(JSON.stringify(ground.units.map(registers))).toBe(before);
  });

  it("is refused when key storage is done and some units are not", async () => {
    const old = registers(unit(0)).current!;
    await failureOf(auto({ transport: dying(14 + 2, false) }));
    expect(await problemsOf(auto())).toEqual([expect.stringMatching(/under the key.*'cryptounit-mk-setimm'/)]);
    await setImmediateOnTheRest();
    expectRotated(old);
  });

  it("is done if it is insisted on, and costs what was re-encrypted", async () => {
    const stop: KeyStorage = { ...ground.keyStorage, status: async () => Promise.reject(gone()) };
    const first: KeyStorage = { ...stop, status: ground.keyStorage.status };
    let asked = 0;
    first.status = async (instance) => (asked++ === 0 ? ground.keyStorage.status(instance) : stop.status(instance));
    await failureOf(auto({ keyStorage: first }));
    await expect.poll(() => ground.fleet.rewrapJob(ground.instance)?.status).toBe("complete");
    const error = await failureOf(auto({ replacePending: true }));
    expect(error.message).toContain("under a master key that its units don't hold");
    for (const each of ground.units) expect(registers(each).next?.committed).toBe(true);
    expect(ground.lost()).toBe(ground.fleet.rootKeys(ground.instance).length);
  });
});

describe("preconditions", () => {
  const other = (at: number) => commandJob(unit(at), generateRandomWk, undefined, signers(1));

  const BROKEN: readonly [string, () => Promise<unknown>, RegExp][] = [
    ["a unit in imprint mode", () => run(commandJob(unit(1), zeroizeDomain, undefined, signers(2))), /imprint mode/],
    [
      "a current register that is Empty",
      () => run(commandJob(unit(1), clearCurrentWk, undefined, signers(1))),
      /current master key register is Empty, want Valid/,
    ],
    [
      "an administrator that is missing",
      () => run(commandJob(unit(1), removeDomainAdministrator, ground.administrators[0]!.ski, signers(2))),
      /want 2 of the selected administrators installed in all units, got 1/,
    ],
    [
      "another current key",
      async () => {
        await run(commandJob(unit(2), clearCurrentWk, undefined, signers(1)));
        await run(other(2));
      },
      /current master key register holds another key/,
    ],
  ];

  const run2 = async (rotation: () => Promise<unknown>, expected: RegExp) => {
    const before = state();
    const problems = await problemsOf(rotation());
    expect(problems.join("\n")).toMatch(expected);
    for (const problem of problems) expect(problem).toMatch(/; .*'/);
    expect(state()).toBe(before);
  };

  it.each(BROKEN)("%s", async (name, breakIt, expected) => {
    if (name.includes("administrator")) ground = await withTwoSigners();
    await breakIt();
    await run2(auto, expected);
    await run2(manual, expected);
  });

  /** Only two of the three administrators are at hand. */
  async function withTwoSigners(): Promise<RotationGround> {
    return withRequest({ signers: ground.administrators.slice(0, 2) });
  }

  it("all units of one service instance", async () => {
    const before = ground.units;
    ground = withRequest({ units: before.slice(0, 3) });
    await run2(auto, /is a crypto unit of the service instance, and not selected; select it with 'cryptounit-add'/);
    ground = withRequest({ units: [...before, { ...before[0]!, id: "elsewhere", instance: "another" }] });
    await failureOf(auto());
    ground = withRequest({ units: [...before, before[1]!] });
    expect((await problemsOf(auto())).join()).toContain("is named more than once");
    await expect(autoMkRotate(ground.client(), { ...ground.request(), units: [] })).rejects.toThrow("got none");
  });

  it("a unit that can't be read", async () => {
    const transport = tap(ground.transport, (answer, { unit: id }) => (id === unit(1).id ? gone() : answer));
    expect((await problemsOf(auto({ transport }))).join()).toContain("the line is dead; check the endpoint");
  });

  it("one threshold, permissions for each, and a recovery unit", async () => {
    const views = (await viewUnits(ground.client(), ground.units)).map(unwrap);
    const check = (change: (view: UnitView, at: number) => UnitView) =>
      checkAutoRotation(
        {
          seen: views.map((view, at) => ({ unit: view.unit, view: success(change(view, at)) })),
          instance: ground.units,
          signers: ground.administrators,
        },
        null,
        false,
      ).problems.map(({ unit: where, problem }) => `${where}: ${problem}`);
    const attributes = (at: number, changed: Partial<UnitView["attributes"]>) =>
      check((view, i) => (i === at ? { ...view, attributes: { ...view.attributes, ...changed } } : view));
    const where = (at: number) => unit(at).location;
    expect(check((view) => view)).toEqual([]);
    expect(attributes(3, { signatureThreshold: 1 })).toEqual([
      `${where(3)}: its signature threshold is 1, want 2 as in ${where(0)}`,
    ]);
    const { permissions } = views[2]!.attributes;
    for (const missing of [Permission.WkRandom, Permission.WkExport])
      expect(attributes(2, { permissions: permissions & ~missing })).toEqual([
        `${where(2)}: its permissions forbid the generation and export of a random master key`,
      ]);
    for (const missing of [Permission.WkImport, Permission.Wk1Part])
      expect(attributes(0, { permissions: permissions & ~missing })).toEqual([
        `${where(0)}: its permissions forbid the import of a master key in one part`,
      ]);
    expect(check((view) => ({ ...view, unit: { ...view.unit, type: UnitType.Operational } }))).toEqual([
      "service instance: has no recovery unit to generate the new master key",
    ]);
  });

  it("cryptounit-mk-rotate: one new key, committed everywhere", async () => {
    await run2(manual, /new master key register is Empty, want Full Committed/);
    await run(other(2));
    await run2(manual, /new master key register is Full Uncommitted, want Full Committed/);
    await run(commandJob(unit(2), clearPendingWk, undefined, signers(1)));
    await failureOf(auto({ keyStorage: dyingStorage(1, false) }));
    await run(commandJob(unit(3), clearPendingWk, undefined, signers(1)));
    await run2(manual, /new master key register is Empty, want Full Committed/);
  });

  it("auto-mk-rotate replaces what an early failure left in new registers", async () => {
    const old = registers(unit(0)).current!;
    await run(other(2));
    await run(other(3));
    const phases: string[] = [];
    await auto({ progress: ({ phase }) => phases.push(phase) });
    expect(phases[0]).toBe("clear");
    expectRotated(old);
  });
});
