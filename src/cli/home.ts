// Where anything durable of the program lives: OPENTKE_HOME, else a folder in the user's data directory. Naming it creates nothing.

import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** Absolute path of the program's folder. `platform` and `home` as of node:process and node:os. */
export function opentkeHome(env: Env, platform: NodeJS.Platform = process.platform, home: string = homedir()): string {
  const chosen = env["OPENTKE_HOME"];
  return chosen ? resolve(chosen) : join(dataDirectory(env, platform, home), "opentke");
}

function dataDirectory(env: Env, platform: NodeJS.Platform, home: string): string {
  if (platform === "win32") return env["LOCALAPPDATA"] || join(home, "AppData", "Local");
  if (platform === "darwin") return join(home, "Library", "Application Support");
  const xdg = env["XDG_DATA_HOME"];
  // A relative path is invalid and to be ignored (XDG Base Directory Specification 0.8).
  return xdg?.startsWith("/") ? xdg : join(home, ".local", "share");
}
