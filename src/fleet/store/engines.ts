// The two SQLite engines behind one shape: node:sqlite where Node has one that is not behind a flag (22.13 and later), libsql
// elsewhere. What they differ in ends here: how parameters are given, how blobs and errors look.

/** What a column can hold. Integers are safe integers; there are no booleans. */
export type Value = null | number | string | Uint8Array;

/** Column names and values. Engines may add columns of their own. */
export type Columns = Readonly<Record<string, unknown>>;

/** A prepared statement. Counts and types are checked by who calls. */
export interface EngineStatement {
  /** Rows changed. */
  run(values: Value[]): number;
  get(values: Value[]): Columns | undefined;
  all(values: Value[]): Columns[];
}

export interface Engine {
  readonly name: "libsql" | "node:sqlite";
  prepare(sql: string): EngineStatement;
  exec(sql: string): void;
  /** libsql keeps files open as long as prepared statements live; all that counts was written before. */
  close(): void;
}

/** A connection that may only read changes nothing, not even by moving the log into the database when it is closed. */
export type OpenEngine = (path: string, readOnly: boolean) => Engine;

/** The engine for this Node. */
export async function chooseEngine(): Promise<OpenEngine> {
  return (await nodeSqlite()) ?? (await libsql());
}

// --- node:sqlite ---------------------------------------------------------------------------------------------------------------

interface NodeStatement {
  run(...values: Value[]): { readonly changes: number | bigint };
  get(...values: Value[]): Columns | undefined;
  all(...values: Value[]): Columns[];
}

interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean },
  ) => {
    prepare(sql: string): NodeStatement;
    exec(sql: string): void;
    close(): void;
  };
}

/** null where Node has none. */
export async function nodeSqlite(): Promise<OpenEngine | null> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 13)) return null;
  const builtin = withoutExperimentalWarning(() => process.getBuiltinModule("node:sqlite") as NodeSqlite | undefined);
  if (builtin === undefined) return null;
  return (path, readOnly) => {
    const database = new builtin.DatabaseSync(path, { readOnly });
    return {
      name: "node:sqlite",
      prepare: (sql) => {
        const statement = database.prepare(sql);
        return {
          run: (values) => Number(statement.run(...values).changes),
          get: (values) => statement.get(...values),
          all: (values) => statement.all(...values),
        };
      },
      exec: (sql) => database.exec(sql),
      close: () => database.close(),
    };
  };
}

/** Loading node:sqlite warns on standard error that it is young. That is for this file to know, not for the user. */
function withoutExperimentalWarning<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

// --- libsql --------------------------------------------------------------------------------------------------------------------

/** libsql 0.5: bare parameters abort the process, so they go in as one array. */
export async function libsql(): Promise<OpenEngine> {
  const { default: Libsql } = await import("libsql");
  return (path, readOnly) => {
    const database = new Libsql(
      readOnly ? `file:${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}?mode=ro` : path,
    );
    return {
      name: "libsql",
      prepare: (sql) => {
        const statement = database.prepare(sql);
        return {
          run: (values) => statement.run(values).changes,
          get: (values) => statement.get(values) as Columns | undefined,
          all: (values) => statement.all(values).map((row) => withBytes(row as Record<string, unknown>)),
        };
      },
      exec: (sql) => void database.exec(sql),
      close: () => database.close(),
    };
  };
}

/** Blobs come as Buffers from `get`, but as ArrayBuffers from `all`. */
function withBytes(row: Record<string, unknown>): Columns {
  for (const [name, value] of Object.entries(row)) if (value instanceof ArrayBuffer) row[name] = new Uint8Array(value);
  return row;
}

// --- errors --------------------------------------------------------------------------------------------------------------------

/** SQLite's result code in an error of either engine; null if it is none of SQLite's. */
export function sqliteCodeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  const { errcode, rawCode } = error as { readonly errcode?: unknown; readonly rawCode?: unknown };
  if (typeof errcode === "number") return errcode;
  if (typeof rawCode === "number") return rawCode;
  // libsql on a file that can't be opened: ConnectionFailed("Unable to open connection to local database PATH: 14")
  const code = /^ConnectionFailed\(.*: (\d+)"\)$/s.exec(error.message)?.[1];
  return code === undefined ? null : Number(code);
}
