// Transcripts of command lines, run in process with streams of their own.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DrillReport } from "../../src/scenario/report.ts";
import { opentke } from "../support/terminal.ts";

const SMALL = "drill --instances 2 --operational 1 --recovery 2";

describe("opentke", () => {
  it("without a command says what to begin with, and where the others are", async () => {
    const { code, out, err } = await opentke("");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^FAILED\nIncorrect usage\. Want a command.*'opentke drill'.*\n.*'opentke --help'\.\n$/);
  });

  it("--version prints the package's version alone", async () => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await opentke("--version")).toEqual({ code: 0, out: `${manifest.version}\n`, err: "" });
  });

  it("drill --help lists every option with its default", async () => {
    const { code, out } = await opentke("drill --help");
    expect(code).toBe(0);
    expect(out).toMatch(/^Examples:\n {2}# /);
    const defaults = { instances: 16, operational: 3, recovery: 2, failover: 0, admins: 3, threshold: 2 };
    for (const [name, value] of Object.entries(defaults))
      expect(out).toMatch(new RegExp(`--${name} [\\s\\S]*?\\[default: ${value}\\]`));
    expect(out).toContain("--seed");
    expect(out).toContain('[default: "text"]');
  });

  it.each([
    ["dril", "Unknown command 'dril'. Did you mean 'drill'?"],
    ["frobnicate", "Unknown command 'frobnicate'."],
    ["drill --instnces 3", "Unknown option '--instnces'. Did you mean '--instances'?"],
    ["drill --instnces=3", "Unknown option '--instnces'. Did you mean '--instances'?"],
    ["drill --frobnicate", "Unknown option '--frobnicate'."],
    ["drill extra", "Unknown argument 'extra'."],
    ["drill --instances", "--instances: want a value, got none."],
    ["drill --instances many", "--instances: want a whole number, got 'many'."],
    ["drill --instances 1.5", "--instances: want a whole number, got '1.5'."],
    ["drill --instances -3", "--instances: want a whole number, got '-3'."],
    ["drill --instances 0", "service instances: want 1 to 100000, got 0"],
    [
      "drill --recovery 0",
      "recovery units of an instance: want 1 to 6, got 0; without one, a lost master key cannot be recovered",
    ],
    ["drill --operational 7", "operational units of an instance: want 1 to 6, got 7"],
    ["drill --operational 1 --failover 2", "failover units of an instance: want 0 to 1, got 2"],
    ["drill --admins 9", "administrators: want 1 to 8, got 9"],
    [
      "drill --admins 2 --threshold 3",
      "signature threshold: want 1 to 2, got 3; every signer must be an administrator",
    ],
    ["drill --threshold 0", "signature threshold: want 1 to 3, got 0"],
    ["drill --output xml", "--output: want text or json, got 'xml'."],
    ["bench --suite all-of-them", "--suite: want all or primitives or operations or recovery, got 'all-of-them'."],
  ])("%s is incorrect usage: exit 2, nothing on stdout, the reason and the next step", async (line, reason) => {
    const { code, out, err } = await opentke(line);
    expect([code, out]).toEqual([2, ""]);
    expect(err.startsWith("FAILED\nIncorrect usage. ")).toBe(true);
    expect(err).toContain(reason);
    expect(err).toMatch(/For options and examples, run 'opentke( drill| bench)? --help'\.\n$/);
  });
});

describe("opentke drill", () => {
  it("prints tables, then OK and the figures; the banner goes to stderr", async () => {
    const { code, out, err } = await opentke(`${SMALL} --seed 5`);
    expect(code).toBe(0);
    expect(err).toMatch(/^OpenTKE \d+\.\d+\.\d+: .*This is not an HSM\. Do not put real keys here\.\n$/);
    expect(out).toMatch(/^Region: {11}us-south \(disaster recovery: us-east\)\n/);
    expect(out).toContain("Seed:             5\n");
    expect(out).toContain("SERVICE INSTANCE                       UNITS   STRUCK   RECOVERED   VALID   CANARIES");
    expect(out).toMatch(/\nOK\n(\d+) of \1 struck crypto units recovered in /);
    for (const line of out.split("\n")) expect(line).toBe(line.trimEnd());
  });

  it("--output json puts one JSON value on stdout and nothing else", async () => {
    const { code, out } = await opentke(`${SMALL} --output json`);
    expect(code).toBe(0);
    const report = JSON.parse(out) as DrillReport;
    expect(report.ok).toBe(true);
    const figures = [
      "instances",
      "units",
      "struck",
      "recovered",
      "failed",
      "signaturesVerified",
      "signedCommands",
    ] as const;
    for (const name of [...figures, "seconds", "unitsPerSecond"] as const) expect(report[name]).toBeTypeOf("number");
    expect(Object.keys(report.canaries)).toEqual(["checked", "lost", "intact"]);
    expect([report.instances, report.units, report.failed]).toEqual([2, 6, 0]);
    expect(report.seed).toMatch(/^[0-9a-f]{8}$/);
  });

  it("--quiet says nothing on stderr, terminal or not", async () => {
    expect((await opentke(`${SMALL} -q`, { errIsTerminal: true })).err).toBe("");
  });

  it("shows progress on one line of a terminal, and takes it away", async () => {
    const { err, out } = await opentke(SMALL, { errIsTerminal: true });
    const lines = err.split("\r\u001b[K").slice(1, -1);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines)
      expect(line).toMatch(/^(Installing|Zeroizing|Setting|Generating|Transferring|Recovering) .*\.\.\.\.$/);
    expect(err.endsWith("\r\u001b[K")).toBe(true);
    expect(out).not.toContain("\u001b");
    expect((await opentke(SMALL)).err).not.toContain("\u001b");
  });

  it("colours a terminal's stdout, and none with NO_COLOR", async () => {
    expect((await opentke(SMALL, { outIsTerminal: true })).out).toContain("\u001b[1;32mOK\u001b[0m");
    expect((await opentke(SMALL, { outIsTerminal: true, env: { NO_COLOR: "1" } })).out).not.toContain("\u001b");
  });

  it("ends with 130 when interrupted, and prints no report", async () => {
    const { code, out, err } = await opentke(SMALL, { signal: AbortSignal.abort() });
    expect([code, out]).toEqual([130, ""]);
    expect(err).toMatch(/Interrupted\. .*nothing is left of it\.\n$/);
    expect(err).not.toContain("FAILED");
  });
});
