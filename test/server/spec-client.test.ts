// A client that shares no code with the project administers units over HTTP.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Tokens } from "../../src/server/tokens.ts";
import { type Endpoint, fleetEndpoint } from "../support/endpoint.ts";
import { patternOf, SpecAdministrator, SpecClient, type SpecUnit } from "../support/spec-client.ts";

const TOKEN = "token-of-the-specification";
const tokens = Tokens.parse(`sha256:${createHash("sha256").update(TOKEN).digest("hex")}`, "tokens");

let endpoint: Endpoint;
let client: SpecClient;
let units: SpecUnit[];
const administrators = ["Ada", "Bob", "Cem"].map((name) => new SpecAdministrator(name));
const [ada, bob] = administrators as [SpecAdministrator, SpecAdministrator];
const signers = [ada, bob];

beforeAll(async () => {
  endpoint = await fleetEndpoint({ failover: 1 }, { tokens });
  client = new SpecClient(endpoint.url, endpoint.fleet.root.publicKey, TOKEN);
  const [instance] = endpoint.fleet.instances();
  units = await client.list(instance!.id);
});

afterAll(() => endpoint.close());

it("imports nothing of the project", () => {
  for (const file of ["spec-client.ts", "handmade.ts"]) {
    const source = readFileSync(new URL(`../support/${file}`, import.meta.url), "utf8");
    const imports = [...source.matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
    expect(imports.every((name) => name!.startsWith("node:") || name === "./handmade.ts")).toBe(true);
  }
});

it("is not admitted with another token", async () => {
  const stranger = new SpecClient(endpoint.url, endpoint.fleet.root.publicKey, "another");
  await expect(stranger.list(units[0]!.instance)).rejects.toThrow("401 Unauthorized");
});

it("believes no chain to another root", async () => {
  const other = new SpecClient(endpoint.url, ada.point, TOKEN);
  await expect(other.query(units[0]!, 0x1000a)).rejects.toThrow(/signer of certificate 1/);
});

describe("from pristine units to a transferred master key and back", () => {
  it("lists operational, recovery and failover units", () => {
    expect(units.map(({ type }) => type)).toEqual(["operational", "operational", "recovery", "recovery", "failover"]);
  });

  it("initialises every unit", async () => {
    for (const unit of units) {
      expect((await client.registers(unit)).imprint).toBe(true);
      await client.initialise(unit, administrators, 2);
      expect(await client.registers(unit)).toEqual({ current: null, next: null, committed: false, imprint: false });
    }
  });

  it("generates a key in a recovery unit and transfers it to all others", async () => {
    const source = units.find(({ type }) => type === "recovery")!;
    const pattern = await client.generate(source, signers);
    for (const target of units.filter((unit) => unit !== source)) await client.transfer(source, target, signers);
    for (const unit of units) expect((await client.registers(unit)).current).toBe(pattern);
  });

  it("is refused with fewer signatures than the threshold, by anybody else, and an export from an operational unit", async () => {
    const source = units.find(({ type }) => type === "recovery")!;
    await expect(client.transfer(source, units[0]!, [ada])).rejects.toThrow("unit: 208/21");
    await expect(client.generate(source, [new SpecAdministrator("Eve")])).rejects.toThrow("unit: 257/22");
    await expect(client.transfer(units[0]!, units[1]!, signers)).rejects.toThrow("unit: 80/131");
  });

  it("loads a key of its own in two parts, and in one", async () => {
    const parts = [new Uint8Array(32).map((_, at) => at), new Uint8Array(32).fill(0x5a)];
    const pattern = await client.load(units[0]!, parts, signers);
    expect((await client.registers(units[0]!)).current).toBe(pattern);
    const whole = new Uint8Array(32).map((_, at) => at);
    expect(patternOf(whole)).toBe("491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e776700000000");
    expect(await client.load(units[1]!, [whole], signers)).toBe(patternOf(whole));
    expect((await client.registers(units[1]!)).current).toBe(patternOf(whole));
  });

  it("zeroizes", async () => {
    for (const unit of units) {
      await client.zeroize(unit, signers);
      expect(await client.registers(unit)).toEqual({ current: null, next: null, committed: false, imprint: true });
    }
  });
});
