// The import rules of ARCHITECTURE.md: every import in src/ and bench/ is an edge of the table, nothing else.
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Module -> what it may import, the leaves and itself apart. */
const may: Record<string, readonly string[]> = {
  errors: [],
  bytes: [],
  core: [],
  wire: [],
  commands: ["wire"],
  unit: ["core", "wire", "commands"],
  fleet: ["unit", "core", "wire"],
  client: ["core", "wire", "commands"],
  workstation: ["core", "wire"],
  procedures: ["client", "commands", "workstation"],
  recovery: ["procedures", "client", "commands"],
  scenario: ["fleet", "client", "workstation", "procedures", "recovery", "core"],
  server: ["fleet", "wire", "commands", "workstation", "core"],
  index: [
    "core",
    "wire",
    "commands",
    "unit",
    "fleet",
    "client",
    "workstation",
    "procedures",
    "recovery",
    "scenario",
    "server",
  ],
  bench: ["index", "scenario", "core"],
  cli: [
    "index",
    "core",
    "wire",
    "commands",
    "unit",
    "fleet",
    "client",
    "workstation",
    "procedures",
    "recovery",
    "scenario",
    "server",
    "bench",
  ],
};
const leaves = new Set(["errors", "bytes"]);

/** Which runtime packages each module may load; the rest take what they need from the modules below them. */
const packages: Record<string, readonly string[]> = {
  core: ["@noble/hashes"],
  wire: [],
  commands: [],
  errors: [],
  bytes: [],
};

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** src/unit/host.ts -> unit; src/errors.ts -> errors; bench/x.ts -> bench. */
function moduleOf(file: string): string {
  const parts = file.split(sep);
  if (parts[0] === "bench") return "bench";
  return (parts[1] ?? "").replace(/\.ts$/, "");
}

function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found = [...code.matchAll(/(?:^|[\s;}])(?:import|export)\s[^;"']*?from\s*["']([^"']+)["']/g)];
  const bare = [...code.matchAll(/(?:^|[\s;}])import\s*["']([^"']+)["']/g)];
  const dynamic = [...code.matchAll(/import\(\s*["']([^"']+)["']/g)];
  return [...found, ...bare, ...dynamic].map((match) => match[1]!);
}

const sources = [...files("src"), ...files("bench")];

describe("import rules", () => {
  it("sees the sources", () => expect(sources.length).toBeGreaterThan(50));

  it("reads every form of import", () => {
    const text = `import a from "a";\nimport {\n  b,\n} from "b";\nexport * from "c";\nimport type { D } from "d";\nimport "e";\nconst f = await import("f");\n// import x from "x"`;
    expect(importsOf(text).sort()).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  it.each(sources)("%s", (file) => {
    const from = moduleOf(file);
    const allowed = may[from];
    expect(allowed, `${file} is in no module of the table`).toBeDefined();
    for (const target of importsOf(readFileSync(join(root, file), "utf8"))) {
      if (!target.startsWith(".")) {
        const name = target.replace(/^node:/, "");
        if (builtinModules.includes(name)) continue;
        const list = packages[from];
        const pkg = target
          .split("/")
          .slice(0, target.startsWith("@") ? 2 : 1)
          .join("/");
        if (list) expect(list, `${file} loads the package ${target}`).toContain(pkg);
        continue;
      }
      const to = moduleOf(relative(root, resolve(root, dirname(file), target)));
      if (to === from || leaves.has(to)) continue;
      expect(allowed, `${file} imports ${target}: ${from} may not import ${to}`).toContain(to);
    }
  });

  it("wire and commands do no I/O: they load no built-in module", () => {
    for (const file of sources.filter((name) => ["wire", "commands", "bytes", "errors"].includes(moduleOf(name))))
      for (const target of importsOf(readFileSync(join(root, file), "utf8")))
        expect(target.startsWith("."), `${file} imports ${target}`).toBe(true);
  });
});
