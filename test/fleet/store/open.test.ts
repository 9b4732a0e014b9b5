import { hash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Core } from "../../../src/core/api.ts";
import { verifyStore } from "../../../src/fleet/store/check.ts";
import { StoreError, StoreFailure } from "../../../src/fleet/store/errors.ts";
import {
  createStore,
  destroyStore,
  filesOfStore,
  openStore,
  readStore,
  type StorePlace,
} from "../../../src/fleet/store/open.ts";
import { MIGRATIONS, migrate } from "../../../src/fleet/store/schema.ts";
import { openDatabase } from "../../../src/fleet/store/sqlite.ts";
import { step } from "../../support/changes.ts";
import { compileChildren, startChild } from "../../support/children.ts";
import { testCore } from "../../support/core.ts";
import { furnished, temporary } from "../../support/stores.ts";

let core: Core;
beforeAll(async () => {
  core = await testCore();
});
afterAll(() => core.dispose());
const { folder, keep } = temporary();

async function refusal(work: () => unknown): Promise<StoreError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** SHA-256 of every file below a folder and beside it, by name; what comes and goes with a connection apart. */
function contents(home: string): Record<string, string> {
  const parent = dirname(home);
  const paths = readdirSync(parent, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^fleet\.(lock|holder|db-shm)/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.endsWith("-wal") || statSync(path).size > 0);
  return Object.fromEntries(paths.map((path) => [path, hash("sha256", readFileSync(path))]));
}

/** Opening is refused so, and not a byte is changed by it. */
async function refusedUntouched(home: string, place: Partial<StorePlace> = {}): Promise<StoreError> {
  const before = contents(home);
  const error = await refusal(() => openStore(core, { folder: home, ...place }));
  expect(contents(home)).toEqual(before);
  return error;
}

async function closedStore(units = 2): Promise<string> {
  const home = folder();
  (await furnished(core, home, units)).close();
  return home;
}

describe("making a store", () => {
  it("makes files for the owner alone, the key outside the folder", async () => {
    const home = await closedStore();
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, "fleet.db")).mode & 0o777).toBe(0o600);
    expect(statSync(`${home}.key`).mode & 0o777).toBe(0o600);
    expect(statSync(`${home}.key`).size).toBe(32);
    expect(readdirSync(dirname(home)).sort()).toEqual(["home", "home.key"]);
  });

  it("gives every store another key", async () => {
    const [a, b] = [await closedStore(), await closedStore()];
    expect(readFileSync(`${a}.key`).equals(readFileSync(`${b}.key`))).toBe(false);
    expect(readFileSync(`${a}.key`).equals(Buffer.alloc(32))).toBe(false);
  });

  it("refuses where there is one, and where there is a key", async () => {
    const home = await closedStore();
    const before = contents(home);
    const occupied = await refusal(() => createStore(core, { folder: home }));
    expect(occupied.failure).toBe(StoreFailure.Exists);
    expect(occupied.message).toContain("run 'opentke fleet destroy' if it is a fleet that you can do without");
    const other = `${home}-2`;
    const key = await refusal(() => createStore(core, { folder: other, key: { file: `${home}.key` } }));
    expect(key.failure).toBe(StoreFailure.Exists);
    expect(key.message).toContain("it may be the only key to another store");
    const after = contents(home);
    for (const path of Object.keys(before)) expect(after[path]).toBe(before[path]);
  });

  it("keeps the key out of the folder that it protects", async () => {
    const home = folder();
    const inside = await refusal(() => createStore(core, { folder: home, key: { file: join(home, "key") } }));
    expect(inside.failure).toBe(StoreFailure.Key);
    expect(existsSync(home)).toBe(false);
  });

  it("leaves nothing if what the fleet is to begin with can't be made", async () => {
    const home = folder();
    const failing = createStore(core, { folder: home }, {}, () => {
      throw new Error("no layout");
    });
    await expect(failing).rejects.toThrow("no layout");
    expect(readdirSync(dirname(home))).toEqual([]);
    keep(await createStore(core, { folder: home }));
  });

  it("takes a key from a descriptor", async () => {
    const home = folder();
    const file = `${home}.secret`;
    writeFileSync(file, new Uint8Array(32).fill(9), { mode: 0o600 });
    const descriptor = openSync(file, "r");
    (await createStore(core, { folder: home, key: { descriptor } })).close();
    closeSync(descriptor);
    expect(existsSync(`${home}.key`)).toBe(false);
    keep(await openStore(core, { folder: home, key: { file } }));
  });
});

