// What yargs says about a command line, in the words of this program: what was wanted, what was typed, what may have been meant.

import type { Options } from "yargs";
import type { Command } from "./command.ts";
import { firstWords, GROUPS, wordsOf } from "./command-table.ts";
import { nearest } from "./suggest.ts";

/** In: yargs' message, the command line, the command if it names one, and the options that all commands have. */
export function explain(
  message: string,
  argv: readonly string[],
  command: Command | undefined,
  globals: Readonly<Record<string, Options>>,
): string {
  const exclusive = /^Arguments (\S+) and (\S+) are mutually exclusive/.exec(message);
  if (exclusive) return `Want --${exclusive[2]} or --${exclusive[1]}, not both.`;
  const choice = /Argument: (\S+), Given: "(.*)", Choices: (.*)$/s.exec(message);
  if (choice)
    return `--${choice[1]}: want ${choice[3]!.replace(/, (?=")/g, " or ").replaceAll('"', "")}, got '${choice[2]}'.`;
  const empty = /^Not enough arguments following: (\S+)/.exec(message);
  if (empty) return `--${empty[1]}: want a value, got none.`;
  return explainUnknown(message, argv, command, globals);
}

/** yargs names unknown words without their dashes; the user gets them back as typed, with the nearest known one. */
function explainUnknown(
  message: string,
  argv: readonly string[],
  command: Command | undefined,
  globals: Readonly<Record<string, Options>>,
): string {
  const unknown = /^Unknown argument.?: ([^,]+)/.exec(message)?.[1];
  const typed = argv.find((word) => word.replace(/^-+|=.*$/gs, "") === unknown)?.replace(/=.*$/s, "");
  if (typed === undefined) return `${message}.`;
  const isOption = typed.startsWith("-");
  const options = ["help", "version", ...Object.keys({ ...globals, ...command?.options })];
  const known = isOption ? options.map((name) => `--${name}`) : command ? [] : wordsAfter(argv);
  const guess = nearest(typed, known);
  const what = isOption ? "option" : command ? "argument" : "command";
  return `Unknown ${what} '${typed}'.${guess ? ` Did you mean '${guess}'?` : ""}`;
}

/** Words that could stand where an unknown one does. */
function wordsAfter(argv: readonly string[]): string[] {
  const group = argv.find((word) => !word.startsWith("-")) ?? "";
  return group in GROUPS ? wordsOf(group) : firstWords();
}
