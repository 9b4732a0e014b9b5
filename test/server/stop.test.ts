// The end of a server: what was accepted is finished, what comes after is turned away, nothing is left behind.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { removePortFile, writePortFile } from "../../src/server/port-file.ts";
import { runServer } from "../../src/server/run.ts";
import { ask, cprbOfBody, type Endpoint, fleetEndpoint, htpText, labEndpoint, pathOf } from "../support/endpoint.ts";
import { Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;
let folder: string;

beforeAll(async () => {
  lab = await Lab.open();
  folder = mkdtempSync(join(tmpdir(), "opentke-stop-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A connection that sends a request in two halves. */
function halved(url: string, path: string, body: string) {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`;
  const half = Math.floor(body.length / 2);
  let said = "";
  socket.on("data", (chunk) => {
    said += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(said)));
  socket.write(head + body.slice(0, half));
  return { rest: () => socket.write(body.slice(half)), closed };
}

const inFlight = async (endpoint: Endpoint) =>
  Number(/^opentke_http_requests_in_flight (\d+)$/m.exec((await ask(`${endpoint.url}/metrics`)).body)![1]);

describe("a stop", () => {
  it("finishes requests whose beginning had arrived, and says that the connection closes", async () => {
    const unit = lab.pristine();
    const { domainInstance } = lab.state(unit);
    const endpoint = await labEndpoint(lab);
    const body = JSON.stringify({ request: htpText(lab.command(unit, Id.Zeroize, NOTHING)) });
    const client = halved(endpoint.url, pathOf(unit), body);
    await expect.poll(() => inFlight(endpoint)).toBe(2);
    let stopped = false;
    const stopping = endpoint.close().then(() => {
      stopped = true;
    });
    await expect(ask(`${endpoint.url}/healthz`)).rejects.toThrow(/ECONNREFUSED/);
    expect(stopped).toBe(false);
    client.rest();
    const said = await client.closed;
    expect(said).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*connection: close\r\n/i);
    expect(lab.read(unit, cprbOfBody(said.slice(said.indexOf("\r\n\r\n") + 4))).code).toBe("0");
    expect(lab.state(unit).domainInstance).toBe(domainInstance + 1);
    await stopping;
  });

  it("turns away what arrives on a connection that is still open; readyz says so", async () => {
    const unit = lab.pristine();
    const endpoint = await labEndpoint(lab);
    const body = JSON.stringify({ request: htpText(lab.query(unit, Id.QueryAttributes)) });
    const client = halved(endpoint.url, pathOf(unit), body);
    const { port } = new URL(endpoint.url);
    const late = connect(Number(port), "127.0.0.1");
    let said = "";
    late.on("data", (chunk) => {
      said += chunk.toString("latin1");
    });
    const closed = new Promise((resolve) => late.on("close", resolve));
    // Half a head: neither idle nor a request yet.
    late.write("GET /readyz HTTP/1.1\r\n");
    await expect.poll(() => inFlight(endpoint)).toBe(2);
    const stopping = endpoint.close();
    late.write("host: x\r\n\r\n");
    await closed;
    expect(said).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n[\s\S]*Service Unavailable: stopping$/);
    client.rest();
    expect(await client.closed).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    await stopping;
  });

  it("waits no longer than it is told to for a request that does not end", async () => {
    const unit = lab.pristine();
    const endpoint = await labEndpoint(lab, { limits: { stopTimeout: 100 } });
    const client = halved(endpoint.url, pathOf(unit), '{"request":""}');
    await expect.poll(() => inFlight(endpoint)).toBe(2);
    await endpoint.close();
    expect(await client.closed).toBe("");
  });

  it("does not wait for idle connections", async () => {
    const endpoint = await labEndpoint(lab);
    const { port } = new URL(endpoint.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await endpoint.close();
    await closed;
  });
});

describe("port files", () => {
  it("are there as long as the server is, whole at any time", async () => {
    const { fleet, close } = await fleetEndpoint();
    const portFile = join(folder, "url");
    const abort = new AbortController();
    const running = runServer({ fleet, tokens: null, portFile }, abort.signal);
    await expect.poll(() => existsSync(portFile)).toBe(true);
    const url = readFileSync(portFile, "utf8");
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
    expect((await ask(`${url.trim()}/healthz`)).body).toBe("ok");
    abort.abort();
    await running;
    expect(existsSync(portFile)).toBe(false);
    await close();
  });

  it("that cannot be written end the server before it began", async () => {
    const { fleet, close } = await fleetEndpoint();
    const portFile = join(folder, "nowhere", "url");
    const running = runServer({ fleet, tokens: null, portFile }, new AbortController().signal);
    await expect(running).rejects.toThrow(/port file '.*' *: cannot be written \(ENOENT\)/);
    await close();
  });

  it("of another server stay", () => {
    const file = join(folder, "other");
    writePortFile(file, "http://127.0.0.1:1");
    writeFileSync(file, "http://127.0.0.1:2\n");
    removePortFile(file, "http://127.0.0.1:1");
    expect(readFileSync(file, "utf8")).toBe("http://127.0.0.1:2\n");
    removePortFile(file, "http://127.0.0.1:2");
    expect(existsSync(file)).toBe(false);
    removePortFile(file, "http://127.0.0.1:2");
  });
});

describe("a server that cannot begin", () => {
  it("says that the port is taken", async () => {
    const { url, fleet, close } = await fleetEndpoint();
    const port = Number(new URL(url).port);
    const again = runServer({ fleet, tokens: null, port }, new AbortController().signal);
    await expect(again).rejects.toThrow(`cannot listen on 127.0.0.1, port ${port} (EADDRINUSE).`);
    await expect(again).rejects.toBeInstanceOf(UsageError);
    await close();
  });

  it("says that TLS files are none", async () => {
    const { fleet, close } = await fleetEndpoint();
    const tls = { cert: "no", key: "no" };
    await expect(runServer({ fleet, tokens: null, tls }, new AbortController().signal)).rejects.toThrow(
      "TLS: want a certificate and its key as PEM, got something else.",
    );
    await close();
  });
});
