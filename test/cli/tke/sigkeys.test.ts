// Signature keys and key parts: transcripts.
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Desk } from "../../support/tke-desk.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.close());

const SKI = /[0-9a-f]{30}\.\.\./;
const add = (name: string, password = "pw") => desk.ok("sigkey-add", { answers: [name, password, password] });

describe("sigkeys", () => {
  it("says how to begin where there are none", async () => {
    const { out, err } = await desk.ok("sigkeys");
    expect(out).toMatch(/^\nNo files containing a signature key were found\.\n\n.*'opentke sigkey-add' command\.\n$/);
    expect(err).toBe("");
  });

  it("lists what scripts parse: an empty line, the header, the rows, a line for each selected key; no more", async () => {
    await add("john smith");
    await add("Jane");
    await desk.ok("sigkey-sel --keynum 2", { answers: ["pw"] });
    const lines = (await desk.ok("sigkeys")).out.split("\n");
    expect(lines[0]).toBe("");
    expect(lines[1]).toBe("KEYNUM   DESCRIPTION   SUBJECT KEY IDENTIFIER");
    expect(lines[2]).toMatch(new RegExp(`^1 {8}john smith {4}${SKI.source}$`));
    expect(lines[3]).toMatch(new RegExp(`^2 {8}Jane {10}${SKI.source}$`));
    expect(lines.slice(4)).toEqual(["KEYNUM 2 is selected as the current signature key.", ""]);
  });

  it("gives programs whole identifiers, and an empty list where there is nothing", async () => {
    expect(await desk.json("sigkeys")).toEqual({ signatureKeys: [] });
    await add("A");
    const { signatureKeys } = await desk.json<{ signatureKeys: { ski: string }[] }>("sigkeys");
    expect(signatureKeys).toEqual([
      { keynum: 1, description: "A", ski: expect.stringMatching(/^[0-9a-f]{64}$/), type: "P-521", selected: false },
    ]);
  });
});

describe("sigkey-add", () => {
  it("asks in the order that scripts know, and writes a file for its owner alone", async () => {
    const { screen, prompts } = await add("john smith");
    expect(prompts.map((prompt) => prompt.trim())).toEqual([
      "Enter an administrator name to be associated with the signature key:\n>",
      "Enter a password to protect the signature key:\n>",
      "Re-enter the password to confirm:\n>",
    ]);
    expect(screen).toMatch(/\n> john smith\nEnter a password to protect the signature key:\n> \nRe-enter/);
    expect(screen).toMatch(
      /\nOK\nA signature key was created\.\nThe available signature keys on this workstation are:\n\nKEYNUM/,
    );
    expect(screen).not.toContain("pw");
    expect(desk.list()).toEqual(["1.sigkey"]);
    expect(statSync(join(desk.files, "1.sigkey")).mode & 0o777).toBe(0o600);
    expect(JSON.parse(desk.read("1.sigkey"))).toMatchObject({ keyType: "p521ec", description: "john smith" });
  });

  it("asks nothing where flags and a file say it all", async () => {
    const password = desk.write("pw", "secret\n");
    const made = await desk.json<{ keynum: number }>(
      `sigkey-add --name A --password-file ${password} --format opentke`,
    );
    expect(made).toMatchObject({ keynum: 1, name: "A" });
    expect(JSON.parse(desk.read("1.sigkey"))).toMatchObject({ format: "opentke-1" });
    expect((await desk.run(`sigkey-sel --keynum 1 --password-file ${password}`)).code).toBe(0);
  });

  it.each([
    ["sigkey-add", ["A", "x", "y"], "The two passwords differ"],
    ["sigkey-add", ["A", ""], "want at least one character"],
    ["sigkey-add", ["", "x", "x"], "administrator name: want 1 to 30 bytes, got 0"],
    ["sigkey-add", ["0123456789012345678901234567890", "x", "x"], "want 1 to 30 bytes, got 31"],
    ["sigkey-add --format pgp --name A", [], "--format: want sdk or opentke, got 'pgp'"],
    ["sigkey-add --no-input", ["A"], "so --name is wanted"],
  ])("%s, answered %j, is incorrect usage and writes nothing", async (line, answers, reason) => {
    const { code, err } = await desk.run(line, { answers });
    expect([code, desk.list()]).toEqual([2, []]);
    expect(err).toContain(reason);
  });

  it("without a terminal names the flag that is wanted", async () => {
    const { code, err, out } = await desk.run("sigkey-add --name A");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("There is nobody to ask, so --password-file is wanted.");
  });

  it("wants CLOUDTKEFILES", async () => {
    const { code, err } = await desk.run("sigkeys", { env: { CLOUDTKEFILES: "" } });
    expect(code).toBe(1);
    expect(err).toMatch(/^FAILED\nCLOUDTKEFILES is not set/);
  });
});

