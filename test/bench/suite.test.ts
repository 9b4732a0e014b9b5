// The suite: every task runs, back ends that lie are found before anything is timed, the report has every name.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Backend, backendOf } from "../../bench/backends/backend.ts";
import { loadBackends } from "../../bench/backends/load.ts";
import { NodeCore } from "../../bench/backends/node.ts";
import { type BenchIo, planOf, runBench, runPlan } from "../../bench/main.ts";
import { operationTasks } from "../../bench/operations.ts";
import { primitiveTasks } from "../../bench/primitives.ts";
import { fleetTask, unitTask } from "../../bench/recovery.ts";
import { namesOf, parseReport, reportOf } from "../../bench/report.ts";
import { DisagreementError, runTask, type Task } from "../../bench/task.ts";
import type { Core, QuorumJob, SignJob, UnitSlot, VerifyJob } from "../../src/core/api.ts";
import { Status } from "../../src/core/status.ts";
import { UsageError } from "../../src/errors.ts";

const TINY = { rounds: 2, sampleSeconds: 1e-6 };
const quiet: BenchIo = { out: () => {}, err: () => {}, errIsTerminal: false, signal: new AbortController().signal };

const NAMES = {
  primitives: ["sha512", "field-mul", "aeskw", "aeskw-batch32"],
  operations: [
    ...["sign", "verify-cached", "verify-batch32", "verify-uncached", "verify-uncached-batch2", "keypair"],
    ...["ecdh", "ecdh-batch2", ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `quorum-${n}`)],
    ...["wrap-recipient", "unwrap-register"],
  ],
};

let honest: Backend[];
let withCard: Backend[];
beforeAll(async () => {
  withCard = await loadBackends();
  honest = withCard.slice(1);
});
afterAll(() => {
  for (const { core } of withCard) core.dispose();
});

describe("plan", () => {
  it("has the names of the format", () => {
    const plan = planOf({ quick: false });
    expect(plan.tasks.map((task) => task.name)).toEqual([
      ...NAMES.primitives,
      ...NAMES.operations,
      ...[1, 2, 4, 8].map((t) => `recover-unit-t${t}`),
      ...[10, 100, 1000, 10_000].map((n) => `recover-fleet-${n}`),
    ]);
    expect(planOf({ quick: true }).tasks.map((task) => task.name)).toEqual(
      plan.tasks.map((task) => task.name).filter((name) => !/^recover-fleet-10{3,4}$/.test(name)),
    );
  });
  it("keeps to the suite that is asked for", () => {
    expect(planOf({ suite: "primitives", quick: false }).tasks.map((task) => task.name)).toEqual(NAMES.primitives);
    expect(new Set(planOf({ suite: "recovery", quick: true }).tasks.map((task) => task.suite))).toEqual(
      new Set(["recovery"]),
    );
  });
});

describe("primitives and operations", () => {
  it("give a result for every name and back end, and a row for each name", async () => {
    const rows: string[] = [];
    const tasks = [...primitiveTasks, ...operationTasks];
    const results = await runPlan({ tasks, sampling: TINY }, withCard, { ...quiet, out: (text) => rows.push(text) });
    expect(namesOf(results)).toEqual([...NAMES.primitives, ...NAMES.operations]);
    for (const name of namesOf(results)) {
      const backends = results.filter((result) => result.name === name).map((result) => result.backend);
      expect([name, backends]).toEqual([name, name === "field-mul" ? ["wasm", "noble"] : ["wasm", "node", "noble"]]);
    }
    for (const { opsPerSecond, coldOpsPerSecond, samples, spread } of results) {
      expect(opsPerSecond).toBeGreaterThan(0);
      expect(coldOpsPerSecond).toBeGreaterThan(0);
      expect(samples).toBe(TINY.rounds);
      expect(spread).toBeGreaterThanOrEqual(0);
    }
    const heads = rows.map((row) => row.split(" ")[0]);
    expect(heads).toEqual(["primitives", ...NAMES.primitives, "operations", ...NAMES.operations, "ops/s:"]);
  });

  it("stop between tasks when they are told to", async () => {
    const stop = new AbortController();
    const out = (text: string) => {
      if (text.startsWith("sha512")) stop.abort(new Error("stopped"));
    };
    const tasks = [primitiveTasks[0]!, { ...primitiveTasks[0]!, name: "second" }];
    const run = runPlan({ tasks, sampling: TINY }, honest, { ...quiet, out, signal: stop.signal });
    await expect(run).rejects.toThrow("stopped");
  });
});

/** A core that answers like node's, one method apart. */
class Liar extends NodeCore {
  override readonly name = "liar";
}

