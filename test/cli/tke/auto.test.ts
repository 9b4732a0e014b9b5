// auto-init and auto-mk-recover from the command line; targets.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../../support/tke-desk.ts";

interface RegisterList {
  readonly units: readonly {
    readonly currentRegister: { readonly status: string; readonly verificationPattern: string };
  }[];
}

describe("auto-init", () => {
  const desk = new Desk();
  beforeAll(async () => {
    await desk.fleet("--instances 2 --operational 2 --recovery 2 --failover 2");
    await desk.ok("sigkey-add", { answers: ["A", "a", "a"] });
  });
  afterAll(() => desk.close());

  it("asks in the documented order, tells its progress, and does it", async () => {
    const answers = ["1", "2", "2", "3", "1", "a", "B", "b", "b", "C", "c", "c"];
    const { prompts, screen } = await desk.ok("auto-init", { answers });
    expect(prompts.map((prompt) => prompt.trim().split("\n")[0])).toEqual([
      "Enter the INSTANCE NUM of the service instance you want to initialize.",
      "Enter the new signature threshold value:",
      "Enter the new revocation signature threshold value:",
      "Enter the number of administrators you want to install:",
      "Enter the KEYNUM of the existing signature key files you want to use to create administrators:",
      "Enter the password for the signature key identified by:",
      ...Array(2)
        .fill([
          "Enter an administrator name to be associated with the signature key:",
          "Enter a password to protect the signature key:",
          "Re-enter the password to confirm:",
        ])
        .flat(),
    ]);
    expect(screen).toMatch(/\nINSTANCE NUM {3}INSTANCE ID\n1 {14}[0-9a-f-]{36}\n2 {14}[0-9a-f-]{36}\n/);
    for (const line of [
      "Installing administrator 3 of 3....",
      "Setting the signature thresholds....",
      "Generating a random master key value....",
      "Transferring the master key value to 5 of 5 crypto units....",
    ])
      expect(screen).toContain(`\n${line}\n`);
    expect(screen).toMatch(/\nOK\nThe service instance was initialized\.\n.*'opentke cryptounit-compare'/);
    expect(desk.list()).toEqual(["1.sigkey", "2.sigkey", "3.sigkey", "CRYPTOMODULES", "DOMAINS"]);
    expect(await desk.json("cryptounit-compare")).toMatchObject({ alike: true });
    const { units } = await desk.json<RegisterList>("cryptounit-mk");
    expect(units.map(({ currentRegister }) => currentRegister.status)).toEqual(Array(6).fill("Valid"));
  });

  it("refuses an instance that is not pristine before it asks for anything", async () => {
    const { code, err, prompts } = await desk.run("auto-init --instance 1", { answers: [] });
    expect([code, prompts]).toEqual([5, []]);
    expect(err.match(/is not in imprint mode/g)).toHaveLength(6);
  });

  it("asks nothing where flags say it all", async () => {
    const password = desk.write("pw", "a\nb\nc\n");
    const line = `auto-init --instance 2 --signature-threshold 2 --revocation-threshold 1 --admins 3 --keynum '1 2 3' --password-file ${password}`;
    expect((await desk.ok(`${line} --dry-run`)).out).toContain("nothing was changed");
    const { units, signatureThreshold } = await desk.json<{ units: number[]; signatureThreshold: number }>(line);
    expect([units, signatureThreshold]).toEqual([[7, 8, 9, 10, 11, 12], 2]);
  });

  it.each([
    ["--signature-threshold 0", "signature threshold: want 1 to 8, got 0"],
    ["--signature-threshold 3 --revocation-threshold 4 --admins 3", "number of administrators: want 4 to 8, got 3"],
    [
      "--signature-threshold 1 --revocation-threshold 1 --admins 1 --keynum '1 2'",
      "want 1 KEYNUM values at most, got 2",
    ],
  ])("%s is incorrect usage", async (options, reason) => {
    const { code, err } = await desk.run(`auto-init --resume --instance 1 ${options}`);
    expect(code).toBe(2);
    expect(err).toContain(reason);
  });
});