describe("sigkey-sel", () => {
  beforeEach(async () => {
    await add("A", "a");
    await add("B", "b");
  });

  it("asks for the numbers, then for the password of each", async () => {
    const { screen, prompts } = await desk.ok("sigkey-sel", { answers: ["2 1", "b", "a"] });
    expect(prompts.map((prompt) => prompt.trim())).toEqual([
      "Enter the KEYNUM values to select as current signature keys, separated by spaces:\n>",
      "Enter the password for KEYNUM 2:\n>",
      "Enter the password for KEYNUM 1:\n>",
    ]);
    expect(screen).toMatch(/^\nKEYNUM {3}DESCRIPTION/);
    expect(screen).toMatch(/\nOK\nKEYNUM 2 has been made the current signature key\.\nKEYNUM 1 has been made the/);
  });

  it("takes passwords from a file, one for each prompt", async () => {
    const file = desk.write("pw", "a\nb\n");
    expect(await desk.json(`sigkey-sel --keynum '1 2' --password-file ${file}`)).toEqual({ selected: [1, 2] });
    const { code, err } = await desk.run(`sigkey-sel --keynum '2 1' --password-file ${file}`);
    expect(code).toBe(1);
    expect(err).toContain("KEYNUM 2 (B): the password is not that of this file");
  });

  it.each([
    ["3", 1, "KEYNUM 3: there is no file '3.sigkey'"],
    ["", 2, "Want at least one KEYNUM"],
    ["one", 2, "want numbers separated by spaces, got 'one'"],
  ])("refuses %j and selects nothing", async (answer, code, reason) => {
    const run = await desk.run("sigkey-sel", { answers: [answer] });
    expect(run.code).toBe(code);
    expect(run.err).toContain(reason);
    expect(desk.list()).not.toContain("SELECTEDKEYS");
  });

  it("refuses a wrong password and leaves the selection", async () => {
    await desk.ok("sigkey-sel", { answers: ["1", "a"] });
    expect((await desk.run("sigkey-sel", { answers: ["1 2", "a", "no"] })).code).toBe(1);
    expect((await desk.ok("sigkeys")).out.match(/KEYNUM . is selected/g)).toEqual(["KEYNUM 1 is selected"]);
  });

  it("is undone by sigkey-rm, which asks", async () => {
    await desk.ok("sigkey-sel", { answers: ["1 2", "a", "b"] });
    expect((await desk.ok("sigkey-rm", { answers: ["1", "n"] })).out).toContain("Nothing was removed.");
    await desk.ok("sigkey-rm", { answers: ["1", "y"] });
    expect(desk.list()).toEqual(["2.sigkey", "SELECTEDKEYS"]);
    expect((await desk.ok("sigkeys")).out.match(/KEYNUM . is selected/g)).toEqual(["KEYNUM 2 is selected"]);
    expect(await desk.json("sigkey-rm --keynum 2 --force")).toEqual({ removed: [2] });
    expect((await desk.run("sigkey-rm --keynum 2 --force")).code).toBe(1);
  });

  it("names the file that is damaged", async () => {
    writeFileSync(join(desk.files, "2.sigkey"), "nonsense");
    const { code, err } = await desk.run("sigkeys --output json");
    expect(code).toBe(1);
    expect(JSON.parse(err)).toMatchObject({
      error: {
        code: "ERR_WORKSTATION",
        message: expect.stringMatching(/'2.sigkey' in .*: want JSON/),
        nextStep: expect.stringContaining("'opentke sigkeys'"),
      },
    });
  });
});

describe("key parts", () => {
  const VALUE = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

  it("mk-add --random asks for description and password", async () => {
    const { prompts, screen } = await desk.ok("mk-add --random", { answers: ["First key", "pw", "pw"] });
    expect(prompts.map((prompt) => prompt.trim())).toEqual([
      "Enter a description for the key part:\n>",
      "Enter a password to protect the key part:\n>",
      "Re-enter the password to confirm:\n>",
    ]);
    expect(screen).toMatch(
      /\nOK\nA key part was created\.\nThe available EP11 master key parts on this workstation are:\n/,
    );
    expect(statSync(join(desk.files, "1.mkpart")).mode & 0o777).toBe(0o600);
  });

  it("mk-add --value asks for the value first, does not show it, and knows its pattern", async () => {
    const { prompts, screen } = await desk.ok("mk-add --value", { answers: [VALUE, "Second", "pw", "pw"] });
    expect(prompts[0]!.trim()).toBe("Enter the key part value:\n>");
    expect(screen).not.toContain(VALUE);
    expect(desk.read("1.mkpart")).not.toContain(VALUE);
    const lines = (await desk.ok("mks")).out.split("\n");
    expect(lines).toEqual([
      "",
      "KEYNUM   DESCRIPTION   VERIFICATION PATTERN",
      "1        Second        491176b0f443c65a7c7d72df47d6cbc0",
      "                       d04e111fb5a619f60d3e776700000000",
      "",
    ]);
  });

  it("takes the value from a file", async () => {
    const [value, password] = [desk.write("value", `${VALUE}\n`), desk.write("pw", "x")];
    const made = await desk.json(`mk-add --value-file ${value} --description D --password-file ${password}`);
    expect(made).toMatchObject({ keynum: 1, verificationPattern: expect.stringMatching(/^491176b0f443c65a/) });
    expect(await desk.json("mks")).toMatchObject({ keyParts: [{ keynum: 1, description: "D" }] });
  });

  it.each([
    ["mk-add", [], 2, "Want either --random or --value"],
    ["mk-add --random --value", [], 2, "Want either --random or --value"],
    ["mk-add --value", ["0011"], 1, "want 64 hexadecimal digits, got 4 characters"],
    ["mk-add --value", [`${VALUE.slice(1)}g`], 1, "want 64 hexadecimal digits, got another character"],
    ["mk-add --random", ["D", "a", "b"], 2, "The two passwords differ"],
  ])("%s, answered %j, fails and writes nothing", async (line, answers, code, reason) => {
    const run = await desk.run(line, { answers });
    expect([run.code, desk.list()]).toEqual([code, []]);
    expect(run.err).toContain(reason);
  });

  it("mk-rm asks, and removes", async () => {
    await desk.ok("mk-add --random", { answers: ["D", "a", "a"] });
    await desk.ok("mk-rm", { answers: ["1", ""] });
    expect(desk.list()).toEqual(["1.mkpart"]);
    await desk.ok("mk-rm", { answers: ["1", "y"] });
    expect((await desk.ok("mks")).out).toContain("No files containing an EP11 master key part were found.");
  });
});
