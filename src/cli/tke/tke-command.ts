// How a TKE command is made: the options that all have, its own, and what it does with a session.

import type { Options } from "yargs";
import type { Command } from "../command.ts";
import { DRY_RUN_OPTION, OUTPUT_OPTION } from "../options.ts";
import { type Result, Session } from "./session.ts";

export interface TkeCommand {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly examples: Command["examples"];
  readonly options?: Readonly<Record<string, Options>>;
  /** Words that go on where an interrupted run stopped; by default the command itself. */
  readonly again?: string;
  readonly run: (session: Session) => Promise<Result>;
}

export const textOption = (describe: string): Options => ({ describe, type: "string", requiresArg: true });
export const flagOption = (describe: string): Options => ({ describe, type: "boolean", default: false });

/** Options of commands that ask for passwords. */
export const PASSWORD_OPTIONS: Readonly<Record<string, Options>> = {
  "password-file": textOption(
    "File with the passwords in the order of the prompts, one a line; one line serves for all",
  ),
  "password-fd": textOption("Open descriptor to read the passwords from, as --password-file"),
};

/** Options of commands that talk to crypto units. */
export const TARGET_OPTIONS: Readonly<Record<string, Options>> = {
  endpoint: textOption("URL of the endpoint (TKE_PRIVATE_ADDR); by default what 'opentke target' says"),
  "token-file": textOption("File with the access token for the endpoint"),
  root: textOption("IBM's roots at which certificate chains may end: ibm-cex6, ibm-cex7, or ibm for both"),
  "root-file": textOption("File with another root key at which certificate chains may end ('opentke root')"),
  "ca-file": textOption("PEM file with the certificate authority of the endpoint"),
  "resource-group": textOption("Resource group to work with"),
  "instance-id": textOption("Service instances to work with, separated by commas"),
  timeout: textOption("Seconds to wait for an answer of the endpoint (IBMCLOUD_HTTP_TIMEOUT); 60 if left out"),
  retries: textOption("How often a request that can do no harm twice is sent again after a failure; 2 if left out"),
};

/** Options of commands that change crypto units. */
export const CHANGE_OPTIONS: Readonly<Record<string, Options>> = {
  ...TARGET_OPTIONS,
  ...PASSWORD_OPTIONS,
  "sign-with": textOption(
    "KEYNUM values of the keys that sign, in place of those selected with 'sigkey-sel'; or ids in the signing service",
  ),
  "signserv-ca-file": textOption("PEM file with the certificate authority of the signing service (TKE_SIGNSERV_URL)"),
  force: { alias: "f", ...flagOption("Answer y to every question") },
  ...DRY_RUN_OPTION,
};

export function tkeCommand(command: TkeCommand): Command {
  const { name, aliases = [], summary, examples, options = {}, again = name, run } = command;
  return {
    name,
    aliases,
    summary,
    examples,
    options: { ...options, ...OUTPUT_OPTION },
    again,
    run: async (argv, io) => {
      const session = new Session(argv, io);
      try {
        printResult(session, await run(session));
      } finally {
        await session.close();
      }
    },
  };
}

/** What a command came to, on standard output. */
export function printResult({ io, progress, json: asJson }: Session, { text, json }: Result): void {
  progress.clear();
  io.out(asJson ? `${JSON.stringify(json, null, 2)}\n` : text);
}