describe("auto-mk-recover", () => {
  const desk = new Desk();
  const password = () => desk.write("pw", "a\n");
  beforeAll(async () => {
    await desk.fleet("--instances 2 --operational 1 --recovery 2");
    for (const name of ["A", "B"]) await desk.ok("sigkey-add", { answers: [name, "a", "a"] });
    const options = `--signature-threshold 2 --revocation-threshold 2 --admins 2 --keynum '1 2' --password-file ${password()}`;
    for (const instance of [1, 2]) await desk.ok(`auto-init --instance ${instance} ${options}`);
    await desk.ok(`sigkey-sel --keynum '1 2' --password-file ${password()}`);
    await desk.ok("cryptounit-rm --all");
  });
  afterAll(() => desk.close());
  const patterns = async () => {
    await desk.ok("cryptounit-add --all");
    const { units } = await desk.json<RegisterList>("cryptounit-mk");
    return units.map(({ currentRegister }) => currentRegister.verificationPattern);
  };

  it("shows recovery units and targets, asks, and gives the cleared units the key again", async () => {
    await desk.ok("cryptounit-add --units '1 3'");
    await desk.ok(`cryptounit-mk-clrcur --force --password-file ${password()}`);
    const { prompts, screen } = await desk.ok("auto-recover", { answers: ["2", "1 3", "a", "a"] });
    expect(prompts.map((prompt) => prompt.trim().split("\n")[0])).toEqual([
      "Enter the CRYPTO UNIT NUM of the recovery unit whose master key is to be copied:",
      "Enter the CRYPTO UNIT NUM values of the crypto units that are to get it, separated by spaces:",
      ...Array(2).fill("Enter the password for the signature key identified by:"),
    ]);
    expect(screen).toContain("\nOK\nThe master key of CRYPTO UNIT NUM 2 was copied to CRYPTO UNIT NUM 1 3.\n");
    const [one, two, three] = await patterns();
    expect([one, three]).toEqual([two, two]);
  });

  it("passes over units that have the key, and says so", async () => {
    const run = await desk.ok(`auto-mk-recover --source 2 --targets '1 3' --password-file ${password()}`);
    expect(run.out).toContain("CRYPTO UNIT NUM 1 3 had it already.");
  });

  it("replaces another key only after a question; then also in another instance", async () => {
    const line = "auto-mk-recover --source 2 --targets 4";
    const before = await patterns();
    const refused = await desk.run(line, { answers: ["n"] });
    expect(refused.code).toBe(5);
    expect(refused.err).toContain("Valid with another key, which would be lost");
    expect((await desk.ok(`${line} --dry-run`)).out).toContain("nothing was changed");
    expect(await patterns()).toEqual(before);
    const { prompts } = await desk.ok(line, { answers: ["y", "a", "a"] });
    expect(prompts[0]).toContain("CRYPTO UNIT NUM 4: the current master key is another one and will be lost.");
    expect((await patterns())[3]).toBe(before[1]);
  });

  it.each([
    ["--source 1 --targets 2", 2, "want a recovery unit with a master key (2, 3, 5, 6), got 1"],
    ["--source 2 --targets '2 4'", 2, "want crypto units other than the source, got 2"],
    ["--source 2 --targets ''", 2, "want at least one CRYPTO UNIT NUM"],
    [
      "--source 2 --targets 5 --force --sign-with 1",
      6,
      "want 2 of the selected administrators installed in all units, got 1",
    ],
  ])("%s: exit %i", async (options, code, reason) => {
    const run = await desk.run(`auto-mk-recover ${options}`);
    expect(run.code).toBe(code);
    expect(run.err).toContain(reason);
  });
});

describe("target", () => {
  const desk = new Desk();
  beforeAll(async () => {
    await desk.fleet("--instances 1 --operational 1 --recovery 1");
  });
  afterAll(() => desk.close());

  it("is the fleet in OPENTKE_HOME, until it is set", async () => {
    expect(await desk.json("target")).toMatchObject({ target: { endpoint: null, resourceGroup: "Default" } });
    expect((await desk.ok("target")).out).toContain(`the fleet in ${desk.home}`);
  });

  it("can be an endpoint, which serves the same commands", async () => {
    const root = desk.write("root.json", (await desk.ok("root --output json")).out);
    const list = await desk.json("cryptounits");
    await serving(desk, async (url) => {
      await desk.ok(`target --endpoint ${url} --root-file ${root}`);
      expect(await desk.json("target")).toMatchObject({ target: { endpoint: url, rootFile: root } });
      expect(await desk.json("cryptounits")).toEqual(list);
      await desk.ok("sigkey-add", { answers: ["A", "a", "a"] });
      const pw = desk.write("pw", "a");
      await desk.ok(
        `auto-init --signature-threshold 1 --revocation-threshold 1 --admins 1 --keynum 1 --password-file ${pw}`,
      );
      expect(await desk.json("cryptounit-compare")).toMatchObject({ alike: true });
      expect((await desk.ok("cryptounits")).out).toContain(`API endpoint:     ${url}\n`);
      const other = desk.write("other.json", readFileSync(root, "utf8").replace(/"ski": ?"../, '"ski": "00'));
      const untrusted = await desk.run(`cryptounit-mk --root-file ${other}`);
      expect(untrusted.err).toContain("its ski is not that of the key");
    });
    const { code, err } = await desk.run("cryptounits");
    expect(code).toBe(1);
    expect(err).toContain("no answer from the endpoint");
    await desk.ok("target --embedded");
    expect(await desk.json("cryptounit-compare")).toMatchObject({ alike: true });
  });

  it.each([
    ["target --token-file t", "want --endpoint too"],
    ["target --embedded --endpoint http://x", "Want --embedded or --endpoint, not both"],
    ["cryptounits --endpoint http://127.0.0.1:1", "No root is pinned for http://127.0.0.1:1"],
    ["cryptounits --endpoint ftp://x --root-file none", "'none' cannot be read"],
  ])("%s is incorrect usage", async (line, reason) => {
    const { code, err } = await desk.run(line);
    expect(code).toBe(2);
    expect(err).toContain(reason);
  });
});

/** Serves the desk's fleet on a free port while `work` runs. */
async function serving(desk: Desk, work: (url: string) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const portFile = `${desk.root}/url`;
  const server = desk.run(`serve --no-auth --log-level error --port-file ${portFile}`, { signal: stop.signal });
  try {
    await work(await appearing(portFile));
  } finally {
    stop.abort();
    await server;
  }
}

async function appearing(file: string): Promise<string> {
  for (;;) {
    try {
      const text = readFileSync(file, "utf8").trim();
      if (text !== "") return text;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe("words", () => {
  const desk = new Desk();
  afterAll(() => desk.close());

  it.each(["help sigkey-add", "h sigkey-add", "tke help sigkey-add", "sigkey-add --help", "tke sigkey-add -h"])(
    "%s shows examples, then options",
    async (line) => {
      const { out } = await desk.ok(line);
      expect(out).toMatch(/^Examples:\n {2}# /);
      expect(out).toContain("Usage: opentke sigkey-add [options]");
      expect(out).toContain("--password-file");
    },
  );

  it.each(["tke sigkey-ad", "cryptounit-mkk", "auto-int"])("%s is answered with the nearest command", async (line) => {
    const { code, err } = await desk.run(line);
    expect(code).toBe(2);
    expect(err).toMatch(/Unknown command '\S+'\. Did you mean '\S+'\?/);
  });
});
