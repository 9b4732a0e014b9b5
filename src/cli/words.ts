// Command lines as users of the plug-in type them: `opentke tke cryptounits` for `opentke cryptounits`, `help` and `h` for `--help`,
// and the other names that commands go by.

import type { Command } from "./command.ts";

/** The same command line in the program's own words. */
export function canonicalWords(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  const [first, ...rest] = argv;
  // Alone, it is a topic of help.
  if (first === "tke" && rest.some((word) => !word.startsWith("-"))) return canonicalWords(rest, commands);
  if (first === "help" || first === "h") return [...canonicalWords(rest, commands), "--help"];
  const named = commands.find(({ aliases }) => first !== undefined && aliases?.includes(first));
  return named ? [named.name, ...rest] : argv;
}
