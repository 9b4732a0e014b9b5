// What every TKE command prints and asks: at a terminal, in a script, and as JSON.

import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TKE_COMMANDS } from "../../../src/cli/tke/commands.ts";
import {
  type Block,
  commandOf,
  exitOf,
  playTranscript,
  questionsOf,
  readTranscript,
} from "../../support/transcript.ts";

const folder = new URL("transcripts/", import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .sort()
  .map((name) => new URL(name, folder));

for (const file of files) playTranscript(file);

const played = files.flatMap(readTranscript).filter(({ kind }) => kind === "$" || kind === "|");
const isJson = ({ line }: Block): boolean => line.includes("--output json");
const names = TKE_COMMANDS.map(({ name, aliases = [] }) => [name, ...aliases]);

describe.each(names)("%s", (...forms) => {
  const own = played.filter((block) => forms.includes(commandOf(block)));

  it.each([
    ["a success at a terminal", (block: Block) => block.kind === "$" && !isJson(block) && exitOf(block) === 0],
    ["a success in a script", (block: Block) => block.kind === "|" && !isJson(block) && exitOf(block) === 0],
    ["a success in JSON", (block: Block) => isJson(block) && exitOf(block) === 0],
    ["a failure in text", (block: Block) => !isJson(block) && exitOf(block) !== 0],
    ["a failure in JSON", (block: Block) => isJson(block) && exitOf(block) !== 0],
  ])("has a transcript of %s", (_, wanted) => expect(own.filter(wanted).length).toBeGreaterThan(0));

  it("has one for each of its names", () => expect(new Set(own.map(commandOf))).toEqual(new Set(forms)));
});

const SIGNER = "Enter the password for the signature key identified by:";
const NEW_KEY = [
  "Enter an administrator name to be associated with the signature key:",
  "Enter a password to protect the signature key:",
  "Re-enter the password to confirm:",
];
const NEW_PART = [
  "Enter a description for the key part:",
  "Enter a password to protect the key part:",
  "Re-enter the password to confirm:",
];

// workstation.md 6.4, with two administrators where a command is signed by a quorum.
describe("the questions that scripts wait for", () => {
  it.each<[string, string[]]>([
    ["cryptounit-add", ["Enter a list of CRYPTO UNIT NUM to add, separated by spaces:"]],
    ["cryptounit-rm", ["Enter a list of CRYPTO UNIT NUM to remove, separated by spaces:"]],
    ["sigkey-add", NEW_KEY],
    [
      "sigkey-sel",
      [
        "Enter the KEYNUM values to select as current signature keys, separated by spaces:",
        "Enter the password for KEYNUM 2:",
        "Enter the password for KEYNUM 1:",
      ],
    ],
    [
      "cryptounit-admin-add",
      [
        "Enter the KEYNUM of the administrator signature key you wish to load:",
        "Enter the password for the administrator signature key file:",
      ],
    ],
    [
      "cryptounit-thrhld-set",
      [
        "Enter the new signature threshold value:",
        "Enter the new revocation signature threshold value:",
        SIGNER,
        SIGNER,
      ],
    ],
    ["mk-add --random", NEW_PART],
    ["mk-add --value", ["Enter the key part value:", ...NEW_PART]],
    [
      "cryptounit-mk-load",
      [
        "Enter the KEYNUM values of the master key parts you wish to load.",
        SIGNER,
        "Enter the password for key file 1",
        "Enter the password for key file 2",
      ],
    ],
    ["cryptounit-mk-commit", [SIGNER, SIGNER]],
    ["cryptounit-mk-setimm", ["Do you want to continue?", SIGNER]],
    ["cryptounit-zeroize", ["Are you sure you want to zeroize the selected crypto units?"]],
    [
      "auto-init",
      [
        "Enter the INSTANCE NUM of the service instance you want to initialize.",
        "Enter the new signature threshold value:",
        "Enter the new revocation signature threshold value:",
        "Enter the number of administrators you want to install:",
        "Enter the KEYNUM of the existing signature key files you want to use to create administrators:",
        SIGNER,
        SIGNER,
        ...NEW_KEY,
      ],
    ],
  ])("%s", (line, wanted) => {
    const runs = played.filter((block) => block.kind === "$" && block.line === line && exitOf(block) === 0);
    const asked = runs.map((block) =>
      questionsOf(block).map((question) => wanted.find((text) => question.includes(text))),
    );
    expect(asked).toContainEqual(wanted);
  });
});
