// Where commands go: which of option, environment and target.json counts, what is kept for one endpoint alone, and what is shown.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveTarget } from "../../../src/cli/tke/target-settings.ts";
import { UsageError } from "../../../src/errors.ts";
import { Desk } from "../../support/tke-desk.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  mkdirSync(desk.home);
});
afterEach(() => desk.close());

const keep = (settings: unknown) => writeFileSync(join(desk.home, "target.json"), JSON.stringify(settings));
const resolve = (argv: Record<string, unknown> = {}, env: Record<string, string> = {}) =>
  resolveTarget(argv, { env: { ...desk.env, ...env } });

describe("settings", () => {
  it("have defaults", () => {
    expect(resolve()).toEqual({
      endpoint: { value: undefined, source: "default" },
      tokenFile: { value: undefined, source: "default" },
      roots: { value: [], source: "default" },
      rootFile: { value: undefined, source: "default" },
      caFile: { value: undefined, source: "default" },
      resourceGroup: { value: "Default", source: "default" },
      instances: { value: undefined, source: "default" },
      timeout: { value: 60, source: "default" },
      retries: { value: 2, source: "default" },
    });
  });

  it("are what the file says; more than it says the environment, and most an option", () => {
    keep({ endpoint: "http://file", timeout: 5, retries: 0, resourceGroup: "Kept", instances: ["a"] });
    const env = { TKE_PRIVATE_ADDR: "http://variable", IBMCLOUD_HTTP_TIMEOUT: "7" };
    const argv = { endpoint: "http://option", timeout: "9", "resource-group": "Given", "instance-id": "b, c" };
    const seen = (resolved: ReturnType<typeof resolve>) => {
      const { endpoint, timeout, retries, resourceGroup, instances } = resolved;
      return [endpoint, timeout, retries, resourceGroup, instances].map(({ value, source }) => [value, source]);
    };
    const file = "target.json";
    expect(seen(resolve())).toEqual([
      ["http://file", file],
      [5, file],
      [0, file],
      ["Kept", file],
      [["a"], file],
    ]);
    expect(seen(resolve({}, env)).slice(0, 4)).toEqual([
      ["http://variable", "TKE_PRIVATE_ADDR"],
      [7, "IBMCLOUD_HTTP_TIMEOUT"],
      [0, file],
      ["Kept", file],
    ]);
    expect(seen(resolve(argv, env))).toEqual([
      ["http://option", "--endpoint"],
      [9, "--timeout"],
      [0, file],
      ["Given", "--resource-group"],
      [["b", "c"], "--instance-id"],
    ]);
    expect(seen(resolve({}, { TKE_PRIVATE_ADDR: "", IBMCLOUD_HTTP_TIMEOUT: "" }))).toEqual(seen(resolve()));
  });

  it("that are kept for an endpoint go to no other: not its token, not its roots", () => {
    const access = { tokenFile: "/t", roots: ["ibm"], rootFile: "/r", caFile: "/c", instances: ["a"] };
    keep({ endpoint: "https://one/", ...access });
    const accessOf = (resolved: ReturnType<typeof resolve>) => {
      const { tokenFile, roots, rootFile, caFile, instances } = resolved;
      return {
        tokenFile: tokenFile.value,
        roots: roots.value,
        rootFile: rootFile.value,
        caFile: caFile.value,
        instances: instances.value,
      };
    };
    const none = { tokenFile: undefined, roots: [], rootFile: undefined, caFile: undefined, instances: undefined };
    for (const same of [{}, { endpoint: "https://one" }, { endpoint: "HTTPS://ONE:443/" }])
      expect(accessOf(resolve(same))).toEqual(access);
    expect(accessOf(resolve({}, { TKE_PRIVATE_ADDR: "https://one" }))).toEqual(access);
    for (const other of ["https://two", "http://one", "https://one:8443", "https://one/base"]) {
      expect(accessOf(resolve({ endpoint: other }))).toEqual(none);
      expect(accessOf(resolve({}, { TKE_PRIVATE_ADDR: other }))).toEqual(none);
    }
  });

  it("of trust that are given take the place of all that are kept", () => {
    keep({ endpoint: "https://one", roots: ["ibm"], rootFile: "/r" });
    expect(resolve({ root: "ibm-cex7" })).toMatchObject({
      roots: { value: ["ibm-cex7"], source: "--root" },
      rootFile: { value: undefined },
    });
    expect(resolve({ "root-file": "/other" })).toMatchObject({ roots: { value: [] }, rootFile: { value: "/other" } });
    expect(resolve({ root: "ibm-cex6,ibm-cex7", "root-file": "/o" })).toMatchObject({
      roots: { value: ["ibm-cex6", "ibm-cex7"] },
      rootFile: { value: "/o" },
    });
  });

  it.each([
    [{ timeout: "0" }, {}, "--timeout: want 1 to 3600, got '0'"],
    [{ timeout: "soon" }, {}, "--timeout: want 1 to 3600, got 'soon'"],
    [{ timeout: "3601" }, {}, "--timeout: want 1 to 3600, got '3601'"],
    [{}, { IBMCLOUD_HTTP_TIMEOUT: "1.5" }, "IBMCLOUD_HTTP_TIMEOUT: want 1 to 3600, got '1.5'"],
    [{ retries: "11" }, {}, "--retries: want 0 to 10, got '11'"],
    [{ retries: "-1" }, {}, "--retries: want 0 to 10, got '-1'"],
    [{ root: "ibm-cex5" }, {}, "--root: want ibm-cex6, ibm-cex7, ibm, got 'ibm-cex5'"],
    [{ root: "" }, {}, "--root: want ibm-cex6, ibm-cex7, ibm, got ''"],
  ])("%j %j is incorrect usage", (argv, env, message) => {
    expect(() => resolve(argv, env)).toThrow(UsageError);
    expect(() => resolve(argv, env)).toThrow(message);
  });
});

