// Recoveries over hostile lines. Whatever the line does: no key is exported to an importer key that was not made by the target
// for this recovery, no unit commits another key than the source's, and what is reported names the unit.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { equal, toHex } from "../../src/bytes.ts";
import { commandJob } from "../../src/client/job.ts";
import { unwrap } from "../../src/client/outcome.ts";
import { importerKeyJob } from "../../src/client/transfer-jobs.ts";
import type { Envelope, Transport } from "../../src/client/transport.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { clearCurrentWk } from "../../src/commands/clear-current-wk.ts";
import { PreconditionError } from "../../src/errors.ts";
import { autoInit } from "../../src/procedures/auto-init.ts";
import { autoMkRecover } from "../../src/procedures/auto-mk-recover.ts";
import { type TransferResult, transferKeys } from "../../src/procedures/transfer.ts";
import { UnitHost } from "../../src/unit/host.ts";
import { createModule, createRoot } from "../../src/unit/module.ts";
import { DomainFlag } from "../../src/wire/domain-info.ts";
import { decodeKphCertificate } from "../../src/wire/kph-certificate.ts";
import { decodeParameterMap, findParameter, ParameterTag } from "../../src/wire/parameter-map.ts";
import { type Administrator, administratorsOf, generateSigners } from "../../src/workstation/signer.ts";
import { reinformed } from "../support/forge.ts";
import { createRig, type Rig, RigStore } from "../support/rig.ts";
import { type Meddle, type Sighting, tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let source: CryptoUnit;
let targets: CryptoUnit[];
let evil: CryptoUnit[];
let villains: Administrator[];
let pattern: Uint8Array;
let evilPattern: Uint8Array;

beforeAll(async () => {
  // Two modules. On both there are domains of the villains' own instance too.
  rig = await createRig({ instances: { one: { operational: 3, recovery: 1 }, evil: { operational: 1, recovery: 1 } } });
  const core = rig.cores.administrators;
  villains = administratorsOf(core, generateSigners(core, ["villain 1", "villain 2"]));
  const thresholds = { signatureThreshold: 2, revocationThreshold: 2 };
  const own = await autoInit(rig.client(), rig.units("one"), { ...thresholds, administrators: rig.administrators });
  const theirs = await autoInit(rig.client(), rig.units("evil"), { ...thresholds, administrators: villains });
  expect([...own, ...theirs].every(({ status }) => status === "done")).toBe(true);
  source = rig.unit("one", "recovery");
  targets = rig.units("one").filter(({ type }) => type === "operational");
  evil = rig.units("evil");
  pattern = rig.state(source).registers.current!;
  evilPattern = rig.state(evil[0]!).registers.current!;
  const clear = targets.map((unit) => commandJob(unit, clearCurrentWk, undefined, rig.administrators.slice(0, 1)));
  (await rig.client().run(clear)).forEach(unwrap);
  kept = rig.store.keep();
});

beforeEach(() => rig.store.restore(kept));

/** Runs a recovery of all targets over a line. Out: what is reported for each target. */
async function recoverOver(transport: Transport): Promise<{ message: string; status: string; step?: string }[]> {
  const request = { source, targets, signers: rig.administrators, mayLose: { current: false, pending: false } };
  try {
    const results = await autoMkRecover(rig.client(transport), request);
    return results.map(({ result }) => reported(result));
  } catch (error) {
    if (!(error instanceof PreconditionError)) throw error;
    return error.problems.map(({ unit, problem }) => ({ message: `${unit}: ${problem}`, status: "refused" }));
  }
}

function reported(result: TransferResult): { message: string; status: string; step?: string } {
  if (result.status !== "failed") return { message: "", status: result.status };
  return { message: result.error.message, status: result.status, step: result.step };
}

/** Public keys that exports on the line were for. */
function exportedTo(requests: readonly Sighting[]): Uint8Array[] {
  return requests
    .filter(({ command }) => command === "ExportWk")
    .map(({ input }) => findParameter(decodeParameterMap(input), ParameterTag.KphCertificate, 0)!)
    .map((certificate) => decodeKphCertificate(certificate).publicKey);
}

/** What must be so however hostile the line was. In: all requests that the client sent. */
function expectKeysSafe(requests: readonly Sighting[]): void {
  const made = rig.store.changes
    .filter(({ next }) => targets.some(({ id }) => id === next.id))
    .flatMap(({ next }) => (next.importer ? [next.importer.publicKey] : []));
  for (const key of exportedTo(requests)) expect(made.some((one) => equal(one, key))).toBe(true);
  for (const target of targets) {
    const { current, next } = rig.state(target).registers;
    if (current) expect(current).toEqual(pattern);
    if (next?.committed) expect(next.pattern).toEqual(pattern);
  }
  expect(rig.state(source).registers.current).toEqual(pattern);
}

const swapped = (wanted: Sighting["command"], shift: number): Meddle => {
  return (answer, { command }, place, answers) =>
    command === wanted ? answers[(place + shift) % answers.length]! : answer;
};

/** Answers the n-th command of a kind to each unit with the answer to the first one, which is kept across runs. */
function replaying(wanted: Sighting["command"], recorded: Map<string, Uint8Array | Error>): Meddle {
  return (answer, { command, unit }) => {
    if (command !== wanted) return answer;
    const old = recorded.get(unit);
    if (old === undefined) recorded.set(unit, answer);
    return old ?? answer;
  };
}

describe("a line that exchanges answers between units", () => {
  it.each([
    ["GenerateImporterKey", 1],
    ["GenerateImporterKey", 2],
    ["ExportWk", 1],
    ["ImportWk", 1],
    ["ImportWk", 2],
    ["CommitPendingWk", 2],
    ["FinalizeWk", 2],
    ["QueryDomainAttributes", 2],
    ["QueryDomainAdministrators", 2],
  ] as const)("of %s, by %i places, is found out", async (command, shift) => {
    const line = tap(rig.transport, swapped(command, shift));
    const results = await recoverOver(line);
    expect(results.length).toBeGreaterThan(0);
    for (const { status, message } of results) {
      expect(["failed", "refused"]).toContain(status);
      expect(message).toMatch(/^\[us-south\]\.\[AZ1-CS1\]\.\[\d\d\]\.\[\d\d\]: /);
    }
    expectKeysSafe(line.requests);
  });
});

describe("a line that replays answers", () => {
  it.each(["GenerateImporterKey", "ExportWk", "ImportWk", "CommitPendingWk", "FinalizeWk"] as const)(
    "of an earlier %s is found out",
    async (command) => {
      const recorded = new Map<string, Uint8Array | Error>();
      const first = await recoverOver(tap(rig.transport, replaying(command, recorded)));
      // A source signs an export for each target: from the second on, these are replays already.
      expect(first[0]!.status).toBe("transferred");
      rig.store.restore(new Map([...rig.store.keep()].map(([id, state]) => [id, { ...state, ...cleared(id) }])));
      const line = tap(rig.transport, replaying(command, recorded));
      for (const { status, message } of await recoverOver(line)) {
        expect(status).toBe("failed");
        expect(message).toMatch(/transaction counter of the answer: want the command's, got another/);
      }
      expectKeysSafe(line.requests);
    },
  );

  it("of queries can't have a command signed that the unit would take", async () => {
    const recorded = new Map<string, Uint8Array | Error>();
    await recoverOver(tap(rig.transport, replaying("QueryDomainAttributes", recorded)));
    const after = rig.store.keep();
    const line = tap(rig.transport, replaying("QueryDomainAttributes", recorded));
    const results = await transferKeys(
      rig.client(line),
      targets.map((target) => transferTo(target)),
    );
    expect(results.every(({ status }) => status === "failed" || status === "already")).toBe(true);
    expect(rig.store.keep()).toEqual(after);
    expectKeysSafe(line.requests);
  });
});

const transferTo = (target: CryptoUnit) => {
  const mayLose = { current: false, pending: false };
  return { source, target, pattern, signers: rig.administrators.slice(0, 2), mayLose };
};

/** A target whose current register was cleared. */
const cleared = (id: string) =>
  targets.some((target) => target.id === id) ? { registers: { current: null, next: null }, sealed: null } : {};

describe("an importer key that is not the target's own", () => {
  it("from another domain of its module, under the very counter of the command, is refused", async () => {
    // The villains' domain on the module of target 1, its counter just before that of the target's next command.
    const [target] = targets as [CryptoUnit];
    const neighbour = evil.find(({ serial }) => serial === target.serial)!;
    rig.store.units.set(neighbour.id, { ...rig.state(neighbour), counter: rig.state(target).counter });
    const spy = tap(rig.transport);
    const answers: (Uint8Array | Error)[] = [];
    const listening = tap(spy, (answer, { command }) => {
      if (command === "GenerateImporterKey") answers.push(answer);
      return answer;
    });
    unwrap((await rig.client(listening).run([importerKeyJob(neighbour, villains.slice(0, 1))]))[0]!);
    const line = tap(rig.transport, (answer, { unit, command }) =>
      unit === target.id && command === "GenerateImporterKey" ? answers[0]! : answer,
    );
    const [first, ...rest] = await recoverOver(line);
    expect(first).toMatchObject({ status: "failed", step: "importer key" });
    expect(first!.message).toContain(`${target.location}: domain of the answer: want 0, got 2`);
    expect(rest.map(({ status }) => status)).toEqual(["transferred", "transferred"]);
    expect(exportedTo(line.requests)).toHaveLength(2);
    expectKeysSafe(line.requests);
  });

  it("put into the target's answer, is refused", async () => {
    const [villain] = villains as [Administrator];
    const line = tap(rig.transport, (answer, { command }) => {
      if (command !== "GenerateImporterKey" || answer instanceof Error) return answer;
      const key = rig.store.changes.flatMap(({ next }) => next.importer?.publicKey ?? []);
      return substituted(answer, key, villain.publicKey);
    });
    for (const { status, message } of await recoverOver(line)) {
      expect(status).toBe("failed");
      expect(message).toMatch(/OA signature of the answer is not good/);
    }
    expect(exportedTo(line.requests)).toEqual([]);
    expectKeysSafe(line.requests);
  });
});

/** An answer with one of the keys replaced by another wherever it is. */
function substituted(answer: Uint8Array, keys: readonly Uint8Array[], by: Uint8Array): Uint8Array {
  const text = toHex(answer);
  const key = keys.map(toHex).find((one) => text.includes(one))!;
  const at = text.indexOf(key) / 2;
  const copy = answer.slice();
  copy.set(by, at);
  return copy;
}

describe("a line that makes up domain info", () => {
  const lie = (about: () => CryptoUnit[], change: Parameters<typeof reinformed>[1]): Meddle => {
    return (answer, { unit, command }) =>
      command === "info" && about().some(({ id }) => id === unit) ? reinformed(answer, change) : answer;
  };

  it("has the source hold a key of its own: what is imported shows it, and is not committed", async () => {
    const line = tap(
      rig.transport,
      lie(
        () => [source],
        () => ({ currentPattern: evilPattern }),
      ),
    );
    const results = await recoverOver(line);
    results.forEach(({ status, step, message }, at) => {
      expect([status, step]).toEqual(["failed", "import"]);
      expect(message).toMatch(/the imported key is not the one expected of .*; nothing was committed/);
      expect(message.startsWith(targets[at]!.location)).toBe(true);
    });
    expect(line.requests.filter(({ command }) => command === "CommitPendingWk")).toEqual([]);
    expectKeysSafe(line.requests);
  });

  it("has targets hold the key as pending: they commit nothing else", async () => {
    const flags = DomainFlag.NextWkPresent;
    const line = tap(
      rig.transport,
      lie(
        () => targets,
        () => ({ newPattern: pattern, flags }),
      ),
    );
    for (const { status, step } of await recoverOver(line)) expect([status, step]).toEqual(["failed", "commit"]);
    expectKeysSafe(line.requests);
  });

  it("has targets hold the key as committed: they finalize nothing else", async () => {
    const flags = DomainFlag.NextWkPresent | DomainFlag.NextWkCommitted;
    const line = tap(
      rig.transport,
      lie(
        () => targets,
        () => ({ newPattern: pattern, flags }),
      ),
    );
    for (const { status, step } of await recoverOver(line)) expect([status, step]).toEqual(["failed", "finalize"]);
    expectKeysSafe(line.requests);
  });

  it.each([
    ["does not hold the key", () => ({ currentPattern: evilPattern })],
    ["holds none", () => ({ flags: 0 })],
    ["still has one pending", () => ({ flags: DomainFlag.CurrentWkPresent | DomainFlag.NextWkPresent })],
  ])("says at the end that a target %s: it is not reported as recovered", async (_, change) => {
    let finalized = false;
    const line = tap(rig.transport, (answer, { unit, command }) => {
      if (command === "FinalizeWk") finalized = true;
      return finalized && command === "info" && unit === targets[0]!.id ? reinformed(answer, change) : answer;
    });
    const results = await recoverOver(line);
    expect(results.map(({ status }) => status)).toEqual(["failed", "transferred", "transferred"]);
    expect(results[0]!.message).toContain(`${targets[0]!.location}: the unit finalized the key, but says`);
    expectKeysSafe(line.requests);
  });
});

describe("a line that leads elsewhere", () => {
  it("to units of its own with the same serial numbers gets neither key nor signature", async () => {
    const root = createRoot(rig.cores.units);
    const store = new RigStore();
    for (const serial of rig.store.modules.keys()) {
      store.modules.set(serial, createModule(rig.cores.units, root, { serial, instance: new Uint8Array(8).fill(9) }));
    }
    store.restore(kept);
    const host = new UnitHost(rig.cores.units, store);
    const line = tap({ hsms: rig.transport.hsms, send: async (batch) => host.handleMany(batch) });
    const results = await recoverOver(line);
    expect(results).toHaveLength(1 + targets.length);
    for (const { status, message } of results) {
      expect(status).toBe("refused");
      expect(message).toMatch(/certificate chain of module 93RIG00\d: want a root that is trusted/);
    }
    expect(line.requests.every(({ counter }) => counter.length === 0)).toBe(true);
    expect(store.changes).toEqual([]);
  });

  it("to other units of the same domains and modules is found out", async () => {
    const redirect = new Map([
      [targets[0]!.id, targets[1]!.id],
      [targets[1]!.id, targets[0]!.id],
    ]);
    const there = ({ unit, cprb }: Envelope) => ({ unit: redirect.get(unit) ?? unit, cprb });
    const line = tap({ hsms: rig.transport.hsms, send: (batch) => rig.transport.send(batch.map(there)) });
    const results = await recoverOver(line);
    expect(results.length).toBeGreaterThan(0);
    for (const { status } of results) expect(status).toBe("refused");
    expectKeysSafe(line.requests);
  });
});

describe("a line that loses, doubles and spoils answers", () => {
  const spoil: Record<string, Meddle> = {
    "nothing comes back": () => undefined as unknown as Error,
    "every other answer is lost": (answer, _, place) => (place % 2 === 0 ? answer : new Error("line down")),
    "answers come twice": (_, __, place, answers) => answers[Math.max(0, place - 1)]!,
    "a bit is flipped": (answer) => (answer instanceof Error ? answer : answer.with(90, answer[90]! ^ 4)),
    "answers are cut": (answer) => (answer instanceof Error ? answer : answer.subarray(0, answer.length - 20)),
    "answers are empty": () => new Uint8Array(0),
  };

  it.each(Object.keys(spoil))("%s", async (name) => {
    // Only once the preconditions are checked, so that commands are under way.
    let checked = false;
    const line = tap(rig.transport, (answer, request, place, answers) => {
      checked ||= request.command === "GenerateImporterKey";
      return checked ? spoil[name]!(answer, request, place, answers) : answer;
    });
    const results = await recoverOver(line);
    expect(results).toHaveLength(targets.length);
    expect(results.some(({ status }) => status === "failed")).toBe(true);
    for (const { status, message } of results) {
      if (status === "failed") expect(message).toMatch(/\S/);
    }
    expectKeysSafe(line.requests);
    expect((await recoverOver(rig.transport)).map(({ status }) => status).sort()).not.toContain("failed");
    for (const target of targets) expect(rig.state(target).registers).toEqual({ current: pattern, next: null });
  });
});
