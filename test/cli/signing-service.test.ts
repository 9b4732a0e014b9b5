// opentke signing-service, as it is typed.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../support/endpoint.ts";
import { selfSigned } from "../support/self-signed.ts";
import { base64 } from "../support/signing-service.ts";
import { Desk, type Run, type RunOptions } from "../support/tke-desk.ts";
import { readVectors } from "../support/vectors.ts";

const TOKEN = "a-token-that-is-long-enough";
const HASH = `sha256:${createHash("sha256").update(TOKEN).digest("hex")}`;
const PASSWORD = "the password of both keys";
const TEST = JSON.stringify({ hash_algorithm: "sha2-512", input: base64(new Uint8Array(100)) });

const desk = new Desk();
let password: string;
let portFile: string;

beforeAll(async () => {
  password = desk.write("pw", `${PASSWORD}\n`);
  portFile = join(desk.root, "url");
  for (const name of ["Alice A", "Bob B"]) await desk.ok(`sigkey-add --name '${name}' --password-file ${password}`);
  interface Case {
    readonly kind: string;
    readonly keyType?: string;
    readonly file: string;
  }
  const { cases } = readVectors<Case>("sigkey-files.json");
  const rsa = cases.find(({ kind, keyType }) => kind === "valid" && keyType !== "p521ec")!;
  writeFileSync(join(desk.files, "3.sigkey"), rsa.file);
});
afterAll(() => desk.close());

/** Serves until `during` is through. What was said holds no secret. */
async function serving(line: string, during: (url: string) => Promise<void>, options: RunOptions = {}): Promise<Run> {
  const stop = new AbortController();
  const running = desk.run(`signing-service --port-file ${portFile} ${line}`, { ...options, signal: stop.signal });
  try {
    await Promise.race([expect.poll(() => existsSync(portFile), { timeout: 30_000 }).toBe(true), running]);
    if (existsSync(portFile)) await during(readFileSync(portFile, "utf8").trim());
  } finally {
    stop.abort();
  }
  const run = await running;
  for (const secret of [TOKEN, PASSWORD]) expect(run.screen).not.toContain(secret);
  return run;
}

const sign = (url: string, id: string, token = TOKEN, body = TEST) =>
  ask(`${url}/sign/${id}`, { body, headers: { authorization: token } });

describe("keys and tokens", () => {
  it("an id is the KEYNUM, or what follows it; passwords are asked for, not shown", async () => {
    const tokens = desk.write("tokens", `${HASH} 1\n${HASH} bob\n`);
    const run = await serving(
      `--keys '1, 2=bob' --token-file ${tokens}`,
      async (url) => {
        expect((await sign(url, "1")).status).toBe(200);
        expect((await sign(url, "bob")).status).toBe(200);
        expect((await sign(url, "2")).status).toBe(404);
        expect((await sign(url, "bob", "another-token-of-some-length")).status).toBe(401);
      },
      { answers: [PASSWORD, PASSWORD] },
    );
    expect([run.code, run.out]).toEqual([0, ""]);
    expect(run.prompts.map((prompt) => prompt.trim())).toEqual([
      expect.stringMatching(
        /^Enter the password for the signature key identified by:\nAlice A \([0-9a-f]{30}\.\.\.\)\n>$/,
      ),
      expect.stringMatching(
        /^Enter the password for the signature key identified by:\nBob B \([0-9a-f]{30}\.\.\.\)\n>$/,
      ),
    ]);
    expect(run.err).toContain("This is not an HSM.");
    expect(run.err).toMatch(/^(?:> )?listening on http:\/\/127\.0\.0\.1:\d+$/m);
    expect(run.err).toMatch(
      /^\d{4}-\S+Z 127\.0\.0\.1 wants bob \(Bob B\) to sign: test of the key, zero bytes 100: signed$/m,
    );
    expect(existsSync(portFile)).toBe(false);
  });

  it("new tokens are written for the other side, for its owner alone, and never over a file", async () => {
    const issued = join(desk.root, "issued");
    const line = `--keys '1=alice 2=bob' --issue-tokens ${issued} --password-file ${password} --quiet`;
    const tokens: string[] = [];
    const run = await serving(line, async (url) => {
      expect(statSync(issued).mode & 0o777).toBe(0o600);
      const entries = JSON.parse(readFileSync(issued, "utf8")) as { key: string; token: string }[];
      expect(entries.map(({ key }) => key)).toEqual(["alice", "bob"]);
      tokens.push(...entries.map(({ token }) => token));
      const [alice, bob] = tokens as [string, string];
      expect([alice, bob].every((token) => /^[0-9a-f]{64}$/.test(token))).toBe(true);
      expect((await sign(url, "alice", alice)).status).toBe(200);
      expect((await sign(url, "alice", bob)).status).toBe(401);
    });
    for (const token of tokens) expect(run.screen).not.toContain(token);
    expect(existsSync(issued)).toBe(false);
    writeFileSync(issued, "something else");
    const again = await serving(line, async () => {});
    expect(again.code).toBe(2);
    expect(again.err).toContain("is there already; name a new file.");
    expect(readFileSync(issued, "utf8")).toBe("something else");
    rmSync(issued);
  });

  it("new tokens are not left behind if it cannot listen", async () => {
    const issued = join(desk.root, "issued");
    const run = await desk.run(
      `signing-service --keys 1 --issue-tokens ${issued} --host 0.0.0.0 --password-file ${password}`,
    );
    expect([run.code, existsSync(issued)]).toEqual([2, false]);
  });
});

