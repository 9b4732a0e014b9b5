// What a command file exports, and how options are read: each value arrives as the text that was typed, or as its default.

import type { Options } from "yargs";
import { UsageError } from "../errors.ts";
import type { Io } from "./io.ts";

export type Arguments = Readonly<Record<string, unknown>>;

export interface Command {
  /** One word, or two: a group's and its own. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Command lines that can be pasted, each with what it does. */
  readonly examples: readonly (readonly [string, string])[];
  readonly options: Readonly<Record<string, Options>>;
  /** What goes on where an interrupted run of it stopped, if anything does: `auto-init --resume`. */
  readonly again?: string;
  readonly run: (argv: Arguments, io: Io) => Promise<void>;
}

/** A whole number, in decimal. Bounds are checked by who knows them. @throws UsageError */
export function wholeNumber(argv: Arguments, option: string): number {
  const value = `${argv[option]}`;
  if (!/^[0-9]{1,9}$/.test(value)) throw new UsageError(`--${option}: want a whole number, got '${value}'.`);
  return Number(value);
}

/** One of a few words. @throws UsageError */
export function oneOf<T extends string>(argv: Arguments, option: string, choices: readonly T[]): T {
  const value = `${argv[option]}`;
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) throw new UsageError(`--${option}: want ${choices.join(" or ")}, got '${value}'.`);
  return chosen;
}
