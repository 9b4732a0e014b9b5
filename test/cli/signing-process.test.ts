// opentke signing-service as a process: it ends on SIGINT and SIGTERM, and what it was started with holds no secret.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { compileChildren, startChild } from "../support/children.ts";
import { ask } from "../support/endpoint.ts";
import { base64 } from "../support/signing-service.ts";
import { Desk } from "../support/tke-desk.ts";

const desk = new Desk();
let children: string;

beforeAll(async () => {
  children = compileChildren();
  for (const [name, value] of Object.entries(desk.env)) vi.stubEnv(name, value);
  await desk.ok(`sigkey-add --name Alice --password-file ${desk.write("pw", "a password of Alice\n")}`);
});
afterAll(() => {
  vi.unstubAllEnvs();
  desk.close();
});

it.each(["SIGINT", "SIGTERM"] as const)("%s ends it: exit code 0", async (signal) => {
  const [portFile, issued] = [join(desk.root, "url"), join(desk.root, "issued")];
  const options = ["--keys", "1=alice", "--password-file", join(desk.root, "pw"), "--port-file", portFile];
  const child = startChild(children, "opentke", ["signing-service", ...options, "--issue-tokens", issued]);
  child.ready.catch(() => {});
  await expect.poll(() => existsSync(portFile), { timeout: 30_000 }).toBe(true);
  const url = readFileSync(portFile, "utf8").trim();
  const [{ token }] = JSON.parse(readFileSync(issued, "utf8")) as [{ token: string }];
  const body = JSON.stringify({ hash_algorithm: "sha2-512", input: base64(new Uint8Array(100)) });
  const headers = { authorization: token };
  expect((await ask(`${url}/sign/alice`, { body, headers })).status).toBe(200);
  const typed = child.process.spawnargs.join(" ");
  child.process.kill(signal);
  const { code, lines, errors } = await child.ended;
  expect([code, lines]).toEqual([0, []]);
  expect(errors).toContain("test of the key, zero bytes 100: signed");
  expect(existsSync(portFile)).toBe(false);
  for (const secret of [token, "a password of Alice"]) expect(`${typed}${errors}`).not.toContain(secret);
  expect(existsSync(issued)).toBe(false);
});
