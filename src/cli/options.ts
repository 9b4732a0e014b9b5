// Options that several commands have.

import type { Options } from "yargs";

/** Options that all commands have, besides those of yargs: help and version. */
export const GLOBAL_OPTIONS = {
  quiet: { alias: "q", type: "boolean", describe: "No banner and no progress line" },
  verbose: { type: "boolean", describe: "What goes over the wire, on standard error", conflicts: "quiet" },
  "no-input": { type: "boolean", describe: "Ask nothing; what a prompt would ask must come from an option" },
} as const;

export const OUTPUTS = ["text", "json"] as const;

/** A value that is one of a few words: help, completion and the check of the command line know them. */
export function choiceOption(describe: string, choices: readonly string[], byDefault: string) {
  return { describe, choices, default: byDefault, requiresArg: true } satisfies Options;
}

export const OUTPUT_OPTION = { output: choiceOption("Form of the result", OUTPUTS, "text") } as const;

/** Of every command that changes something: crypto units, the fleet, or files. */
export const DRY_RUN_OPTION = {
  "dry-run": { describe: "Say what would be done, and do nothing", type: "boolean", default: false },
} as const;

/** Whether the option's value names a file, a folder or a socket. */
export function isPath(name: string, { describe = "" }: Options): boolean {
  return /(^|-)(file|dir|socket)$/.test(name) || describe.startsWith("File ");
}
