import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { opentkeHome } from "../../src/cli/home.ts";

describe("OPENTKE_HOME", () => {
  it("wins, and is made absolute", () => {
    expect(opentkeHome({ OPENTKE_HOME: "/var/fleet" }, "linux", "/home/u")).toBe("/var/fleet");
    expect(opentkeHome({ OPENTKE_HOME: "fleet" }, "linux", "/home/u")).toBe(resolve("fleet"));
  });

  it("is else a folder in the user's data directory", () => {
    expect(opentkeHome({}, "linux", "/home/u")).toBe("/home/u/.local/share/opentke");
    expect(opentkeHome({ XDG_DATA_HOME: "/data" }, "linux", "/home/u")).toBe("/data/opentke");
    expect(opentkeHome({ XDG_DATA_HOME: "data" }, "linux", "/home/u")).toBe("/home/u/.local/share/opentke");
    expect(opentkeHome({ OPENTKE_HOME: "" }, "linux", "/home/u")).toBe("/home/u/.local/share/opentke");
    expect(opentkeHome({}, "darwin", "/Users/u")).toBe("/Users/u/Library/Application Support/opentke");
    expect(opentkeHome({ LOCALAPPDATA: "/l" }, "win32", "/u")).toBe(join("/l", "opentke"));
    expect(opentkeHome({}, "win32", "/u")).toBe(join("/u", "AppData", "Local", "opentke"));
  });

  it("creates nothing", () => {
    const folder = mkdtempSync(join(tmpdir(), "opentke-"));
    try {
      const home = opentkeHome({ XDG_DATA_HOME: folder }, "linux", "/home/u");
      expect(existsSync(home)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
