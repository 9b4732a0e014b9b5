// A flag or a file for every prompt: with --no-input each command names, one after the other, the flags that answer what it would
// ask, and asks nothing once they are given.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../../src/cli/command-table.ts";
import { Desk } from "../../support/tke-desk.ts";

const desk = new Desk();
const files: Record<string, string> = {};

beforeAll(async () => {
  await desk.fleet("--instances 2 --operational 2 --recovery 1");
  files["--password-file"] = desk.write("pw", "pw\n");
  files["--value-file"] = desk.write("value", `${"0123456789abcdef".repeat(4)}\n`);
});
afterAll(() => desk.close());

/** Runs a command at a terminal that nobody may be asked at, with one more flag each time: the flags it wanted. */
async function wantedBy(line: string, answers: Readonly<Record<string, string | true>>): Promise<string[]> {
  const wanted: string[] = [];
  let options = "--no-input";
  for (;;) {
    const { code, err } = await desk.run(`${line} ${options}`, { answers: [] });
    if (code === 0) return wanted;
    const flag = /There is nobody to ask, so (--[a-z-]+) is wanted\. The question is: \S/.exec(err)?.[1];
    if (code !== 2 || flag === undefined) throw new Error(`${line} ${options}: exit ${code}\n${err}`);
    if (wanted.includes(flag)) throw new Error(`${line} ${options} wants ${flag} again`);
    wanted.push(flag);
    const answer = answers[flag] ?? files[flag];
    if (answer === undefined) throw new Error(`${line} wants ${flag}`);
    options += answer === true ? ` ${flag}` : ` ${flag} '${answer}'`;
  }
}

const PASSWORD = "--password-file";
const THRESHOLDS = { "--signature-threshold": "2", "--revocation-threshold": "2" };
const yes = { "--force": true } as const;

/** A life of two service instances, in order: the command, the answers, the flags that it wants. */
const LIFE: readonly (readonly [string, Readonly<Record<string, string | true>>, readonly string[]])[] = [
  ["sigkey-add", { "--name": "A" }, ["--name", PASSWORD]],
  ["sigkey-add", { "--name": "B" }, ["--name", PASSWORD]],
  ["sigkey-add --format opentke", { "--name": "C" }, ["--name", PASSWORD]],
  ["sigkey-sel", { "--keynum": "1 2" }, ["--keynum", PASSWORD]],
  ["cryptounit-add", { "--units": "1 2 3" }, ["--units"]],
  ["cryptounit-admin-add", { "--keynum": "1" }, ["--keynum", PASSWORD]],
  ["cryptounit-admin-add", { "--keynum": "2" }, ["--keynum", PASSWORD]],
  ["cryptounit-admin-add", { "--keynum": "3" }, ["--keynum", PASSWORD]],
  ["cryptounit-thrhld-set", THRESHOLDS, [...Object.keys(THRESHOLDS), PASSWORD]],
  ["cryptounit-admin-rm", { "--admin": "C" }, ["--admin", PASSWORD]],
  ["mk-add --random", { "--description": "p" }, ["--description", PASSWORD]],
  ["mk-add --value", { "--description": "q" }, ["--value-file", "--description", PASSWORD]],
  ["cryptounit-mk-load", { "--keynum": "1 2" }, ["--keynum", PASSWORD]],
  ["cryptounit-mk-clrnew", yes, ["--force", PASSWORD]],
  ["cryptounit-mk-load", { "--keynum": "1 2" }, ["--keynum", PASSWORD]],
  ["cryptounit-mk-commit", {}, [PASSWORD]],
  ["cryptounit-mk-setimm", yes, ["--force", PASSWORD]],
  ["cryptounit-cp", { "--number": "66" }, ["--number"]],
  ["cryptounit-cp --set", { "--number": "66" }, ["--number", PASSWORD]],
  ["cryptounit-cp --clear", { "--number": "66" }, ["--number", PASSWORD]],
  ["cryptounit-cp-btc", {}, [PASSWORD]],
  ["cryptounit-cp-eddsa", {}, [PASSWORD]],
  ["cryptounit-cp-sig-other", {}, [PASSWORD]],
  [
    "auto-init",
    { "--instance": "2", ...THRESHOLDS, "--admins": "2", "--keynum": "1 2" },
    ["--instance", ...Object.keys(THRESHOLDS), "--admins", "--keynum", PASSWORD],
  ],
  ["auto-mk-recover", { "--source": "3", "--targets": "1 2" }, ["--source", "--targets", PASSWORD]],
  ["auto-mk-recover", { "--source": "6", "--targets": "1", ...yes }, ["--source", "--targets", "--force", PASSWORD]],
  ["auto-mk-recover", { "--source": "3", "--targets": "1", ...yes }, ["--source", "--targets", "--force", PASSWORD]],
  ["auto-mk-rotate --delay 0", { "--instance": "2" }, ["--instance", PASSWORD]],
  ["cryptounit-rm", { "--units": "1 2 3" }, ["--units"]],
  ["cryptounit-mk-load", { "--keynum": "1 2" }, ["--keynum", PASSWORD]],
  ["cryptounit-mk-commit", {}, [PASSWORD]],
  ["cryptounit-mk-rotate", yes, ["--force", PASSWORD]],
  ["failover-enable", { "--instance": "2", "--units": "2", ...yes }, ["--instance", "--units", "--force"]],
  ["cryptounit-mk-clrcur", yes, ["--force", PASSWORD]],
  ["cryptounit-zeroize", yes, ["--force", PASSWORD]],
  ["cryptounit-zeroize", yes, ["--force"]],
  ["sigkey-rm", { "--keynum": "3", ...yes }, ["--keynum", "--force"]],
  ["mk-rm", { "--keynum": "1 2", ...yes }, ["--keynum", "--force"]],
  ["fleet destroy", yes, ["--force"]],
];

/** They change something, and ask nothing. */
const NO_PROMPT = ["fleet create", "keystore generate", "target"];

describe("--no-input", () => {
  it("is tried with every command that changes something", () => {
    const tried = LIFE.map(([line]) => line.split(" --")[0]);
    for (const { name, options } of COMMANDS)
      if ("dry-run" in options) expect([...tried, ...NO_PROMPT]).toContain(name);
  });

  it.each(LIFE)("%s: every question has its flag", async (line, answers, flags) => {
    expect(await wantedBy(line, answers)).toEqual(flags);
  });

  it("every flag that answers a prompt is among the command's options, and help knows it", () => {
    for (const [line, , flags] of LIFE) {
      const command = COMMANDS.find(({ name }) => line === name || line.startsWith(`${name} --`));
      for (const flag of flags) expect(Object.keys(command!.options)).toContain(flag.slice(2));
    }
  });

  it("every command that takes a password takes it from a file and from a descriptor", () => {
    for (const { options } of COMMANDS) if ("password-file" in options) expect(options).toHaveProperty(["password-fd"]);
  });
});