describe("opening a store", () => {
  it("finds everything, the root included", async () => {
    const home = folder();
    const made = await furnished(core, home, 2);
    made.store.commit([step(made.store.unit("unit-0")!)]);
    made.close();
    const { store, root } = keep(await openStore(core, { folder: home }));
    expect(root.publicKey).toEqual(made.root.publicKey);
    expect(root.ski).toEqual(made.root.ski);
    expect(verifyStore(store, { core }).commands).toBe(1);
  });

  it("refuses where there is none", async () => {
    const error = await refusal(() => openStore(core, { folder: folder() }));
    expect(error.failure).toBe(StoreFailure.Missing);
    expect(error.message).toContain("run 'opentke fleet create' to make one");
  });

  it("refuses another key, and no file is changed", async () => {
    const home = await closedStore();
    const other = await closedStore();
    const error = await refusedUntouched(home, { key: { file: `${other}.key` } });
    expect(error.failure).toBe(StoreFailure.Key);
    expect(error.message).toContain("want the key that this store was made with, got another");
    keep(await openStore(core, { folder: home }));
  });

  it.each([
    ["missing", () => {}, "there is no such file"],
    ["short", (file: string) => writeFileSync(file, new Uint8Array(31), { mode: 0o600 }), "want 32 bytes, got 31"],
    ["long", (file: string) => writeFileSync(file, new Uint8Array(33), { mode: 0o600 }), "want 32 bytes, got more"],
    ["empty", (file: string) => writeFileSync(file, "", { mode: 0o600 }), "want 32 bytes, got 0"],
    [
      "open to others",
      (file: string) => {
        writeFileSync(file, new Uint8Array(32));
        chmodSync(file, 0o640);
      },
      "want a file for its owner alone, got mode 640; run 'chmod 600",
    ],
  ])("refuses a key file that is %s", async (_, make, message) => {
    const home = await closedStore();
    const file = `${home}.other`;
    make(file);
    const error = await refusedUntouched(home, { key: { file } });
    expect(error.failure).toBe(StoreFailure.Key);
    expect(error.message).toContain(message);
  });

  it.each([
    ["text", Buffer.from("notes about keys\n".repeat(400)), "want a SQLite database, got another file"],
    ["a few bytes", Buffer.from("SQLite"), "want a SQLite database, got another file"],
  ])("refuses a foreign file: %s", async (_, content, message) => {
    const home = folder();
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "fleet.db"), content);
    const error = await refusedUntouched(home);
    expect(error.failure).toBe(StoreFailure.Foreign);
    expect(error.message).toContain(message);
    expect((await refusal(() => destroyStore({ folder: home }))).failure).toBe(StoreFailure.Foreign);
    expect((await refusal(() => createStore(core, { folder: home }))).failure).toBe(StoreFailure.Exists);
    expect(readFileSync(join(home, "fleet.db")).equals(content)).toBe(true);
  });

  it.each([
    ["none", undefined],
    ["another", 0x12345678],
  ])("refuses a foreign database, its application id %s", async (_, applicationId) => {
    const home = folder();
    mkdirSync(home, { recursive: true });
    const path = join(home, "fleet.db");
    const database = await openDatabase(path, applicationId === undefined ? {} : { applicationId });
    database.exec("CREATE TABLE fleet (x); INSERT INTO fleet VALUES (1)");
    database.close();
    const error = await refusedUntouched(home);
    expect(error.failure).toBe(StoreFailure.Foreign);
    expect(error.message).toContain("application id 4f544b45, got");
    expect((await refusal(() => destroyStore({ folder: home }))).failure).toBe(StoreFailure.Foreign);
  });

  it("refuses a store of a later version", async () => {
    const home = await closedStore();
    const database = await openDatabase(join(home, "fleet.db"));
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    const error = await refusedUntouched(home);
    expect(error.failure).toBe(StoreFailure.Newer);
    expect(error.message).toContain(`got ${MIGRATIONS.length + 1}; use the later version`);
  });

  it("refuses one that was never finished, which can be destroyed", async () => {
    const home = folder();
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "fleet.db"), "");
    const empty = await refusal(() => openStore(core, { folder: home }));
    expect(empty.failure).toBe(StoreFailure.Missing);
    expect(empty.message).toContain("it was being made when that was interrupted");
    await destroyStore({ folder: home });
    (await furnished(core, home, 1)).close();
    const database = await openDatabase(join(home, "fleet.db"));
    database.exec("UPDATE fleet SET complete = 0");
    database.close();
    expect((await refusedUntouched(home)).message).toContain("it was being made when that was interrupted");
  });

  it("tells damage: a schema, a root or pages that are not as they were", async () => {
    for (const sql of [
      "DROP TABLE fleet",
      "DROP VIEW crypto_units",
      "DROP INDEX places_of_bay",
      "DELETE FROM fleet",
      "UPDATE fleet SET root_public_key = x'00'",
    ]) {
      const home = await closedStore();
      const database = await openDatabase(join(home, "fleet.db"));
      database.exec(sql);
      database.close();
      const error = await refusedUntouched(home);
      expect(error.failure, sql).toBe(StoreFailure.Damaged);
      expect(error.message).toContain("restore");
    }
  });

  it("tells damaged pages when they are read", async () => {
    const home = folder();
    const made = await furnished(core, home, 80);
    for (let round = 0; round < 10; round++)
      made.store.commit(Array.from({ length: 80 }, (_, at) => step(made.store.unit(`unit-${at}`)!)));
    made.close();
    damageEnd(home);
    const { store } = keep(await openStore(core, { folder: home }));
    const error = await refusal(() => verifyStore(store, { core }));
    expect(error.failure).toBe(StoreFailure.Damaged);
    expect(error.message).toContain("the file is damaged; restore it from a backup");
  });

  it("looks at all pages after a crash", async () => {
    const home = folder();
    (await furnished(core, home, 80)).close();
    const { store } = keep(await openStore(core, { folder: home }));
    store.commit([step(store.unit("unit-0")!)]);
    const crashed = folder();
    cpSync(home, crashed, { recursive: true });
    cpSync(`${home}.key`, `${crashed}.key`);
    expect(statSync(join(crashed, "fleet.db-wal")).size).toBeGreaterThan(0);
    const image = folder();
    cpSync(dirname(crashed), dirname(image), { recursive: true });
    const again = keep(await openStore(core, { folder: image }));
    expect(again.store.unit("unit-0")!.counter).toEqual(store.unit("unit-0")!.counter);
    damageEnd(crashed);
    const error = await refusedUntouched(crashed);
    expect(error.failure).toBe(StoreFailure.Damaged);
    expect(error.message).toContain("the file is damaged");
  });

  it("says that the disk is full, changes nothing, and goes on when there is room again", async () => {
    const home = await closedStore(4);
    const pages = statSync(join(home, "fleet.db")).size / 4096;
    const { store, close } = await openStore(core, { folder: home }, { maxPages: pages + 2 });
    const sealed = new Uint8Array(40_000);
    const [a, b] = [store.unit("unit-0")!, store.unit("unit-1")!];
    const head = store.head();
    const full = await refusal(() => store.commit([step(a), step(b, { sealed })]));
    expect(full.failure).toBe(StoreFailure.Full);
    expect(full.message).toContain("the disk is full; make room and try again");
    expect([store.unit("unit-0"), store.unit("unit-1"), store.head()]).toEqual([a, b, head]);
    store.commit([step(store.unit("unit-0")!)]);
    close();
    const again = keep(await openStore(core, { folder: home }));
    again.store.commit([step(again.store.unit("unit-1")!, { sealed })]);
    verifyStore(again.store, { core });
  });

  it("of a full disk, no new store is left behind", async () => {
    const home = folder();
    const full = await refusal(() => createStore(core, { folder: home }, { maxPages: 8 }));
    expect(full.failure).toBe(StoreFailure.Full);
    expect(readdirSync(dirname(home))).toEqual([]);
  });
});

