// The client of a signing service: what it sends, byte for byte, what it takes for an answer, what it repeats, and how it fails.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { InterruptedError, UsageError } from "../../src/errors.ts";
import { SigningServiceError } from "../../src/workstation/errors.ts";
import {
  type ServiceExchange,
  SigningService,
  type SigningServiceOptions,
} from "../../src/workstation/signing-service.ts";
import { der, fromHexText, seq } from "../support/handmade.ts";
import { p521Verify } from "../support/p521-verify.ts";
import { selfSigned } from "../support/self-signed.ts";
import { base64, failure, type HandmadeKey, HandmadeService } from "../support/signing-service.ts";
import { hex } from "../support/vectors.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const MESSAGE = bytes("what is to be signed");

let server: HandmadeService;
let service: SigningService;
let alice: HandmadeKey;
const access = { id: "alice", token: bytes("token-of-alice") };

beforeEach(async () => {
  server = await new HandmadeService().open();
  alice = server.add("alice");
  service = open();
});
afterEach(async () => {
  await service.close();
  await server.close();
});

const open = (options: Partial<SigningServiceOptions> = {}) => new SigningService({ url: server.url, ...options });
const answer = (body: unknown, status = 200) => server.say(body, status);

describe("requests", () => {
  it("GET keys/{id}: no body, the token as it is", async () => {
    expect(toHex(await service.publicKey(access))).toBe(toHex(alice.publicKey));
    const [{ method, url, headers, body }] = server.asked as [(typeof server.asked)[0]];
    expect([method, url, body]).toEqual(["GET", "/keys/alice", ""]);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      accept: "application/json",
      authorization: "token-of-alice",
    });
  });

  it("POST sign/{id}: byte for byte", async () => {
    const [signature] = await service.sign(access, [hex("000102fdfeff")]);
    expect(p521Verify(alice.publicKey, hex("000102fdfeff"), signature!)).toBe(true);
    const [{ method, url, headers, body }] = server.asked as [(typeof server.asked)[0]];
    expect([method, url]).toEqual(["POST", "/sign/alice"]);
    expect(body).toBe('{"hash_algorithm":"sha2-512","input":"AAEC/f7/"}');
    expect(headers).toMatchObject({
      "content-type": "application/json",
      accept: "application/json",
      authorization: "token-of-alice",
      "content-length": `${body.length}`,
    });
  });

  it("put an id of unreserved characters into the path as it is, behind the URL's own path", async () => {
    const key = server.add("Aa0-._~", "Bearer x y");
    const other = open({ url: `${server.url}/base/v1/` });
    expect(toHex(await other.publicKey({ id: "Aa0-._~", token: bytes("Bearer x y") }))).toBe(toHex(key.publicKey));
    expect(server.asked[0]).toMatchObject({ url: "/base/v1/keys/Aa0-._~" });
    expect(server.asked[0]!.headers.authorization).toBe("Bearer x y");
    await other.close();
  });

  it.each(["", ".", "..", "a/b", "a b", "a%41", "ä", "a?b", "x".repeat(256)])(
    "never go out for the id '%s'",
    async (id) => {
      expect(await failure(service.publicKey({ ...access, id }))).toBeInstanceOf(UsageError);
      expect(await failure(service.sign({ ...access, id }, [MESSAGE]))).toBeInstanceOf(UsageError);
      expect(server.asked).toEqual([]);
    },
  );

  it.each(["", " ", "line\nbreak", "nul\0", "umläut", " before", "after "])(
    "never go out with the token %j",
    async (text) => {
      const error = await failure(service.publicKey({ id: "alice", token: bytes(text) }));
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toMatch(/^token of key 'alice': want printable ASCII characters, got /);
      expect(server.asked).toEqual([]);
    },
  );

  it.each(["", "x", "ftp://x", "http://me:secret@x", "http://x/?a=secret", "http://x#f"])(
    "want a URL, not '%s'",
    (url) => {
      expect(() => new SigningService({ url })).toThrow(UsageError);
      expect(() => new SigningService({ url })).not.toThrow(/secret/);
    },
  );

  it("go over TLS, to a certificate authority that is named", async () => {
    const tls = selfSigned();
    const secure = await new HandmadeService(tls).open();
    secure.add("alice");
    expect(secure.url).toMatch(/^https:/);
    const stranger = new SigningService({ url: secure.url });
    expect((await failure(stranger.publicKey(access))).message).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/);
    const friend = new SigningService({ url: secure.url, ca: tls.cert });
    expect(await friend.publicKey(access)).toHaveLength(133);
    await Promise.all([stranger.close(), friend.close(), secure.close()]);
  });
});

