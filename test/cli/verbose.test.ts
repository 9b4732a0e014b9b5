// --verbose: what goes over the wire on standard error, line by line, and no secret.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineOf } from "../../src/cli/verbose.ts";
import { opentke } from "../support/terminal.ts";
import { Desk } from "../support/tke-desk.ts";

const UNIT = String.raw`\S{8}\.\d{1,3} \[us-\w+\]\.\[\S+\]\.\[\d\d\]\.\[\d\d\]`;
const SIGNED = String.raw`, counter \d+, (?:not signed|signed by(?: [0-9a-f]{16}\.\.\.)+)`;
const CODE = String.raw`return code (?:0 OK|\d+ [A-Z_]+(?:, reason \d+(?: \([^)]*\))?)?)`;
const TIME = String.raw`\d+\.\d ms`;
/** All that a line may say. */
const LINES = [
  new RegExp(String.raw`^\* ${UNIT}: [a-z-]+(?:${SIGNED})?: ${CODE}, ${TIME}(?: in a batch of \d+)?$`),
  new RegExp(String.raw`^\* list of service instance [0-9a-f-]{36}: \d+ crypto units, ${TIME}$`),
];

const desk = new Desk();
let password: string;
let skis: string[];
const value = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210";

beforeAll(async () => {
  await desk.fleet();
  password = desk.write("pw", "correct horse battery\n");
  for (const name of ["A", "B"]) await desk.ok(`sigkey-add --name ${name} --password-file ${password}`);
  await desk.ok(`sigkey-sel --keynum '1 2' --password-file ${password}`);
  const { signatureKeys } = await desk.json<{ signatureKeys: { ski: string }[] }>("sigkeys");
  skis = signatureKeys.map(({ ski }) => ski.slice(0, 16));
});
afterAll(() => desk.close());

const linesOf = (err: string) => err.split("\n").filter((line) => line !== "");
const requireKnown = (err: string): string[] => {
  const lines = linesOf(err);
  for (const line of lines) expect(LINES.some((known) => known.test(line)) ? "" : line).toBe("");
  return lines;
};

describe("--verbose", () => {
  it("shows each exchange with unit, command, counter, signers and code, and nothing else", async () => {
    const thresholds = "--signature-threshold 2 --revocation-threshold 2 --admins 2 --keynum '1 2'";
    const { err } = await desk.ok(`auto-init ${thresholds} --password-file ${password} --verbose`);
    const lines = requireKnown(err);
    const of = (command: string) => lines.filter((line) => line.includes(`: ${command}`));
    expect(of("add-domain-administrator,")).toHaveLength(8);
    for (const line of of("add-domain-administrator,")) expect(line).toContain(", not signed: return code 0 OK, ");
    expect(of("generate-random-wk,")).toHaveLength(1);
    expect(of("export-wk,")).toHaveLength(3);
    for (const line of of("export-wk,")) expect(line).toContain(`signed by ${skis[0]}... ${skis[1]}...: return code 0`);
    expect(lines.filter((line) => line.startsWith("* list of"))).not.toHaveLength(0);
  });

  it("leaves JSON alone on standard output, and shows a refusal with its reason", async () => {
    await desk.ok("cryptounit-add --all");
    const run = await desk.run(`cryptounit-mk-commit --output json --verbose --password-file ${password}`);
    expect([run.code, run.out]).toEqual([5, ""]);
    const at = run.err.indexOf("{");
    requireKnown(run.err.slice(0, at));
    expect(JSON.parse(run.err.slice(at)).error.code).toBe("ERR_PRECONDITION");
    const { out, err } = await desk.ok("cryptounit-mk --output json --verbose");
    expect(JSON.parse(out).units).toHaveLength(4);
    expect(requireKnown(err).length).toBeGreaterThan(4);
    expect(err).toContain(": return code 96 KEY_HANDLE_INVALID, reason 60 (no certificate with this index), ");
  });

  it("shows no key part, no password, no bytes of files", async () => {
    const part = desk.write("part", `${value}\n`);
    const add = `--description p --password-file ${password} --verbose`;
    const runs = [
      await desk.ok(`mk-add --value-file ${part} ${add}`),
      await desk.ok(`mk-add --random ${add}`),
      await desk.ok(`cryptounit-mk-load --keynum '1 2' --password-file ${password} --verbose`),
    ];
    const told = runs.map(({ err }) => err).join("");
    expect(requireKnown(told).filter((line) => line.includes(": import-wk, "))).toHaveLength(4);
    for (const line of linesOf(told).filter((one) => one.includes(": import-wk, ")))
      expect(line).toContain(`signed by ${skis[0]}...:`);
    for (const secret of ["correct horse", value, value.slice(0, 16), value.toUpperCase()])
      expect(told).not.toContain(secret);
    expect(told.replace(/counter \d+/g, "")).not.toMatch(/[0-9a-f]{17}/i);
    for (const file of ["1.mkpart", "1.sigkey"])
      for (const text of Object.values(JSON.parse(readFileSync(`${desk.files}/${file}`, "utf8")) as object))
        if (`${text}`.length > 16) expect(told).not.toContain(`${text}`);
  });

  it("works for fleet create and drill as well", async () => {
    const { code, out, err } = await opentke("drill --instances 1 --seed verbose --verbose --output json");
    expect(code).toBe(0);
    expect(JSON.parse(out).ok).toBe(true);
    expect(linesOf(err).filter((line) => line.includes(": export-wk, counter "))).not.toHaveLength(0);
  });

  it("and --quiet exclude each other", async () => {
    const { code, err } = await desk.run("cryptounits --verbose --quiet");
    expect(code).toBe(2);
    expect(err).toContain("Want --quiet or --verbose, not both.");
  });

  it("says what it says without it, and nothing of the wire", async () => {
    const { out, err } = await desk.ok("cryptounits");
    expect(err).toBe("");
    expect((await desk.ok("cryptounits --verbose")).out).toBe(out);
  });
});

describe("lines of --verbose", () => {
  it("of HTTP show method, URL, status or why there is none", () => {
    const request = {
      kind: "http",
      method: "POST",
      url: "https://host:1/v1/tke/a/hsms/b",
      milliseconds: 12.34,
    } as const;
    expect(lineOf({ ...request, answer: { status: 503 } })).toBe(
      "POST https://host:1/v1/tke/a/hsms/b: status 503, 12.3 ms",
    );
    expect(lineOf({ ...request, answer: { problem: "ECONNREFUSED" } })).toBe(
      "POST https://host:1/v1/tke/a/hsms/b: no answer (ECONNREFUSED), 12.3 ms",
    );
  });

  it("of a unit in no list show its id; a lost answer says why", () =>
    expect(
      lineOf({
        kind: "exchange",
        id: "u",
        unit: undefined,
        command: "query-domain-attributes",
        counter: null,
        signers: [],
        answer: { problem: "gone" },
        milliseconds: 0,
        batch: 1,
      }),
    ).toBe("crypto unit u: query-domain-attributes: gone, 0.0 ms"));
});
