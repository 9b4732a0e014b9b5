import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import type { Core } from "../../../src/core/api.ts";
import { exportAudit, linesOf, parseHead } from "../../../src/fleet/audit/export.ts";
import {
  AuditError,
  type AuditHead,
  checkpointMessage,
  encodeHead,
  encodeRecord,
  ORIGIN,
  sha256Hex,
} from "../../../src/fleet/audit/records.ts";
import { type AuditReport, type VerifyOptions, verifyAudit } from "../../../src/fleet/audit/verify.ts";
import { verifyStore } from "../../../src/fleet/store/check.ts";
import { createStore, type OpenOptions, type OpenStore } from "../../../src/fleet/store/open.ts";
import { openDatabase } from "../../../src/fleet/store/sqlite.ts";
import { SqliteStore } from "../../../src/fleet/store/sqlite-store.ts";
import { CommandId } from "../../../src/wire/ids.ts";
import { step } from "../../support/changes.ts";
import { testCore } from "../../support/core.ts";
import { BAY, furnish, temporary } from "../../support/stores.ts";

let core: Core;
beforeAll(async () => {
  core = await testCore();
});
afterAll(() => core.dispose());
const { folder, keep } = temporary();

type Json = Record<string, unknown>;
const parse = (line: string): Json => JSON.parse(line) as Json;

/** Two modules with a unit each, a few commands of both, checkpoints every third command. */
async function small(options: OpenOptions = {}): Promise<OpenStore> {
  const clock = () => new Date("2026-03-04T05:06:07.089Z");
  const opened = keep(
    await createStore(core, { folder: folder() }, { checkpointInterval: 3, clock, ...options }, ({ store, root }) => {
      furnish(core, store, root, 1, { prefix: "a-" });
      furnish(core, store, root, 1, { prefix: "b-", serial: "93TEST02", bay: { ...BAY, module: 1 } });
    }),
  );
  const { store } = opened;
  const command = (id: string, change = {}, entry = {}): void => store.commit([step(store.unit(id)!, change, entry)]);
  command("a-0", { registers: { current: null, next: { pattern: new Uint8Array(32).fill(1), committed: false } } });
  command("b-0", {}, { job: "job 7" });
  command("a-0", { registers: { current: null, next: { pattern: new Uint8Array(32).fill(1), committed: true } } });
  command("a-0", { registers: { current: new Uint8Array(32).fill(1), next: null } }, { command: 0x0e });
  command("b-0", {}, { returnCode: 209, reasonCode: 57, signers: [] });
  return opened;
}

