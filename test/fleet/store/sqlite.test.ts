import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { libsql, nodeSqlite, type OpenEngine } from "../../../src/fleet/store/engines.ts";
import { StoreError, StoreFailure } from "../../../src/fleet/store/errors.ts";
import { type Database, openDatabase, type Value } from "../../../src/fleet/store/sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "opentke-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Both engines where there are both. */
const builtin = await nodeSqlite();
const engines: (readonly [string, OpenEngine])[] = [
  ["libsql", await libsql()],
  ...(builtin ? [["node:sqlite", builtin] as const] : []),
];

/** The StoreError that `work` throws. */
async function failureOf(work: () => unknown): Promise<StoreError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe.each(engines)("%s", (name, engine) => {
  let database: Database;
  let files = 0;
  const path = (): string => join(folder, `${name.replace(":", "-")}-${files}.db`);

  beforeEach(async () => {
    files++;
    database = await openDatabase(path(), { engine });
    database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB, s TEXT, n INTEGER) STRICT");
  });
  afterEach(() => database.close());

  const insert = (...values: Value[]): number => database.prepare("INSERT INTO t VALUES (?, ?, ?, ?)").run(...values);
  const row = (id: number) => database.prepare("SELECT * FROM t WHERE id = ?").get(id);
  const rows = (): number[] =>
    database
      .prepare("SELECT id FROM t ORDER BY id")
      .all()
      .map((each) => each.integer("id"));

  it("is the engine that was asked for, and syncs at every commit", () => {
    expect(database.engine).toBe(name);
    expect(database.pragma("journal_mode")).toBe("wal");
    expect(database.pragma("synchronous")).toBe(2);
    expect(database.pragma("foreign_keys")).toBe(1);
    expect(database.pragma("secure_delete")).toBe(1);
  });

  it("gives back what it was given, by get and by all", () => {
    const large = new Uint8Array(300).map((_, at) => at);
    insert(1, large.subarray(10, 20), "né 🗝", Number.MAX_SAFE_INTEGER);
    insert(2, new Uint8Array(0), "", -1);
    insert(3, null, null, null);
    const all = database.prepare("SELECT * FROM t ORDER BY id").all();
    for (const found of [row(1)!, all[0]!]) {
      expect(found.blob("b")).toEqual(large.slice(10, 20));
      expect(found.text("s")).toBe("né 🗝");
      expect(found.integer("n")).toBe(Number.MAX_SAFE_INTEGER);
    }
    expect(all[1]!.blob("b")).toEqual(new Uint8Array(0));
    expect(all[1]!.text("s")).toBe("");
    expect(all[1]!.integer("n")).toBe(-1);
    expect(["b", "s", "n"].map((column) => all[2]!.isNull(column))).toEqual([true, true, true]);
    expect(row(4)).toBeUndefined();
  });

  it("gives blobs that are the caller's own", () => {
    insert(1, Uint8Array.of(1, 2, 3), null, null);
    const found = row(1)!;
    found.blob("b").fill(0);
    expect(found.blob("b")).toEqual(Uint8Array.of(1, 2, 3));
    expect(Object.getPrototypeOf(found.blob("b"))).toBe(Uint8Array.prototype);
  });

  it.each([
    ["too few", [1, null, null]],
    ["too many", [1, null, null, 4, 5]],
    ["a fraction", [1, null, null, 1.5]],
    ["an integer that is not safe", [1, null, null, 2 ** 53]],
    ["not a number", [1, null, null, Number.NaN]],
    ["a bigint", [1, null, null, 1n]],
    ["a boolean", [1, null, null, true]],
    ["nothing", [1, undefined, null, 1]],
    ["an object", [1, {}, null, 1]],
    ["an array", [1, [1], null, 1]],
    ["text with a NUL", [1, null, "a\0b", 1]],
    ["half a surrogate pair", [1, null, "\ud83d", 1]],
  ])("refuses parameters: %s", (_, values) => {
    expect(() => insert(...(values as Value[]))).toThrow(TypeError);
    expect(rows()).toEqual([]);
  });

  it("takes what has another type or size than asked for as damage", async () => {
    insert(1, Uint8Array.of(1, 2, 3), "text", 7);
    const found = row(1)!;
    for (const wrong of [
      () => found.text("n"),
      () => found.integer("s"),
      () => found.blob("s"),
      () => found.blob("b", 4),
      () => found.text("no such column"),
    ])
      expect((await failureOf(wrong)).failure).toBe(StoreFailure.Damaged);
  });

  it("does not round integers: one beyond 2^53 is an error", () => {
    database.exec("INSERT INTO t VALUES (1, NULL, NULL, 9007199254740993)");
    expect(() => row(1)!.integer("n")).toThrow();
  });

  it("prepares a statement once", () => {
    expect(database.prepare("SELECT 1")).toBe(database.prepare("SELECT 1"));
  });

  it("commits all of a transaction or nothing", () => {
    expect(database.transaction(() => insert(1, null, null, null))).toBe(1);
    expect(() =>
      database.transaction(() => {
        insert(2, null, null, null);
        throw new Error("changed my mind");
      }),
    ).toThrow("changed my mind");
    expect(() =>
      database.transaction(() => {
        insert(3, null, null, null);
        database.transaction(() => insert(4, null, null, null));
        insert(1, null, null, null);
      }),
    ).toThrow("UNIQUE");
    expect(rows()).toEqual([1]);
    database.transaction(() => database.transaction(() => insert(5, null, null, null)));
    expect(rows()).toEqual([1, 5]);
  });

  it("says that the disk is full, and goes on when there is room again", async () => {
    database.exec(`PRAGMA max_page_count = ${Number(database.pragma("page_count"))}`);
    const full = await failureOf(() => database.transaction(() => insert(1, new Uint8Array(50_000), null, null)));
    expect(full.failure).toBe(StoreFailure.Full);
    expect(full.message).toContain("the disk is full; make room and try again");
    expect(rows()).toEqual([]);
    database.exec("PRAGMA max_page_count = 1000");
    insert(1, new Uint8Array(50_000), null, null);
    expect(rows()).toEqual([1]);
  });

  it("refuses to write where it was opened to read", async () => {
    const reader = await openDatabase(path(), { engine, readOnly: true });
    const refused = await failureOf(() => reader.exec("DELETE FROM t"));
    expect(refused.failure).toBe(StoreFailure.ReadOnly);
    reader.close();
  });

  it("says that another one is writing", async () => {
    const other = await openDatabase(path(), { engine });
    other.exec("PRAGMA busy_timeout = 1; BEGIN IMMEDIATE");
    database.exec("PRAGMA busy_timeout = 1");
    const busy = await failureOf(() => insert(1, null, null, null));
    expect(busy.failure).toBe(StoreFailure.Locked);
    other.close();
    insert(1, null, null, null);
  });

  it.each([
    ["a file that is no database", StoreFailure.Foreign, "x".repeat(5000)],
    ["a database cut short", StoreFailure.Damaged, null],
  ])("opens no %s", async (_, failure, content) => {
    const file = `${path()}-broken`;
    if (content !== null) writeFileSync(file, content);
    else {
      const whole = await openDatabase(file, { engine });
      whole.exec("CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(50000)); PRAGMA wal_checkpoint(TRUNCATE)");
      whole.close();
      const { readFileSync } = await import("node:fs");
      writeFileSync(file, readFileSync(file).subarray(0, 8192));
    }
    const error = await failureOf(async () => {
      const opened = await openDatabase(file, { engine });
      try {
        opened.prepare("SELECT length(b), b FROM t").all();
      } finally {
        opened.close();
      }
    });
    expect(error.failure).toBe(failure);
  });

  it.each([
    ["in a folder that is not there", () => join(folder, "none", "x.db")],
    ["that is a folder", () => folder],
  ])("opens no file %s", async (_, file) => {
    const error = await failureOf(() => openDatabase(file(), { engine }));
    expect(error.failure).toBe(StoreFailure.Unavailable);
  });
});
