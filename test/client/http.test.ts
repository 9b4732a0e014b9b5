// The transport over HTTP: what it sends, what it makes of answers, what it repeats and what never.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { type HttpTransport, httpTransport } from "../../src/client/http.ts";
import { AuthenticationError, OpenTkeError, TransportError, UsageError, WireError } from "../../src/errors.ts";
import { cprbOfHtp } from "../../src/wire/answer.ts";
import { decodeHsmList } from "../../src/wire/hsm-list.ts";
import { decodeResponseBody } from "../../src/wire/http-body.ts";
import { type Arrived, type Canned, cannedServer } from "../support/canned.ts";
import { adminBlock, adminRequest, cat, cprb, infoRequest, u32 } from "../support/handmade.ts";
import { readVectors } from "../support/vectors.ts";

const LIST = JSON.stringify({
  hsms: [
    { hsm_id: "u/1", location: "[r].[h].[07].[03]", serial_number: "93AABD1X" },
    { hsm_id: "u-2", location: "[r].[h].[00].[04]", serial_number: "93AABD1X" },
  ],
  source_hsms: [],
});

const NOTHING = new Uint8Array(0);
const admin = (domain: number, command: number) =>
  cprb(
    domain,
    adminRequest(
      domain,
      adminBlock({ command, adminDomain: u32(domain, 0), moduleId: NOTHING, counter: NOTHING, input: NOTHING }),
      NOTHING,
    ),
  );
const QUERY = admin(3, 0x1000a);
const COMMAND = admin(3, 0x1c);
const ANSWER = cat(cprb(3, infoRequest(3, 3)));
const htpResponse = (bytes: Uint8Array) => `9;00${" ".repeat(154)};${toHex(bytes)}`;
const OK = JSON.stringify({ response: htpResponse(ANSWER) });

let server: Canned;
let line: HttpTransport;

beforeAll(async () => {
  server = await cannedServer();
});

afterAll(() => server.close());

beforeEach(async () => {
  line = httpTransport({ url: server.url, token: Buffer.from("a-token-for-tests"), answerTimeout: 300, job: "job-7" });
  server.say(200, LIST);
  await line.hsms("instance 1");
  server.arrived.length = 0;
});

afterEach(() => line.close());

const one = async (bytes: Uint8Array, unit = "u/1"): Promise<Uint8Array | Error> =>
  (await line.send([{ unit, cprb: bytes }]))[0]!;

/** Answers like this the first time, then well. */
const firstSay = (status: number, body = "", headers = {}) => {
  let count = 0;
  server.do((_, response) => (count++ === 0 ? response.writeHead(status, headers).end(body) : response.end(OK)));
};
const firstHangUp = () => {
  let count = 0;
  server.do((_, response) => (count++ === 0 ? response.destroy() : response.end(OK)));
};

describe("what it sends", () => {
  it("GET hsms, with the token as it is", async () => {
    server.say(200, LIST);
    expect(await line.hsms("a b")).toBe(LIST);
    expect(server.arrived).toEqual([expect.objectContaining({ method: "GET", url: "/v1/tke/a%20b/hsms", body: "" })]);
    expect(server.arrived[0]!.headers).toMatchObject({
      authorization: "a-token-for-tests",
      accept: "application/json",
    });
  });

  it("POST to the unit's own path, with the module index of its location", async () => {
    server.say(200, OK);
    expect(toHex((await one(QUERY)) as Uint8Array)).toBe(toHex(ANSWER));
    const [{ method, url, body, headers }] = server.arrived as [Arrived];
    expect([method, url]).toEqual(["POST", "/v1/tke/instance%201/hsms/u%2F1"]);
    const rest = `;PCI request;XPNUM   ;7;        ;${toHex(QUERY).toUpperCase()}`;
    expect(body).toBe(`{"request":"${rest.length}${rest}"}`);
    expect(headers).toMatchObject({
      authorization: "a-token-for-tests",
      "content-type": "application/json",
      "x-opentke-job": "job-7",
    });
  });

  it("nothing to a unit that is in no list", async () => {
    const error = await one(QUERY, "unknown");
    expect(error).toMatchObject({ code: "ERR_TRANSPORT", retryable: false });
    expect(server.arrived).toEqual([]);
  });

  it("no token if it has none, and a path before /v1", async () => {
    server.say(200, LIST);
    const other = httpTransport({ url: `${server.url}/base/` });
    await other.hsms("i");
    await other.close();
    expect(server.arrived[0]).toMatchObject({ url: "/base/v1/tke/i/hsms" });
    expect(server.arrived[0]!.headers.authorization).toBeUndefined();
  });

  it.each(["ftp://x", "x", "", "http://user:secret@x", "http://x/?token=secret", "http://x/#f"])(
    "refuses the URL '%s'",
    (url) => {
      expect(() => httpTransport({ url })).toThrow(UsageError);
      expect(() => httpTransport({ url })).not.toThrow(/secret/);
    },
  );

  it.each(["", "line\nbreak", "nul\0", "ümlaut"])("refuses the token %j without repeating it", (token) => {
    expect(() => httpTransport({ url: server.url, token: Buffer.from(token) })).toThrow(
      "token: want printable ASCII characters, got something else.",
    );
  });

  it("takes a token from a file as it is, line end and Bearer included", async () => {
    server.say(200, LIST);
    const other = httpTransport({ url: server.url, token: Buffer.from("Bearer abc.def\n") });
    await other.hsms("i");
    await other.close();
    expect(server.arrived[0]!.headers.authorization).toBe("Bearer abc.def");
  });
});

