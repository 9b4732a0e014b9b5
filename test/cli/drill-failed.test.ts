// What the command line says of a drill whose proofs do not hold.
import { expect, it, vi } from "vitest";
import type { DrillHooks } from "../../src/scenario/drill.ts";
import { type DrillReport, Phase } from "../../src/scenario/report.ts";
import { opentke } from "../support/terminal.ts";

vi.mock("../../src/scenario/drill.ts", async (load) => {
  const real = await load<typeof import("../../src/scenario/drill.ts")>();
  /** A canary is spoilt once the units are recovered. */
  const after: DrillHooks["after"] = (phase, { store }, { takeover }) => {
    if (phase !== Phase.Recover) return;
    const { id } = takeover!.giver;
    const keys = store.rootKeys(id);
    keys[0]!.blob[9]! ^= 4;
    store.rootKeys = (instance) => (instance === id ? keys : []);
  };
  const drill: typeof real.drill = (options, cores, hooks) => real.drill(options, cores, { ...hooks, after });
  return { ...real, drill };
});

const LINE = "drill --instances 2 --operational 1 --seed 3";

it("prints the report without OK, FAILED with the findings on stderr, and exits 1", async () => {
  const { code, out, err } = await opentke(LINE);
  expect(code).toBe(1);
  expect(out).toContain("SERVICE INSTANCE");
  expect(out).not.toMatch(/^OK$/m);
  expect(err).toMatch(/\nFAILED\n\d+ of \d+ struck crypto units recovered/);
  expect(err).toMatch(/\nCRYPTO UNIT {3,}FINDING\n\[us-(south|east)\].* 1 of 4 canaries do not unwrap\n/);
  expect(err).toContain("add '--seed 3'");
});

it("--output json still prints the report alone on stdout", async () => {
  const { code, out } = await opentke(`${LINE} --output json`);
  expect(code).toBe(1);
  const report = JSON.parse(out) as DrillReport;
  expect(report.ok).toBe(false);
  expect(report.findings.length).toBeGreaterThan(0);
});