/** Overwrites the last tenth of the database's pages: audit records, all of them. */
function damageEnd(home: string): void {
  const path = join(home, "fleet.db");
  const file = readFileSync(path);
  file.fill(0xa5, 4096 * Math.floor((0.9 * file.length) / 4096));
  writeFileSync(path, file);
}

let children: string;
beforeAll(() => {
  children = compileChildren();
});

describe("without permission", () => {
  it.each([
    ["the folder", (home: string) => chmodSync(home, 0o555)],
    [
      "the database",
      (home: string) => {
        chmodSync(home, 0o777);
        chmodSync(join(home, "fleet.db"), 0o444);
      },
    ],
  ])("to write %s, the store is refused", async (_, deny) => {
    const home = await closedStore();
    chmodSync(dirname(home), 0o755);
    chmodSync(join(home, "fleet.db"), 0o644);
    deny(home);
    const before = contents(home);
    const { lines } = await startChild(children, "opener", ["open", home]).ended;
    const { failure, message } = JSON.parse(lines[0]!) as { failure: string; message: string };
    expect(failure).toBe(StoreFailure.ReadOnly);
    expect(message).toContain("got permission to read alone; check its owner and mode");
    expect(contents(home)).toEqual(before);
    chmodSync(home, 0o755);
  });

  it("to make files in the folder, none is made", async () => {
    const home = folder();
    mkdirSync(home, { recursive: true });
    chmodSync(dirname(home), 0o755);
    chmodSync(home, 0o555);
    const { lines } = await startChild(children, "opener", ["create", home]).ended;
    expect(JSON.parse(lines[0]!)).toMatchObject({ failure: StoreFailure.ReadOnly });
    expect(readdirSync(dirname(home))).toEqual(["home"]);
    chmodSync(home, 0o755);
  });
});

