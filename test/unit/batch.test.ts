// Batches: what shares a stage, that a batch is a sequence of singles, and that the card is asked once for all.

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { UnitHost } from "../../src/unit/host.ts";
import type { Item } from "../../src/unit/item.ts";
import { planStages } from "../../src/unit/plan.ts";
import type { UnitState } from "../../src/unit/state.ts";
import { cprb, infoRequest, kphCertificate, parameterMap, payloadOf, readAnswer, u32 } from "../support/handmade.ts";
import { ALL_PERMISSIONS, attributePairs, counterPlus, Id, Lab, NOTHING, TestStore } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const holder = () => parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(lab.admins[9]!.publicKey)]);

function source(): string {
  const id = lab.operational({ permissions: ALL_PERMISSIONS });
  lab.fill(id, { current: true, next: "uncommitted" });
  return id;
}

/** Exports from one unit with counters c + 1, c + 2, ... */
const exportsFrom = (id: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    unit: id,
    cprb: lab.command(id, Id.Export, holder(), { ahead: i + 1, signers: lab.signers(2) }),
  }));

const calls = (name: string): number => lab.watched.calls.get(name) ?? 0;

describe("stages", () => {
  const item = (unit: string, readOnly: boolean): Item =>
    ({ turn: { state: { id: unit } }, readOnly }) as unknown as Item;
  /** "a" is a command of unit a that changes it, "A" one that does not; stages as text. */
  const plan = (batch: string, limit = 100) =>
    planStages(
      [...batch].map((c) => item(c.toLowerCase(), c !== c.toLowerCase())),
      limit,
    ).map((stage) =>
      stage.map(({ turn, readOnly }) => (readOnly ? turn.state.id.toUpperCase() : turn.state.id)).join(""),
    );

  it.each([
    ["nothing", "", []],
    ["different units together", "abc", ["abc"]],
    ["what changes nothing together", "AAAA", ["AAAA"]],
    ["a change after what changes nothing", "AAa", ["AAa"]],
    ["anything after a change in the next stage", "aAAa", ["a", "AAa"]],
    ["change after change each in its own", "aaa", ["a", "a", "a"]],
    ["one unit's stages without a thought for others", "aabab", ["ab", "ab", "a"]],
  ])("%s", (_name, batch, stages) => {
    expect(plan(batch)).toEqual(stages);
  });

  it("hold no more than the limit, and keep each unit's order", () => {
    expect(plan("AAAAA", 2)).toEqual(["AA", "AA", "A"]);
    expect(plan("abcd", 3)).toEqual(["abc", "d"]);
    expect(plan("aAbbA", 2)).toEqual(["ab", "Ab", "A"]);
  });

  it("keep order and limit for any batch", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."abcABC"), maxLength: 30 });
    fc.assert(
      fc.property(letters, fc.integer({ min: 1, max: 5 }), (batch, limit) => {
        const stages = plan(batch, limit);
        expect(stages.every((stage) => stage.length > 0 && stage.length <= limit)).toBe(true);
        for (const unit of "abc") {
          const only = (text: string) => [...text].filter((c) => c.toLowerCase() === unit).join("");
          expect(only(stages.join(""))).toBe(only(batch));
          for (const stage of stages) expect(only(stage).slice(0, -1)).toBe(only(stage).slice(0, -1).toUpperCase());
        }
      }),
    );
  });
});