describe("order", () => {
  it("of requests to one unit: commands wait for all before them, what comes after waits for them", async () => {
    const events: string[] = [];
    const names = new Map([
      [toHex(admin(3, 0x10002)), "q1"],
      [toHex(QUERY), "q2"],
      [toHex(COMMAND), "c1"],
      [toHex(admin(3, 0x0d)), "c2"],
      [toHex(admin(3, 0x10006)), "q3"],
    ]);
    server.do(({ body }, response) => {
      const cprbHex = /;([0-9A-F]+)"/.exec(body)![1]!.toLowerCase();
      const name = names.get(cprbHex)!;
      events.push(`+${name}`);
      setTimeout(
        () => {
          events.push(`-${name}`);
          response.end(OK);
        },
        name === "q1" ? 40 : 10,
      );
    });
    await line.send(
      [admin(3, 0x10002), QUERY, COMMAND, admin(3, 0x0d), admin(3, 0x10006)].map((bytes) => ({
        unit: "u/1",
        cprb: bytes,
      })),
    );
    expect(events.slice(0, 2).sort()).toEqual(["+q1", "+q2"]);
    expect(events.slice(2)).toEqual(["-q2", "-q1", "+c1", "-c1", "+c2", "-c2", "+q3", "-q3"]);
  });

  it("of answers: that of the requests, each unit for itself", async () => {
    const tagged = (n: number) => cprb(n, u32(n));
    server.do(({ url }, response) => {
      const n = url.endsWith("u-2") ? 2 : 1;
      setTimeout(() => response.end(JSON.stringify({ response: htpResponse(tagged(n)) })), n === 1 ? 30 : 1);
    });
    const answers = await line.send(["u/1", "u-2", "u/1"].map((unit) => ({ unit, cprb: COMMAND })));
    expect(answers.map((answer) => toHex(answer as Uint8Array))).toEqual([1, 2, 1].map((n) => toHex(tagged(n))));
  });

  it("one request's failure spoils no other", async () => {
    server.do(({ url }, response) =>
      url.endsWith("u-2") ? response.writeHead(404).end("Not Found") : response.end(OK),
    );
    const answers = await line.send(["u/1", "u-2", "u/1"].map((unit) => ({ unit, cprb: COMMAND })));
    expect(answers.map((answer) => answer instanceof Error)).toEqual([false, true, false]);
  });
});

describe("statuses", () => {
  it.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [408, true],
    [413, false],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    [301, false],
  ])("%i is an error; worth another try: %s", async (status, retryable) => {
    server.say(status, `Some words\u0007: ${"x".repeat(500)}`);
    const error = await one(COMMAND);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ status, retryable });
    expect((error as Error).message).toMatch(
      new RegExp(`^the endpoint answered ${status}: Some words : x{100,200}(;|$)`),
    );
    expect(server.arrived).toHaveLength(1);
  });

  it("401 has a class and a code of its own, from both routes", async () => {
    server.say(401, "Unauthorized");
    const error = await one(QUERY);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code: "ERR_AUTHENTICATION", status: 401 });
    expect((error as Error).message).not.toContain("a-token-for-tests");
    await expect(line.hsms("i")).rejects.toBeInstanceOf(AuthenticationError);
    expect(server.arrived).toHaveLength(2);
  });
});

