// opentke serve, as it is typed.

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Exit } from "../../src/cli/exit.ts";
import { httpTransport } from "../../src/client/http.ts";
import { ask } from "../support/endpoint.ts";
import { selfSigned } from "../support/self-signed.ts";
import { opentke, type Transcript } from "../support/terminal.ts";

const TOKEN = "a-token-that-is-long-enough";
const LINE = `sha256:${createHash("sha256").update(TOKEN).digest("hex")}\n`;

let folder: string;
const file = (name: string, content?: string): string => {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opentke-serve-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Serves until `during` is through. */
async function serving(args: readonly string[], during: (url: string) => Promise<void>): Promise<Transcript> {
  const portFile = file("url");
  const stop = new AbortController();
  const running = opentke(["serve", "--port-file", portFile, ...args], { signal: stop.signal });
  try {
    await expect.poll(() => existsSync(portFile), { timeout: 30_000 }).toBe(true);
    await during(readFileSync(portFile, "utf8").trim());
  } finally {
    stop.abort();
  }
  return running;
}

describe("a throw-away fleet", () => {
  it("is served until it is told to stop: exit code 0, a log on standard error, nothing on standard output", async () => {
    const args = ["--memory", "--instances", "2", "--failover", "1", "--seed", "7", "--no-auth"];
    const { code, out, err } = await serving(args, async (url) => {
      const { instances } = JSON.parse((await ask(`${url}/v1/opentke/instances`)).body) as {
        instances: { id: string }[];
      };
      expect(instances).toHaveLength(2);
      const line = httpTransport({ url });
      const list = JSON.parse(await line.hsms(instances[0]!.id)) as Record<string, unknown[]>;
      expect(Object.values(list).map((units) => units.length)).toEqual([2, 2, 1]);
      await line.close();
      expect((await ask(`${url}/metrics`)).body).toContain("process_cpu_seconds_total");
    });
    expect([code, out]).toEqual([Exit.Done, ""]);
    const [banner, ...log] = err.trimEnd().split("\n");
    expect(banner).toMatch(/This is not an HSM/);
    const messages = log.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect([messages[0], messages.at(-2), messages.at(-1)]).toEqual(["listening", "stopping", "stopped"]);
    expect(existsSync(file("url"))).toBe(false);
  });

  it("asks for the tokens whose hashes it is given, and has a control interface if it is told to", async () => {
    const tokens = file("tokens", `# one\n${LINE}`);
    const args = ["--memory", "--token-file", tokens, "--log-level", "silent", "--quiet"];
    const control = ["--control-port", "0", "--control-token-file", tokens, "--control-port-file", file("control")];
    const { code, err } = await serving([...args, ...control], async (url) => {
      expect((await ask(`${url}/v1/opentke/instances`)).status).toBe(401);
      const headers = { authorization: `Bearer ${TOKEN}` };
      expect((await ask(`${url}/v1/opentke/instances`, { headers })).status).toBe(200);
      const at = readFileSync(file("control"), "utf8").trim();
      expect((await ask(`${at}/v1/control/faults`, { headers })).body).toBe('{"faults":null}');
    });
    expect([code, err]).toEqual([Exit.Done, ""]);
    expect(existsSync(file("control"))).toBe(false);
  });

  it("over TLS", async () => {
    const made = selfSigned();
    const [key, cert] = [file("key.pem", made.key), file("cert.pem", made.cert)];
    const args = ["--memory", "--no-auth", "--tls-cert", cert, "--tls-key", key];
    await serving(args, async (url) => {
      expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      const ca = readFileSync(cert, "utf8");
      const status = await new Promise((resolve, reject) => {
        get(`${url}/healthz`, { ca }, (response) => resolve(response.resume().statusCode)).on("error", reject);
      });
      expect(status).toBe(200);
      const [trusting, other] = [httpTransport({ url, ca }), httpTransport({ url, retries: 0 })];
      await expect(trusting.hsms("nobody")).rejects.toMatchObject({ status: 404 });
      await expect(other.hsms("nobody")).rejects.toThrow(/SELF_SIGNED|UNABLE_TO_VERIFY/);
      await Promise.all([trusting.close(), other.close()]);
    });
  });
});

describe("tokens", () => {
  it("are hashed for a token file", async () => {
    const token = file("token", `Bearer ${TOKEN}\n`);
    expect(await opentke(["serve", "--hash-token", token])).toEqual({ code: Exit.Done, out: LINE, err: "" });
  });

  it("that are too short are not", async () => {
    const { code, out, err } = await opentke(["serve", "--hash-token", file("token", "secret\n")]);
    expect([code, out]).toEqual([Exit.Usage, ""]);
    expect(err).toMatch(/token: want 16 or more printable ASCII characters/);
    expect(err).not.toContain("secret");
  });
});

describe("usage", () => {
  const memory = ["--memory", "--log-level", "silent"];

  it.each([
    ["neither tokens nor --no-auth", memory, "Want either --token-file, or --no-auth"],
    ["both", [...memory, "--token-file", "x", "--no-auth"], "Want either --token-file, or --no-auth"],
    [
      "--no-auth for all the world",
      [...memory, "--no-auth", "--host", "0.0.0.0"],
      "without tokens anybody who reaches '0.0.0.0'",
    ],
    [
      "a token file that is not there",
      [...memory, "--token-file", "/nowhere"],
      "--token-file: '/nowhere' cannot be read (ENOENT).",
    ],
    ["half of TLS", [...memory, "--no-auth", "--tls-cert", "x"], "Want --tls-cert and --tls-key together."],
    ["a port that is none", [...memory, "--no-auth", "--port", "65536"], "--port: want 0 to 65535, got 65536."],
    ["a control interface without tokens", [...memory, "--no-auth", "--control-port", "0"], "--control-token-file"],
    [
      "two control interfaces",
      [...memory, "--no-auth", "--control-port", "0", "--control-socket", "x"],
      "Want --control-port or --control-socket, not both.",
    ],
    [
      "no recovery units",
      [...memory, "--no-auth", "--recovery", "0"],
      "recovery units of an instance: want 1 to 6, got 0",
    ],
    ["an unknown log level", ["--memory", "--no-auth", "--log-level", "loud"], "--log-level: want"],
  ])("%s", async (_name, args, text) => {
    const { code, out, err } = await opentke(["serve", ...args]);
    expect([code, out]).toEqual([Exit.Usage, ""]);
    expect(err).toContain(text);
  });

  it("without a fleet it says how to make one", async () => {
    const home = join(folder, "home");
    const { code, err } = await opentke(["serve", "--no-auth", "--quiet"], { env: { OPENTKE_HOME: home } });
    expect(code).not.toBe(Exit.Done);
    expect(err).toContain("opentke fleet create");
    expect(existsSync(home)).toBe(false);
  });
});