describe("opentke target", () => {
  const kept = () => JSON.parse(readFileSync(join(desk.home, "target.json"), "utf8")) as Record<string, unknown>;

  it("keeps settings, and says where each comes from", async () => {
    const token = desk.write("token", "a-token-for-tests");
    await desk.ok(`target --endpoint https://host:8443 --token-file ${token} --root ibm --timeout 30 --retries 5`);
    const { out } = await desk.ok("target", { env: { IBMCLOUD_HTTP_TIMEOUT: "7" } });
    expect(out.split("\n")).toEqual([
      "API endpoint:     https://host:8443 (target.json)",
      `Token file:       ${token} (target.json)`,
      "Roots:            ibm (target.json)",
      "Root file:        - (default)",
      "CA file:          - (default)",
      "Resource group:   Default (default)",
      "Instances:        all (default)",
      "Timeout:          7 s (IBMCLOUD_HTTP_TIMEOUT)",
      "Retries:          5 (target.json)",
      "",
    ]);
    expect(await desk.json("target")).toEqual({
      target: {
        endpoint: "https://host:8443",
        tokenFile: token,
        roots: ["ibm"],
        rootFile: null,
        caFile: null,
        resourceGroup: "Default",
        instances: null,
        timeout: 30,
        retries: 5,
      },
      sources: {
        endpoint: "target.json",
        tokenFile: "target.json",
        roots: "target.json",
        rootFile: "default",
        caFile: "default",
        resourceGroup: "default",
        instances: "default",
        timeout: "target.json",
        retries: "target.json",
      },
    });
    expect(JSON.stringify(kept())).not.toContain("a-token-for-tests");
  });

  it("keeps nothing for another endpoint but what suits any", async () => {
    const options = "--token-file t --root ibm --instance-id i --ca-file c --resource-group G --timeout 3";
    await desk.ok(`target --endpoint https://one ${options}`);
    await desk.ok("target --endpoint https://one/ --retries 1");
    expect(Object.keys(kept()).sort()).toEqual(
      ["endpoint", "tokenFile", "roots", "instances", "caFile", "resourceGroup", "timeout", "retries"].sort(),
    );
    await desk.ok("target --endpoint https://two");
    expect(kept()).toEqual({ resourceGroup: "G", timeout: 3, retries: 1, endpoint: "https://two" });
    await desk.ok("target --embedded");
    expect(kept()).toEqual({ resourceGroup: "G", timeout: 3, retries: 1 });
  });

  it("says that the environment is in the way", async () => {
    const { out } = await desk.ok("target --embedded", { env: { TKE_PRIVATE_ADDR: "https://env" } });
    expect(out).toContain("API endpoint:     https://env (TKE_PRIVATE_ADDR)\n");
  });

  it("changes the roots that are trusted as a whole", async () => {
    await desk.ok("target --endpoint https://one --root ibm");
    await desk.ok("target --root ibm-cex7");
    expect(kept()).toEqual({ endpoint: "https://one", roots: ["ibm-cex7"] });
  });

  it.each([
    ["--root ibm", "--root, --root-file and --ca-file are for an endpoint: want --endpoint too"],
    ["--endpoint https://x --root nobody", "--root: want ibm-cex6, ibm-cex7, ibm, got 'nobody'"],
    ["--endpoint https://me:secret@x", "without user, query and fragment, got '...@x'"],
    ["--timeout none", "--timeout: want 1 to 3600, got 'none'"],
    ["--endpoint https://x --root-file none", "/none' cannot be read"],
  ])("%s is incorrect usage; nothing is kept", async (options, reason) => {
    const { code, err } = await desk.run(`target ${options}`);
    expect(code).toBe(2);
    expect(err.replace(/\s+/g, " ")).toContain(reason);
    expect(() => kept()).toThrow();
  });
});
