// --dry-run: every command that changes something has it, and changes nothing with it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { Desk } from "../support/tke-desk.ts";

/** Commands that change neither crypto units nor files that are kept. */
const READ_ONLY = [
  ...["drill", "bench", "fleet list", "fleet show", "serve", "signing-service", "root"],
  ...["keystore list", "keystore check", "audit verify", "audit export", "audit head"],
  ...[
    "sigkeys",
    "mks",
    "cryptounits",
    "cryptounit-compare",
    "cryptounit-admins",
    "cryptounit-thrhlds",
    "cryptounit-mk",
  ],
  ...["completion bash", "completion zsh", "completion fish"],
];

const desk = new Desk();
let pw: string;
let ski: string;

beforeAll(async () => {
  await desk.fleet();
  pw = `--password-file ${desk.write("pw", "pw\n")} --no-input`;
  for (const name of ["A", "B", "C"]) await desk.ok(`sigkey-add --name ${name} ${pw}`);
  await desk.ok(`sigkey-sel --keynum '1 2' ${pw}`);
  await desk.ok(`auto-init --signature-threshold 2 --revocation-threshold 2 --admins 2 --keynum '1 2' ${pw}`);
  for (const name of ["p", "q"]) await desk.ok(`mk-add --random --description ${name} ${pw}`);
  const { signatureKeys } = await desk.json<{ signatureKeys: { ski: string }[] }>("sigkeys");
  ski = signatureKeys[0]!.ski;
});
afterAll(() => desk.close());

/** All that a dry run must leave alone: the units' state, and every file of the workstation and of the program but the database's. */
const state = async () => {
  const fleet = JSON.parse((await desk.ok("fleet show --output json")).out) as object;
  const files = [desk.files, desk.home].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => !/^fleet\.(db|lock)/.test(name))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
  return JSON.stringify([fleet, files]);
};

interface DryRun {
  readonly dryRun: true;
  readonly what: string;
  readonly units: readonly number[];
  readonly commands: readonly {
    readonly number: number;
    readonly location: string;
    readonly command: string;
    readonly signatures: number;
    readonly signers: readonly { readonly name: string; readonly ski: string }[];
  }[];
}

/** A dry run that asks for no password, for programs; after it everything is as before. */
const dry = async (line: string): Promise<DryRun> => {
  const before = await state();
  const { out, err } = await desk.ok(`${line} --dry-run --no-input --output json`);
  expect([err, await state()]).toEqual(["", before]);
  return JSON.parse(out) as DryRun;
};
const rows = ({ commands }: DryRun) =>
  commands.map(({ number, command, signatures, signers }) => [
    number,
    command,
    signatures,
    signers.map(({ name }) => name).join(),
  ]);

