// Help: what a newcomer does first, every command by topic, pages about codes; and what is said about command lines that are wrong.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { COMMANDS, GROUPS, TOPICS } from "../../src/cli/command-table.ts";
import { ERROR_KINDS, EXIT_MEANINGS, Exit } from "../../src/cli/exit.ts";
import { TKE_COMMANDS } from "../../src/cli/tke/commands.ts";
import { opentke } from "../support/terminal.ts";

const helpOf = async (line: string): Promise<string> => {
  const { code, out, err } = await opentke(line);
  expect([code, err]).toEqual([0, ""]);
  return out;
};

describe("opentke --help", () => {
  it.each(["-h", "help", "h"])("is what %s prints too", async (line) =>
    expect(await helpOf(line)).toBe(await helpOf("--help")),
  );

  it("begins with what somebody does first, and fits 130 columns", async () => {
    const out = await helpOf("--help");
    expect(out.indexOf("opentke drill")).toBeLessThan(out.indexOf("opentke fleet create"));
    expect(out.indexOf("First steps")).toBeLessThan(out.indexOf("Try it out"));
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(130);
  });

  it("names every command and every other name once, by topic", async () => {
    const out = await helpOf("--help");
    const topics = out.slice(out.indexOf("Try it out"));
    for (const { title } of TOPICS) expect(topics).toContain(`\n${title}:\n`.slice(title === "Try it out" ? 1 : 0));
    for (const { name, aliases = [], summary } of COMMANDS) {
      const [first = "", second] = name.split(" ");
      const shown = second === undefined ? [name, ...aliases].join(", ") : `${first} `;
      expect(
        topics.split("\n").filter((line) => line.startsWith(`  ${shown}`) && /^ {2}\S/.test(line)),
        name,
      ).not.toEqual([]);
      expect(topics).toContain(second === undefined ? summary : second);
    }
    for (const summary of Object.values(GROUPS)) expect(topics.split(summary)).toHaveLength(2);
  });

  it("of tke names the plug-in's commands alone", async () => {
    for (const line of ["tke", "tke --help", "help tke", "h tke"]) {
      const out = await helpOf(line);
      for (const { name } of TKE_COMMANDS) expect(out).toContain(`  ${name}`);
      expect(out).not.toContain("bench");
    }
  });
});

describe("a command's help", () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    "%s: examples first, then all options",
    async (name, command) => {
      const out = await helpOf(`help ${name}`);
      expect(out).toMatch(/^Examples:\n {2}# \S.*\n {2}\S/);
      for (const [line] of command.examples) {
        expect(out).toContain(line);
        expect(line).toMatch(new RegExp(`(^|\\| )opentke (${[name, ...(command.aliases ?? [])].join("|")})( |$)`));
      }
      expect(out).toContain(`Usage: opentke ${name} [options]`);
      for (const alias of command.aliases ?? []) expect(out).toMatch(new RegExp(`Also: .*opentke ${alias}`));
      for (const option of Object.keys(command.options)) expect(out).toContain(`--${option} `);
      expect(out).toContain("\nOptions of all commands:\n");
      expect(out).toBe(await helpOf(`${name} --help`));
    },
  );

  it("is what an alias shows too, under tke as well", async () => {
    for (const { name, aliases = [] } of COMMANDS)
      for (const alias of aliases) expect(await helpOf(`tke ${alias} --help`)).toBe(await helpOf(`help ${name}`));
  });

  it("of a group names its commands", async () => {
    for (const group of Object.keys(GROUPS)) {
      const out = await helpOf(`${group} --help`);
      for (const { name } of COMMANDS) if (name.startsWith(`${group} `)) expect(out).toContain(`opentke ${name}`);
    }
  });
});

describe("pages", () => {
  it("help exit-codes has them all", async () => {
    const out = await helpOf("help exit-codes");
    const rows = [...out.matchAll(/^(\d+) +(\S.*)$/gm)].map(([, code, meaning]) => [Number(code), meaning]);
    expect(rows).toEqual(Object.entries(EXIT_MEANINGS).map(([code, meaning]) => [Number(code), meaning]));
    expect(rows.map(([code]) => code)).toEqual(Object.values(Exit));
  });

  it("help error-codes has every code that an error class of the sources has, and no other", async () => {
    const src = fileURLToPath(new URL("../../src", import.meta.url));
    const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const texts = files.map((name) => readFileSync(join(src, name), "utf8"));
    const own = texts.flatMap((text) =>
      [...text.matchAll(/\bcode: string = "(ERR_[A-Z_]+)"/g)].map(([, code]) => code!),
    );
    // Codes that are computed: of what lacks nothing but signatures, of units that failed, and of what is no error of ours.
    const classes = new Set([...own, "ERR_PRECONDITION", "ERR_SIGNATURES_WANTED", "ERR_PARTIAL", "ERR_DEFECT"]);
    expect(own.length).toBeGreaterThan(15);
    expect(new Set(Object.keys(ERROR_KINDS))).toEqual(classes);
    const out = await helpOf("help error-codes");
    for (const [code, { exit, meaning }] of Object.entries(ERROR_KINDS))
      expect(out).toMatch(new RegExp(`^${code} +${exit} +${meaning.replace(/[()]/g, "\\$&")}$`, "m"));
  });
});

describe("wrong command lines", () => {
  it.each([
    ["help crpytounits", "Unknown command 'crpytounits'. Did you mean 'cryptounits'?"],
    ["nosuchthing --help", "Unknown command 'nosuchthing'."],
    ["help fleet crate", "Unknown command 'crate'. Did you mean 'create'?"],
    ["help exit-code", "Unknown command 'exit-code'. Did you mean 'exit-codes'?"],
    ["fleet crate", "Unknown command 'crate'. Did you mean 'create'?"],
    ["tke sigkey-ad", "Unknown command 'sigkey-ad'. Did you mean 'sigkey-add'?"],
    ["tke auto-recovr", "Unknown command 'auto-recovr'. Did you mean 'auto-recover'?"],
    ["tke sigkeys --ouptut json", "Unknown option '--ouptut'. Did you mean '--output'?"],
    ["sigkeys --verbos", "Unknown option '--verbos'. Did you mean '--verbose'?"],
    ["sigkeys --quiet --verbose", "Want --quiet or --verbose, not both."],
    ["sigkey-add --format ibm", "--format: want sdk or opentke, got 'ibm'."],
    ["serve --log-level loud", "--log-level: want "],
  ])("%s", async (line, reason) => {
    const { code, out, err } = await opentke(line);
    expect([code, out]).toEqual([Exit.Usage, ""]);
    expect(err).toContain(`FAILED\nIncorrect usage. ${reason}`);
  });

  it.each([
    "drill --output json --recovery 0",
    "nosuch --output json",
    "fleet list --output=json --nosuch",
    "tke sigkeys --output json --x",
  ])("%s: JSON with a code and the next step", async (line) => {
    const { code, out, err } = await opentke(line);
    expect([code, out]).toEqual([Exit.Usage, ""]);
    expect(JSON.parse(err)).toEqual({
      error: { code: "ERR_USAGE", message: expect.any(String), nextStep: expect.stringContaining("--help'") },
    });
  });
});
