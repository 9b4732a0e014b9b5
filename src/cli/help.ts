// Help that is more than one command's: all commands by topic, and the pages about exit codes and error codes.

import { UsageError } from "../errors.ts";
import type { Command } from "./command.ts";
import { COMMANDS, firstWords, GROUPS, TOPICS, type Topic, wordsOf } from "./command-table.ts";
import { ERROR_KINDS, EXIT_MEANINGS } from "./exit.ts";
import { table } from "./style.ts";
import { nearest } from "./suggest.ts";
import { TKE_TOPICS } from "./tke/commands.ts";

/** What somebody does first who has just come. The README has the session whole. */
const FIRST_STEPS: readonly (readonly [string, string])[] = [
  ["opentke drill", "break a throw-away fleet, recover it, prove it: nothing has to be set up"],
  ["opentke fleet create", "make a fleet that stays, in OPENTKE_HOME"],
  ["opentke sigkey-add", "make an administrator's signature key, in CLOUDTKEFILES"],
  ["opentke auto-init", "initialize a service instance: administrators, thresholds, master key"],
  ["opentke auto-mk-recover", "bring a lost master key back from a recovery crypto unit"],
];

const OPTIONS: readonly (readonly [string, string])[] = [
  ["-h, --help", "help on a command, with examples"],
  ["-q, --quiet", "no banner and no progress line"],
  ["--verbose", "what goes over the wire, on standard error; never secrets"],
  ["--no-input", "ask nothing; what a prompt would ask must come from an option or a file"],
  ["--output json", "the result, or the error with a stable code, as JSON"],
  ["--version", "the version"],
];

/** `opentke --help`. */
export function overview(): string {
  return [
    "opentke: crypto units in software, Trusted Key Entry for them, recovery of master keys\n",
    `First steps (README, 'A fleet of your own', has the whole session):\n${rows(FIRST_STEPS)}`,
    ...TOPICS.map(topicText),
    `Options of all commands:\n${rows(OPTIONS)}`,
    MORE,
  ].join("\n");
}

/** `opentke tke --help`. */
export function tkeOverview(): string {
  const title = "opentke tke: the commands of 'ibmcloud tke'; 'opentke cryptounits' is 'opentke tke cryptounits'\n";
  return [title, ...TKE_TOPICS.map(topicText), MORE].join("\n");
}

const MORE = `To see options and examples of a command, run 'opentke help <command>'.
More: ${["exit-codes", "error-codes"].map((page) => `'opentke help ${page}'`).join(", ")}.
`;

/** Pages of `opentke help`, by name. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "exit-codes": () =>
    `Exit codes:\n\n${table(
      ["CODE", "MEANING"],
      Object.entries(EXIT_MEANINGS).map(([code, meaning]) => [code, meaning]),
    )}`,
  "error-codes": () =>
    `With --output json an error is {"error": {"code", "message", "nextStep", ...}} on standard error.\n\n${table(
      ["CODE", "EXIT CODE", "MEANING"],
      Object.entries(ERROR_KINDS).map(([code, { exit, meaning }]) => [code, exit, meaning]),
    )}`,
};

/** @throws UsageError if there is no such command, group or page. In: words after `help`, or before `--help`. */
export function requireKnown([first, second]: readonly string[]): void {
  if (first === undefined) return;
  if (!firstWords().includes(first)) throw unknown(first, [...firstWords(), ...Object.keys(PAGES)]);
  if (first in GROUPS && second !== undefined && !wordsOf(first).includes(second))
    throw unknown(second, wordsOf(first));
}

function unknown(word: string, known: readonly string[]): UsageError {
  const guess = nearest(word, known);
  return new UsageError(`Unknown command '${word}'.${guess ? ` Did you mean '${guess}'?` : ""}`);
}

/** Examples of a command, or of all commands of a group. */
export function examplesOf(command: Command | undefined, group: string): string {
  const shown = command ? [command] : COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
  const examples = shown.flatMap((each) => each.examples.slice(0, command ? undefined : 1));
  return `Examples:\n${examples.map(([line, what]) => `  # ${what}\n  ${line}\n`).join("\n")}\n`;
}

function topicText({ title, commands }: Topic): string {
  const grouped = commands.map(({ name }) => name.split(" ")[0]!);
  const lines = commands.flatMap((command, at): [string, string][] => {
    const [first] = command.name.split(" ");
    if (first === command.name) return [[namesOf(command), command.summary]];
    // A group is one line, where its first command would be.
    return grouped.indexOf(first!) === at ? [[`${first} ${wordsOf(first!).join("|")}`, GROUPS[first!]!]] : [];
  });
  return `${title}:\n${rows(lines)}`;
}

/** A command's name and its other names. */
export function namesOf({ name, aliases = [] }: Command): string {
  return [name, ...aliases].join(", ");
}

/** Names and what they mean, in two columns; a long name gets a line for itself. */
function rows(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .map(([name, what]) =>
      name.length > NAME_WIDTH
        ? `  ${name}\n${" ".repeat(NAME_WIDTH + 4)}${what}\n`
        : `  ${name.padEnd(NAME_WIDTH)}  ${what}\n`,
    )
    .join("");
}

const NAME_WIDTH = 24;
