// Commands whose endpoint fails them: exit code, what is said, and what to do next. Over real connections.

import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { type Canned, cannedServer } from "../../support/canned.ts";
import { type Endpoint, fleetEndpoint } from "../../support/endpoint.ts";
import { selfSigned } from "../../support/self-signed.ts";
import { Desk } from "../../support/tke-desk.ts";

const desk = new Desk();
let server: Canned;
let token: string;
let root: string;
let fleet: Endpoint;

beforeAll(async () => {
  server = await cannedServer();
  fleet = await fleetEndpoint();
  token = desk.write("token.txt", "token-of-yesterday\n");
  const { ski, publicKey } = fleet.fleet.root;
  const [x, y] = [publicKey.subarray(1, 67), publicKey.subarray(67)];
  root = desk.write("root.json", JSON.stringify({ ski: toHex(ski), x: toHex(x), y: toHex(y) }));
});
beforeEach(() => {
  server.arrived.length = 0;
});
afterAll(async () => {
  await Promise.all([server.close(), fleet.close()]);
  desk.close();
});

const at = (url: string, options = "") => `cryptounits --endpoint ${url} --root ibm --retries 0 ${options}`;
const text = (err: string) => err.replace(/\s+/g, " ");

describe("statuses", () => {
  it.each([
    [400, 1, "the endpoint answered 400: Some words"],
    [403, 1, "ask for the role Manager, or Crypto unit administrator"],
    [404, 1, "check --instance-id, list the crypto units again"],
    [429, 1, "try again later"],
    [500, 1, "try again later, and tell who runs the endpoint"],
    [503, 1, "the service is not available now"],
  ])("%i: exit %i", async (status, exit, step) => {
    server.say(status, "Some words");
    const { code, out, err } = await desk.run(at(server.url, `--instance-id i --token-file ${token}`));
    expect([code, out]).toEqual([exit, ""]);
    expect(err).toMatch(new RegExp(`\\nStatus code: +${status}\\nMessage: +Some words\\n`));
    expect(text(err)).toContain(step);
    expect(err).not.toContain("token-of-yesterday");
  });

  it("401: exit 4; where a new token goes", async () => {
    server.say(401, "Unauthorized");
    const { code, err } = await desk.run(at(server.url, `--instance-id i --token-file ${token}`));
    expect(code).toBe(4);
    expect(err).toMatch(/\nStatus code: +401\nMessage: +Unauthorized\n/);
    expect(text(err)).toContain(`put a new one into '${token}', and run the command again`);
    expect(server.arrived[0]!.headers.authorization).toBe("token-of-yesterday");
    const without = await desk.run(at(server.url, "--instance-id i"));
    expect(without.code).toBe(4);
    expect(text(without.err)).toContain("no token was sent: name the file with one with --token-file");
  });

  it("401, and a new token in its file meanwhile: goes on with it", async () => {
    const renewed = desk.write("renewed.txt", "first-token");
    server.do(({ headers, url }, response) => {
      if (headers.authorization === "first-token") {
        desk.write("renewed.txt", "second-token\n");
        response.writeHead(401).end("Unauthorized");
      } else response.end(url.endsWith("/instances") ? '{"instances":[]}' : "{}");
    });
    const { code, err } = await desk.run(at(server.url, `--token-file ${renewed}`));
    expect(code).toBe(5);
    expect(err).toContain("no service instances were found");
    expect(server.arrived.map(({ headers }) => headers.authorization)).toEqual(["first-token", "second-token"]);
  });

  it("404 to the list of service instances: name them", async () => {
    server.say(404, "Not Found");
    const { code, err } = await desk.run(at(server.url));
    expect(code).toBe(2);
    expect(err).toContain("has no list of service instances: name yours with --instance-id or 'opentke target'");
  });
});

