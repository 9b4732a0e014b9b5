// All commands, by topic: help and completion are made from this table.

import type { Command } from "./command.ts";
import { auditExport, auditHead, auditVerify } from "./commands/audit.ts";
import { bench } from "./commands/bench.ts";
import { completionBash, completionFish, completionZsh } from "./commands/completion.ts";
import { drill } from "./commands/drill.ts";
import { fleetList, fleetShow } from "./commands/fleet.ts";
import { fleetCreate } from "./commands/fleet-create.ts";
import { fleetDestroy } from "./commands/fleet-destroy.ts";
import { keystoreCheck, keystoreGenerate, keystoreList } from "./commands/keystore.ts";
import { root } from "./commands/root.ts";
import { serve } from "./commands/serve.ts";
import { signingService } from "./commands/signing-service.ts";
import { TKE_TOPICS } from "./tke/commands.ts";

export interface Topic {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** Commands of two words, by the first. */
export const GROUPS: Readonly<Record<string, string>> = {
  fleet: "Make, list, show and destroy the fleet in OPENTKE_HOME",
  keystore: "Root keys of service instances, wrapped under their master keys",
  audit: "Verify and export the fleet's audit log",
  completion: "Complete command lines in a shell",
};

/** In the order in which help shows them. */
export const TOPICS: readonly Topic[] = [
  { title: "Try it out", commands: [drill, bench] },
  {
    title: "A fleet of your own",
    commands: [
      ...[fleetCreate, fleetList, fleetShow, fleetDestroy, serve, signingService, root],
      ...[keystoreList, keystoreGenerate, keystoreCheck, auditVerify, auditExport, auditHead],
    ],
  },
  ...TKE_TOPICS,
  { title: "In a shell", commands: [completionBash, completionZsh, completionFish] },
];

export const COMMANDS: readonly Command[] = TOPICS.flatMap(({ commands }) => commands);

/** The first words of all commands, aliases too. */
export function firstWords(): string[] {
  return [...new Set(COMMANDS.flatMap(({ name, aliases = [] }) => [name.split(" ")[0]!, ...aliases]))];
}

/** The second words of a group's commands. */
export function wordsOf(group: string): string[] {
  return COMMANDS.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []));
}

/** The command that a command line names, in the program's own words; undefined if it names none. */
export function commandIn(argv: readonly string[]): Command | undefined {
  const [first = "", second] = namedWords(argv);
  return COMMANDS.find(({ name }) => name === first || name === `${first} ${second}`);
}

/** The words from the first on that a command can begin with: values of options before it are none. */
export function namedWords(argv: readonly string[]): string[] {
  const known = firstWords();
  const from = argv.findIndex((word) => known.includes(word));
  return argv.slice(Math.max(0, from)).filter((word) => !word.startsWith("-"));
}