describe("--dry-run", () => {
  it("is an option of every command that changes something, and of no other", () => {
    for (const { name, options } of COMMANDS)
      expect([name, "dry-run" in options]).toEqual([name, !READ_ONLY.includes(name)]);
  });

  it.each([
    ["sigkey-add --name D", "create a signature key for 'D' in a new file"],
    ["sigkey-rm --keynum 3", "remove KEYNUM 3"],
    ["sigkey-sel --keynum 3", "make KEYNUM 3 the current signature keys"],
    ["mk-add --random --description r", "create a random key part 'r' in a new file"],
    ["mk-rm --keynum '1 2'", "remove KEYNUM 1 2"],
    ["cryptounit-rm --units 1", "deselect CRYPTO UNIT NUM 1"],
    ["cryptounit-add --all", "select CRYPTO UNIT NUM 1 2 3 4"],
    ["target --resource-group other", "keep these settings for all commands"],
    ["keystore generate --count 5", "generate 5 root keys for each of 1 service instances"],
    ["failover-enable --units 2", /^add 2 failover crypto units to service instance /],
  ])("%s changes nothing, and says what it would do", async (line, what) =>
    expect((await dry(line)).what).toEqual(typeof what === "string" ? what : expect.stringMatching(what)),
  );

  it.each([
    ["cryptounit-admin-rm --admin A", "remove-domain-administrator", 2, "A,B"],
    ["cryptounit-admin-add --keynum 3", "add-domain-administrator", 2, "A,B"],
    ["cryptounit-thrhld-set --signature-threshold 1 --revocation-threshold 1", "set-domain-attributes", 2, "A,B"],
    ["cryptounit-mk-clrcur", "clear-current-wk", 1, "A"],
    ["cryptounit-mk-clrnew", "clear-pending-wk", 1, "A"],
    ["cryptounit-cp --number 66 --set", "add-domain-control-points", 2, "A,B"],
    ["cryptounit-cp --number 66 --clear", "delete-domain-control-points", 2, "A,B"],
    ["cryptounit-cp-btc", "add-domain-control-points", 2, "A,B"],
    ["cryptounit-cp-eddsa", "add-domain-control-points", 2, "A,B"],
    ["cryptounit-cp-sig-other", "add-domain-control-points", 2, "A,B"],
    ["cryptounit-zeroize", "zeroize-domain", 1, "A"],
  ])("%s names the command of each unit, and who would sign it", async (line, command, signatures, signers) => {
    const result = await dry(line);
    expect(result).toMatchObject({ dryRun: true, units: [1, 2, 3, 4] });
    expect(rows(result)).toEqual([1, 2, 3, 4].map((number) => [number, command, signatures, signers]));
    expect(result.commands[0]).toMatchObject({
      location: expect.stringMatching(/^\[us-/),
      signers: [{ name: "A", ski }, ...(signatures > 1 ? [{}] : [])],
    });
  });

  it("cryptounit-mk-load: an importer key and an import for each unit", async () =>
    expect(rows(await dry("cryptounit-mk-load --keynum '1 2'"))).toEqual(
      [1, 2, 3, 4].flatMap((number) => [
        [number, "generate-importer-key", 1, "A"],
        [number, "import-wk", 1, "A"],
      ]),
    ));

  it("auto-mk-recover: the whole transfer, the export signed by as many as the source wants; nothing for who has the key", async () => {
    await desk.ok("cryptounit-rm --units '1 3 4'");
    await desk.ok(`cryptounit-mk-clrcur --force ${pw}`);
    await desk.ok("cryptounit-add --all");
    expect(rows(await dry("auto-mk-recover --source 3 --targets '1 2'"))).toEqual([
      [2, "generate-importer-key", 1, "A"],
      [3, "export-wk", 2, "A,B"],
      [2, "import-wk", 1, "A"],
      [2, "commit-pending-wk", 2, "A,B"],
      [2, "finalize-wk", 1, "A"],
    ]);
    await desk.ok(`auto-mk-recover --source 3 --targets 2 ${pw}`);
  });

  it("auto-mk-rotate, cryptounit-mk-rotate, -commit and -setimm: what a rotation by hand would send, step by step", async () => {
    const all = [1, 2, 3, 4];
    expect(rows(await dry("auto-mk-rotate"))).toEqual([
      [3, "generate-random-wk", 1, "A"],
      ...[1, 2, 4].flatMap((number) => [
        [number, "generate-importer-key", 1, "A"],
        [3, "export-next-wk", 2, "A,B"],
        [number, "import-wk", 1, "A"],
      ]),
      ...all.map((number) => [number, "commit-pending-wk", 2, "A,B"]),
      ...all.map((number) => [number, "finalize-wk", 1, "A"]),
    ]);
    await desk.ok(`cryptounit-mk-load --keynum '1 2' ${pw}`);
    expect(rows(await dry("cryptounit-mk-commit"))).toEqual(
      all.map((number) => [number, "commit-pending-wk", 2, "A,B"]),
    );
    await desk.ok(`cryptounit-mk-commit ${pw}`);
    for (const line of ["cryptounit-mk-rotate", "cryptounit-mk-setimm"])
      expect(rows(await dry(line))).toEqual(all.map((number) => [number, "finalize-wk", 1, "A"]));
    await desk.ok(`cryptounit-mk-setimm --force ${pw}`);
  });

  it("for people: what, and a table", async () => {
    const { out } = await desk.ok("cryptounit-mk-clrcur --dry-run");
    expect(out).toMatch(
      /^Dry run: nothing was changed\.\nWithout --dry-run: clear the current master key register in CRYPTO UNIT NUM 1 2 3 4\.\n\nCRYPTO UNIT NUM {3}COMMAND +SIGNATURES {3}SIGNERS\n1 +clear-current-wk {3}1 +A \([0-9a-f]{30}\.\.\.\)\n/,
    );
  });

  it("fails where the real run would: too few keys, a wrong value, nothing to do it to", async () => {
    const code = async (line: string) => (await desk.run(`${line} --dry-run --no-input`)).code;
    expect(await code("cryptounit-mk-commit")).toBe(5);
    expect(await code("cryptounit-thrhld-set --signature-threshold 9 --revocation-threshold 1")).toBe(2);
    expect(await code("cryptounit-cp-btc --sign-with 1")).toBe(6);
    expect(await code("sigkey-rm --keynum 9")).toBe(1);
  });

  it("fleet create and fleet destroy leave the folder as it is", async () => {
    const before = await state();
    expect((await desk.run("fleet create --dry-run")).err).toContain("there is a file 'fleet.db' already");
    const { out } = await desk.ok("fleet destroy --dry-run");
    expect(out).toBe("Dry run: nothing was changed.\nWithout --dry-run: remove these files.\n");
    expect(await state()).toBe(before);
    const elsewhere = { env: { OPENTKE_HOME: join(desk.root, "elsewhere") } };
    const made = await desk.ok("fleet create --instances 2 --dry-run", elsewhere);
    expect(made.out).toMatch(/make a fleet in .*elsewhere.*: 2 service instances, 10 crypto units on \d+ modules\.\n$/);
    expect(readdirSync(desk.root)).not.toContain("elsewhere");
  });
});
