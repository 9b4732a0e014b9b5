// From an argument list to an exit code. yargs reads the list; what it finds wrong becomes a UsageError like any other.

import yargs, { type Argv } from "yargs";
import { InterruptedError, UsageError } from "../errors.ts";
import type { Command } from "./command.ts";
import { auditExport, auditHead, auditVerify } from "./commands/audit.ts";
import { bench } from "./commands/bench.ts";
import { drill } from "./commands/drill.ts";
import { fleetList, fleetShow } from "./commands/fleet.ts";
import { fleetCreate } from "./commands/fleet-create.ts";
import { fleetDestroy } from "./commands/fleet-destroy.ts";
import { keystoreCheck, keystoreGenerate, keystoreList } from "./commands/keystore.ts";
import { root } from "./commands/root.ts";
import { serve } from "./commands/serve.ts";
import { signingService } from "./commands/signing-service.ts";
import { Exit, exitCodeOf } from "./exit.ts";
import { failureJson, failureText } from "./failure.ts";
import type { Io } from "./io.ts";
import { nearest } from "./suggest.ts";
import { TKE_COMMANDS } from "./tke/commands.ts";
import { VERSION } from "./version.ts";
import { canonicalWords } from "./words.ts";

const COMMANDS: readonly Command[] = [
  drill,
  fleetCreate,
  fleetList,
  fleetShow,
  fleetDestroy,
  serve,
  signingService,
  root,
  keystoreList,
  keystoreGenerate,
  keystoreCheck,
  auditVerify,
  auditExport,
  auditHead,
  bench,
  ...TKE_COMMANDS,
];
/** Commands of two words, by the first. */
const GROUPS: Readonly<Record<string, string>> = {
  fleet: "Make and inspect the fleet in OPENTKE_HOME",
  keystore: "Root keys of service instances, wrapped under their master keys",
  audit: "Verify and export the fleet's audit log",
};
const HELP_WIDTH = 100;
/** Commands whose examples are not shown all at once. */
const MANY = 20;
const GLOBAL_OPTIONS = {
  quiet: { alias: "q", type: "boolean", describe: "No banner and no progress line" },
  verbose: { type: "boolean", describe: "What goes over the wire, on standard error", conflicts: "quiet" },
} as const;

/** Runs a command line (without node and script). Never throws, never ends the process; the result is the exit code. */
export async function main(line: readonly string[], io: Io): Promise<number> {
  const argv = canonicalWords(line, COMMANDS);
  const [group = "", word = ""] = argv.filter((one) => !one.startsWith("-"));
  const command = COMMANDS.find(({ name }) => name === group || name === `${group} ${word}`);
  try {
    const help = await parse(argv, command, io);
    if (help) io.out(argv.includes("--version") ? `${help}\n` : `${examplesOf(command, group)}${help}\n`);
    return Exit.Done;
  } catch (thrown) {
    const error = io.signal.aborted ? interrupted(thrown) : thrown;
    const name = command ? `opentke ${command.name}` : "opentke";
    const again = command?.again === undefined ? undefined : `opentke ${command.again}`;
    io.err(wantsJson(argv) ? failureJson(error, name, again) : failureText(error, name, io, again));
    return exitCodeOf(error);
  }
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some((word, at) => word === "--output=json" || (word === "--output" && argv[at + 1] === "json"));
}

/** Whatever an interrupt made fail: it is the interrupt that counts. */
function interrupted(thrown: unknown): InterruptedError {
  return thrown instanceof InterruptedError ? thrown : new InterruptedError("Interrupted.", { cause: thrown });
}

/** Parses and runs; what yargs wants to print (help or version) is returned. */
async function parse(argv: readonly string[], command: Command | undefined, io: Io): Promise<string> {
  let text = "";
  const parser = commandLine(argv, command, io);
  await parser.parseAsync([...argv], {}, (_error: unknown, _argv: unknown, output: string) => {
    text = output;
  });
  return text;
}

function commandLine(argv: readonly string[], command: Command | undefined, io: Io): Argv {
  const parser = yargs()
    .scriptName("opentke")
    .locale("en")
    .usage("Usage: $0 <command> [options]")
    .exitProcess(false)
    .parserConfiguration({
      "camel-case-expansion": false,
      "parse-numbers": false,
      "duplicate-arguments-array": false,
      "boolean-negation": false,
    })
    .strict()
    .demandCommand(1, `Want a command: ${words().join(" or ")}`)
    .version(VERSION)
    .help()
    .alias("h", "help")
    .wrap(HELP_WIDTH)
    .options(GLOBAL_OPTIONS)
    .fail((message, error) => {
      throw error && error.name !== "YError" ? error : new UsageError(explain(message, argv, command));
    });
  for (const each of COMMANDS.filter(({ name }) => !name.includes(" "))) register(parser, each, each.name, io);
  for (const [group, summary] of Object.entries(GROUPS)) registerGroup(parser, group, summary, io);
  return parser;
}

function register(parser: Argv, command: Command, word: string, io: Io): void {
  parser.command({
    command: word,
    describe: command.summary,
    builder: (options) => options.usage(`Usage: $0 ${command.name} [options]`).options(command.options),
    handler: (argv) => command.run(argv, io),
  });
}

function registerGroup(parser: Argv, group: string, summary: string, io: Io): void {
  const commands = COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
  parser.command({
    command: group,
    describe: summary,
    builder: (nested) => {
      nested.usage(`Usage: $0 ${group} <command> [options]`);
      nested.demandCommand(1, `Want a command: ${commands.map(({ name }) => name).join(" or ")}.`);
      for (const command of commands) register(nested, command, command.name.slice(group.length + 1), io);
      return nested;
    },
    handler: () => {},
  });
}

/** The first words of all commands. */
function words(): string[] {
  return [...new Set(COMMANDS.map(({ name }) => name.split(" ")[0]!))];
}

/** yargs names unknown words without their dashes; the user gets them back as typed, with the nearest known one. */
function explain(message: string, argv: readonly string[], command: Command | undefined): string {
  const unknown = /^Unknown argument.?: ([^,]+)/.exec(message)?.[1];
  const typed = argv.find((word) => word.replace(/^-+|=.*$/gs, "") === unknown)?.replace(/=.*$/s, "");
  if (typed === undefined) return `${message}.`;
  const options = ["help", "version", ...Object.keys({ ...GLOBAL_OPTIONS, ...command?.options })];
  const isOption = typed.startsWith("-");
  const known = isOption ? options.map((name) => `--${name}`) : command ? [] : knownAfter(argv);
  const guess = nearest(typed, known);
  const what = isOption ? "option" : command ? "argument" : "command";
  return `Unknown ${what} '${typed}'.${guess ? ` Did you mean '${guess}'?` : ""}`;
}

/** Words that could stand where an unknown one does. */
function knownAfter(argv: readonly string[]): string[] {
  const group = argv.find((one) => !one.startsWith("-")) ?? "";
  if (!(group in GROUPS)) return words();
  return COMMANDS.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []));
}

function examplesOf(command: Command | undefined, group: string): string {
  const shown = command ? [command] : COMMANDS.filter(({ name }) => !(group in GROUPS) || name.startsWith(`${group} `));
  const brief = shown.length > MANY;
  const few = brief ? shown.filter((each) => !TKE_COMMANDS.includes(each) || each === TKE_COMMANDS[0]) : shown;
  const examples = few.flatMap((each) => each.examples.slice(0, brief ? 1 : undefined));
  return `Examples:\n${examples.map(([line, what]) => `  # ${what}\n  ${line}\n`).join("\n")}\n`;
}
