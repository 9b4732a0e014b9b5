// Root keys behind the endpoint: made, listed page by page, tried.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpKeyStorage, httpKeyStorage } from "../../src/client/http-key-storage.ts";
import { TransportError, WireError } from "../../src/errors.ts";
import { createLog } from "../../src/server/log.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import { Strike } from "../../src/unit/forced.ts";
import { cannedServer } from "../support/canned.ts";
import { ask } from "../support/endpoint.ts";
import { CANARIES, type RotationGround, rotationGround } from "../support/rotation.ts";

let ground: RotationGround;
let server: RunningServer;
let keyStorage: HttpKeyStorage;
beforeAll(async () => {
  ground = await rotationGround();
  server = await startServer({ tokens: null, fleet: ground.fleet, log: createLog("error", () => {}) });
  keyStorage = httpKeyStorage({ url: server.url, retries: 0 });
});
afterAll(async () => {
  await keyStorage.close();
  await server.stop();
  ground.close();
});

const path = (rest: string) => `${server.url}/v1/opentke/instances/${ground.instance}/keystore/${rest}`;

describe("root keys", () => {
  it("are made, as many as are asked for, over several requests", async () => {
    expect(await keyStorage.generate(ground.instance, 1)).toBe(CANARIES + 1);
    expect(await keyStorage.generate(ground.instance, 4500)).toBe(CANARIES + 4501);
    expect(ground.fleet.rootKeys(ground.instance)).toHaveLength(CANARIES + 4501);
  });

  it("are listed, all of them in order, in pages of 4096", async () => {
    expect(await keyStorage.list(ground.instance)).toEqual(ground.fleet.rootKeys(ground.instance));
    const first = JSON.parse((await ask(path("after/0"))).body) as { keys: unknown[]; next: number | null };
    expect([first.keys.length, typeof first.next]).toEqual([4096, "number"]);
    const second = JSON.parse((await ask(path(`after/${first.next}`))).body) as typeof first;
    expect([second.keys.length, second.next]).toEqual([CANARIES + 4501 - 4096, null]);
  });

  it("are tried by every unit", async () => {
    const all = CANARIES + 4501;
    const { keys, units } = await keyStorage.check(ground.instance);
    expect([keys, units]).toEqual([all, ground.units.map(({ location }) => ({ location, unwraps: all }))]);
    ground.fleet.strike(ground.units[1]!.id, Strike.ClearCurrent);
    const after = await keyStorage.check(ground.instance);
    expect(after.units.map(({ unwraps }) => unwraps)).toEqual([all, 0, all, all]);
  });

  it.each([
    ["generate", { body: '{"count":0}' }, 400],
    ["generate", { body: '{"count":1001}' }, 400],
    ["generate", { body: '{"count":1,"more":1}' }, 400],
    ["generate", { body: "" }, 400],
    ["after/first", {}, 400],
    ["after/-1", {}, 400],
    ["after/", {}, 404],
  ])("%s %j: %i", async (rest, options, status) => {
    expect((await ask(path(rest), options)).status).toBe(status);
  });

  it("are none's in an unknown instance, and made under no master key that is not there", async () => {
    await expect(keyStorage.generate("nobody", 1)).rejects.toMatchObject({ status: 404 });
    await expect(keyStorage.check("nobody")).rejects.toMatchObject({ status: 404 });
    await expect(keyStorage.list("nobody")).rejects.toBeInstanceOf(TransportError);
    ground.fleet.strike(ground.units[0]!.id, Strike.ClearCurrent);
    await expect(keyStorage.generate(ground.instance, 1)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining("want a Valid current master key register"),
    });
  });
});

describe("a client of them", () => {
  it("makes none twice: what may have been done is not asked again", async () => {
    const canned = await cannedServer();
    const storage = httpKeyStorage({ url: canned.url, retries: 2 });
    canned.do((_, response) => response.destroy());
    await expect(storage.generate("i", 1)).rejects.toBeInstanceOf(TransportError);
    expect(canned.arrived).toHaveLength(1);
    await expect(storage.check("i")).rejects.toBeInstanceOf(TransportError);
    expect(canned.arrived).toHaveLength(4);
    await storage.close();
    await canned.close();
  });

  it.each([
    ["check", "{}", "units: want a list, got undefined"],
    ["check", '{"keys":1,"units":[null]}', "location: want text"],
    ["check", '{"keys":-1,"units":[]}', "keys: want a whole number, got -1"],
    ["check", '{"keys":1,"units":[{"location":"x","unwraps":"all"}]}', "unwraps: want a whole number, got string"],
    ["generate", '{"keys":null}', "keys: want a whole number"],
    ["list", '{"keys":[]}', "next: want a whole number"],
    ["list", '{"keys":[],"next":0}', "next: want a position behind 0, got 0"],
  ] as const)("%s: does not take %s", async (call, body, reason) => {
    const canned = await cannedServer();
    canned.say(200, body);
    const storage = httpKeyStorage({ url: canned.url, retries: 0 });
    const asked = call === "generate" ? storage.generate("i", 1) : storage[call]("i");
    const error = await Promise.resolve(asked).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WireError);
    expect((error as Error).message).toContain(reason);
    await storage.close();
    await canned.close();
  });
});
