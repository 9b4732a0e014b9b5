// When the store can't commit, nothing has happened: no state, no secret, no slot (ARCHITECTURE.md).

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { kphCertificate, parameterMap, u32 } from "../support/handmade.ts";
import { ALL_PERMISSIONS, attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

class DiskFull extends Error {}

let lab: Lab;
let id: string;

beforeAll(async () => {
  lab = await Lab.open();
});

/** A unit where every command has something to do; its secrets and its module's key are open in the card. */
beforeEach(() => {
  lab.store.failure = null;
  id = lab.operational({ permissions: ALL_PERMISSIONS });
  lab.fill(id, { current: true, next: "committed", importer: true });
  expect(lab.host.rootKeyGenerate(id, 1)).toHaveLength(1);
  expect(lab.ask(id, Id.QueryAttributes).code).toBe("0");
});

const holder = () => parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(lab.admins[0]!.publicKey)]);
const pending = () => lab.state(id).registers.next!.pattern;

type Request = readonly [name: string, request: () => Uint8Array];

const command = (name: string, command: number, input: () => Uint8Array): Request => [
  name,
  () => lab.command(id, command, input(), { signers: lab.signers(2) }),
];

const REQUESTS: readonly Request[] = [
  command("add administrator", Id.AddAdministrator, () => lab.admins[7]!.certificate),
  command("remove administrator", Id.RemoveAdministrator, () => lab.admins[2]!.ski),
  command("set attributes", Id.SetAttributes, () => attributePairs([2, 2])),
  command("generate importer key", Id.GenerateImporter, () => u32(3)),
  command("export", Id.Export, holder),
  command("export next", Id.ExportNext, holder),
  ["import", () => lab.import(id, [{ info: lab.parts(id).infos[0]!, signers: lab.signers(1) }])],
  command("commit", Id.Commit, pending),
  command("finalize", Id.Finalize, pending),
  command("clear current", Id.ClearCurrent, () => NOTHING),
  command("clear pending", Id.ClearPending, () => NOTHING),
  command("zeroize", Id.Zeroize, () => NOTHING),
  command("set control points", Id.SetControlPoints, () => lab.state(id).controlPoints),
  command("add control points", Id.AddControlPoints, () => new Uint8Array(16)),
  command("delete control points", Id.DeleteControlPoints, () => new Uint8Array(16).with(0, 4)),
  command("a command refused after its counter was consumed", Id.Commit, () => new Uint8Array(32)),
];

const slots = () => ({ keys: lab.watched.keys.size, units: lab.watched.units.size });

