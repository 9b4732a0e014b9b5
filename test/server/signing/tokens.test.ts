// Tokens of a signing service: each key has its own.

import { afterAll, afterEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { parseKeyTokens, ServedKeys } from "../../../src/server/signing/keys.ts";
import { tokenLine } from "../../../src/server/tokens.ts";
import { ask } from "../../support/endpoint.ts";
import { bodyOf, COMMIT, SigningLab, TOKENS } from "../../support/signing-lab.ts";

const lab = await SigningLab.open();
const { core, alice, events, log, serve, get, post } = lab;
afterEach(async () => {
  await lab.stop();
  for (const token of Object.values(TOKENS)) expect(log.join("")).not.toContain(token);
});
afterAll(() => core.dispose());

describe("tokens", () => {
  it("belong to one key, as they are or after Bearer", async () => {
    await serve();
    const status = async (id: string, token?: string) => (await get(`/keys/${id}`, token)).status;
    expect(await status("alice", TOKENS.alice)).toBe(200);
    expect(await status("alice", `Bearer ${TOKENS.alice}`)).toBe(200);
    expect(await status("b.o_b~1", TOKENS["b.o_b~1"])).toBe(200);
    expect(await status("alice", TOKENS["b.o_b~1"])).toBe(401);
    expect(await status("alice", `${TOKENS.alice}x`)).toBe(401);
    expect(await status("alice", "")).toBe(401);
    expect(await status("alice")).toBe(401);
  });

  it("are wanted for signing, before anything is read", async () => {
    await serve();
    expect((await post("no JSON", "/sign/alice", "wrong")).status).toBe(401);
    expect((await post(bodyOf(COMMIT), "/sign/alice", TOKENS["b.o_b~1"])).status).toBe(401);
    expect(events).toEqual([]);
  });

  it("tell who has one that a key is not there, and nobody else", async () => {
    await serve();
    expect((await get("/keys/carol", TOKENS.alice)).status).toBe(404);
    expect((await get("/keys/carol", "wrong")).status).toBe(401);
    expect((await post(bodyOf(COMMIT), "/sign/carol")).status).toBe(404);
    expect((await post(bodyOf(COMMIT), "/sign/", TOKENS.alice)).status).toBe(404);
    expect((await get("/", TOKENS.alice)).status).toBe(404);
    expect((await get("/sign/alice", TOKENS.alice)).status).toBe(405);
  });

  it("are not all it takes for a browser", async () => {
    await serve();
    const headers = { authorization: TOKENS.alice, origin: "http://evil.example" };
    expect((await ask(`${lab.url}/keys/alice`, { headers })).status).toBe(403);
  });

  const hash = tokenLine(TOKENS.alice);
  it.each([
    [`${hash}\n`, "tokens, line 1: want 'sha256:'"],
    [`# one\n${hash} a/b`, "tokens, line 2: want 'sha256:'"],
    [`${hash} alice Alice`, "tokens, line 1: want 'sha256:'"],
    [`${TOKENS.alice} alice`, "tokens, key 'alice', line 1: want 'sha256:'"],
  ])("files are not %j", (text, why) => {
    expect(() => parseKeyTokens(text, "tokens")).toThrow(UsageError);
    expect(() => parseKeyTokens(text, "tokens")).toThrow(why);
    expect(() => parseKeyTokens(text, "tokens")).not.toThrow(TOKENS.alice);
  });

  it("can be several for a key; a key without one is not served", () => {
    const tokens = parseKeyTokens(`${hash} alice # first\n\n${tokenLine(TOKENS["b.o_b~1"])}  alice\r\n`, "tokens");
    const served = new ServedKeys(core, [alice], tokens);
    expect([TOKENS.alice, TOKENS["b.o_b~1"], "x"].map((token) => served.admits("alice", token))).toEqual([
      true,
      true,
      false,
    ]);
    expect(() => new ServedKeys(core, [{ ...alice, id: "bob" }], tokens)).toThrow(
      "key 'bob': want a token for it, got none.",
    );
    expect(() => new ServedKeys(core, [alice, alice], tokens)).toThrow("key ids: want each once");
    expect(() => new ServedKeys(core, [{ ...alice, id: "a b" }], tokens)).toThrow("got 'a b'");
  });
});