describe("one call of the card for all", () => {
  it("64 exports of a source are one stage: one quorum, one export, one commit, one signing", () => {
    const id = source();
    const requests = exportsFrom(id, 64);
    const { counter } = lab.state(id);
    const commits = lab.store.commits.length;
    lab.watched.reset();
    const answers = lab.host.handleMany(requests).map((response) => readAnswer(response as Uint8Array));
    expect(answers.map(({ code }) => code)).toEqual(Array.from({ length: 64 }, () => "0"));
    expect(answers.map((answer) => answer.counter)).toEqual(requests.map((_, i) => counterPlus(counter, i + 1)));
    expect(["verifyQuorum", "wkExport", "sign", "unitCopy", "unitSeal"].map(calls)).toEqual([1, 1, 1, 0, 0]);
    expect(lab.store.commits.length).toBe(commits + 1);
    expect(lab.store.commits.at(-1)).toHaveLength(1);
    expect(lab.store.commits.at(-1)![0]!.audit.map((entry) => entry.counter)).toEqual(
      answers.map((answer) => answer.counter),
    );
    expect(lab.state(id).counter).toEqual(counterPlus(counter, 64));
  });

  it("the same command for many units is one call, and one commit of all", () => {
    const ids = Array.from({ length: 10 }, () => lab.operational());
    const send = (command: number, input: (id: string) => Uint8Array) => {
      const requests = ids.map((id) => ({
        unit: id,
        cprb: lab.command(id, command, input(id), { signers: lab.signers(2) }),
      }));
      lab.watched.reset();
      return lab.host.handleMany(requests).map((response, i) => lab.read(ids[i]!, response as Uint8Array).code);
    };
    const ok = ids.map(() => "0");
    expect(send(Id.GenerateImporter, () => u32(3))).toEqual(ok);
    expect(["verifyQuorum", "importerGenerate", "unitSeal", "sign"].map(calls)).toEqual([1, 1, 1, 1]);
    expect(lab.store.commits.at(-1)).toHaveLength(10);
    const imports = ids.map((id) => ({
      unit: id,
      cprb: lab.import(id, [{ info: lab.parts(id).infos[0]!, signers: lab.signers(1) }]),
    }));
    lab.watched.reset();
    const imported = lab.host.handleMany(imports).map((response, i) => lab.read(ids[i]!, response as Uint8Array).code);
    expect(imported).toEqual(ok);
    expect(["verifyQuorum", "wkImport", "unitSeal", "sign"].map(calls)).toEqual([1, 1, 1, 1]);
    expect(send(Id.Commit, (id) => lab.state(id).registers.next!.pattern)).toEqual(ok);
    expect(["verifyQuorum", "unitSeal", "sign"].map(calls)).toEqual([1, 1, 1]);
  });

  it("the answers of several stages are signed at once, in as many calls as there may be keys open", () => {
    const id = lab.operational();
    const clear = (ahead: number) => ({
      unit: id,
      cprb: lab.command(id, Id.ClearPending, NOTHING, { ahead, signers: lab.signers(1) }),
    });
    const read = { unit: id, cprb: lab.query(id, Id.QueryAttributes) };
    const batch = [clear(1), read, clear(2), read];
    const before = lab.state(id).counter;
    for (const [limit, signings] of [
      // Three stages: a command; a query and a command; a query.
      [256, 1],
      [3, 2],
      [2, 3],
      [1, 4],
    ] as const) {
      const host = new UnitHost(lab.core, lab.store, { hotUnits: limit });
      const start = lab.state(id).counter;
      const requests = batch.map(({ unit }, i) => (i % 2 === 0 ? clear(1 + i / 2) : { unit, cprb: read.cprb }));
      lab.watched.reset();
      const answers = host.handleMany(requests).map((response) => lab.read(id, response as Uint8Array));
      expect(answers.map(({ code }) => code)).toEqual(["0", "0", "0", "0"]);
      expect(answers.map(({ counter }) => counter)).toEqual([1, 1, 2, 2].map((n) => counterPlus(start, n)));
      expect(calls("sign")).toBe(signings);
      host.close();
    }
    expect(lab.state(id).counter).toEqual(counterPlus(before, 8));
  });

  it("does not verify signatures of requests that are refused before", () => {
    const id = lab.operational();
    lab.watched.reset();
    expect(lab.send(id, lab.command(id, Id.Commit, NOTHING, { signers: lab.signers(2) })).code).toBe("33/48");
    expect(lab.send(id, lab.command(id, Id.Zeroize, NOTHING, { ahead: 0, signers: lab.signers(2) })).code).toBe(
      "163/19",
    );
    expect(calls("verifyQuorum")).toBe(0);
  });
});

