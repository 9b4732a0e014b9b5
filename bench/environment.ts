// Where a report was made.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import type { Environment } from "./report.ts";

const CORE = new URL("../src/core/core.wasm", import.meta.url);

export function environment(): Environment {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  return {
    machine: `${model}, ${processors.length} cores, ${platform()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    coreSha256: existsSync(CORE) ? createHash("sha256").update(readFileSync(CORE)).digest("hex") : "",
    date: new Date().toISOString(),
  };
}
