// Options that several commands have.

import type { Options } from "yargs";

export const OUTPUTS = ["text", "json"] as const;

/** A value that is one of a few words: help, completion and the check of the command line know them. */
export function choiceOption(describe: string, choices: readonly string[], byDefault: string) {
  return { describe, choices, default: byDefault, requiresArg: true } satisfies Options;
}

export const OUTPUT_OPTION = { output: choiceOption("Form of the result", OUTPUTS, "text") } as const;

/** Whether the option's value names a file, a folder or a socket. */
export function isPath(name: string, { describe = "" }: Options): boolean {
  return /(^|-)(file|dir|socket)$/.test(name) || describe.startsWith("File ");
}
