// What the README shows is what happens.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
// Inside the project, so that the package can name itself.
const folder = mkdtempSync(join(root, "build", "readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1]!);

describe("README", () => {
  it("is under 200 lines", () => expect(readme.split("\n").length).toBeLessThan(200));

  it("has a library example that prints what it says", () => {
    const [example] = blocks("js");
    const file = join(folder, "example.mjs");
    writeFileSync(file, example!);
    const printed = execFileSync(process.execPath, [file], { encoding: "utf8" }).trim();
    expect(readme).toContain(`It prints \`${printed}\``);
  });

  it("has a session that works as it is written", () => {
    const [session] = blocks("session");
    const bin = join(root, "dist", "src", "cli", "bin.js");
    const script = `set -e\nopentke() { "${process.execPath}" "${bin}" "$@"; }\n${session}`;
    const { OPENTKE_HOME: _, CLOUDTKEFILES: __, ...env } = process.env;
    const printed = execFileSync("sh", ["-c", script], { cwd: folder, env, encoding: "utf8" });
    expect(session!.match(/^opentke /gm)!.length).toBeGreaterThan(5);
    expect(printed).toContain("Valid");
  });

  it("names only scripts that there are", () => {
    const scripts = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts);
    for (const [, name] of readme.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toContain(name);
  });

  it("links only to files that there are", () => {
    for (const [, target] of readme.matchAll(/\]\(([A-Z]+\.md)\)/g))
      expect(() => readFileSync(join(root, target!))).not.toThrow();
  });
});