describe("a commit that fails", () => {
  it.each(REQUESTS)("changes nothing and leaks no slot: %s", (_name, request) => {
    const bytes = request();
    const before = lab.state(id);
    const copy = structuredClone(before);
    const open = slots();
    const commits = lab.store.commits.length;
    const failure = new DiskFull("no space left");
    lab.store.failure = failure;
    expect(() => lab.host.handle(id, bytes)).toThrow(failure);
    expect(lab.state(id)).toBe(before);
    expect(lab.state(id)).toEqual(copy);
    expect(lab.store.commits.length).toBe(commits);
    expect(slots()).toEqual(open);
    // The secrets that are open are those of the state before, and the same request succeeds afterwards.
    lab.store.failure = null;
    const { code } = lab.send(id, bytes);
    expect(["0", "101/48"]).toContain(code);
  });

  it("generate random WK, which needs a free register", () => {
    lab.run(id, Id.ClearPending, NOTHING, lab.signers(1));
    const bytes = lab.command(id, Id.GenerateRandom, NOTHING, { signers: lab.signers(1) });
    const [before, open] = [lab.state(id), slots()];
    lab.store.failure = new DiskFull("no space left");
    expect(() => lab.host.handle(id, bytes)).toThrow(DiskFull);
    expect(lab.state(id)).toBe(before);
    expect(slots()).toEqual(open);
    lab.store.failure = null;
    expect(lab.send(id, bytes).code).toBe("0");
  });

  it("leaves the secrets in the card as they were", () => {
    const { blob, pattern } = lab.host.rootKeyGenerate(id, 1)![0]!;
    lab.store.failure = new DiskFull("no space left");
    expect(() => lab.host.handle(id, lab.command(id, Id.Finalize, pending(), { signers: lab.signers(1) }))).toThrow(
      DiskFull,
    );
    expect(() => lab.host.handle(id, lab.command(id, Id.Zeroize, NOTHING, { signers: lab.signers(2) }))).toThrow(
      DiskFull,
    );
    expect(lab.host.rootKeyPatterns(id, [blob])).toEqual([pattern]);
  });

  it("fails the whole stage, queries too, and begins no later one", () => {
    const other = lab.operational();
    const requests = [
      { unit: id, cprb: lab.command(id, Id.ClearPending, NOTHING, { signers: lab.signers(1) }) },
      { unit: other, cprb: lab.query(other, Id.QueryAttributes) },
      { unit: id, cprb: lab.query(id, Id.QueryAttributes) },
    ];
    const failure = new DiskFull("no space left");
    lab.store.failure = failure;
    expect(lab.host.handleMany(requests)).toEqual([failure, failure, failure]);
    lab.store.failure = null;
    const codes = lab.host.handleMany(requests).map((r, i) => lab.read(requests[i]!.unit, r as Uint8Array).code);
    expect(codes).toEqual(["0", "0", "0"]);
  });

  it("begins no later stage even if the store has recovered by then", () => {
    const clear = (command: number, ahead: number) => ({
      unit: id,
      cprb: lab.command(id, command, NOTHING, { ahead, signers: lab.signers(1) }),
    });
    const [before, failure] = [lab.state(id), new DiskFull("no space left")];
    const { commit } = lab.store;
    lab.store.commit = (changes) => {
      lab.store.commit = commit;
      expect(changes).toHaveLength(1);
      throw failure;
    };
    expect(lab.host.handleMany([clear(Id.ClearPending, 1), clear(Id.ClearCurrent, 2)])).toEqual([failure, failure]);
    expect(lab.state(id)).toBe(before);
  });

  it("does not undo the stages before it", () => {
    const requests = [
      { unit: id, cprb: lab.command(id, Id.ClearPending, NOTHING, { ahead: 1, signers: lab.signers(1) }) },
      { unit: id, cprb: lab.command(id, Id.ClearCurrent, NOTHING, { ahead: 2, signers: lab.signers(1) }) },
    ];
    const { commit } = lab.store;
    const failure = new DiskFull("no space left");
    lab.store.commit = (changes) => {
      commit.call(lab.store, changes);
      lab.store.failure = failure;
    };
    const [first, second] = lab.host.handleMany(requests);
    lab.store.commit = commit;
    lab.store.failure = null;
    expect(lab.read(id, first as Uint8Array).code).toBe("0");
    expect(second).toBe(failure);
    expect(lab.state(id).registers).toMatchObject({ next: null });
    expect(lab.state(id).registers.current).not.toBeNull();
  });

  it("is for no request that needs no commit", () => {
    lab.store.failure = new DiskFull("no space left");
    expect(lab.ask(id, Id.QueryAttributes).code).toBe("0");
    expect(lab.run(id, Id.Zeroize, NOTHING).code).toBe("208/21");
    expect(lab.info(id, 3)).toHaveLength(80);
  });

  it("passes on what is thrown that is no Error", () => {
    const { commit } = lab.store;
    lab.store.commit = () => {
      throw "a string";
    };
    const bytes = lab.command(id, Id.ClearPending, NOTHING, { signers: lab.signers(1) });
    expect(() => lab.host.handle(id, bytes)).toThrow(/the stage failed/);
    lab.store.commit = commit;
  });
});

describe("the card failing", () => {
  it.each(["verifyQuorum", "unitCopy", "unitSeal", "wkFinalize"])(
    "in %s changes nothing and leaks no slot",
    (method) => {
      const bytes = lab.command(id, Id.Finalize, pending(), { signers: lab.signers(1) });
      const [before, open] = [lab.state(id), slots()];
      const restore = lab.watched.fail(method, new Error("the card is out of order"));
      expect(() => lab.host.handle(id, bytes)).toThrow(/out of order/);
      restore();
      expect(lab.state(id)).toBe(before);
      expect(slots()).toEqual(open);
      expect(lab.send(id, bytes).code).toBe("0");
    },
  );

  it("in signing the answer comes after the commit: the change is there, the answer is not", () => {
    const bytes = lab.command(id, Id.Finalize, pending(), { signers: lab.signers(1) });
    const wanted = pending();
    const open = slots();
    const restore = lab.watched.fail("sign", new Error("the card is out of order"));
    expect(() => lab.host.handle(id, bytes)).toThrow(/out of order/);
    restore();
    expect(lab.state(id).registers).toEqual({ current: wanted, next: null });
    expect(slots()).toEqual(open);
    expect(lab.send(id, bytes).code).toBe("163/19");
    expect(lab.host.rootKeyGenerate(id, 1)).toHaveLength(1);
  });
});
