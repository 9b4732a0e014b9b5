// Manual initialization (workstation.md 9), rotation by hand and automatic, recovery, zeroizing and auto-init, at a terminal, as scripts
// in the field drive them.
import { rmSync } from "node:fs";
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

/** Lines as a terminal shows them in the end: without colours, and without what was written over. */
function linesOf(screen: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are told
  const plain = screen.replace(/\u001b\[[0-9;]*m/g, "").replace(/[^\n]*\r\u001b\[K/g, "");
  return plain.split("\r\n");
}

const KEY_QUESTION = "Enter the password for the signature key identified by:";

describe.each(TERMINALS)("at a terminal (%s)", (terminal) => {
  const desk = new Desk();
  afterAll(() => desk.close());

  /** Runs a command, answering each of the texts that it is to show. Out: the screen from the last answer on, with \r\n. */
  const run = async (
    line: string,
    ...dialogue: readonly (readonly [text: string, answer: string])[]
  ): Promise<string> => {
    const program = new AtTerminal(terminal, join(children, "opentke.js"), words(line), { ...desk.env, TERM: "xterm" });
    for (const [text, answer] of dialogue) {
      await program.expect(text);
      program.type(answer);
    }
    const { screen, code } = await program.end();
    expect([line, code, code === 0 ? "" : screen]).toEqual([line, 0, ""]);
    for (const secret of ["admin-pw", "part-pw"]) expect(screen).not.toContain(secret);
    for (const shown of linesOf(screen)) expect(shown).not.toMatch(/.OK$/);
    return screen;
  };

  /** Rows of a table whose header begins with `title`, split on white space, as scripts do it. */
  const rows = (screen: string, title: string): string[][] => {
    const lines = linesOf(screen);
    const from = lines.findIndex((text) => text.startsWith(title)) + 1;
    const to = lines.findIndex((text, at) => at >= from && text === "");
    return lines.slice(from, to).map((text) => text.split(/\s+/));
  };

  it("a fleet is made", async () => {
    await run("fleet create --instances 1 --operational 2 --recovery 1");
  });

  it("units are selected, a signature key is made and selected", async () => {
    const units = rows(await run("tke cryptounits"), "CRYPTO UNIT NUM").map(([number]) => number);
    expect(units).toEqual(["1", "2", "3"]);
    await run("tke cryptounit-add", ["Enter a list of CRYPTO UNIT NUM to add, separated by spaces:", units.join(" ")]);
    await run(
      "tke sigkey-add",
      ["Enter an administrator name to be associated with the signature key:", "admin one"],
      ["Enter a password to protect the signature key:", "admin-pw"],
      ["Re-enter the password to confirm:", "admin-pw"],
    );
    const keys = rows(await run("tke sigkeys"), "KEYNUM");
    expect(keys.map(([keynum]) => keynum)).toEqual(["1"]);
    await run(
      "tke sigkey-sel",
      ["Enter the KEYNUM values to select as current signature keys, separated by spaces:", "1"],
      ["Enter the password for KEYNUM 1:", "admin-pw"],
    );
    expect(await run("tke sigkeys")).toContain("KEYNUM 1 is selected as the current signature key.\r\n");
  });

  it("the administrator is installed, and imprint mode left", async () => {
    await run(
      "tke cryptounit-admin-add",
      ["Enter the KEYNUM of the administrator signature key you wish to load:", "1"],
      ["Enter the password for the administrator signature key file:", "admin-pw"],
    );
    await run(
      "tke cryptounit-thrhld-set",
      ["Enter the new signature threshold value:", "1"],
      ["Enter the new revocation signature threshold value:", "1"],
      [KEY_QUESTION, "admin-pw"],
    );
    expect(rows(await run("tke cryptounit-thrhlds"), "CRYPTO UNIT NUM")).toEqual(
      ["1", "2", "3"].map((n) => [n, "1", "1"]),
    );
  });

  it("a master key is made of two parts, loaded, committed, activated", async () => {
    for (const [kind, ...value] of [["--random"], ["--value", ["Enter the key part value:", "0f".repeat(32)]]] as const)
      await run(
        `tke mk-add ${kind}`,
        ...(value as [string, string][]),
        ["Enter a description for the key part:", `part ${kind}`],
        ["Enter a password to protect the key part:", "part-pw"],
        ["Re-enter the password to confirm:", "part-pw"],
      );
    const lines = (await run("tke mks")).split("\r\n");
    expect([lines[0], lines[1]!.startsWith("KEYNUM"), lines.length]).toEqual(["", true, 7]);
    await run(
      "tke cryptounit-mk-load",
      ["Enter the KEYNUM values of the master key parts you wish to load.", "2 1"],
      [KEY_QUESTION, "admin-pw"],
      ["Enter the password for key file 1", "part-pw"],
      ["Enter the password for key file 2", "part-pw"],
    );
    await run("tke cryptounit-mk-commit", [KEY_QUESTION, "admin-pw"]);
    await run("tke cryptounit-mk-setimm", ["Do you want to continue?", "y"], [KEY_QUESTION, "admin-pw"]);
    const registers = await run("tke cryptounit-mk");
    const current = rows(registers.slice(registers.indexOf("CURRENT MASTER KEY REGISTER")), "CRYPTO UNIT NUM");
    expect(current.filter((_, at) => at % 2 === 0).map(([number, status]) => [number, status])).toEqual([
      ["1", "Valid"],
      ["2", "Valid"],
      ["3", "Valid"],
    ]);
    expect(new Set(current.map((cells) => cells.at(-1))).size).toBe(2);
  });

  it("a lost key is recovered", async () => {
    await run("tke cryptounit-rm", ["Enter a list of CRYPTO UNIT NUM to remove, separated by spaces:", "2 3"]);
    await run("tke cryptounit-mk-clrcur", ["Do you want to continue?", "y"], [KEY_QUESTION, "admin-pw"]);
    const screen = await run(
      "tke auto-mk-recover",
      ["whose master key is to be copied:", "3"],
      ["that are to get it, separated by spaces:", "1 2"],
      [KEY_QUESTION, "admin-pw"],
    );
    expect(screen).toContain(
      "CRYPTO UNIT NUM 3 was copied to CRYPTO UNIT NUM 1.\r\nCRYPTO UNIT NUM 2 had it already.\r\n",
    );
  });

  it("the master key is rotated in one go, and key storage with it", async () => {
    await run("tke cryptounit-add --all");
    await run("keystore generate --count 2");
    const screen = await run("tke auto-mk-rotate --delay 0", [KEY_QUESTION, "admin-pw"]);
    const told = ["the server can discover the new master key values....", "KMS CRK rewrap successful.", "OK"];
    const at = told.map((text) => screen.indexOf(text));
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(at).not.toContain(-1);
    expect((await run("keystore check")).match(/2 of 2/g)).toHaveLength(3);
  });

  it("the master key is rotated by hand: loaded, committed, then key storage re-encrypted", async () => {
    await run(
      "tke mk-add --random",
      ["Enter a description for the key part:", "part of a new key"],
      ["Enter a password to protect the key part:", "part-pw"],
      ["Re-enter the password to confirm:", "part-pw"],
    );
    await run(
      "tke cryptounit-mk-load",
      ["Enter the KEYNUM values of the master key parts you wish to load.", "1 2 3"],
      [KEY_QUESTION, "admin-pw"],
      ["Enter the password for key file 1", "part-pw"],
      ["Enter the password for key file 2", "part-pw"],
      ["Enter the password for key file 3", "part-pw"],
    );
    await run("tke cryptounit-mk-commit", [KEY_QUESTION, "admin-pw"]);
    const screen = await run("tke cryptounit-mk-rotate", ["Do you want to continue?", "y"], [KEY_QUESTION, "admin-pw"]);
    expect(screen).toContain("KMS CRK rewrap successful. Waiting for set immediate....\r\n");
    expect((await run("keystore check")).match(/2 of 2/g)).toHaveLength(3);
  });

  it("everything is zeroized, and initialized again in one go", async () => {
    await run("tke cryptounit-add --all");
    await run(
      "tke cryptounit-zeroize",
      ["Are you sure you want to zeroize the selected crypto units?", "y"],
      [KEY_QUESTION, "admin-pw"],
    );
    const screen = await run(
      "tke auto-init",
      ["Enter the new signature threshold value:", "1"],
      ["Enter the new revocation signature threshold value:", "1"],
      ["Enter the number of administrators you want to install:", "1"],
      ["Enter the KEYNUM of the existing signature key files you want to use to create administrators:", "1"],
      [KEY_QUESTION, "admin-pw"],
    );
    expect(screen).toContain("Transferring the master key value to 2 of 2 crypto units....\r\n");
    expect(JSON.parse((await run("cryptounit-compare --output json")).trim())).toMatchObject({ alike: true });
  });
});