const lies: [string, new () => Core, string[]][] = [
  [
    "takes every signature for valid",
    class extends Liar {
      override verify(jobs: readonly VerifyJob[]) {
        return jobs.map(() => true);
      }
    },
    ["verify-cached", "verify-batch32", "verify-uncached", "verify-uncached-batch2"],
  ],
  [
    "takes every quorum for met",
    class extends Liar {
      override verifyQuorum(jobs: readonly QuorumJob[]) {
        return super.verifyQuorum(jobs).map((verdict) => ({ ...verdict, met: true }));
      }
    },
    ["quorum-1", "quorum-2", "quorum-8"],
  ],
  [
    "signs with a wrong last byte",
    class extends Liar {
      override sign(jobs: readonly SignJob[]) {
        return super.sign(jobs).map((signature) => signature.with(131, signature[131]! ^ 1));
      }
    },
    ["sign", "keypair"],
  ],
  [
    "hashes something else",
    class extends Liar {
      override sha512(data: Uint8Array) {
        return super.sha512(data.subarray(1));
      }
    },
    ["sha512"],
  ],
  [
    "imports a wrong key",
    class extends Liar {
      override wkImport(jobs: Parameters<Core["wkImport"]>[0]) {
        return super
          .wkImport(jobs)
          .map((result) => ("pattern" in result ? { ...result, pattern: new Uint8Array(32) } : result));
      }
    },
    ["wrap-recipient", "unwrap-register"],
  ],
];

describe("a back end that lies", () => {
  const all: readonly Task[] = [...primitiveTasks, ...operationTasks];
  const cases = lies.flatMap(([lie, make, names]) => names.map((name) => [lie, name, make] as const));

  it.each(cases)("%s: found by %s, before anything is timed", async (_, name, make) => {
    const liar = await backendOf(async () => new make(), honest[0]!.primitives);
    const task = all.find((one) => one.name === name)!;
    let timed = false;
    const watched: Task = {
      ...task,
      contestant: (backend) => {
        timed = true;
        return task.contestant(backend);
      },
    };
    const run = runTask(watched, [...honest, liar], TINY);
    await expect(run).rejects.toThrow(DisagreementError);
    await expect(run).rejects.toThrow(
      new RegExp(`^${name}: .*want the same answer of all back ends, got node: .*liar: `),
    );
    expect(timed).toBe(false);
  });

  it.each(["aeskw", "aeskw-batch32", "ecdh", "ecdh-batch2"])("in primitives: found by %s", async (name) => {
    const spoil = (work: () => readonly Uint8Array[]) => () => work().map((bytes) => bytes.with(0, bytes[0]! ^ 1));
    const { wrap, ecdh } = honest[0]!.primitives;
    const liar = await backendOf(async () => new Liar(), {
      fieldMultiply: () => null,
      wrap: (jobs) => spoil(wrap(jobs)),
      ecdh: (jobs) => spoil(ecdh(jobs)),
    });
    const task = all.find((one) => one.name === name)!;
    await expect(runTask(task, [...honest, liar], TINY)).rejects.toThrow(DisagreementError);
  });
});

describe("recoveries", () => {
  it("run on the card and on node, and say how many units one sample recovers", async () => {
    const two = withCard.slice(0, 2);
    const tasks = [unitTask(2, TINY), fleetTask(5, { ...TINY, rounds: 1 }, ["wasm"])];
    const results = await runPlan({ tasks, sampling: TINY }, two, quiet);
    expect(results.map(({ name, backend, units, samples }) => [name, backend, units, samples])).toEqual([
      ["recover-unit-t2", "wasm", 1, 2],
      ["recover-unit-t2", "node", 1, 2],
      ["recover-fleet-5", "wasm", 5, 1],
    ]);
    for (const { opsPerSecond } of results) expect(opsPerSecond).toBeGreaterThan(0);
    const report = reportOf({ machine: "m", node: "n", v8: "v", coreSha256: "", date: "d" }, results);
    expect(parseReport(JSON.stringify(report))).toEqual(report);
  });

  it("fail if a unit does not get its key", async () => {
    /** Finalizes one key, the one of the set-up, and no other. */
    class Stubborn extends Liar {
      #finalized = 0;
      override wkFinalize(slot: UnitSlot, pattern: Uint8Array) {
        return ++this.#finalized > 1 ? Status.NotCommitted : super.wkFinalize(slot, pattern);
      }
    }
    const liar = await backendOf(async () => new Stubborn(), honest[0]!.primitives);
    await expect(runTask(unitTask(1, TINY), [liar], TINY)).rejects.toThrow(
      /want 1 of 1 units recovered, got 0: .*finalize/,
    );
  });
});

describe("the whole command", () => {
  it.each(["json", "plot"])("refuses a --%s file that it could not write, before it begins", async (option) => {
    const rows: string[] = [];
    const options = { quick: true, [option]: join(tmpdir(), "opentke no such folder", "file") };
    const run = runBench(options, { ...quiet, out: (text) => rows.push(text) });
    await expect(run).rejects.toThrow(UsageError);
    expect(rows).toEqual([]);
  });

  it("writes a report with all back ends, and its diagrams", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opentke-bench-"));
    try {
      const [json, plot] = [join(folder, "bench.json"), join(folder, "bench.svg")];
      const report = await runBench({ suite: "primitives", json, plot, quick: true }, quiet);
      expect(parseReport(readFileSync(json, "utf8"))).toEqual(report);
      expect(report.coreSha256).toMatch(/^[0-9a-f]{64}$/);
      expect(report.node).toBe(process.versions.node);
      expect(namesOf(report.results)).toEqual(NAMES.primitives);
      expect(readFileSync(plot, "utf8")).toContain(">aeskw-batch32</text>");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