describe("answers that are none", () => {
  const integer = (text: string) => der(0x02, fromHexText(text));
  const long = "01".repeat(67);
  const cases: [what: string, body: unknown, why: string][] = [
    ["an empty body", "", "want JSON, got an empty body"],
    ["no JSON", "<html>", "want JSON, got other text"],
    ["an array", "[]", "want a JSON object, got an array"],
    ["no such member", {}, "want a text, got none"],
    ["a number", { NAME: 7 }, "want a text, got number"],
    ["null", { NAME: null }, "want a text, got null"],
    ["no base64", { NAME: "not base64!" }, "want base64, got other text"],
    ["base64 for URLs", { NAME: "_w==" }, "want base64, got other text"],
    ["stray bits", { NAME: "AB==" }, "want base64 without stray bits"],
    ["an empty text", { NAME: "" }, "want tag 30, got the end"],
    ["no SEQUENCE", { NAME: base64(integer("01")) }, "want tag 30, got tag 02"],
    ["one INTEGER", { NAME: base64(seq(integer("01"))) }, "want tag 02, got the end"],
    ["three INTEGERs", { NAME: base64(seq(integer("01"), integer("01"), integer("01"))) }, "want the end, got 3 more"],
    ["more after the SEQUENCE", { NAME: base64(fromHexText("3006020101020101ff")) }, "want the end, got 1 more"],
    ["a negative INTEGER", { NAME: base64(seq(integer("80"), integer("01"))) }, "want a non-negative INTEGER"],
    ["leading zeros", { NAME: base64(seq(integer("0001"), integer("01"))) }, "want a minimal INTEGER"],
    ["67 bytes", { NAME: base64(seq(integer("01"), integer(long))) }, "want 66 bytes or fewer, got 67"],
    ["a length that is not minimal", { NAME: base64(fromHexText("308106020101020101")) }, "want a minimal length"],
  ];

  it.each(cases)("%s", async (_what, body, why) => {
    for (const name of ["publickey", "signature"]) {
      answer((typeof body === "string" ? body : JSON.stringify(body)).replace("NAME", name));
      const asked = name === "publickey" ? service.publicKey(access) : service.sign(access, [MESSAGE]);
      const error = await failure(asked);
      expect(error).toBeInstanceOf(SigningServiceError);
      expect(error.message).toMatch(/^key 'alice': the answer of the signing service is none: /);
      expect(error.message).toContain(why);
    }
  });

  it("more than 64 KiB", async () => {
    answer({ signature: "A".repeat(70_000) });
    expect((await failure(service.sign(access, [MESSAGE]))).message).toContain("UND_ERR_RES_EXCEEDED_MAX_SIZE");
  });
});

describe("failures", () => {
  it.each([301, 400, 401, 403, 404, 500])("%i: told with the body, once", async (status) => {
    answer("\u001b[31mNo,\r\n no \u0000ümlaut", status);
    const error = await failure(service.sign(access, [MESSAGE]));
    expect(error).toMatchObject({ code: "ERR_SIGNING_SERVICE", status });
    expect(error.message).toBe(`key 'alice': the signing service answered ${status}: [31mNo,  no  mlaut`);
    expect(server.asked).toHaveLength(1);
  });

  it("show 200 characters of a body", async () => {
    answer("x".repeat(5000), 400);
    expect((await failure(service.publicKey(access))).message).toBe(
      `key 'alice': the signing service answered 400: ${"x".repeat(200)}`,
    );
  });

  it.each([429, 503])("%i: the service has not dealt with it, so it is asked again", async (status) => {
    let count = 0;
    server.lie = () => (count++ < 2 ? { status, body: "later" } : null);
    expect(await service.sign(access, [MESSAGE])).toHaveLength(1);
    expect(server.asked).toHaveLength(3);
    answer("later", status);
    expect(await failure(service.publicKey(access))).toMatchObject({ status });
    expect(server.asked).toHaveLength(6);
  });

  it("a connection that breaks: somebody may have been asked, so nobody is again", async () => {
    server.lie = (_, response) => {
      response.destroy();
      return "silence";
    };
    const error = await failure(service.sign(access, [MESSAGE]));
    expect(error.message).toMatch(/^no answer from the signing service about key 'alice' \(\w+\)$/);
    expect(server.asked).toHaveLength(1);
  });

  it("nobody there", async () => {
    await server.close();
    const error = await failure(service.publicKey(access));
    expect(error.message).toBe("no answer from the signing service about key 'alice' (ECONNREFUSED)");
    server = await new HandmadeService().open();
  });

  it("no answer in time", async () => {
    const hasty = open({ answerTimeout: 100 });
    server.lie = () => "silence";
    expect((await failure(hasty.publicKey(access))).message).toMatch(/\(UND_ERR_HEADERS_TIMEOUT\)$/);
    await hasty.close();
  });

  it("an interrupt ends what is under way", async () => {
    const stop = new AbortController();
    const patient = open({ signal: stop.signal });
    server.lie = () => {
      stop.abort();
      return "silence";
    };
    expect(await failure(patient.sign(access, [MESSAGE]))).toBeInstanceOf(InterruptedError);
    expect(server.asked).toHaveLength(1);
    await patient.close();
  });

  it("are told to whoever watches, as answers are, without tokens and messages", async () => {
    const seen: ServiceExchange[] = [];
    const watched = open({ observer: (exchange) => seen.push(exchange) });
    await watched.sign(access, [MESSAGE]);
    server.lie = (_, response) => {
      response.destroy();
      return "silence";
    };
    await failure(watched.publicKey(access));
    expect(seen).toMatchObject([
      { kind: "http", method: "POST", url: `${server.url}/sign/alice`, answer: { status: 200 } },
      { kind: "http", method: "GET", url: `${server.url}/keys/alice`, answer: { problem: expect.any(String) } },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/token-of|what is to be/);
    await watched.close();
  });

  it("the first one ends a batch", async () => {
    answer("no", 403);
    const messages = Array.from({ length: 100 }, (_, i) => bytes(`${i}`));
    expect(await failure(service.sign(access, messages))).toMatchObject({ status: 403 });
    expect(server.asked.length).toBeLessThanOrEqual(8);
  });
});