describe("within a stage", () => {
  it("a counter refused because of the request before it is refused, its export not made", () => {
    const id = source();
    const [first, second] = exportsFrom(id, 2);
    const commits = lab.store.commits.length;
    const codes = lab.host
      .handleMany([second!, first!, second!, { unit: id, cprb: lab.query(id, Id.QueryAttributes) }])
      .map((response) => lab.read(id, response as Uint8Array));
    expect(codes.map(({ code }) => code)).toEqual(["0", "163/19", "163/19", "0"]);
    expect(codes.map(({ counter }) => counter)).toEqual(codes.map(() => counterPlus(codes[0]!.counter, 0)));
    expect(lab.store.commits.length).toBe(commits + 1);
    expect(lab.store.commits.at(-1)![0]!.audit).toHaveLength(1);
  });

  it("a counter that was passed meanwhile speaks before a wrong input", () => {
    const id = source();
    const [, second] = exportsFrom(id, 2);
    const stale = { unit: id, cprb: lab.command(id, Id.Export, NOTHING, { ahead: 1, signers: lab.signers(2) }) };
    const codes = lab.host.handleMany([second!, stale]).map((response) => lab.read(id, response as Uint8Array).code);
    expect(codes).toEqual(["0", "163/19"]);
    const alone = lab.command(id, Id.Export, NOTHING, { ahead: 1, signers: lab.signers(2) });
    expect(lab.send(id, alone).code).toBe("32/137");
  });

  it("an export signed badly does not use up its counter", () => {
    const id = source();
    const [first, second] = exportsFrom(id, 2);
    const bad = { unit: id, cprb: lab.command(id, Id.Export, holder(), { ahead: 9, signers: lab.signers(1) }) };
    const codes = lab.host.handleMany([bad, first!, bad, second!]).map((r) => lab.read(id, r as Uint8Array).code);
    expect(codes).toEqual(["208/21", "0", "208/21", "0"]);
  });

  it("exports before a change of the key give the key before", () => {
    const id = source();
    const target = lab.operational({ permissions: ALL_PERMISSIONS });
    lab.fill(target, { importer: true });
    const { current } = lab.state(id).registers;
    const input = parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(lab.state(target).importer!.publicKey)]);
    const request = (command: number, bytes: Uint8Array, ahead: number) => ({
      unit: id,
      cprb: lab.command(id, command, bytes, { ahead, signers: lab.signers(2) }),
    });
    const [exported, cleared, info] = lab.host.handleMany([
      request(Id.Export, input, 1),
      request(Id.ClearCurrent, NOTHING, 2),
      { unit: id, cprb: cprb(lab.state(id).domain, infoRequest(lab.state(id).domain, 3)) },
    ]) as [Uint8Array, Uint8Array, Uint8Array];
    expect(lab.read(id, cleared).code).toBe("0");
    expect(payloadOf(info).slice(-9)[0]).toBe(0x15);
    const transport = lab.read(id, exported).output.slice(-313);
    const imported = lab.send(target, lab.import(target, [{ info: transport, signers: lab.signers(1) }]));
    expect(imported.output).toEqual(current);
  });
});

describe("a batch is its requests one by one", () => {
  type Step = {
    readonly unit: number;
    readonly command: number;
    readonly input: Uint8Array;
    readonly ahead: number;
    readonly signers: number;
  };

  /** Commands that mostly succeed, on three units, with counters that mostly rise. */
  const step = (): fc.Arbitrary<Step> =>
    fc
      .record({
        unit: fc.nat(2),
        kind: fc.constantFrom<[number, () => Uint8Array]>(
          [Id.QueryAttributes, () => NOTHING],
          [Id.Export, holder],
          [Id.ExportNext, holder],
          [Id.SetAttributes, () => attributePairs([2, 2])],
          [Id.SetAttributes, () => attributePairs([2, 0])],
          [Id.ClearPending, () => NOTHING],
          [Id.ClearCurrent, () => NOTHING],
          [Id.RemoveAdministrator, () => lab.admins[2]!.ski],
          [Id.AddAdministrator, () => lab.admins[2]!.certificate],
          [Id.AddControlPoints, () => new Uint8Array(16)],
          [Id.Zeroize, () => NOTHING],
          [0x99, () => NOTHING],
        ),
        ahead: fc.constantFrom(0, 1, 1, 2, 5),
        signers: fc.constantFrom(0, 1, 2, 2, 2),
      })
      .map(({ unit, kind: [command, input], ahead, signers }) => ({ unit, command, input: input(), ahead, signers }));

  const publicPart = ({ sealed, ...state }: UnitState) => ({ ...state, sealed: sealed !== null });

  it("gives the same answers, OA signatures and key transports apart, and the same states", () => {
    const ids = Array.from({ length: 3 }, source);
    const begin = ids.map((id) => lab.state(id));
    const run = (requests: { unit: string; cprb: Uint8Array }[], together: boolean) => {
      const store = new TestStore();
      store.modules.set(lab.module.serial, lab.module);
      for (const state of begin) store.units.set(state.id, state);
      const host = new UnitHost(lab.core, store, { hotUnits: 8, hotModules: 8 });
      const responses = together
        ? host.handleMany(requests)
        : requests.map(({ unit, cprb }) => host.handle(unit, cprb));
      const answers = responses.map((response) => {
        const { code, counter, adminDomain, output } = readAnswer(response as Uint8Array);
        return { code, counter, adminDomain, output: output.length };
      });
      const audit = store.commits.flat().flatMap((change) => change.audit.map((entry) => ({ ...entry })));
      host.close();
      return {
        answers,
        audit: ids.map((id) => audit.filter(({ unit }) => unit === id)),
        states: ids.map((id) => publicPart(store.unit(id)!)),
      };
    };
    fc.assert(
      fc.property(fc.array(step(), { minLength: 1, maxLength: 12 }), (steps) => {
        const aheads = ids.map(() => 0);
        const requests = steps.map(({ unit, command, input, ahead, signers }) => {
          aheads[unit]! += ahead;
          const id = ids[unit]!;
          return {
            unit: id,
            cprb: lab.command(id, command, input, { ahead: aheads[unit]!, signers: lab.signers(signers) }),
          };
        });
        expect(run(requests, true)).toEqual(run(requests, false));
      }),
      { numRuns: 25 },
    );
  });
});
