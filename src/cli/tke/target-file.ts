// Where commands go, kept between them: target.json in OPENTKE_HOME. Names of files, never what is in them.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../errors.ts";
import { opentkeHome } from "../home.ts";
import type { Io } from "../io.ts";

const targetSettings = z.strictObject({
  /** Base URL; absent for the fleet in OPENTKE_HOME. */
  endpoint: z.string().optional(),
  tokenFile: z.string().optional(),
  /** Where the modules' certificate chains are to end: names of known roots, and a file with another one. */
  roots: z.array(z.string()).optional(),
  rootFile: z.string().optional(),
  caFile: z.string().optional(),
  resourceGroup: z.string().optional(),
  /** Service instances to work with, where the endpoint has no list of them. */
  instances: z.array(z.string()).optional(),
  /** Seconds. */
  timeout: z.number().int().optional(),
  retries: z.number().int().optional(),
});
export type TargetSettings = z.infer<typeof targetSettings>;

const NAME = "target.json";

/** @throws UsageError if the file is damaged. */
export function readTargetSettings(io: Pick<Io, "env">): TargetSettings {
  const path = join(opentkeHome(io.env), NAME);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new UsageError(`'${path}' cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
  const parsed = targetSettings.safeParse(jsonOrNull(text));
  if (parsed.success) return parsed.data;
  throw new UsageError(`'${path}' is damaged; set the target again with 'opentke target'.`);
}

export function writeTargetSettings(io: Pick<Io, "env">, settings: TargetSettings): void {
  const home = opentkeHome(io.env);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const draft = join(home, `.${NAME}.${process.pid}.new`);
  writeFileSync(draft, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, join(home, NAME));
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