describe("reading beside a writer", () => {
  it("sees one moment, and can change nothing", async () => {
    const home = folder();
    const { store } = keep(await furnished(core, home, 2));
    const reader = keep2(await readStore(home));
    store.commit([step(store.unit("unit-0")!)]);
    expect(reader.head().records).toBe(store.head().records - 1);
    expect(reader.unit("unit-0")).not.toEqual(store.unit("unit-0"));
    verifyStore(reader, { core });
    expect((await refusal(() => reader.addInstances([]))).failure).toBe(StoreFailure.ReadOnly);
    reader.close();
    const later = await readStore(home);
    expect(later.unit("unit-0")).toEqual(store.unit("unit-0"));
    later.close();
  });

  const keep2 = <T>(value: T): T => value;

  it("refuses where there is no store", async () => {
    expect((await refusal(() => readStore(folder()))).failure).toBe(StoreFailure.Missing);
  });
});

describe("destroying a store", () => {
  it("removes what it names, and nothing else", async () => {
    const home = await closedStore();
    writeFileSync(join(home, "notes.txt"), "mine");
    expect(filesOfStore({ folder: home })).toEqual([join(home, "fleet.*"), `${home}.key`]);
    await destroyStore({ folder: home });
    expect(readdirSync(dirname(home))).toEqual(["home"]);
    expect(readdirSync(home)).toEqual(["notes.txt"]);
    expect((await refusal(() => destroyStore({ folder: home }))).failure).toBe(StoreFailure.Missing);
  });

  it("refuses while somebody uses it", async () => {
    const home = folder();
    const { store } = keep(await furnished(core, home, 1));
    expect((await refusal(() => destroyStore({ folder: home }))).failure).toBe(StoreFailure.Locked);
    store.commit([step(store.unit("unit-0")!)]);
  });
});

describe("migrations", () => {
  const tables = async (path: string): Promise<string[]> => {
    const database = await openDatabase(path);
    const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    const names = rows.map((row) => row.text("name"));
    const version = database.pragma("user_version");
    database.close();
    return [`${version}`, ...names];
  };
  const steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO a VALUES (1)", "CREATE TABLE c (x)"];

  it("go forward from where the store is, each once", async () => {
    const path = `${folder()}.db`;
    for (const upTo of [1, 3, 3]) {
      const database = await openDatabase(path);
      migrate(database, steps.slice(0, upTo));
      database.close();
    }
    expect(await tables(path)).toEqual(["3", "a", "b", "c"]);
  });

  it("happen all or none", async () => {
    const path = `${folder()}.db`;
    const database = await openDatabase(path);
    migrate(database, steps.slice(0, 1));
    expect(() => migrate(database, [...steps.slice(0, 2), "CREATE TABLE a (x)"])).toThrow("already exists");
    database.close();
    expect(await tables(path)).toEqual(["1", "a"]);
  });

  it("never go back", async () => {
    const path = `${folder()}.db`;
    const database = await openDatabase(path);
    migrate(database, steps);
    expect((await refusal(() => migrate(database, steps.slice(0, 2)))).failure).toBe(StoreFailure.Newer);
    database.close();
  });
});
