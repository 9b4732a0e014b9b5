// A signing service over HTTP: answers, bodies, what is refused, who is asked, limits, the end.

import { connect } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { parsePolicy } from "../../../src/server/signing/policy.ts";
import type { SigningEvent } from "../../../src/server/signing/routes.ts";
import { startSigningServer } from "../../../src/server/signing/server.ts";
import { ecdsaDer } from "../../support/handmade.ts";
import { selfSigned } from "../../support/self-signed.ts";
import { bodyOf, COMMIT, commitIn, SigningLab, TOKENS } from "../../support/signing-lab.ts";
import { base64 } from "../../support/signing-service.ts";

const lab = await SigningLab.open();
const { core, keys, alice, events, log, serve, get, post, isSigned } = lab;
afterEach(async () => {
  await lab.stop();
  for (const token of Object.values(TOKENS)) expect(log.join("")).not.toContain(token);
});
afterAll(() => core.dispose());

describe("keys and signatures", () => {
  it("are as the specification has them", async () => {
    await serve();
    const told = await get("/keys/alice", TOKENS.alice);
    expect([told.status, told.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(told.body).toBe(`{"publickey":"${base64(ecdsaDer(alice.publicKey.subarray(1)))}"}`);
    const signed = await post(bodyOf(COMMIT));
    expect([signed.status, signed.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(Object.keys(JSON.parse(signed.body) as object)).toEqual(["signature"]);
    expect(isSigned(signed.body, COMMIT)).toBe(true);
  });

  it("are told of before they are answered, to the log too", async () => {
    await serve();
    await post(bodyOf(COMMIT));
    await post(bodyOf(new Uint8Array(100)));
    await post(bodyOf(new Uint8Array(64).fill(8)));
    const subject = {
      kind: "commit-pending-wk",
      unit: { serial: "93AABD1X", domain: 22 },
      counter: `${BigInt(`0x${"01".repeat(16)}`)}`,
      details: { pattern: "09".repeat(32) },
    };
    expect(events[0]).toMatchObject({ key: "alice", name: "Name 0", from: "127.0.0.1", refused: null, subject });
    expect(events.map((event) => event.subject.kind)).toEqual(["commit-pending-wk", "test", "certificate"]);
    const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ msg }) => msg === "signed")).toHaveLength(3);
    expect(lines[0]).toMatchObject({ msg: "signed", key: "alice", requestId: events[0]!.requestId, subject });
    expect(lines[1]).toMatchObject({
      msg: "request",
      route: "/sign/:id",
      status: 200,
      key: "alice",
      subject: "commit-pending-wk",
    });
  });
});

describe("bodies", () => {
  it.each([
    ["", "Bad Request: request: want JSON, got an empty body"],
    ["{", "Bad Request: request: want JSON, got other text"],
    ["[]", "Bad Request: request: want a JSON object, got an array"],
    ['{"input":"AA=="}', "Bad Request: hash_algorithm: want a text, got none"],
    ['{"hash_algorithm":"sha2-256","input":"AA=="}', "Bad Request: hash_algorithm: want 'sha2-512', got another"],
    ['{"hash_algorithm":"sha2-512","input":"A"}', "Bad Request: input: want base64, got other text"],
    ['{"hash_algorithm":"sha2-512","input":7}', "Bad Request: input: want a text, got number"],
  ])("%j: 400", async (body, why) => {
    await serve();
    const answer = await post(body);
    expect([answer.status, answer.body.replace(/ \(offset \d+\)$/, "")]).toEqual([400, why]);
    expect(events).toEqual([]);
  });

  it("of more than 32 KiB: 413", async () => {
    await serve();
    expect((await post(bodyOf(new Uint8Array(40_000)))).status).toBe(413);
    expect((await post(bodyOf(new Uint8Array(12_400)))).status).toBe(403);
  });
});

describe("what is not signed", () => {
  it("is answered with 403 and the reason in JSON, and is told of", async () => {
    await serve({ policy: parsePolicy("commit-pending-wk", "93AABD1X.22") });
    expect((await post(bodyOf(COMMIT))).status).toBe(200);
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(100), "test is not allowed"],
      [new Uint8Array(64), "certificate is not allowed"],
      [Uint8Array.of(1), "what is not understood is not signed"],
      [commitIn(7), "crypto unit 93AABD1X domain 7 is not allowed"],
    ];
    for (const [input, reason] of cases) {
      const { status, headers, body } = await post(bodyOf(input));
      expect([status, headers["content-type"]]).toEqual([403, "application/json"]);
      expect(JSON.parse(body)).toMatchObject({ error: "Forbidden", reason, subject: events.at(-1)!.subject });
      expect(body).not.toContain('signature"');
      expect(events.at(-1)!.refused).toBe(reason);
    }
    expect(log.filter((line) => line.includes('"msg":"refused"'))).toHaveLength(4);
  });

  it("is what is not understood, unless it is allowed", async () => {
    await serve();
    expect((await post(bodyOf(Uint8Array.of(1, 2, 3)))).status).toBe(403);
    await lab.stop();
    await serve({ policy: parsePolicy("other", undefined) });
    const { body } = await post(bodyOf(Uint8Array.of(1, 2, 3)));
    expect(isSigned(body, Uint8Array.of(1, 2, 3))).toBe(true);
  });
});

