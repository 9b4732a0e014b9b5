// Completion scripts: made from the command table, tried in the shells that are here.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS, GROUPS, wordsOf } from "../../src/cli/command-table.ts";
import { modelOf } from "../../src/cli/completion/model.ts";
import { completionModel } from "../../src/cli/completion-model.ts";
import { opentke } from "../support/terminal.ts";

const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;
const scriptFor = async (shell: string): Promise<string> => {
  const { code, out, err } = await opentke(`completion ${shell}`);
  expect([code, err]).toEqual([0, ""]);
  return out;
};

const folder = mkdtempSync(join(tmpdir(), "opentke-completion-"));
const scripts: Record<string, string> = {};
beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    scripts[shell] = await scriptFor(shell);
    writeFileSync(join(folder, shell), scripts[shell]);
  }
  mkdirSync(join(folder, "keys"));
  writeFileSync(join(folder, "keys", "pass word"), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(has("bash"))("bash", () => {
  /** What bash offers for the last of the words. `breaks` as in COMP_WORDBREAKS: whether '=' is a word of its own. */
  const offered = (words: readonly string[]): string[] => {
    const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _opentke; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync(
      "bash",
      ["-c", program, "x", join(folder, "bash"), "opentke", ...words],
      {
        encoding: "utf8",
        cwd: folder,
      },
    );
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.split("\n").filter((line) => line !== "");
  };
  const globals = ["--help", "-h", "--quiet", "-q", "--verbose", "--no-input"];

  it("is given no error by its own syntax check, and needs no command of the system", () => {
    expect(spawnSync("bash", ["-n", join(folder, "bash")]).status).toBe(0);
    const program = `PATH=; source "$1"; COMP_WORDS=(opentke fleet cr); COMP_CWORD=2; _opentke; echo "$COMPREPLY"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", program, "x", join(folder, "bash")], { encoding: "utf8" });
    expect([stdout, stderr]).toEqual(["create\n", ""]);
  });

  it("offers every command, every other name and every group at the beginning", () => {
    const names = COMMANDS.flatMap(({ name, aliases = [] }) => (name.includes(" ") ? [] : [name, ...aliases]));
    expect(offered([""]).sort()).toEqual([...names, ...Object.keys(GROUPS), "tke", "help"].sort());
  });

  it.each(Object.keys(GROUPS))("offers the commands of %s behind it", (group) =>
    expect(offered([group, ""])).toEqual(wordsOf(group)),
  );

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    "offers the options of %s",
    (name, { options }) => {
      const long = Object.keys(options).map((option) => `--${option}`);
      const short = Object.values(options).flatMap(({ alias }) => (alias === undefined ? [] : [`-${`${alias}`}`]));
      for (const words of [
        [...name.split(" "), ""],
        [...name.split(" "), "-"],
      ])
        expect(offered(words).sort()).toEqual([...long, ...short, ...globals].sort());
    },
  );

  it.each([
    [["fl"], ["fleet"]],
    [["auto-r"], ["auto-recover"]],
    [["tke", "sigkey-s"], ["sigkey-sel"]],
    [["tke", "dril"], []],
    [["help", "exit"], ["exit-codes"]],
    [["h", "fleet", "cr"], ["create"]],
    [["help", "tke", "sigkey-s"], ["sigkey-sel"]],
    [["tke", "auto-recover", "--so"], ["--source"]],
    [
      ["drill", "--output", ""],
      ["text", "json"],
    ],
    [["drill", "--output", "j"], ["json"]],
    [
      ["drill", "--output", "="],
      ["text", "json"],
    ],
    [["drill", "--output", "=", "t"], ["text"]],
    [["drill", "--output=t"], ["--output=text"]],
    [
      ["sigkey-add", "--format", ""],
      ["sdk", "opentke"],
    ],
    [["bench", "--suite", "o"], ["operations"]],
    [["fleet", "create", "--region", ""], []],
    [["fleet", "create", "--region", "fleet", "--inst"], ["--instances"]],
    [["sigkey-add", "--password-file", "ke"], ["keys"]],
    [["sigkey-add", "--password-file", "keys/"], ["keys/pass word"]],
    [["sigkey-add", "--name", ""], []],
    [["nosuch", "fl"], ["fleet"]],
  ])("%j: %j", (words, expected) => expect(offered(words)).toEqual(expected));
});

describe.each(["zsh", "fish"])("%s", (shell) => {
  it.runIf(has(shell))("is given no error by its own syntax check", () => {
    const { status, stderr } = spawnSync(shell, ["-n", join(folder, shell)], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("knows every command, every option and every closed choice, with descriptions", () => {
    const script = scripts[shell]!;
    for (const { name, aliases = [], summary } of COMMANDS)
      for (const word of [name.split(" ").at(-1)!, ...aliases]) {
        const about = summary.replaceAll("'", shell === "zsh" ? "'\\''" : "\\'");
        expect(script).toContain(shell === "zsh" ? `'${word}:${about}'` : `-a ${word} -d '${about}'`);
      }
    for (const option of new Set(COMMANDS.flatMap(({ options }) => Object.keys(options))))
      expect(script).toContain(shell === "zsh" ? `'--${option}:` : ` -l ${option} `);
    const choices = { zsh: ["'--output') reply=('text' 'json')"], fish: ["-l output -x -a 'text json'"] };
    for (const choice of choices[shell as keyof typeof choices]) expect(script).toContain(choice);
    expect(script).toContain(shell === "zsh" ? "'--password-file') reply=('@path')" : "-l password-file -r -F");
  });

  it("has no quote that is left open", () => {
    for (const line of scripts[shell]!.split("\n")) {
      const bare = shell === "zsh" ? line.replaceAll("'\\''", "") : line.replace(/\\./g, "");
      expect([bare.match(/'/g)?.length ?? 0, line].map((one) => (typeof one === "number" ? one % 2 : ""))).toEqual([
        0,
        "",
      ]);
    }
  });
});

describe("the model", () => {
  it("has a place for every command and every other name", () => {
    const paths = completionModel().places.map(({ path }) => path);
    for (const { name, aliases = [] } of COMMANDS) for (const path of [name, ...aliases]) expect(paths).toContain(path);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it("refuses an option that wants a value in one command and none in another", () => {
    const command = (name: string, type: "string" | "boolean") => ({
      name,
      summary: "",
      examples: [],
      options: { mark: { type } },
      run: async () => {},
    });
    const table = { groups: {}, tke: [], globals: {}, pages: [] };
    expect(() => modelOf({ ...table, commands: [command("a", "string"), command("b", "boolean")] })).toThrow(
      "--mark wants text in one command and none in another",
    );
    expect(
      modelOf({ ...table, commands: [command("a", "boolean"), command("b", "boolean")] }).values.get("--mark"),
    ).toEqual({
      kind: "none",
    });
  });
});
