// Made-up results of benchmarks.
import type { Result } from "../../bench/task.ts";

/** The cold figure is half of the warm one. */
export function result(name: string, backend: string, opsPerSecond: number): Result {
  return {
    suite: "operations",
    name,
    backend,
    opsPerSecond,
    spread: 0.025,
    samples: 5,
    coldOpsPerSecond: opsPerSecond / 2,
  };
}
