// The commands that a Terraform module for Hyper Protect Crypto Services drives with pexpect (terraform-ibm-modules/terraform-ibm-hpcs,
// modules/ibm-hpcs-initialisation/scripts), in its order: it waits for the same texts, and cuts the tables apart in the same way. Nothing
// of it may have to change.

import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileChildren } from "../../support/children.ts";
import { AtTerminal, TERMINALS } from "../../support/pseudo-terminal.ts";
import { Desk, words } from "../../support/tke-desk.ts";

let children: string;
beforeAll(() => {
  children = compileChildren();
}, 60_000);
afterAll(() => AtTerminal.endAll());
afterAll(() => rmSync(dirname(dirname(children)), { recursive: true, force: true }));

/** Lines without escape sequences. */
function plainLines(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are told
  return text.replace(/\u001b(?:[@-Z\\-_]|\[[0-?]*[ -/]*[@-~])/g, "").split("\r\n");
}

/** First words of the rows below a header in the second line, but for the note on selected keys; the last row first. */
function firstWords(lines: readonly string[]): string[] {
  const rows = lines.slice(2).filter((line) => line !== "" && !line.includes("selected as the current signature key"));
  return rows.map((line) => line.trim().split(/\s+/)[0]!).reverse();
}

/** Numbers of the crypto units of each service instance. */
function unitsOf(screen: string): Map<string, string> {
  const list = /Resource group:([\s\S]*)/.exec(screen)![1]!;
  return new Map(
    list.split("\r\n\r\n").flatMap((block) => {
      const instance = /SERVICE INSTANCE:\s+(.*)/.exec(plainLines(block).join("\r\n"))?.[1]?.trim();
      return instance === undefined ? [] : [[instance, firstWords(plainLines(block)).reverse().join(" ")]];
    }),
  );
}

/** KEYNUM of the newest signature key. */
function newestKey(screen: string): string {
  const header = /KEYNUM\s+DESCRIPTION\s+SUBJECT\s+KEY\s+IDENTIFIER/;
  const block = screen.split("\r\n\r\n").find((one) => header.test(plainLines(one).join("\r\n")));
  return firstWords(plainLines(block!))[0]!;
}

const SIGNER = "Enter the password for the signature key identified by:";
type Dialogue = readonly (readonly [text: string, answer: string])[];
const partDialogue = (name: string): Dialogue => [
  ["Enter a description for the key part:", name],
  ["Enter a password to protect the key part:", `${name}-pw`],
  ["Re-enter the password to confirm:", `${name}-pw`],
];

// At the best terminal there is: terminal.test.ts goes through all.
describe.each(TERMINALS.slice(-1))("the field's script (%s)", (terminal) => {
  const desk = new Desk();
  const env: Record<string, string> = { ...desk.env, TERM: "xterm" };
  afterAll(() => desk.close());

  const tke = async (line: string, dialogue: Dialogue = []): Promise<string> => {
    const program = new AtTerminal(terminal, join(children, "opentke.js"), ["tke", ...words(line)], env);
    let from = 0;
    for (const [text, answer] of dialogue) {
      from = await program.expect(text);
      program.type(answer);
    }
    const { screen, code } = await program.end();
    expect([line, code, code === 0 ? "" : screen]).toEqual([line, 0, ""]);
    return screen.slice(from);
  };

  it("initializes one of two service instances, and zeroizes it", async () => {
    await desk.fleet("--instances 2 --operational 1 --recovery 1");
    const [, [guid, units] = []] = [...unitsOf(await tke("cryptounits"))];
    expect(units).toBe("3 4");
    const files = join(desk.root, `${guid}_tkefiles`);
    mkdirSync(files);
    env["CLOUDTKEFILES"] = files;

    await tke("cryptounit-add", [["Enter a list of CRYPTO UNIT NUM to add, separated by spaces:", units!]]);
    await tke("sigkeys");
    await tke("sigkey-add", [
      ["Enter an administrator name to be associated with the signature key:", "the administrator"],
      ["Enter a password to protect the signature key:", "admin-pw"],
      ["Re-enter the password to confirm:", "admin-pw"],
    ]);
    const key = newestKey(await tke("sigkeys"));
    await tke("sigkey-sel", [
      ["Enter the KEYNUM values to select as current signature keys, separated by spaces:", key],
      [`Enter the password for KEYNUM ${key}:`, "admin-pw"],
    ]);
    expect([key, newestKey(await tke("sigkeys"))]).toEqual(["1", "1"]);
    await tke("cryptounit-admin-add", [
      ["Enter the KEYNUM of the administrator signature key you wish to load:", key],
      ["Enter the password for the administrator signature key file:", "admin-pw"],
    ]);
    await tke("cryptounit-admins");
    await tke("cryptounit-thrhld-set", [
      ["Enter the new signature threshold value:", "1"],
      ["Enter the new revocation signature threshold value:", "1"],
      [SIGNER, "admin-pw"],
    ]);
    await tke("cryptounit-thrhlds");

    const parts = ["first", "second", "third"];
    for (const name of parts.slice(0, 2)) await tke("mk-add --random", partDialogue(name));
    await tke("mk-add --value", [["Enter the key part value:", "5a".repeat(32)], ...partDialogue("third")]);
    // Two lines for each part; in the reversed list its number begins every second one.
    const keynums = firstWords(plainLines(await tke("mks")))
      .filter((_, at) => at % 2 === 1)
      .reverse();
    expect(keynums).toEqual(["1", "2", "3"]);
    await tke("cryptounit-mk-load", [
      ["Enter the KEYNUM values of the master key parts you wish to load.", keynums.join(" ")],
      [SIGNER, "admin-pw"],
      ...parts.map((name, at) => [`Enter the password for key file ${at + 1}`, `${name}-pw`] as const),
    ]);
    await tke("cryptounit-mk-commit", [[SIGNER, "admin-pw"]]);
    await tke("cryptounit-mk-setimm", [
      ["Do you want to continue?", "y"],
      [SIGNER, "admin-pw"],
    ]);
    expect((await tke("cryptounit-mk")).match(/Valid/g)).toHaveLength(2);

    const zeroized = await tke("cryptounit-zeroize", [
      ["Are you sure you want to zeroize the selected crypto units?", "y"],
      [SIGNER, "admin-pw"],
    ]);
    expect(zeroized).toContain("The selected crypto units have been zeroized.\r\n");
    expect((await tke("cryptounit-mk")).match(/Empty/g)).toHaveLength(4);
  });
});
