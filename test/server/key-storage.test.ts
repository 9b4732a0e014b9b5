// Rotations over HTTP: units and key storage behind the endpoint.

import { afterAll, beforeAll, expect, it } from "vitest";
import { httpTransport } from "../../src/client/http.ts";
import { httpKeyStorage } from "../../src/client/http-key-storage.ts";
import { TransportError, WireError } from "../../src/errors.ts";
import { autoMkRotate } from "../../src/procedures/auto-mk-rotate.ts";
import { createLog } from "../../src/server/log.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import { canned } from "../support/canned-http.ts";
import { CANARIES, noWait, type RotationGround, rotationGround } from "../support/rotation.ts";

let ground: RotationGround;
let server: RunningServer;
beforeAll(async () => {
  ground = await rotationGround();
  server = await startServer({ tokens: null, fleet: ground.fleet, log: createLog("error", () => {}) });
});
afterAll(async () => {
  await server.stop();
  ground.close();
});

it("a rotation over HTTP loses no root key", async () => {
  const access = { url: server.url, retries: 0 };
  const [transport, keyStorage] = [httpTransport(access), httpKeyStorage(access)];
  const { instance, fleet } = ground;
  const old = fleet.registers(ground.units[0]!.id)!.current;
  expect(await keyStorage.status(instance)).toBeNull();
  expect(await keyStorage.list(instance)).toEqual(fleet.rootKeys(instance));
  const refused = keyStorage.rewrap(instance);
  await expect(refused).rejects.toMatchObject({ status: 409, message: expect.stringContaining("Full Committed") });
  await expect(keyStorage.rewrap("nobody")).rejects.toBeInstanceOf(TransportError);
  const client = ground.client(transport);
  const units = await client.units(instance);
  const pattern = await autoMkRotate(client, { ...ground.request(keyStorage), units }, { wait: noWait });
  expect(pattern).not.toEqual(old);
  expect(await keyStorage.status(instance)).toEqual({
    status: "complete",
    message: `${CANARIES} of ${CANARIES} root keys`,
    pattern,
  });
  expect(ground.lost()).toBe(0);
  await Promise.all([transport.close(), keyStorage.close()]);
});

it.each([
  ["no JSON", "want JSON"],
  ["null", "want an object"],
  ["{}", "status: want started, in-progress, complete, failed, got none"],
  ['{"status":"done","message":"","pattern":""}', 'got "done"'],
  ['{"status":"complete","pattern":""}', "message: want text"],
  [`{"status":"complete","message":"","pattern":"${"0".repeat(63)}"}`, "pattern: want 64 hexadecimal digits"],
])("an answer that is none: %s", async (body, reason) => {
  const { url, close } = await canned(body);
  const keyStorage = httpKeyStorage({ url, retries: 0 });
  await expect(keyStorage.status("i")).rejects.toThrow(reason);
  await expect(keyStorage.rewrap("i")).rejects.toBeInstanceOf(WireError);
  await expect(keyStorage.list("i")).rejects.toBeInstanceOf(WireError);
  await keyStorage.close();
  await close();
});

it.each(['{"keys":[null]}', '{"keys":[{"pattern":"00","blob":"00"}]}', '{"keys":7}'])(
  "a list that is none: %s",
  async (body) => {
    const { url, close } = await canned(body);
    const keyStorage = httpKeyStorage({ url, retries: 0 });
    await expect(keyStorage.list("i")).rejects.toThrow(/keys: want/);
    await keyStorage.close();
    await close();
  },
);
