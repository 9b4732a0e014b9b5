// What can go wrong between a client and an endpoint, over real connections: each failure has a message of its own that says what to
// do. And tokens that are renewed under way.

import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { HttpLine, type HttpOptions } from "../../src/client/http-line.ts";
import type { TokenSource } from "../../src/client/token.ts";
import { AuthenticationError, TransportError } from "../../src/errors.ts";
import { type Canned, cannedServer } from "../support/canned.ts";
import { type SelfSignedOptions, selfSigned } from "../support/self-signed.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

function lineTo(url: string, options: Partial<HttpOptions> = {}): HttpLine {
  const line = new HttpLine({ url, retries: 0, answerTimeout: 300, connectTimeout: 2000, ...options });
  closers.push(() => line.close());
  return line;
}

const GET = { method: "GET", path: "/x", repeatable: true } as const;
const POST = { method: "POST", path: "/x", body: "{}", repeatable: false } as const;

async function failure(line: HttpLine): Promise<TransportError> {
  const error = await line.request(GET).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
}

async function canned(): Promise<Canned> {
  const server = await cannedServer();
  closers.push(() => server.close());
  return server;
}

describe("no connection", () => {
  it("no host of that name", async () => {
    const error = await failure(lineTo("http://nobody.invalid:8443/base"));
    expect(error.message).toMatch(
      /^http:\/\/nobody\.invalid:8443\/base: no answer from the endpoint \((ENOTFOUND|EAI_AGAIN)\): .*check the .*network$/,
    );
  });

  it("nothing listens", async () => {
    const server = await cannedServer();
    await server.close();
    const error = await failure(lineTo(server.url));
    expect(error).toMatchObject({ retryable: true, status: undefined });
    expect(error.message).toBe(
      `${server.url}: no answer from the endpoint (ECONNREFUSED): the connection was refused; check that the endpoint is served there, and its port`,
    );
  });
});

describe("TLS", () => {
  const secure = async (options: SelfSignedOptions = {}) => {
    const made = selfSigned(options);
    const server = createHttpsServer(made, (_, response) => response.end("{}"));
    return { url: `https://127.0.0.1:${await listening(server)}`, ca: made.cert };
  };

  it("with the right certificate authority is no failure", async () => {
    const { url, ca } = await secure();
    expect(await lineTo(url, { ca }).request(GET)).toBe("{}");
  });

  it.each([
    ["an unknown certificate authority", {}, false, "DEPTH_ZERO_SELF_SIGNED_CERT", "name the right one with --ca-file"],
    ["an expired certificate", { until: 2021 }, true, "CERT_HAS_EXPIRED", "has expired; who runs it must renew it"],
    [
      "a certificate for another name",
      { address: [127, 0, 0, 2] },
      true,
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "is for another name; use the name that it was made for",
    ],
  ] as const)("%s", async (_name, options, known, code, step) => {
    const { url, ca } = await secure(options);
    const error = await failure(lineTo(url, known ? { ca } : {}));
    expect(error.message).toContain(`${url}: no answer from the endpoint (${code}): `);
    expect(error.message).toContain(step);
    expect(error.retryable).toBe(false);
  });

  it("with a server that says nothing", async () => {
    const silent = createTcpServer((socket) => closers.push(async () => socket.destroy()));
    const error = await failure(lineTo(`https://127.0.0.1:${await listening(silent)}`, { connectTimeout: 200 }));
    expect(error.message).toContain("(UND_ERR_CONNECT_TIMEOUT): no connection in time; check the URL and the network");
    expect(error.retryable).toBe(true);
  });

  it("to a server without", async () => {
    const port = await listening(createHttpServer((_, response) => response.end("{}")));
    const error = await failure(lineTo(`https://127.0.0.1:${port}`));
    expect(error.message).toContain("check whether the URL should say http, and its port");
    expect(error.retryable).toBe(false);
  });

  it("to a server of which the URL says http", async () => {
    const { url } = await secure();
    const error = await failure(lineTo(url.replace("https", "http")));
    expect(error.message).toContain("check that the URL says http or https as it should");
  });
});