describe("what answers", () => {
  it.each(["<html>Log in</html>", "", "[]", '{"hsms":7}'])("speaks something else: %s", async (body) => {
    server.say(200, body);
    for (const options of ["", "--instance-id i"]) {
      const { code, err } = await desk.run(at(server.url, options));
      expect([code, err.includes(`${server.url}`)]).toEqual([1, true]);
      expect(text(err)).toMatch(/check (with 'opentke target' )?that (this|it) is the URL of an? (TKE )?endpoint/);
    }
  });

  it("takes too long", async () => {
    server.do(() => {});
    const started = performance.now();
    const { code, err } = await desk.run(at(server.url, "--timeout 1"));
    expect([code, performance.now() - started < 20_000]).toEqual([1, true]);
    expect(text(err)).toContain("no answer in time; try again later, or give it longer with --timeout");
  });

  it("is not there, or has no such name", async () => {
    const gone = await cannedServer();
    await gone.close();
    expect(text((await desk.run(at(gone.url))).err)).toContain(
      "the connection was refused; check that the endpoint is",
    );
    const { code, err } = await desk.run(at("https://nobody.invalid"));
    expect(code).toBe(1);
    expect(text(err)).toMatch(/https:\/\/nobody\.invalid: no answer from the endpoint \((ENOTFOUND|EAI_AGAIN)\)/);
  });

  it("has a certificate that nobody knows; with --ca-file it is known", async () => {
    const made = selfSigned();
    const tls = createHttpsServer(made, (_, response) => response.end('{"instances":[]}'));
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(tls.address() as AddressInfo).port}`;
    expect(text((await desk.run(at(url))).err)).toContain("name the right one with --ca-file");
    const ca = desk.write("ca.pem", made.cert);
    expect((await desk.run(at(url, `--ca-file ${ca}`))).err).toContain("no service instances were found");
    await new Promise((resolve) => tls.close(resolve));
  });
});

it("a token that would go over a network in the clear is warned of", async () => {
  const far = `cryptounits --endpoint http://nobody.invalid --root ibm --retries 0`;
  expect((await desk.run(`${far} --token-file ${token}`)).err).toContain("WARNING: the access token goes over the");
  expect((await desk.run(far)).err).not.toContain("WARNING");
  server.say(500, "");
  expect((await desk.run(at(server.url, `--token-file ${token}`))).err).not.toContain("WARNING");
});

describe("roots", () => {
  it("an endpoint whose modules chain to another root is not commanded, and says which root came", async () => {
    const { code, err } = await desk.run(`cryptounit-add --all --endpoint ${fleet.url} --root ibm`);
    expect(code).toBe(5);
    const ski = toHex(fleet.fleet.root.ski);
    expect(text(err)).toContain(
      `got ${ski}; trust it with '--root-file' only if its key came to you by a way that you trust`,
    );
    expect(desk.list()).not.toContain("DOMAINS");
  });

  it("an endpoint whose modules chain to another root can be listed, with a warning for each", async () => {
    const { out, err } = await desk.ok(`cryptounits --endpoint ${fleet.url} --root ibm`);
    expect(out).toContain("OPERATIONAL");
    expect(
      err.match(/^WARNING: .*certificate chain of module \S+: want a root that is trusted, ibm-cex6/gm),
    ).toHaveLength(4);
    expect(desk.list()).not.toContain("CRYPTOMODULES");
    expect((await desk.ok(`cryptounits --quiet --endpoint ${fleet.url} --root ibm`)).err).toBe("");
  });

  it("none, or one that does not exist, is incorrect usage", async () => {
    const none = await desk.run(`cryptounits --endpoint ${fleet.url}`);
    expect([none.code, text(none.err)]).toEqual([
      2,
      expect.stringContaining("name IBM's with --root ibm, or the file"),
    ]);
    const unknown = await desk.run(`cryptounits --endpoint ${fleet.url} --root ibm-z`);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("got 'ibm-z'")]);
  });

  it("the right one beside IBM's is enough", async () => {
    await desk.ok(`cryptounit-add --all --endpoint ${fleet.url} --root ibm --root-file ${root}`);
    expect(desk.list()).toContain("DOMAINS");
  });
});