describe("an operator who is asked", () => {
  it("is asked about one request at a time, and decides", async () => {
    let open = 0;
    let most = 0;
    const asked: string[] = [];
    await serve({
      ask: async ({ key, subject }) => {
        most = Math.max(most, ++open);
        asked.push(`${key} ${subject.kind}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        open--;
        return subject.kind === "test";
      },
    });
    const inputs = [COMMIT, new Uint8Array(100), COMMIT, new Uint8Array(100)];
    const answers = await Promise.all(inputs.map((input) => post(bodyOf(input))));
    expect(answers.map(({ status }) => status)).toEqual([403, 200, 403, 200]);
    expect(JSON.parse(answers[0]!.body)).toMatchObject({ reason: "the operator refused" });
    expect([most, asked.length]).toEqual([1, 4]);
  });

  it("is not asked about what the policy refuses", async () => {
    const asked: SigningEvent[] = [];
    await serve({
      policy: parsePolicy("test", undefined),
      ask: async (event) => {
        asked.push(event);
        return true;
      },
    });
    expect((await post(bodyOf(COMMIT))).status).toBe(403);
    expect((await post(bodyOf(new Uint8Array(100)))).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it("is not asked for a client that has gone", async () => {
    const asked: string[] = [];
    let first = () => {};
    const held = new Promise<boolean>((resolve) => {
      first = () => resolve(true);
    });
    await serve({
      limits: { inFlight: 2 },
      ask: async ({ requestId }) => {
        asked.push(requestId);
        return held;
      },
    });
    const waiting = post(bodyOf(COMMIT));
    await expect.poll(() => asked.length).toBe(1);
    const body = bodyOf(COMMIT);
    const socket = connect(Number(new URL(lab.url).port), "127.0.0.1");
    socket.write(
      `POST /sign/alice HTTP/1.1\r\nhost: x\r\nauthorization: ${TOKENS.alice}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(async () => (await get("/keys/alice", TOKENS.alice)).status).toBe(503);
    socket.destroy();
    for (let turn = 0; turn < 5; turn++) await get("/healthz");
    first();
    expect((await waiting).status).toBe(200);
    await expect.poll(() => log.filter((line) => line.includes('"status":0')).length).toBe(1);
    expect(asked).toHaveLength(1);
    expect(events).toHaveLength(1);
  });
});

describe("where it listens", () => {
  it("elsewhere than on loopback, it wants TLS, or to be told", async () => {
    const refused = startSigningServer({ keys, host: "0.0.0.0" });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow("want TLS");
    await serve({ host: "0.0.0.0", plainHttp: true });
    expect((await get("/healthz")).body).toBe("ok");
    await lab.stop();
    await serve({ host: "0.0.0.0", tls: selfSigned() });
    expect(lab.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
  });

  it("has probes, which want no token", async () => {
    await serve();
    expect([(await get("/healthz")).status, (await get("/readyz")).status]).toEqual([200, 200]);
    expect((await get("/metrics")).status).toBe(404);
  });

  it("turns away what is too much", async () => {
    let release = () => {};
    const held = new Promise<boolean>((resolve) => {
      release = () => resolve(true);
    });
    await serve({ limits: { inFlight: 1 }, ask: () => held });
    const first = post(bodyOf(COMMIT));
    await expect.poll(async () => (await get("/keys/alice", TOKENS.alice)).status).toBe(503);
    expect((await get("/keys/alice", TOKENS.alice)).headers["retry-after"]).toBe("1");
    release();
    expect((await first).status).toBe(200);
  });

  it("answers what it has accepted before it ends, and takes nothing more", async () => {
    let release = () => {};
    const held = new Promise<boolean>((resolve) => {
      release = () => resolve(true);
    });
    let asked = 0;
    await serve({
      ask: () => {
        asked++;
        return held;
      },
    });
    const first = post(bodyOf(COMMIT));
    await expect.poll(() => asked).toBe(1);
    const stopping = lab.stop();
    await expect(get("/healthz")).rejects.toThrow(/ECONNREFUSED/);
    release();
    const { status, body } = await first;
    expect(status).toBe(200);
    expect(isSigned(body, COMMIT)).toBe(true);
    await stopping;
  });
});

it("signatures are fresh: no two of one message are alike", async () => {
  await serve();
  const [one, two] = await Promise.all([post(bodyOf(COMMIT)), post(bodyOf(COMMIT))]);
  expect(one.body).not.toBe(two.body);
});