describe("what is sent again", () => {
  it.each([
    ["a query after 500", QUERY, () => firstSay(500)],
    ["a query after 503", QUERY, () => firstSay(503)],
    ["a query after a lost answer", QUERY, firstHangUp],
    ["get_xcp_info after a lost answer", cprb(3, infoRequest(3, 3)), firstHangUp],
  ])("%s", async (_name, bytes, prepare) => {
    prepare();
    expect(await one(bytes)).toBeInstanceOf(Uint8Array);
    expect(server.arrived).toHaveLength(2);
  });

  it("the list of units", async () => {
    let count = 0;
    server.do((_, response) => (count++ === 0 ? response.destroy() : response.end(LIST)));
    expect(await line.hsms("i")).toBe(LIST);
  });

  it("not for ever", async () => {
    server.say(500, "no");
    expect(await one(QUERY)).toMatchObject({ status: 500 });
    expect(server.arrived).toHaveLength(3);
  });

  it.each([
    ["a command after 500", COMMAND, () => firstSay(500)],
    ["a command after 503", COMMAND, () => firstSay(503, "", { "retry-after": "1" })],
    ["a command after a lost answer", COMMAND, firstHangUp],
    ["what may be a command", cat(COMMAND, u32(0)), firstHangUp],
    ["a query after 404", QUERY, () => firstSay(404)],
  ])("never %s", async (_name, bytes, prepare) => {
    prepare();
    expect(await one(bytes)).toBeInstanceOf(TransportError);
    expect(server.arrived).toHaveLength(1);
  });

  it("never a command whose answer does not come in time", async () => {
    server.do(() => {});
    expect(await one(COMMAND)).toMatchObject({
      retryable: true,
      message: expect.stringMatching(/UND_ERR_HEADERS_TIMEOUT/),
    });
    expect(server.arrived).toHaveLength(1);
  });

  it("even a command if nothing listened yet", async () => {
    const port = Number(new URL(server.url).port);
    await server.close();
    const sent = one(COMMAND);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const { createServer } = await import("node:http");
    let count = 0;
    const late = createServer((_, response) => {
      count++;
      response.end(OK);
    });
    await new Promise<void>((resolve) => late.listen(port, "127.0.0.1", resolve));
    expect(await sent).toBeInstanceOf(Uint8Array);
    expect(count).toBe(1);
    late.closeAllConnections();
    await new Promise((resolve) => late.close(resolve));
    server = await cannedServer();
  });
});

describe("bodies of IBM's vectors, through HTTP", () => {
  interface Case {
    readonly kind: string;
    readonly name: string;
    readonly parser: string;
    readonly htpResponse: string;
    readonly body: string;
    readonly accept: boolean;
  }
  const { cases } = readVectors<Case>("htp-responses.json");
  const responses = cases.filter(({ kind }) => kind === "response");
  const lists = cases.filter(({ parser }) => parser === "hsm-list");
  const posts = cases.filter(({ parser }) => parser === "post-body");

  const outcome = (read: () => Uint8Array): string => {
    try {
      return toHex(read());
    } catch (error) {
      return (error as OpenTkeError).code;
    }
  };
  const told = (answer: Uint8Array | Error): string =>
    answer instanceof Uint8Array ? toHex(answer) : (answer as OpenTkeError).code;

  it("are all here", () => expect([responses.length, lists.length, posts.length]).toEqual([100, 11, 6]));

  it.each(responses.map((vector) => [`${vector.parser}: ${vector.name}`, vector] as const))(
    "%s",
    async (_name, { htpResponse }) => {
      server.say(200, JSON.stringify({ response: htpResponse }));
      const answer = await one(COMMAND);
      const want = htpResponse === "" ? "ERR_WIRE" : outcome(() => cprbOfHtp(htpResponse));
      expect(told(answer)).toBe(want);
      expect(answer instanceof Uint8Array || answer instanceof OpenTkeError).toBe(true);
    },
  );

  it.each(posts.map((vector) => [vector.name, vector] as const))("post-body: %s", async (_name, { body, accept }) => {
    server.say(200, body);
    expect(told(await one(COMMAND))).toBe(outcome(() => cprbOfHtp(decodeResponseBody(body))));
    if (!accept) expect(await one(COMMAND)).toBeInstanceOf(WireError);
  });

  it.each(lists.map((vector) => [vector.name, vector] as const))("hsm-list: %s", async (_name, { body, accept }) => {
    server.say(200, body);
    if (!accept) {
      await expect(line.hsms("i")).rejects.toBeInstanceOf(WireError);
      return;
    }
    const entries = decodeHsmList(body);
    const possible = entries.every(
      ({ location, serialNumber }) => /\.\[\d+\]\.\[\d+\]$/.test(location) && serialNumber.length === 8,
    );
    if (possible) expect(await line.hsms("i")).toBe(body);
    else await expect(line.hsms("i")).rejects.toBeInstanceOf(WireError);
  });
});

describe("the catcher's codes", () => {
  interface Known {
    readonly kind: string;
    readonly errorType: number;
    readonly returnCode: number;
    readonly reasonCode: number;
  }
  const known = readVectors<Known>("error-messages.json").cases.filter(({ kind }) => kind === "htp");

  it("are more than a hundred", () => expect(known.length).toBe(118));

  it("all arrive as errors that name them, worth another try if a line failed", async () => {
    for (const { errorType, returnCode, reasonCode } of known) {
      const codes = `${errorType}`.padStart(2) + `${returnCode}`.padStart(8) + `${reasonCode}`.padStart(8);
      server.say(200, JSON.stringify({ response: `157;${codes.padEnd(156)}` }));
      const error = await one(COMMAND);
      expect(error).toMatchObject({ code: "ERR_TRANSPORT", retryable: errorType === 15 || errorType === 23 });
      expect((error as Error).message).toContain(`type ${errorType}, return code ${returnCode}, reason ${reasonCode}`);
    }
    expect(server.arrived).toHaveLength(known.length);
  });
});
