// The endpoint's statuses and bodies (ep11-wire.md 1 to 4), its limits, and what it says beside them.

import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cprbOfBody, htpText, type LabEndpoint, labEndpoint, pathOf } from "../support/endpoint.ts";
import { cprb, hexOf, infoRequest, u32 } from "../support/handmade.ts";
import { Id, Lab } from "../support/unit-lab.ts";
import { readVectors } from "../support/vectors.ts";

let lab: Lab;
let endpoint: LabEndpoint;
let unit: string;
let query: Uint8Array;

beforeAll(async () => {
  lab = await Lab.open();
  unit = lab.pristine({ domain: 3 });
  query = lab.query(unit, Id.QueryAttributes);
  endpoint = await labEndpoint(lab, {
    limits: { bodyBytes: 4000, headerBytes: 4096, headersTimeout: 600, requestTimeout: 900 },
  });
});

afterAll(() => endpoint.close());

const get = (path: string, headers = {}) => ask(endpoint.url + path, { headers });
const post = (body: string | Buffer, path = pathOf(unit), headers = {}) => ask(endpoint.url + path, { body, headers });

describe("GET hsms", () => {
  it("lists the units", async () => {
    const { status, headers, body } = await get(`/v1/tke/${unit}/hsms`);
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(JSON.parse(body)).toEqual({
      hsms: [
        {
          hsm_id: unit,
          location: "[us-south].[AZ1-CS1].[00].[03]",
          serial_number: "93AABD1X",
          state: "active",
          version: 1,
        },
      ],
      source_hsms: [],
      failover_hsms: [],
    });
  });

  it("does not know other instances", async () => {
    expect(await get("/v1/tke/nobody/hsms")).toMatchObject({ status: 404, body: "Not Found: no such instance" });
  });
});

describe("POST hsms/{id}", () => {
  it("answers a query in strings alone", async () => {
    const { status, headers, body } = await post(JSON.stringify({ request: htpText(query) }));
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    const members = JSON.parse(body) as Record<string, unknown>;
    expect(Object.entries(members).map(([name, value]) => [name, typeof value])).toEqual([["response", "string"]]);
    const response = members["response"] as string;
    expect(response).toMatch(/^\d+;000000000000000000 {138};[0-9A-F]+$/);
    const [length] = response.split(";");
    expect(Number(length)).toBe(response.length - length!.length);
    expect(lab.read(unit, cprbOfBody(body)).code).toBe("0");
  });

  it("takes other members, any content type, lower-case hexadecimal and leading zeros", async () => {
    const text = htpText(query, "000");
    const [head, hex] = [text.slice(0, text.lastIndexOf(";")), text.slice(text.lastIndexOf(";"))];
    const body = JSON.stringify({ more: 1, request: head + hex.toLowerCase() });
    const answer = await post(body, pathOf(unit), { "content-type": "text/plain" });
    expect(lab.read(unit, cprbOfBody(answer.body)).code).toBe("0");
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["an array", "[]"],
    ["null", "null"],
    ["no request", "{}"],
    ["a request that is no string", '{"request":1}'],
    ["an empty request", '{"request":""}'],
  ])("400: %s", async (_name, body) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      body: 'Bad Request: want a JSON object with an HTPRequest as its "request"',
    });
  });

  it("400: another module, another domain", async () => {
    expect(await post(JSON.stringify({ request: htpText(query, 7) }))).toMatchObject({
      status: 400,
      body: "Bad Request: the crypto unit is on module 0, the HTPRequest is for 7",
    });
    const stray = cprb(4, infoRequest(4, 3));
    expect(await post(JSON.stringify({ request: htpText(stray) }))).toMatchObject({
      status: 400,
      body: "Bad Request: the CPRB is for another domain",
    });
  });

  it("404: unknown instance, unknown unit, another instance's unit, a path that is none", async () => {
    const other = lab.pristine();
    const body = JSON.stringify({ request: htpText(query) });
    for (const path of [pathOf(unit, "nobody"), pathOf("nobody", unit), pathOf(unit, other)]) {
      expect(await post(body, path)).toMatchObject({ status: 404, body: "Not Found: no such instance or crypto unit" });
    }
    for (const path of ["/", "/v1/tke", `${pathOf(unit)}/more`, "/v1/tke/%zz/hsms", "/v1/tke//hsms"]) {
      expect(await get(path)).toMatchObject({ status: 404, body: "Not Found" });
    }
  });

  it("405 names the methods there are", async () => {
    expect(await get(pathOf(unit))).toMatchObject({
      status: 405,
      body: "Method Not Allowed",
      headers: { allow: "POST" },
    });
    const put = await ask(`${endpoint.url}/v1/tke/${unit}/hsms`, { method: "PUT", body: "{}" });
    expect(put).toMatchObject({ status: 405, headers: { allow: "GET" } });
  });

  it("413 after the limit, whether or not the length was told", async () => {
    const body = JSON.stringify({ request: "x".repeat(4000) });
    expect(await post(body)).toMatchObject({
      status: 413,
      body: "Payload Too Large: want a body of at most 4000 bytes",
    });
    const chunked = await post(body, pathOf(unit), { "transfer-encoding": "chunked" });
    expect(chunked.status).toBe(413);
    expect((await post("{}".padEnd(4000))).status).toBe(400);
  });

  it("500 when the store fails: nothing of it in the answer, all of it in the log, and the unit as before", async () => {
    const victim = lab.pristine();
    const before = lab.state(victim);
    const request = htpText(lab.command(victim, Id.Zeroize, new Uint8Array(0)));
    lab.store.failure = new Error("disk on fire");
    const { status, body, headers } = await endpoint.post(victim, request);
    lab.store.failure = null;
    expect(status).toBe(500);
    expect(body).toBe(`Internal Server Error: request ${headers["x-request-id"]}`);
    expect(
      endpoint.log.some((line) => line.includes("disk on fire") && line.includes(`${headers["x-request-id"]}`)),
    ).toBe(true);
    expect(lab.state(victim)).toBe(before);
    const again = await endpoint.post(victim, request);
    expect(lab.read(victim, cprbOfBody(again.body)).code).toBe("0");
  });
});