const exported = (store: SqliteStore): string => [...exportAudit(store)].join("");
async function* pieces(text: string | Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const verifyText = (text: string | Uint8Array, head?: AuditHead): Promise<AuditReport> =>
  verifyAudit(linesOf(pieces(text)), { core, sealed: true, ...(head ? { head } : {}) });
const verifyLines = (lines: readonly string[], options: Partial<VerifyOptions> = {}): Promise<AuditReport> =>
  verifyAudit(lines, { core, sealed: false, ...options });

describe("the log of a fleet", () => {
  it("holds a record of everything, in the form that is documented", async () => {
    const { store } = await small();
    const records = [...store.auditLines()].map(parse);
    expect(records.map(({ type }) => type).join(" ")).toBe(
      "root module unit module unit command command command command checkpoint command",
    );
    expect(records.map(({ position }) => position)).toEqual(records.map((_, at) => at + 1));
    const refused = records[10]!;
    expect(refused).toEqual({
      position: 11,
      log: records[9]!["hash"],
      time: "2026-03-04T05:06:07.089Z",
      type: "command",
      unit: "b-0",
      sequence: 3,
      previous: records[6]!["hash"],
      command: CommandId.CommitPendingWk,
      name: "CommitPendingWk",
      returnCode: 209,
      reasonCode: 57,
      signers: [],
      counter: toHex(store.unit("b-0")!.counter),
      before: { current: null, next: null, committed: false },
      after: { current: null, next: null, committed: false },
      job: null,
      hash: refused["hash"],
    });
    expect(records[6]!["job"]).toBe("job 7");
    const finalized = records[8]!;
    expect(finalized["signers"]).toEqual(["07".repeat(32)]);
    expect(finalized["before"]).toEqual({ current: null, next: "01".repeat(32), committed: true });
    expect(finalized["after"]).toEqual({ current: "01".repeat(32), next: null, committed: false });
    expect(finalized["name"]).toBe("FinalizeWk");
  });

  it("is hashed over the text without the hash", async () => {
    const { store } = await small();
    for (const line of store.auditLines()) {
      const { hash, ...rest } = parse(line);
      expect(sha256Hex(JSON.stringify(rest))).toBe(hash);
      expect(line.endsWith(`,"hash":"${String(hash)}"}`)).toBe(true);
    }
  });

  it("is signed by the module whose command made it due, with its OA key", async () => {
    const { store } = await small();
    const line = [...store.auditLines()][9]!;
    const { hash: _, signature, ...rest } = parse(line);
    expect(rest["module"]).toBe("93TEST01");
    const job = {
      publicKey: store.module("93TEST01")!.oaPublicKey,
      message: checkpointMessage(JSON.stringify(rest)),
      signature: fromHex(String(signature)),
    };
    expect(core.verify([job])).toEqual([true]);
    expect(core.verify([{ ...job, publicKey: store.module("93TEST02")!.oaPublicKey }])).toEqual([false]);
  });

  it("is signed by every module that has done something, on demand and when the store is closed", async () => {
    const { store } = await small();
    const types = (): string[] => [...store.auditLines()].slice(11).map((line) => `${parse(line)["module"]}`);
    expect(types()).toEqual([]);
    store.commit([step(store.unit("a-0")!)]);
    expect(types()).toEqual(["undefined"]); // a command
    store.checkpoint();
    expect(types().slice(1).sort()).toEqual(["93TEST01", "93TEST02"]);
    store.checkpoint();
    expect(types()).toHaveLength(3);
    const report = verifyStore(store, { core });
    expect(report).toMatchObject({ records: 14, commands: 6, units: 2, checkpoints: 3, unsigned: 0 });
  });

  it("verifies, from the store and from an export, however the file is cut into pieces", async () => {
    const { store } = await small();
    const report = verifyStore(store, { core });
    expect(report).toMatchObject({ records: 11, commands: 5, units: 2, checkpoints: 1, unsigned: 1 });
    expect(report.head).toEqual(store.head());
    const text = exported(store);
    expect(await verifyText(text)).toEqual(report);
    for (const size of [1, 7, 4096])
      expect(await verifyAudit(linesOf(pieces(text, size)), { core, sealed: true })).toEqual(report);
    expect(await verifyText(text, store.head())).toEqual(report);
  });

  it("says which hardware was replaced", async () => {
    const { store, root } = await small();
    furnish(core, store, root, 1, { prefix: "b-", serial: "93TEST03", bay: { ...BAY, module: 1 } });
    const records = [...store.auditLines()].map(parse);
    expect(records[11]).toMatchObject({
      type: "module",
      serial: "93TEST03",
      replaces: "93TEST02",
      bay: "us-south AZ1-CS1 1",
    });
    expect(records[12]).toMatchObject({ type: "unit", unit: "b-0", sequence: 4, module: "93TEST03" });
    verifyStore(store, { core });
  });
});

describe("tampering", () => {
  it("with any byte of an export is found", async () => {
    const { store } = await small();
    const text = exported(store);
    const bytes = new TextEncoder().encode(text);
    expect(bytes.length).toBeGreaterThan(5000);
    let found = 0;
    for (let at = 0; at < bytes.length; at++) {
      // All bits in turn, over the bytes; for newlines also what makes them a carriage return or a space.
      for (const bit of bytes[at] === 0x0a ? [1, 0x07, 0x2a] : [1 << (at % 8)]) {
        const changed = bytes.slice();
        changed[at]! ^= bit;
        await expect(verifyText(changed), `byte ${at} ^ ${bit}`).rejects.toBeInstanceOf(AuditError);
        found++;
      }
    }
    expect(found).toBe(bytes.length + 2 * 12);
  });

  it("by dropping a line, or a byte, or adding one is found", async () => {
    const { store } = await small();
    const lines = exported(store).split("\n").slice(0, -1);
    for (let at = 0; at < lines.length; at++) {
      const dropped = lines.filter((_, each) => each !== at);
      await expect(verifyText(`${dropped.join("\n")}\n`), `line ${at}`).rejects.toBeInstanceOf(AuditError);
      const twice = lines.flatMap((line, each) => (each === at ? [line, line] : [line]));
      await expect(verifyText(`${twice.join("\n")}\n`), `line ${at} twice`).rejects.toBeInstanceOf(AuditError);
    }
    for (const wrong of ["", "\n", ` ${lines.join("\n")}\n`, lines.join("\n"), `${lines.join("\n")}\n\n`])
      await expect(verifyText(wrong)).rejects.toBeInstanceOf(AuditError);
  });

  it("by moving a line is found, wherever it goes", async () => {
    const { store } = await small();
    const lines = [...store.auditLines()];
    for (let from = 0; from < lines.length; from++)
      for (let to = 0; to < lines.length; to++) {
        if (from === to) continue;
        const moved = lines.toSpliced(from, 1).toSpliced(to, 0, lines[from]!);
        await expect(verifyLines(moved), `${from} to ${to}`).rejects.toBeInstanceOf(AuditError);
      }
  });

  it("by cutting off the end is found against a head that was kept, and only then", async () => {
    const { store } = await small();
    const head = store.head();
    const lines = [...store.auditLines()];
    for (let kept = 1; kept < lines.length; kept++) {
      const cut = lines.slice(0, kept);
      await expect(verifyLines(cut, { head }), `${kept} lines`).rejects.toThrow("the end of the log was cut off");
      expect((await verifyLines(cut)).records).toBe(kept);
    }
    await expect(verifyLines([], { head })).rejects.toBeInstanceOf(AuditError);
    await expect(verifyText(`${lines.join("\n")}\n`)).rejects.toThrow("want the head at the end, got no more lines");
    const shorter = encodeHead({ ...head, records: head.records + 1 });
    await expect(verifyText(`${lines.join("\n")}\n${shorter}\n`)).rejects.toThrow("cut off");
  });

  it("by rewriting everything after a record, hashes and all, is found by a signature or a kept head", async () => {
    const { store } = await small();
    const head = store.head();
    const lines = [...store.auditLines()];
    for (let at = 1; at < lines.length; at++) {
      const rewritten = rewriteFrom(lines, at);
      await expect(verifyLines(rewritten, { head }), `record ${at + 1}`).rejects.toBeInstanceOf(AuditError);
      // Up to the checkpoint, which is record 10, its signature alone gives it away.
      const alone = verifyLines(rewritten);
      if (at < 10) await expect(alone).rejects.toThrow("a signature does not verify");
      else await expect(alone).resolves.toMatchObject({ unsigned: 1 });
    }
  });

  it("with a root of one's own is found against the head", async () => {
    const [real, forged] = [await small(), await small()];
    const text = exported(forged.store);
    await expect(verifyText(text, real.store.head())).rejects.toBeInstanceOf(AuditError);
    const old = { ...real.store.head(), records: 3 };
    await expect(verifyText(text, old)).rejects.toBeInstanceOf(AuditError);
  });
});

/** The log of someone who changes the time of a record and recomputes all hashes, but has no key. */
function rewriteFrom(lines: readonly string[], at: number): string[] {
  const unitEnds = new Map<unknown, string>();
  let log = ORIGIN;
  return lines.map((line, each) => {
    const { hash: _, ...record } = parse(line);
    const changed: Json = { ...record, log };
    if (each === at) changed["time"] = "2027-01-01T00:00:00.000Z";
    if ("previous" in changed) changed["previous"] = unitEnds.get(changed["unit"]) ?? ORIGIN;
    const { line: text, hash } = encodeRecord(changed as never);
    if ("unit" in changed) unitEnds.set(changed["unit"], hash);
    log = hash;
    return text;
  });
}

describe("a record", () => {
  const follow = async (change: (record: Json) => Json): Promise<AuditReport> => {
    const { store } = await small();
    const lines = [...store.auditLines()];
    const last = lines.pop()!;
    const { hash: _, ...record } = parse(last);
    return verifyLines([...lines, encodeRecord(change(record) as never).line]);
  };

  it("of the right form verifies", async () => {
    expect((await follow((record) => record)).records).toBe(11);
  });

  it.each([
    ["another member", (record: Json) => ({ ...record, note: "x" }), "Unrecognized key"],
    ["a member less", ({ job: _, ...record }: Json) => record, "job"],
    ["an unknown type", (record: Json) => ({ ...record, type: "note" }), "type"],
    [
      "upper case",
      (record: Json) => ({ ...record, counter: String(record["counter"]).toUpperCase().replace(/0/g, "A") }),
      "counter",
    ],
    ["another position", (record: Json) => ({ ...record, position: 12 }), "records were dropped or moved"],
    [
      "another unit's place",
      (record: Json) => ({ ...record, unit: "a-0" }),
      "does not follow the unit's record before",
    ],
    [
      "a number out of turn",
      (record: Json) => ({ ...record, sequence: 4 }),
      "does not follow the unit's record before",
    ],
    [
      "a unit that never began",
      (record: Json) => ({ ...record, unit: "c-0", sequence: 1, previous: ORIGIN }),
      "does something before it begins",
    ],
    ["no date", (record: Json) => ({ ...record, time: "yesterday" }), "time"],
  ])("with %s is refused", async (_, change, message) => {
    await expect(follow(change)).rejects.toThrow(message);
  });

  it("in another form of JSON is refused", async () => {
    const { store } = await small();
    const [first] = [...store.auditLines()];
    await expect(verifyLines([first!.replace('","type"', '", "type"')])).rejects.toThrow("canonical form");
  });
});

describe("a head", () => {
  it("is read as it was written, and nothing else is", async () => {
    const { store } = await small();
    const head = store.head();
    expect(parseHead(encodeHead(head))).toEqual(head);
    expect(parseHead(`${encodeHead(head)}\n`)).toEqual(head);
    for (const wrong of ["", "{}", `${encodeHead(head)}\n\n`, encodeHead({ ...head, hash: "00" })])
      expect(() => parseHead(wrong)).toThrow(AuditError);
  });

  it("that was kept long ago holds for a log that has grown since", async () => {
    const { store } = await small();
    const head = store.head();
    for (let round = 0; round < 9; round++) store.commit([step(store.unit("a-0")!)]);
    const report = verifyStore(store, { core, head });
    expect(report.head.records).toBeGreaterThan(head.records + 9);
  });
});

describe("a store", () => {
  it.each([
    ["UPDATE units SET counter = x'000000000000000001010101010101ff' WHERE id = 'a-0'", "is not in the state"],
    [`UPDATE units SET current_pattern = x'${"22".repeat(32)}' WHERE id = 'a-0'`, "is not in the state"],
    ["UPDATE units SET current_pattern = NULL WHERE id = 'a-0'", "is not in the state"],
    ["UPDATE units SET audit_sequence = 9 WHERE id = 'b-0'", "want the last record of unit b-0"],
    ["UPDATE units SET id = 'c-0' WHERE id = 'b-0'", "want the last record of unit c-0"],
    ["DELETE FROM units WHERE id = 'b-0'", "want the log's 2 units in the store, got 1"],
    ["DELETE FROM audit WHERE position = 7", "dropped or moved"],
    ["DELETE FROM audit WHERE position = (SELECT max(position) FROM audit)", "the log ends at record"],
    ["UPDATE audit SET record = replace(record, 'job 7', 'job 8')", "it was changed"],
  ])("that does not agree with its log is told: %s", async (sql, message) => {
    const home = folder();
    const opened = await createStore(core, { folder: home }, { checkpointInterval: 3 }, ({ store, root }) => {
      furnish(core, store, root, 1, { prefix: "a-" });
      furnish(core, store, root, 1, { prefix: "b-", serial: "93TEST02", bay: { ...BAY, module: 1 } });
    });
    const { store } = opened;
    for (const id of ["a-0", "b-0", "a-0", "b-0", "a-0", "b-0"])
      store.commit([
        step(store.unit(id)!, { registers: { current: new Uint8Array(32).fill(1), next: null } }, { job: "job 7" }),
      ]);
    opened.close();
    const database = await openDatabase(`${home}/fleet.db`);
    database.exec(sql);
    const changed = new SqliteStore(database, null);
    expect(() => verifyStore(changed, { core })).toThrow(message);
    changed.close();
  });
});