describe("no answer", () => {
  it("in time", async () => {
    const server = await canned();
    server.do(() => {});
    const error = await failure(lineTo(server.url));
    expect(error.message).toContain("(UND_ERR_HEADERS_TIMEOUT): no answer in time; try again later, or give it longer");
    expect(error.message).toContain("--timeout");
  });

  it("that is whole in time", async () => {
    const server = await canned();
    server.do((_, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("{");
    });
    expect((await failure(lineTo(server.url))).message).toContain("(UND_ERR_BODY_TIMEOUT): no answer in time");
  });

  it("since the connection broke", async () => {
    const server = await canned();
    server.do((_, response) => response.destroy());
    expect((await failure(lineTo(server.url))).message).toContain("the connection was closed before the answer came");
  });

  it("since it was no HTTP", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.end("SSH-2.0-none\r\n"));
    });
    const error = await failure(lineTo(`http://127.0.0.1:${await listening(server)}`));
    expect(error.message).toMatch(
      /\(HTTPParserError\): what answered does not speak HTTP; check the URL and its port$/,
    );
  });

  it("that is as small as answers are", async () => {
    const server = await canned();
    server.say(200, "x".repeat(5 * 1024 * 1024));
    const error = await failure(lineTo(server.url));
    expect(error.message).toContain("the answer is larger than any should be");
    expect(error.retryable).toBe(false);
  });
});

describe("statuses", () => {
  it.each([
    [301, "the endpoint is elsewhere: check the URL"],
    [400, "the endpoint answered 400: Some words"],
    [401, "no token was sent: name the file with one with --token-file"],
    [403, "the token does not permit this: ask for the role Manager, or Crypto unit administrator"],
    [404, "the endpoint does not know this service instance or crypto unit: check --instance-id"],
    [429, "the endpoint is busy: try again later"],
    [500, "the service is not available now: try again later, and tell who runs the endpoint"],
    [503, "the service is not available now"],
  ])("%i says what to do", async (status, step) => {
    const server = await canned();
    server.say(status, "Some words\n");
    const error = await failure(lineTo(server.url));
    expect(error).toMatchObject({ status, said: "Some words" });
    expect(error.message).toContain(`the endpoint answered ${status}: Some words`);
    expect(error.message).toContain(step);
  });

  it.each([0, 1, 3])("500 is asked again %i times", async (retries) => {
    const server = await canned();
    server.say(500, "");
    await failure(lineTo(server.url, { retries }));
    expect(server.arrived).toHaveLength(1 + retries);
  });
});

describe("tokens", () => {
  /** Takes the last of these tokens, and looks for the next one when it is told to. */
  const source = (...tokens: string[]): TokenSource & { readonly asked: () => number } => {
    let [at, asked] = [0, 0];
    return {
      place: "'token.txt'",
      bytes: () => Buffer.from(tokens[at]!),
      renew: () => {
        asked++;
        if (at + 1 >= tokens.length) return false;
        at++;
        return true;
      },
      asked: () => asked,
    };
  };
  /** Admits one token. */
  const gate = async (good: string) => {
    const server = await canned();
    server.do(({ headers }, response) => {
      if (headers.authorization === good) response.end("{}");
      else response.writeHead(401).end("Unauthorized");
    });
    return server;
  };

  it("that was refused is replaced by a newer one, for a command too, since it was not taken", async () => {
    const server = await gate("second");
    const token = source("first", "second");
    const line = lineTo(server.url, { token });
    expect(await line.request(POST)).toBe("{}");
    expect(server.arrived.map(({ headers }) => headers.authorization)).toEqual(["first", "second"]);
    expect(await line.request(GET)).toBe("{}");
    expect([server.arrived.length, token.asked()]).toEqual([3, 1]);
  });

  it("is replaced once, however many requests were refused with it", async () => {
    const server = await gate("second");
    const token = source("first", "second", "third");
    const line = lineTo(server.url, { token });
    expect(await Promise.all([line.request(GET), line.request(POST), line.request(GET)])).toEqual(["{}", "{}", "{}"]);
    expect(token.asked()).toBe(1);
  });

  it("that is good no more, and none newer: says where to put one", async () => {
    const server = await gate("another");
    const error = await failure(lineTo(server.url, { token: source("first") }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toBe(
      "the endpoint answered 401: Unauthorized; want a token that is valid now (tokens of IBM Cloud live for 1 hour): put a new one into 'token.txt', and run the command again",
    );
    expect(server.arrived).toHaveLength(1);
  });

  it("are not tried one after the other", async () => {
    const server = await gate("never");
    const token = source("first", "second", "third", "fourth");
    expect(await failure(lineTo(server.url, { token, retries: 3 }))).toMatchObject({ status: 401 });
    expect(server.arrived).toHaveLength(2);
  });
});

it("a Unix socket is an endpoint too", async () => {
  const path = join(tmpdir(), `opentke-line-${process.pid}.sock`);
  const server = createHttpServer(({ url }, response) => response.end(url));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  expect(await lineTo("http://localhost", { socketPath: path }).request(GET)).toBe("/x");
});
