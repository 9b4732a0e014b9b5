// From an argument list to an exit code. yargs reads the list; what it finds wrong becomes a UsageError like any other.

import yargs, { type Argv } from "yargs";
import { InterruptedError, UsageError } from "../errors.ts";
import type { Command } from "./command.ts";
import { COMMANDS, commandIn, GROUPS, namedWords } from "./command-table.ts";
import { Exit, exitCodeOf } from "./exit.ts";
import { failureJson, failureText } from "./failure.ts";
import { examplesOf, overview, PAGES, requireKnown, tkeOverview } from "./help.ts";
import type { Io } from "./io.ts";
import { GLOBAL_OPTIONS } from "./options.ts";
import { explain } from "./usage.ts";
import { VERSION } from "./version.ts";
import { canonicalWords } from "./words.ts";

const HELP_WIDTH = 100;

/** Runs a command line (without node and script). Never throws, never ends the process; the result is the exit code. */
export async function main(line: readonly string[], io: Io): Promise<number> {
  const argv = canonicalWords(line, COMMANDS);
  const command = commandIn(argv);
  try {
    io.out(isHelp(argv) && !command ? await generalHelp(argv, io) : await run(argv, command, io));
    return Exit.Done;
  } catch (thrown) {
    const error = io.signal.aborted ? interrupted(thrown) : thrown;
    const name = command ? `opentke ${command.name}` : "opentke";
    const again = command?.again === undefined ? undefined : `opentke ${command.again}`;
    io.err(wantsJson(argv) ? failureJson(error, name, again) : failureText(error, name, io, again));
    return exitCodeOf(error);
  }
}

function isHelp(argv: readonly string[]): boolean {
  return argv.some((word) => word === "--help" || word === "-h") || (argv[0] === "tke" && argv.length === 1);
}

/** Help without a command: the overview, a page, a group. @throws UsageError if there is nothing of that name. */
async function generalHelp(argv: readonly string[], io: Io): Promise<string> {
  const words = namedWords(argv);
  const [first = ""] = words;
  const page = first === "" ? overview : first === "tke" ? tkeOverview : PAGES[first];
  if (page) return page();
  requireKnown(words);
  return run(argv, undefined, io);
}

/** Runs the command. Out: what yargs wants to print (help or version), if anything. */
async function run(argv: readonly string[], command: Command | undefined, io: Io): Promise<string> {
  const text = await parse(argv, command, io);
  if (text === "") return "";
  return argv.includes("--version") ? `${text}\n` : `${examplesOf(command, namedWords(argv)[0] ?? "")}${text}\n`;
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
    .demandCommand(1, "Want a command; 'opentke drill' is one to begin with")
    .version(VERSION)
    .help()
    .alias("h", "help")
    .wrap(HELP_WIDTH)
    .options(GLOBAL_OPTIONS)
    .fail((message, error) => {
      throw error && error.name !== "YError" ? error : new UsageError(explain(message, argv, command, GLOBAL_OPTIONS));
    });
  for (const each of COMMANDS.filter(({ name }) => !name.includes(" "))) register(parser, each, each.name, io);
  for (const [group, summary] of Object.entries(GROUPS)) registerGroup(parser, group, summary, io);
  return parser;
}

function register(parser: Argv, command: Command, word: string, io: Io): void {
  parser.command({
    command: word,
    describe: command.summary,
    builder: (options) =>
      options
        .usage(`Usage: $0 ${command.name} [options]${alsoText(command)}`)
        .options(command.options)
        .group([...Object.keys(GLOBAL_OPTIONS), "help", "version"], "Options of all commands:"),
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

function alsoText({ aliases = [] }: Command): string {
  return aliases.length === 0 ? "" : `\nAlso: ${aliases.map((alias) => `$0 ${alias}`).join(", ")}`;
}