describe("the catcher", () => {
  interface Known {
    readonly kind: string;
    readonly errorType: number;
    readonly returnCode: number;
    readonly reasonCode: number;
  }
  const known = new Set(
    readVectors<Known>("error-messages.json")
      .cases.filter(({ kind }) => kind === "htp")
      .map(({ errorType, returnCode, reasonCode }) => `${errorType}-${returnCode}-${reasonCode}`),
  );

  const text = () => htpText(query);
  const fields = (change: (parts: string[]) => string[]) => {
    const [, ...rest] = text().split(";");
    const joined = `;${change(rest).join(";")}`;
    return `${joined.length}${joined}`;
  };

  it.each<[string, string, () => string]>([
    ["length that is no number", "9-27-0", () => `x${text()}`],
    ["wrong length", "9-27-0", () => text().replace(/^\d+/, "7")],
    ["padded length", "9-27-0", () => `0${text()}`],
    ["five fields", "9-27-0", () => fields((parts) => parts.slice(1))],
    ["seven fields", "9-27-0", () => `${text()};`],
    ["another literal", "11-3-0", () => fields(([, ...rest]) => ["PCI Request", ...rest])],
    ["another rule", "11-3-0", () => fields(([a, , ...rest]) => [a!, "XPNUM", ...rest])],
    ["blanks that are none", "11-3-0", () => fields(([a, b, c, , e]) => [a!, b!, c!, "", e!])],
    ["module index that is no number", "9-40-0", () => htpText(query, "1x")],
    ["no module index", "9-40-0", () => htpText(query, "")],
    ["negative module index", "9-40-0", () => htpText(query, "-1")],
    ["no hexadecimal", "9-43-0", () => fields((parts) => [...parts.slice(0, 4), `${"0".repeat(66)}G0`])],
    ["odd hexadecimal", "9-43-0", () => fields((parts) => [...parts.slice(0, 4), "0".repeat(65)])],
    ["31 bytes of CPRB", "9-43-0", () => htpText(query.slice(0, 31))],
    ["no CPRB", "9-43-0", () => htpText(new Uint8Array(0))],
  ])("%s: %s, which a client finds in its table", async (_name, code, request) => {
    const { status, body } = await endpoint.post(unit, request());
    expect(status).toBe(200);
    const { response } = JSON.parse(body) as { response: string };
    const [length, info, ...rest] = response.split(";");
    expect([info!.length, rest, Number(length)]).toEqual([156, [], 157]);
    // A client trims blanks, and blanks alone.
    const codes = [info!.slice(0, 2), info!.slice(2, 10), info!.slice(10, 18)];
    expect(codes.map((each) => each.replace(/^ +| +$/g, "")).join("-")).toBe(code);
    expect(known).toContain(code);
  });

  it("a CPRB header that is none: return code 12, reason 1, no payload, in a 200", async () => {
    for (const [at, value] of [
      [1, 0x21],
      [2, 5],
      [6, 0x55],
      [31, 1],
    ] as const) {
      const broken = query.with(at, value);
      const { status, body } = await endpoint.post(unit, htpText(broken));
      expect(status).toBe(200);
      expect(hexOf(cprbOfBody(body).slice(16))).toBe("000c00010000000000000000" + "00000000");
    }
  });

  it("what the unit refuses is a 200", async () => {
    const unknown = await endpoint.send(unit, lab.query(unit, 0x99));
    expect(lab.read(unit, unknown).code).toBe("84");
    const garbage = await endpoint.send(unit, cprb(3, u32(1)));
    expect(garbage.length).toBeGreaterThan(32);
  });
});

