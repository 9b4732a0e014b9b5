// Faults that were put into the generated kernels on purpose: the trials of p521-kernel.ts must find each. The first three are of
// the kind that random products do not show.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { describe, expect, test } from "vitest";
import { boundPairs, carries, edgePairs, type Kernel, weirdPairs } from "../../support/p521-kernel.ts";

const source = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../../assembly/${path}`, import.meta.url)), "utf8");
const generated = source("p521/fe2.gen.ts");

const entry = ["MulSub", "SqrSub", "Carry", "Carry3"]
  .map((name) => `export { ${name.replace(/^./, (c) => c.toLowerCase())} as ${name} } from "./p521/fe2.gen";`)
  .join("\n");

/** Compiles the kernels from the text given. */
async function compile(kernels: string): Promise<Kernel> {
  const files: Record<string, string> = {
    "entry.ts": entry,
    "layout.ts": source("layout.ts"),
    "p521/fe2.gen.ts": kernels,
  };
  let binary = new Uint8Array();
  const options = ["--runtime", "stub", "--noAssert", "--enable", "simd", "--memoryBase", "1024"];
  const memory = ["--initialMemory", "2048", "--maximumMemory", "2048"];
  const { error, stderr } = await asc.main(["entry.ts", "--outFile", "out.wasm", ...options, ...memory], {
    readFile: (name) => files[name] ?? null,
    writeFile: (_, contents) => {
      if (typeof contents !== "string") binary = Uint8Array.from(contents);
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`want the mutant to compile, got ${stderr.toString()}`);
  const { instance } = await WebAssembly.instantiate(binary);
  const { buffer } = instance.exports["memory"] as WebAssembly.Memory;
  return {
    module: { memory: new Uint8Array(buffer), view: new DataView(buffer), call: () => 0 },
    call: (name, ...args) => (instance.exports[name] as (...args: number[]) => void)(...args),
  };
}

const trials = (kernel: Kernel) =>
  edgePairs(kernel) ?? boundPairs(kernel) ?? weirdPairs(kernel, 200) ?? carries(kernel, 50);

/** The text with the n-th line that matches changed. */
function mutate(pattern: RegExp, change: (line: string) => string, n = 0): string {
  let seen = 0;
  const lines = generated.split("\n").map((line) => (pattern.test(line) && seen++ === n ? change(line) : line));
  const mutant = lines.join("\n");
  if (mutant === generated) throw new Error(`want a line that matches ${pattern}, got none`);
  return mutant;
}

describe("kernels", () => {
  test("without a fault pass", async () => {
    expect(trials(await compile(generated))).toBeUndefined();
  });

  test.each([
    ["the last carry of a product is dropped", mutate(/t0 = .*mul\(c21, down\)/, () => "")],
    ["the last carry of a square is dropped", mutate(/t0 = .*mul\(c21, down\)/, () => "", 1)],
    ["the last carry of a carry is dropped", mutate(/t0 = .*mul\(c21, down\)/, () => "", 2)],
    ["a chain's last carry is dropped", mutate(/t6 = f64x2.add\(t6, c5\)/, () => "")],
    ["a second carry is dropped", mutate(/v128.store\(z, f64x2.add\(t1, d0\), 16\)/, () => "  v128.store(z, t1, 16);")],
    ["a carry is rounded to the wrong limb", mutate(/const m7 = /, (line) => line.replace("56", "64"))],
    [
      "a wrapped limb is not scaled",
      mutate(/FE2_WRAP, f64x2.mul/, (line) => line.replace(/f64x2.mul\((.*), down\)/, "$1")),
    ],
    [
      "a limb of a square is not doubled",
      mutate(/const b1t7 = /, (line) => line.replace(/f64x2.add\((\w+), \w+\)/, "$1")),
    ],
    [
      "what is subtracted is added",
      mutate(/f64x2.sub\(f64x2.mul\(.*v128.load\(c, 96\)/, (line) => line.replace("f64x2.sub", "f64x2.add")),
    ],
  ])("are found out if %s", async (_, mutant) => {
    expect(trials(await compile(mutant))).toBeDefined();
  });
});
