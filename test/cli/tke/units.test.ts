// Crypto units from the command line: selection, administrators, thresholds, registers, control points, zeroizing; transcripts.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk, type Run } from "../../support/tke-desk.ts";

const ROW = /^\d+ +(true|false) +(OPERATIONAL|RECOVERY|FAILOVER) +\[/;
const KEY_QUESTION = /^Enter the password for the signature key identified by:\n.+ \([0-9a-f]{30}\.\.\.\)\n> $/;

/** Blocks of the lines after `Resource group:`, as scripts in the field split them. */
function blocksOf(screen: string): string[][] {
  const after = screen.slice(screen.indexOf("Resource group:"));
  return after.split("\n\n").map((block) => block.split("\n"));
}

describe("selection", () => {
  const desk = new Desk();
  beforeAll(async () => {
    await desk.fleet("--instances 2 --operational 2 --recovery 1");
  });
  afterAll(() => desk.close());

  it("cryptounits prints what scripts parse, under opentke and opentke tke alike", async () => {
    const { out } = await desk.ok("tke cryptounits");
    expect(out).toBe((await desk.ok("cryptounits")).out);
    expect(out).toMatch(
      /^API endpoint: +the fleet .*\nRegion: +us-\w+\nUser: +john\.smith\nAccount: .*\nResource group: +Default\n\n/,
    );
    const instances = blocksOf(out).filter(([first]) => first?.startsWith("SERVICE INSTANCE:"));
    expect(instances).toHaveLength(2);
    const numbers = instances.flatMap(([, header, ...rows]) => {
      expect(header).toBe("CRYPTO UNIT NUM   SELECTED   TYPE          LOCATION");
      for (const row of rows) expect(row).toMatch(ROW);
      return rows.map((row) => row.split(/\s+/)[0]);
    });
    expect(numbers).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(out).toContain("\n\nNote: all operational crypto units");
  });

  it("cryptounit-add and -rm keep the selection in DOMAINS", async () => {
    const { prompts, screen } = await desk.ok("cryptounit-add", { answers: ["1 2 5"] });
    expect(prompts).toEqual(["Enter a list of CRYPTO UNIT NUM to add, separated by spaces:\n> "]);
    expect(screen.match(/API endpoint:/g)).toHaveLength(2);
    expect(screen).toMatch(/> 1 2 5\nOK\n\nAPI endpoint:/);
    await desk.ok("cryptounit-rm", { answers: ["5"] });
    const { instances } = await desk.json<{ instances: { units: { number: number; selected: boolean }[] }[] }>(
      "cryptounits",
    );
    expect(instances.flatMap(({ units }) => units.flatMap((unit) => (unit.selected ? [unit.number] : [])))).toEqual([
      1, 2,
    ]);
    const domains = JSON.parse(desk.read("DOMAINS")) as Record<string, unknown>[];
    expect(domains).toHaveLength(6);
    expect(Object.keys(domains[0]!)).toEqual([
      "domain_num",
      "hsm_id",
      "crypto_instance_id",
      "location",
      "serial_num",
      "public_key",
      "type",
      "selected",
    ]);
    expect(domains.map(({ selected }) => selected)).toEqual([true, true, false, false, false, false]);
  });

  it.each([
    ["cryptounit-add --units 7", 2, "CRYPTO UNIT NUM: want 1 to 6, got 7"],
    ["cryptounit-add --units 'one two'", 2, "want numbers separated by spaces, got 'one'"],
    ["cryptounit-add", 2, "There is nobody to ask, so --units is wanted"],
    ["cryptounit-add --units ''", 2, "Want at least one CRYPTO UNIT NUM"],
  ])("%s: exit %i", async (line, code, reason) => {
    const before = desk.read("DOMAINS");
    const run = await desk.run(line);
    expect(run.code).toBe(code);
    expect(run.err).toContain(reason);
    expect(desk.read("DOMAINS")).toBe(before);
  });

  it("commands want a selection", async () => {
    await desk.ok("cryptounit-rm --all");
    const { code, err } = await desk.run("cryptounit-mk");
    expect(code).toBe(5);
    expect(err).toContain("no crypto units are selected");
    expect(err).toContain("'opentke cryptounit-add'");
  });

  it("a unit whose hardware was replaced is not silently another one", async () => {
    await desk.ok("cryptounit-add --units 1");
    const domains = JSON.parse(desk.read("DOMAINS")) as { serial_num: string }[];
    domains[0]!.serial_num = "93XX0000";
    desk.write("files/DOMAINS", JSON.stringify(domains));
    const { code, err } = await desk.run("cryptounit-mk");
    expect(code).toBe(5);
    expect(err).toContain("its hardware was replaced: want serial number 93XX0000");
  });

  it("without a fleet says how to make one", async () => {
    const { code, err } = await desk.run("cryptounits", { env: { OPENTKE_HOME: `${desk.home}-none` } });
    expect(code).not.toBe(0);
    expect(err).toContain("'opentke fleet create'");
  });
});

describe("a service instance, by hand", () => {
  const desk = new Desk();
  const passwords = { A: "a", B: "b", C: "c" };
  beforeAll(async () => {
    await desk.fleet("--instances 1 --operational 2 --recovery 2");
    await desk.ok("cryptounit-add --all");
    for (const [name, password] of Object.entries(passwords))
      await desk.ok("sigkey-add", { answers: [name, password, password] });
    await desk.ok("sigkey-sel", { answers: ["1 2", "a", "b"] });
  });
  afterAll(() => desk.close());

  const thresholds = async () =>
    (
      await desk.json<{ units: { signatureThreshold: number; revocationThreshold: number }[] }>("cryptounit-thrhlds")
    ).units.map((unit) => [unit.signatureThreshold, unit.revocationThreshold]);
  const refused = async (line: string, answers: string[], reason: string, code = 5): Promise<Run> => {
    const run = await desk.run(line, { answers });
    expect([run.code, run.err.includes(reason) ? reason : run.err]).toEqual([code, reason]);
    return run;
  };

  it("has no administrators and is in imprint mode", async () => {
    expect((await desk.ok("cryptounit-admins")).out).toMatch(
      /^\nNo crypto unit administrators for service instance \S+\n$/,
    );
    const { out } = await desk.ok("cryptounit-thrhlds");
    expect(out).toMatch(
      /^\nSIGNATURE THRESHOLDS\nSERVICE INSTANCE: \S+\nCRYPTO UNIT NUM {3}SIGNATURE THRESHOLD {3}REVOCATION THRESHOLD\n/,
    );
    expect(out).toContain("==> Crypto units with a signature threshold of 0 are in IMPRINT MODE. <==");
  });

  it("in imprint mode refuses what is not for it", async () => {
    const run = await refused("cryptounit-mk-clrcur --force", ["a"], "is in imprint mode, where this is not allowed");
    expect(run.out).toBe("");
    await refused("cryptounit-thrhld-set", ["1", "1"], "want 1 administrator for these thresholds, got 0");
  });

  it("gets administrators without a signature", async () => {
    for (const [keynum, password] of [
      ["1", "a"],
      ["2", "b"],
      ["3", "c"],
    ] as const) {
      const { prompts, screen } = await desk.ok("cryptounit-admin-add", { answers: [keynum, password] });
      expect(prompts.map((prompt) => prompt.trim())).toEqual([
        "Enter the KEYNUM of the administrator signature key you wish to load:\n>",
        "Enter the password for the administrator signature key file:\n>",
      ]);
      expect(screen).toContain("\nOK\nThe crypto unit administrator was added to the selected crypto units.\n");
    }
    await refused("cryptounit-admin-add", ["1", "a"], "this administrator is installed already");
    const { units } = await desk.json<{ units: { administrators: { name: string }[] }[] }>("cryptounit-admins");
    expect(units.map(({ administrators }) => administrators.map(({ name }) => name))).toEqual(
      Array(4).fill(["A", "B", "C"]),
    );
  });

  it("leaves imprint mode with as many signatures as the new threshold says", async () => {
    await refused("cryptounit-thrhld-set --dry-run", ["9", "1"], "signature threshold: want 1 to 8, got 9", 2);
    expect((await desk.ok("cryptounit-thrhld-set --dry-run", { answers: ["2", "3"] })).out).toContain(
      "nothing was changed",
    );
    expect(await thresholds()).toEqual(Array(4).fill([0, 0]));
    const { prompts, screen } = await desk.ok("cryptounit-thrhld-set", { answers: ["2", "2", "a", "b"] });
    expect(prompts[0]!.trim()).toBe("Enter the new signature threshold value:\n>");
    expect(prompts[1]!.trim()).toBe("Enter the new revocation signature threshold value:\n>");
    expect(prompts.slice(2)).toEqual([expect.stringMatching(KEY_QUESTION), expect.stringMatching(KEY_QUESTION)]);
    expect(screen).toContain(
      "\nOK\nNew signature threshold values have been set in the selected crypto units.\n\nSIGNATURE THRESHOLDS\n",
    );
    expect(await thresholds()).toEqual(Array(4).fill([2, 2]));
  });

  it("asks for S signatures from then on: too few says what is missing, enough succeeds", async () => {
    await desk.ok("sigkey-add", { answers: ["D", "d", "d"] });
    const lonely = await refused(
      "cryptounit-admin-add --sign-with 1",
      ["4", "d"],
      "want 2 of its administrators to sign, got 1",
      6,
    );
    expect(lonely.err.match(/\[us-/g)).toHaveLength(4);
    await desk.ok("cryptounit-admin-add", { answers: ["4", "d", "a", "b"] });
    await desk.ok("cryptounit-exit-impr", { answers: ["2", "3", "a", "b"] });
    expect(await thresholds()).toEqual(Array(4).fill([2, 3]));
    const few = "want 3 of its administrators to sign, got 2";
    await refused("cryptounit-admin-rm --admin D", [], few, 6);
    await desk.ok("cryptounit-admin-rm --admin D --sign-with '1 2 3'", { answers: ["a", "b", "c"] });
    await desk.ok("cryptounit-exit-impr", { answers: ["2", "2", "a", "b"] });
  });

  it("shows the unit's own words when it refuses", async () => {
    await desk.ok("cryptounit-admin-rm --admin C", { answers: ["a", "b"] });
    const run = await refused("cryptounit-admin-rm --admin B", ["a", "b"], "Return code:     209", 1);
    expect(run.err).toMatch(
      /Return code: +209\nReason code: +66\nError message: +too few administrators would be left/,
    );
    const json = await desk.run("cryptounit-admin-rm --admin B --output json", { answers: ["a", "b"] });
    expect(JSON.parse(json.err.slice(json.err.indexOf("{")))).toMatchObject({
      error: { code: "ERR_UNIT", returnCode: 209, reasonCode: 66 },
    });
    expect(json.out).toBe("");
    await desk.ok("cryptounit-admin-add", { answers: ["3", "c", "a", "b"] });
  });

  it("removes an administrator that is chosen from the list", async () => {
    const { screen } = await desk.ok("cryptounit-admin-rm", { answers: ["3", "a", "b"] });
    expect(screen).toMatch(/\n1 {3}A \([0-9a-f]{30}\.\.\.\)\n2 {3}B /);
    await refused(
      "cryptounit-admin-rm --admin Z",
      [],
      "want one of the administrators, got 'Z', which is 0 of them",
      2,
    );
    await desk.ok("cryptounit-admin-add", { answers: ["3", "c", "a", "b"] });
  });

  it("loads, commits and activates a master key in parts", async () => {
    for (const name of ["First", "Second"]) await desk.ok("mk-add --random", { answers: [name, "p", "p"] });
    await refused("cryptounit-mk-commit", [], "its new master key register is Empty");
    await refused("cryptounit-mk-load", ["1"], "want 2 or 3 KEYNUM values, got 1", 2);
    await refused("cryptounit-mk-load", ["1 2", "a", "x"], "key part KEYNUM 1 (First): the password", 1);
    const load = await desk.ok("cryptounit-mk-load", { answers: ["1 2", "a", "p", "p"] });
    expect(load.prompts[0]!.trim()).toMatch(
      /^Enter the KEYNUM values of the master key parts you wish to load\.\n2 or 3/,
    );
    expect(load.prompts[1]).toMatch(KEY_QUESTION);
    expect(load.prompts.slice(2)).toEqual([
      "Enter the password for key file 1\n> ",
      "Enter the password for key file 2\n> ",
    ]);
    expect(load.screen).toMatch(
      /NEW MASTER KEY REGISTER\nSERVICE INSTANCE: \S+\nCRYPTO UNIT NUM {3}STATUS {13}VERIFICATION PATTERN\n1 {17}Full Uncommitted {3}[0-9a-f]{32}\n {37}[0-9a-f]{32}\n2 /,
    );
    await refused("cryptounit-mk-setimm", ["y", "a"], "is Full Uncommitted, want Full Committed");
    const commit = await desk.ok("cryptounit-mk-commit", { answers: ["a", "b"] });
    expect(commit.prompts).toEqual([expect.stringMatching(KEY_QUESTION), expect.stringMatching(KEY_QUESTION)]);
    await refused("cryptounit-mk-load", ["1 2"], "is Full Committed: a rotation may be under way");
    expect((await desk.ok("cryptounit-mk-setimm", { answers: ["n"] })).out).toBe("Nothing was changed.\n");
    const setimm = await desk.ok("cryptounit-mk-setimm", { answers: ["y", "a"] });
    expect(setimm.prompts[0]).toContain("Do you want to continue?");
    const { units } = await desk.json<{
      units: { currentRegister: { status: string; verificationPattern: string } }[];
    }>("cryptounit-mks");
    expect(new Set(units.map(({ currentRegister }) => JSON.stringify(currentRegister))).size).toBe(1);
    expect(units[0]!.currentRegister).toEqual({
      status: "Valid",
      verificationPattern: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await refused("cryptounit-mk-setimm", [], "nothing is left to do if the current master key");
    await refused("cryptounit-mk-load", ["2 1", "a", "p", "p"], "these parts make the master key that it has already");
  });

  it("clears registers", async () => {
    await desk.ok("mk-add --random", { answers: ["Third", "p", "p"] });
    await desk.ok("cryptounit-mk-load", { answers: ["1 3", "a", "p", "p"] });
    expect((await desk.ok("cryptounit-mk-clrnew", { answers: ["n"] })).out).toBe("Nothing was changed.\n");
    await desk.ok("cryptounit-mk-clrnew", { answers: ["y", "a"] });
    await desk.ok("cryptounit-mk-clrcur --force", { answers: ["a"] });
    const { out } = await desk.ok("cryptounit-mk");
    expect(out).toMatch(/^\nNEW MASTER KEY REGISTER\n[\s\S]*\n\nCURRENT MASTER KEY REGISTER\n/);
    expect(out.match(/Empty {4}0{32}\n/g)).toHaveLength(8);
  });

  it("switches control points", async () => {
    await desk.ok("cryptounit-cp --number 66 --clear", { answers: ["a", "b"] });
    expect((await desk.ok("cryptounit-cp --number 66")).out).toMatch(
      /^\nCONTROL POINTS\n.*\nCRYPTO UNIT NUM {3}XCP_CPB_BTC\n1 {17}Not Set\n/,
    );
    expect((await desk.ok("cryptounit-cp-btc", { answers: ["a", "b"] })).out).toMatch(/XCP_CPB_BTC\n1 +Set\n2 +Set\n/);
    for (const line of ["cryptounit-cp-eddsa", "cryptounit-cp-sig-other"]) await desk.ok(line, { answers: ["a", "b"] });
    await refused("cryptounit-cp --number 128", [], "control point: want 0 to 127, got 128", 2);
    await refused("cryptounit-cp --number 1 --set --clear", [], "Want --set or --clear, not both", 2);
    await refused("cryptounit-cp --number 15 --set", ["a", "b"], "Reason code:     46", 1);
  });

  it("compares, and says where units differ", async () => {
    expect((await desk.ok("cryptounit-compare")).out).not.toContain("WARNING");
    await desk.ok("cryptounit-rm --units '2 3 4'");
    await desk.ok("cryptounit-cp --number 66 --clear", { answers: ["a", "b"] });
    await desk.ok("cryptounit-add --all");
    const { out } = await desk.ok("cryptounit-compare");
    for (const title of [
      "SIGNATURE THRESHOLDS",
      "ADMINISTRATORS",
      "NEW MASTER KEY REGISTER",
      "CURRENT MASTER KEY REGISTER",
      "CONTROL POINTS",
    ])
      expect(out).toMatch(new RegExp(`\\n${title}\\nSERVICE INSTANCE: `));
    expect(out.match(/configured the same/g)).toHaveLength(4);
    expect(out).toMatch(
      /1 +Set +Not Set +Set\n2 +Set +Set +Set\n[\s\S]*WARNING: Crypto units are configured differently/,
    );
    expect(await desk.json("cryptounit-compare")).toMatchObject({
      alike: false,
      agreement: { controlPoints: false, thresholds: true },
    });
  });

  it("is zeroized with one signature, after a question, and then with none", async () => {
    expect((await desk.ok("cryptounit-zeroize", { answers: ["n"] })).out).toBe("Nothing was changed.\n");
    expect((await desk.ok("cryptounit-zeroize --dry-run")).out).toContain("Dry run: nothing was changed.");
    const { prompts } = await desk.ok("cryptounit-zeroize", { answers: ["y", "a"] });
    expect(prompts[0]).toContain("Are you sure you want to zeroize the selected crypto units?");
    expect(prompts[1]).toMatch(KEY_QUESTION);
    expect(await thresholds()).toEqual(Array(4).fill([0, 0]));
    expect(await desk.json("cryptounit-zeroize --force --no-input")).toEqual({ zeroized: [1, 2, 3, 4] });
  });
});