describe("request ids", () => {
  it.each(["a", "Job_7.2-x", "x".repeat(64)])("keeps %s", async (id) => {
    expect((await get("/healthz", { "x-request-id": id })).headers["x-request-id"]).toBe(id);
  });

  it.each(["", "x".repeat(65), "a b", "a;b", 'a"b', "é"])("makes one in place of '%s'", async (id) => {
    const { headers } = await get("/healthz", { "x-request-id": Buffer.from(id).toString("latin1") });
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("connections", () => {
  /** What the server says to these bytes until it closes the connection. */
  const raw = (...parts: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(endpoint.url);
      const socket = connect(Number(port), "127.0.0.1");
      let said = "";
      socket.on("data", (chunk) => {
        said += chunk.toString("latin1");
      });
      socket.on("close", () => resolve(said));
      socket.on("error", reject);
      for (const part of parts) socket.write(part);
    });

  it("408 for headers that do not end", async () => {
    expect(await raw("GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ")).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
  });

  it("408 for a body that does not end", async () => {
    const said = await raw(`POST ${pathOf(unit)} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{`);
    expect(said).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
  });

  it("431 for too much of a header", async () => {
    const said = await raw(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-much: ${"x".repeat(5000)}\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1.1 431 Request Header Fields Too Large\r\n/);
  });

  it("400 for what is no HTTP", async () => {
    expect(await raw("\x16\x03\x01\x02\x00\x01")).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(await raw("GET /healthz HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  });

  it("keeps a connection for the next request", async () => {
    const request = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    const last = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    expect((await raw(request, request, last)).match(/HTTP\/1.1 200 OK/g)).toHaveLength(3);
  });
});

describe("requests in flight", () => {
  it("503 with Retry-After beyond the limit; probes are answered all the same", async () => {
    const narrow = await labEndpoint(lab, { limits: { inFlight: 1 } });
    const { port } = new URL(narrow.url);
    const slow = connect(Number(port), "127.0.0.1");
    slow.write(`POST ${pathOf(unit)} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{`);
    await expect.poll(() => ask(`${narrow.url}/readyz`).then(({ status }) => status)).toBe(200);
    await expect.poll(() => narrow.post(unit, htpText(query)).then(({ status }) => status)).toBe(503);
    const refused = await narrow.post(unit, htpText(query));
    expect(refused).toMatchObject({
      body: "Service Unavailable: too many requests in flight",
      headers: { "retry-after": "1" },
    });
    slow.destroy();
    await expect.poll(() => narrow.post(unit, htpText(query)).then(({ status }) => status)).toBe(200);
    await narrow.close();
  });
});