describe("what is shown", () => {
  it("JSON for programs: on standard error, in a file that is appended to", async () => {
    const tokens = desk.write("tokens", `${HASH} 1\n`);
    const log = join(desk.root, "log");
    const line = `--keys 1 --token-file ${tokens} --password-file ${password} --log ${log}`;
    const first = await serving(`${line} --log-format json --quiet`, async (url) => {
      await sign(url, "1");
    });
    expect(first.err).toBe(readFileSync(log, "utf8"));
    const lines = first.err
      .trimEnd()
      .split("\n")
      .map((one) => JSON.parse(one) as Record<string, unknown>);
    expect(lines.map(({ msg }) => msg)).toEqual(["listening", "signed", "request", "stopping", "stopped"]);
    expect(lines[1]).toMatchObject({ key: "1", name: "Alice A", refused: null, subject: { kind: "test" } });
    await serving(line, async (url) => {
      await sign(url, "1", TOKEN, TEST.replace("AAAA", "BBBB"));
    });
    const messages = readFileSync(log, "utf8")
      .trimEnd()
      .split("\n")
      .map((one) => (JSON.parse(one) as { msg: string }).msg);
    expect(messages.slice(5)).toEqual(["listening", "refused", "request", "stopping", "stopped"]);
    expect(readFileSync(log, "utf8")).not.toContain(TOKEN);
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  it("what is not allowed, with the reason", async () => {
    const tokens = desk.write("tokens", `${HASH} 1\n`);
    const line = `--keys 1 --token-file ${tokens} --password-file ${password} --allow 'certificate,export-wk' --allow-unit 93AABD1X.22`;
    const run = await serving(line, async (url) => {
      expect(JSON.parse((await sign(url, "1")).body)).toMatchObject({
        error: "Forbidden",
        reason: "test is not allowed",
      });
    });
    expect(run.err).toContain("to sign: test of the key, zero bytes 100: not signed (test is not allowed)\n");
  });
});

describe("--ask", () => {
  it("shows each request, and signs after a y", async () => {
    const tokens = desk.write("tokens", `${HASH} 1\n`);
    const run = await serving(
      `--keys 1 --token-file ${tokens} --password-file ${password} --ask`,
      async (url) => {
        const answers = [await sign(url, "1"), await sign(url, "1"), await sign(url, "1")];
        expect(answers.map(({ status }) => status)).toEqual([200, 403, 200]);
      },
      { answers: ["y", "", " YES "] },
    );
    expect(run.prompts).toEqual(
      Array(3).fill("127.0.0.1 wants 1 (Alice A) to sign: test of the key, zero bytes 100\nSign it? [y/N]\n> "),
    );
    expect(run.err).toContain("not signed (the operator refused)");
  });

  it("takes nobody's answer for a no", async () => {
    const tokens = desk.write("tokens", `${HASH} 1\n`);
    const line = `--keys 1 --token-file ${tokens} --password-file ${password} --ask`;
    await serving(line, async (url) => expect((await sign(url, "1")).status).toBe(403), { answers: [] });
  });
});

describe("TLS", () => {
  it("is served with a certificate", async () => {
    const tls = selfSigned();
    const [cert, key] = [desk.write("cert", tls.cert), desk.write("key", tls.key)];
    const tokens = desk.write("tokens", `${HASH} 1\n`);
    const line = `--keys 1 --token-file ${tokens} --password-file ${password} --host 0.0.0.0 --tls-cert ${cert} --tls-key ${key}`;
    await serving(line, async (url) => {
      expect(url).toMatch(/^https:/);
      const status = await new Promise((resolve, reject) => {
        get(`${url}/healthz`, { ca: tls.cert }, (response) => resolve(response.statusCode)).on("error", reject);
      });
      expect(status).toBe(200);
    });
  });
});

describe("incorrect usage", () => {
  const refused = async (line: string, why: string, code = 2, options: RunOptions = {}): Promise<Run> => {
    const run = await desk.run(`signing-service ${line}`, options);
    expect([run.code, run.err.includes(why) ? why : run.err]).toEqual([code, why]);
    expect(run.screen).not.toContain(PASSWORD);
    return run;
  };
  const tokens = () => desk.write("tokens", `${HASH} 1\n`);

  it("no keys", () => refused("--issue-tokens x", "--keys with at least one KEYNUM"));
  it.each(["a", "1=", "1=a/b", "=a", "1=.", "1 x"])("--keys '%s'", (text) =>
    refused(`--keys '${text}' --issue-tokens x`, "--keys: want KEYNUM or KEYNUM=ID").then(() => {}),
  );
  it("a file that is not there", () => refused("--keys 7 --issue-tokens x", "there is no file '7.sigkey'", 1));
  it("an RSA key, before any password is asked for", async () => {
    const { prompts } = await refused("--keys '1 3' --issue-tokens x", "is an RSA key", 2, { answers: [] });
    expect(prompts).toEqual([]);
  });
  it("neither tokens nor new ones", () => refused("--keys 1", "Want either --token-file"));
  it("both", () => refused(`--keys 1 --token-file ${tokens()} --issue-tokens x`, "Want either --token-file"));
  it("a key without a token", () =>
    refused(
      `--keys '1 2' --token-file ${tokens()} --password-file ${password}`,
      "key '2': want a token for it, got none",
    ));
  it("a key twice", () =>
    refused(`--keys '1=x 2=x' --issue-tokens ${join(desk.root, "x")} --password-file ${password}`, "want each once"));
  it("a wrong password, and no tokens are handed out", async () => {
    const wrong = desk.write("wrong", "wrong\n");
    const file = join(desk.root, "none");
    await refused(`--keys 1 --issue-tokens ${file} --password-file ${wrong}`, "KEYNUM 1 (Alice A): ", 1);
    expect(existsSync(file)).toBe(false);
  });
  it("nobody to ask for a password", () => refused(`--keys 1 --token-file ${tokens()}`, "--password-file is wanted"));
  it("nobody to ask", () => refused(`--keys 1 --token-file ${tokens()} --ask`, "--ask: want a terminal"));
  it("nobody to ask, as --no-input says", () =>
    refused(`--keys 1 --token-file ${tokens()} --ask --no-input`, "--ask: want a terminal", 2, { answers: [] }).then(
      () => {},
    ));
  it("an unknown command", () => refused(`--keys 1 --token-file ${tokens()} --allow commit`, "--allow: want some of"));
  it("a unit that is none", () => refused(`--keys 1 --token-file ${tokens()} --allow-unit 22`, "--allow-unit: want"));
  it("an unknown log format", () => refused("--keys 1 --issue-tokens x --log-format xml", "log-format"));
  it("a log that cannot be written", () =>
    refused(`--keys 1 --token-file ${tokens()} --log ${desk.root}/no/log --password-file ${password}`, "--log: "));
  it("others without TLS", () =>
    refused(`--keys 1 --token-file ${tokens()} --host 0.0.0.0 --password-file ${password}`, "want TLS"));
  it("half of TLS", () =>
    refused(`--keys 1 --token-file ${tokens()} --tls-cert x`, "--tls-cert and --tls-key together"));
  it("a port that is none", () => refused(`--keys 1 --token-file ${tokens()} --port 65536`, "--port: want 0 to 65535"));
});
