// opentke audit verify, export, head: the audit log of the fleet, or of a file. They read beside whoever changes the fleet, and
// need no key.

import { createReadStream, readFileSync } from "node:fs";
import { loadCore } from "../../core/load.ts";
import { UsageError } from "../../errors.ts";
import { exportAudit, linesOf, parseHead } from "../../fleet/audit/export.ts";
import { type AuditHead, encodeHead } from "../../fleet/audit/records.ts";
import { type AuditReport, verifyAudit } from "../../fleet/audit/verify.ts";
import { verifyStore } from "../../fleet/store/check.ts";
import { readStore } from "../../fleet/store/open.ts";
import type { SqliteStore } from "../../fleet/store/sqlite-store.ts";
import { type Arguments, type Command, oneOf } from "../command.ts";
import { opentkeHome } from "../home.ts";
import type { Io } from "../io.ts";
import { writeNewFile } from "../new-file.ts";
import { OUTPUT_OPTION, OUTPUTS } from "../options.ts";
import { labels, styleFor } from "../style.ts";

export const auditVerify: Command = {
  name: "audit verify",
  summary: "Verify the audit log: every record, every chain, every signature",
  examples: [
    [
      "opentke audit verify --head head.json",
      "the fleet's log, and that its end was not cut off since the head was kept",
    ],
    ["opentke audit verify --file audit.jsonl", "an exported log, offline"],
  ],
  options: {
    file: { describe: "Exported log to verify, in place of the fleet's own", requiresArg: true },
    head: { describe: "File with a head that was kept ('opentke audit head')", requiresArg: true },
    ...OUTPUT_OPTION,
  },
  run: async (argv, io) => {
    const output = oneOf(argv, "output", OUTPUTS);
    const report = await verify(argv, io);
    io.out(
      output === "json" ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, argv["head"] !== undefined, io),
    );
  },
};

export const auditExport: Command = {
  name: "audit export",
  summary: "Export the audit log as lines of JSON",
  examples: [["opentke audit export --output-file audit.jsonl", "all records, and the head at the end"]],
  options: { "output-file": { describe: "New file for the log; by default standard output", requiresArg: true } },
  run: (argv, io) =>
    reading(io, (store) => {
      const file = argv["output-file"];
      if (file !== undefined) writeNewFile(`${file}`, exportAudit(store));
      else for (const line of exportAudit(store)) io.out(line);
    }),
};

export const auditHead: Command = {
  name: "audit head",
  summary: "Print where the audit log ends, to be kept elsewhere: a log that is cut off later is found out by it",
  examples: [["opentke audit head > head.json", "the head, in a file"]],
  options: {},
  run: (_, io) => reading(io, (store) => io.out(`${encodeHead(store.head())}\n`)),
};

async function verify(argv: Arguments, io: Io): Promise<AuditReport> {
  const head = argv["head"] === undefined ? {} : { head: readHead(`${argv["head"]}`) };
  const core = await loadCore();
  try {
    if (argv["file"] === undefined) return await reading(io, (store) => verifyStore(store, { core, ...head }));
    return await verifyAudit(linesOf(read(`${argv["file"]}`)), { core, sealed: true, ...head });
  } finally {
    core.dispose();
  }
}

async function* read(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file);
  } catch (cause) {
    throw new UsageError(`--file: '${file}' can't be read: ${(cause as NodeJS.ErrnoException).code}.`, { cause });
  }
}

function readHead(file: string): AuditHead {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`--head: '${file}' can't be read: ${(cause as NodeJS.ErrnoException).code}.`, { cause });
  }
  return parseHead(text);
}

async function reading<T>(io: Io, work: (store: SqliteStore) => T): Promise<T> {
  const store = await readStore(opentkeHome(io.env));
  try {
    return work(store);
  } finally {
    store.close();
  }
}

function reportText(report: AuditReport, withHead: boolean, io: Io): string {
  const { records, commands, units, checkpoints, unsigned, head } = report;
  const unsignedText = `${unsigned} after the last checkpoint`;
  const end = withHead
    ? "holds all that the kept head held"
    : "not compared: keep 'opentke audit head', and give it with --head";
  return `${styleFor(io, io.outIsTerminal).good("OK")}\n${labels([
    ["Records", `${records}, of them ${commands} commands of ${units} crypto units`],
    ["Checkpoints", `${checkpoints}; ${unsignedText}`],
    ["End", end],
    ["Head", head.hash],
    ["Root", head.root],
  ])}`;
}
