import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "opentke", include: ["test/**/*.test.ts"] } },
      // P-521 once more, on the readable loop version of the field's kernels.
      {
        extends: true,
        test: {
          name: "loop kernels",
          include: ["test/assembly/p521/**/*.test.ts"],
          env: { OPENTKE_TEST_WASM: "build/testing-loop.wasm" },
        },
      },
    ],
  },
});
