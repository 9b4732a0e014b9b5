// Tokens: only hashes at rest, raw or after Bearer, and no way in without one.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { isLoopback, urlHost } from "../../src/server/host.ts";
import { startServer } from "../../src/server/server.ts";
import { Tokens, tokenLine } from "../../src/server/tokens.ts";
import { ask, type Endpoint, fleetEndpoint } from "../support/endpoint.ts";

const TOKEN = "eyJ0b2tlbiI6InNlY3JldCJ9.c2lnbmF0dXJl";
const OTHER = "another-token-of-32-characters.....";
const line = (token: string) => `sha256:${createHash("sha256").update(token).digest("hex")}`;

describe("token files", () => {
  it("a line is the hash of the token, without Bearer and line end", () => {
    expect(tokenLine(TOKEN)).toBe(line(TOKEN));
    expect(tokenLine(`Bearer ${TOKEN}\n`)).toBe(line(TOKEN));
    expect(tokenLine(`bearer   ${TOKEN}\r\n`)).toBe(line(TOKEN));
  });

  it.each(["", "short", "123456789012345", "sixteen chars ok", "sixteen-chärs-ok"])(
    "refuses the token '%s'",
    (token) => {
      expect(() => tokenLine(token)).toThrow(UsageError);
    },
  );

  it("has names, comments, blank lines, either case", () => {
    const text = `# tokens\n\n${line(TOKEN)} Alice's\r\n  ${line(OTHER).toUpperCase().replace("SHA256", "sha256")}   # Bob's\n`;
    const tokens = Tokens.parse(text, "tokens");
    expect([TOKEN, OTHER, "neither-of-the-two"].map((token) => tokens.admits(token))).toEqual([true, true, false]);
  });

  it("names the line that is none", () => {
    const bad = [`${line(TOKEN)}0`, line(TOKEN).slice(0, -1), TOKEN, `md5:${"0".repeat(32)}`, `${line(TOKEN)}x name`];
    for (const content of bad) {
      expect(() => Tokens.parse(`${line(TOKEN)}\n${content}\n`, "tokens")).toThrow(/^tokens, line 2: want 'sha256:'/);
      // What may be a token is not repeated.
      expect(() => Tokens.parse(content, "tokens")).not.toThrow(TOKEN);
    }
  });

  it("must hold a token", () => {
    expect(() => Tokens.parse("# none\n", "tokens")).toThrow(/^tokens: want a token at least, got none/);
  });
});

describe("an endpoint with tokens", () => {
  let endpoint: Endpoint;
  let path: string;

  beforeAll(async () => {
    endpoint = await fleetEndpoint({}, { tokens: Tokens.parse(`${line(TOKEN)}\n${line(OTHER)}\n`, "tokens") });
    const [instance] = endpoint.fleet.instances();
    path = `/v1/tke/${instance!.id}/hsms`;
  });

  afterAll(() => endpoint.close());

  const status = async (authorization: string | undefined, where = path) =>
    (await ask(endpoint.url + where, { headers: authorization === undefined ? {} : { authorization } })).status;

  it.each([TOKEN, `Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER  ${TOKEN}`, OTHER, `Bearer ${OTHER}`])(
    "admits %s",
    async (text) => {
      expect(await status(text)).toBe(200);
    },
  );

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    `Basic ${TOKEN}`,
    TOKEN.slice(0, -1),
    `${TOKEN}=`,
    TOKEN.toLowerCase(),
    `Bearer Bearer ${TOKEN}`,
    "x",
    "x".repeat(5000),
    line(TOKEN),
    line(TOKEN).slice(7),
  ])("refuses %s", async (text) => {
    const headers = text === undefined ? {} : { authorization: text };
    expect(await ask(endpoint.url + path, { headers })).toMatchObject({
      status: 401,
      body: "Unauthorized",
      headers: { "www-authenticate": "Bearer" },
    });
  });

  it("before it tells what there is: 401 for instances that are none, and for metrics; probes are open", async () => {
    const unauthorised = ["/v1/tke/nobody/hsms", "/v1/opentke/instances", "/metrics"];
    expect(await Promise.all(unauthorised.map((where) => status(undefined, where)))).toEqual([401, 401, 401]);
    expect(await Promise.all(["/healthz", "/readyz"].map((where) => status(undefined, where)))).toEqual([200, 200]);
  });

  it("logs no token, right or wrong", () => {
    const text = endpoint.log.join("");
    expect(text).toContain('"status":401');
    for (const secret of [TOKEN, TOKEN.slice(0, -1), OTHER, line(TOKEN).slice(7)]) expect(text).not.toContain(secret);
  });
});

describe("no tokens", () => {
  it.each(["localhost", "127.0.0.1", "127.1.2.3", "::1", "LOCALHOST"])("on %s is fine", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "example.org",
    "localhost.example.org",
    "127.0.0.1.example.org",
    "1270.0.0.1",
    "",
  ])("on %s is refused, with the reason", async (host) => {
    const endpoint = await fleetEndpoint();
    await expect(startServer({ fleet: endpoint.fleet, tokens: null, host })).rejects.toThrow(
      `without tokens anybody who reaches '${host}' could command the units: want a loopback host.`,
    );
    await endpoint.close();
  });

  it("browsers are refused: a page must not command the units of who looks at it", async () => {
    const endpoint = await fleetEndpoint();
    for (const headers of [{ origin: "http://evil.example" }, { "sec-fetch-site": "cross-site" }])
      expect(await ask(`${endpoint.url}/v1/opentke/instances`, { headers })).toMatchObject({ status: 403 });
    await endpoint.close();
  });
});

it.each([
  ["127.0.0.1", "127.0.0.1"],
  ["0.0.0.0", "127.0.0.1"],
  ["::", "[::1]"],
  ["::1", "[::1]"],
  ["localhost", "localhost"],
])("in a URL %s is %s", (host, text) => {
  expect(urlHost(host)).toBe(text);
});
