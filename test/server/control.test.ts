// The control interface: its own door, new instances, strikes, and faults that come again with their seed.

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fault, type FaultPlan, fateOf } from "../../src/server/faults.ts";
import { startServer } from "../../src/server/server.ts";
import { Tokens } from "../../src/server/tokens.ts";
import {
  type Answered,
  ask,
  cprbOfBody,
  type Endpoint,
  fleetEndpoint,
  htpText,
  type LabEndpoint,
  labEndpoint,
  pathOf,
} from "../support/endpoint.ts";
import { cprb, hexOf, infoRequest } from "../support/handmade.ts";
import { Id, Lab } from "../support/unit-lab.ts";

const TOKEN = "control-token-of-enough-characters";
const tokens = Tokens.parse(`sha256:${createHash("sha256").update(TOKEN).digest("hex")}\n`, "tokens");
const control = { address: { host: "127.0.0.1", port: 0 }, tokens };

/** Asks the control interface of an endpoint. */
async function command(
  endpoint: Endpoint,
  method: string,
  path: string,
  body?: unknown,
  token = TOKEN,
): Promise<Answered> {
  return ask(`${endpoint.server.controlUrl}/v1/control/${path}`, {
    method,
    headers: { authorization: token },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

describe("its door", () => {
  it("is closed unless it is asked for", async () => {
    const endpoint = await fleetEndpoint();
    expect(endpoint.server.controlUrl).toBeNull();
    expect(await ask(`${endpoint.url}/v1/control/faults`)).toMatchObject({ status: 404 });
    await endpoint.close();
  });

  it("is another than the units', with a token of its own; the units' server knows none of it", async () => {
    const endpoint = await fleetEndpoint({}, { control });
    expect(endpoint.server.controlUrl).not.toBe(endpoint.url);
    expect(await command(endpoint, "GET", "faults")).toMatchObject({ status: 200, body: '{"faults":null}' });
    expect(await command(endpoint, "GET", "faults", undefined, "another-token")).toMatchObject({ status: 401 });
    expect(await ask(`${endpoint.url}/v1/control/faults`, { headers: { authorization: TOKEN } })).toMatchObject({
      status: 404,
    });
    expect(
      await ask(`${endpoint.server.controlUrl}/v1/opentke/instances`, { headers: { authorization: TOKEN } }),
    ).toMatchObject({
      status: 404,
    });
    await endpoint.close();
  });

  it("is on loopback, or the server does not begin", async () => {
    const { fleet, close } = await fleetEndpoint();
    const address = { host: "0.0.0.0", port: 0 };
    await expect(startServer({ fleet, tokens: null, control: { address, tokens } })).rejects.toThrow(
      "control interface: want a loopback host, got '0.0.0.0'.",
    );
    await close();
  });

  it("may be a Unix socket, which is gone at the end", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opentke-control-"));
    const socketPath = join(folder, "socket");
    const endpoint = await fleetEndpoint({}, { control: { address: { path: socketPath }, tokens } });
    expect(endpoint.server.controlUrl).toBe(`unix:${socketPath}`);
    const answer = await ask("http://localhost/v1/control/faults", { socketPath, headers: { authorization: TOKEN } });
    expect(answer.status).toBe(200);
    await endpoint.close();
    expect(existsSync(socketPath)).toBe(false);
    rmSync(folder, { recursive: true });
  });
});

describe("instances", () => {
  let endpoint: Endpoint;

  beforeAll(async () => {
    endpoint = await fleetEndpoint({}, { control });
  });

  afterAll(() => endpoint.close());

  it("are created on modules of their own, and served at once", async () => {
    const before = [...endpoint.fleet.instances()].flatMap(({ units }) =>
      units.map(({ id, bay }) => [id, JSON.stringify(bay)]),
    );
    const { status, body } = await command(endpoint, "POST", "instances", {
      count: 2,
      operational: 1,
      recovery: 1,
      failover: 1,
    });
    expect(status).toBe(201);
    const { instances } = JSON.parse(body) as { instances: { id: string; units: string[] }[] };
    expect(instances.map(({ units }) => units.length)).toEqual([3, 3]);
    const bays = new Set(before.map(([, bay]) => bay));
    for (const { id, units } of instances) {
      expect(endpoint.fleet.instance(id)!.units.some(({ bay }) => bays.has(JSON.stringify(bay)))).toBe(false);
      expect((await ask(`${endpoint.url}/v1/tke/${id}/hsms`)).body).toContain(units[2]!);
    }
    const text = (await ask(`${endpoint.url}/metrics`)).body;
    expect(text).toContain(`opentke_units ${before.length + 6}\n`);
  });

  it("of a seed have their ids from it: 409 the second time", async () => {
    const body = { seed: "s", recovery: 1 };
    expect((await command(endpoint, "POST", "instances", body)).status).toBe(201);
    const count = [...endpoint.fleet.instances()].length;
    expect(await command(endpoint, "POST", "instances", body)).toMatchObject({ status: 409 });
    expect([...endpoint.fleet.instances()].length).toBe(count);
  });

  it.each([
    ["no JSON", "{", "Bad Request: want JSON"],
    ["an unknown member", { many: 2 }, 'Bad Request: Unrecognized key: "many"'],
    [
      "a count that is no number",
      { count: "2" },
      "Bad Request: count: Invalid input: expected number, received string",
    ],
    ["no recovery unit", { recovery: 0 }, /^Bad Request: recovery units of an instance: want 1 to 6, got 0/],
    ["an unknown region", { region: "moon" }, /^Bad Request: region: want one with recovery units/],
  ])("400: %s", async (_name, body, text) => {
    const answer = await command(endpoint, "POST", "instances", body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatch(text);
  });
});

describe("strikes", () => {
  let lab: Lab;
  let endpoint: LabEndpoint;

  beforeAll(async () => {
    lab = await Lab.open();
  });

  it.each([
    ["zeroize", { current: null, next: null }],
    ["clear-current", { current: null, next: expect.anything() }],
    ["clear-new", { current: expect.anything(), next: null }],
  ] as const)("%s leaves what it must, counts and is audited without signers", async (kind, registers) => {
    const unit = lab.operational();
    lab.fill(unit, { current: true, next: "committed", importer: true });
    const before = lab.state(unit);
    endpoint = await labEndpoint(lab, { control });
    // A lab's units are in no list: the fleet is told of this one.
    Object.defineProperty(endpoint.fleet, "instances", { value: () => [endpoint.fleet.instance(unit)!] });
    expect(await command(endpoint, "POST", "strikes", { kind, units: [unit, unit] })).toMatchObject({
      status: 200,
      body: JSON.stringify({ struck: [unit] }),
    });
    const after = lab.state(unit);
    expect(after.registers).toEqual(registers);
    expect(after.administrators).toEqual(kind === "zeroize" ? [] : before.administrators);
    expect(after.domainInstance).toBe(before.domainInstance + (kind === "zeroize" ? 1 : 0));
    expect(BigInt(`0x${hexOf(after.counter)}`)).toBe(BigInt(`0x${hexOf(before.counter)}`) + 1n);
    const [change, ...others] = lab.store.commits.at(-1)!;
    expect(others).toEqual([]);
    expect(change!.audit).toMatchObject([
      { unit, returnCode: 0, signers: [], counter: after.counter, before: before.registers, after: after.registers },
    ]);
    // What is left of the unit's secrets still opens.
    const answer = await endpoint.send(
      unit,
      lab.command(unit, Id.ClearPending, new Uint8Array(0), { signers: lab.signers(1) }),
    );
    expect(lab.read(unit, answer).code).toBe(kind === "zeroize" ? "179/34" : "0");
    await endpoint.close();
  });

  it("replace-hardware: another serial number and OA key, all units of the module pristine", async () => {
    const fleet = await fleetEndpoint({ instances: 4, operational: 1, recovery: 1 }, { control });
    const units = [...fleet.fleet.instances()].flatMap((instance) => instance.units);
    const [first] = units;
    const neighbours = units
      .filter(({ bay }) => JSON.stringify(bay) === JSON.stringify(first!.bay))
      .map(({ id }) => id);
    expect(neighbours.length).toBeGreaterThan(1);
    const serials = () => units.map(({ bay }) => fleet.fleet.serialIn(bay));
    const before = serials();
    const { body } = await command(fleet, "POST", "strikes", { kind: "replace-hardware", units: neighbours });
    expect((JSON.parse(body) as { struck: string[] }).struck.sort()).toEqual([...neighbours].sort());
    const changed = units.filter((_, at) => serials()[at] !== before[at]).map(({ id }) => id);
    expect(changed.sort()).toEqual([...neighbours].sort());
    await fleet.close();
  });

  it("404 for a unit that is none, and then nothing is struck; 400 for a kind that is none", async () => {
    const fleet = await fleetEndpoint({}, { control });
    const [unit] = [...fleet.fleet.instances()][0]!.units;
    const serial = fleet.fleet.serialIn(unit!.bay);
    const units = [unit!.id, "nobody"];
    expect(await command(fleet, "POST", "strikes", { kind: "replace-hardware", units })).toMatchObject({ status: 404 });
    expect(fleet.fleet.serialIn(unit!.bay)).toBe(serial);
    expect(await command(fleet, "POST", "strikes", { kind: "smash", units: [unit!.id] })).toMatchObject({
      status: 400,
    });
    expect(await command(fleet, "POST", "strikes", { kind: "zeroize", units: [] })).toMatchObject({ status: 400 });
    await fleet.close();
  });
});

describe("faults", () => {
  const plan = (seed: string): FaultPlan => ({
    seed,
    probabilities: { "lose-request": 0.15, "lose-answer": 0.15, error: 0.15, corrupt: 0.15 },
    delay: { probability: 0.5, milliseconds: [1, 3] },
  });
  const fates = (seed: string, subject: string) =>
    Array.from({ length: 60 }, (_, n) => fateOf(plan(seed), subject, n)).map(({ fault, delay }) => `${fault} ${delay}`);

  it("are a function of seed, unit and number alone, and all of them happen", () => {
    expect(fates("1", "a")).toEqual(fates("1", "a"));
    expect(fates("1", "a")).not.toEqual(fates("2", "a"));
    expect(fates("1", "a")).not.toEqual(fates("1", "b"));
    const met = new Set([...fates("1", "a"), ...fates("1", "b")].map((fate) => fate.split(" ")[0]));
    expect(met).toEqual(new Set([...Object.values(Fault), "null"]));
  });

  it("are as frequent as they are told to be", () => {
    const probabilities = { "lose-request": 0.1, "lose-answer": 0.2, error: 0, corrupt: 0.3 };
    const count: Record<string, number> = {};
    const rounds = 4000;
    for (let n = 0; n < rounds; n++) {
      const { fault } = fateOf({ seed: "frequent", probabilities }, "u", n);
      count[`${fault}`] = (count[`${fault}`] ?? 0) + 1 / rounds;
    }
    expect(Object.keys(count).sort()).toEqual(["corrupt", "lose-answer", "lose-request", "null"]);
    for (const [fault, probability] of Object.entries({ ...probabilities, null: 0.4 }))
      expect(Math.abs((count[fault] ?? 0) - probability)).toBeLessThan(0.03);
  });

  it("always, or never, if that is what is asked for", () => {
    for (let n = 0; n < 200; n++) {
      expect(fateOf({ seed: "x", probabilities: { error: 1 } }, "u", n).fault).toBe("error");
      expect(fateOf({ seed: "x", probabilities: {} }, "u", n)).toMatchObject({ fault: null, delay: 0 });
    }
  });

  describe("over HTTP", () => {
    let lab: Lab;
    let endpoint: LabEndpoint;

    beforeAll(async () => {
      lab = await Lab.open();
      endpoint = await labEndpoint(lab, { control });
    });

    afterAll(() => endpoint.close());

    /** What a client meets: a status, a broken answer, or no answer. */
    const meet = async (unit: string): Promise<string> => {
      const { domain } = lab.state(unit);
      try {
        const { status, body } = await endpoint.post(unit, htpText(cprb(domain, infoRequest(domain, 3))));
        if (status !== 200) return `${status} ${body}`;
        return hexOf(cprbOfBody(body));
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? "";
      }
    };

    it("are the same again when the seed is set again, whatever other units are asked", async () => {
      const [a, b] = [lab.pristine(), lab.pristine()] as const;
      await command(endpoint, "PUT", "faults", plan("again"));
      const first: string[] = [];
      for (let n = 0; n < 25; n++) first.push(await meet(a));
      await command(endpoint, "PUT", "faults", plan("again"));
      const second: string[] = [];
      for (let n = 0; n < 25; n++) second.push((await Promise.all([meet(a), meet(b)]))[0]);
      expect(second).toEqual(first);
      expect(new Set(first).size).toBeGreaterThan(3);
      expect(first).toContain("ECONNRESET");
      expect(first).toContain("500 Internal Server Error: injected");
      const metrics = (await ask(`${endpoint.url}/metrics`)).body;
      for (const fault of [...Object.values(Fault), "delay"])
        expect(metrics).toMatch(new RegExp(`opentke_faults_total\\{fault="${fault}"\\} [1-9]`));
    });

    it("lose-request: the unit has not seen it; lose-answer: it has", async () => {
      for (const [fault, seen] of [
        ["lose-request", false],
        ["lose-answer", true],
      ] as const) {
        const unit = lab.pristine();
        const before = lab.state(unit);
        await command(endpoint, "PUT", "faults", { seed: "1", probabilities: { [fault]: 1 } });
        const request = htpText(lab.command(unit, Id.Zeroize, new Uint8Array(0)));
        await expect(endpoint.post(unit, request)).rejects.toThrow();
        expect(lab.state(unit) !== before).toBe(seen);
      }
    });

    it("delay: who goes away meanwhile is not waited for", async () => {
      const own = await labEndpoint(lab, { control });
      const unit = lab.pristine();
      const before = lab.state(unit);
      await command(own, "PUT", "faults", { seed: "1", delay: { probability: 1, milliseconds: [300, 300] } });
      const { port } = new URL(own.url);
      const body = JSON.stringify({ request: htpText(lab.command(unit, Id.Zeroize, new Uint8Array(0))) });
      const socket = connect(Number(port), "127.0.0.1");
      socket.write(`POST ${pathOf(unit)} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      const inFlight = async () =>
        (await ask(`${own.url}/metrics`)).body.match(/^opentke_http_requests_in_flight (\d+)$/m)![1];
      await expect.poll(inFlight).toBe("2");
      socket.destroy();
      await own.close();
      expect(lab.state(unit)).toBe(before);
    });

    it("corrupt: one bit of the payload", async () => {
      const unit = lab.pristine();
      await command(endpoint, "DELETE", "faults");
      const whole = await meet(unit);
      await command(endpoint, "PUT", "faults", { seed: "1", probabilities: { corrupt: 1 } });
      const broken = await meet(unit);
      const difference = BigInt(`0x${whole}`) ^ BigInt(`0x${broken}`);
      expect(difference.toString(2).replaceAll("0", "")).toBe("1");
      expect(broken.slice(0, 64)).toBe(whole.slice(0, 64));
    });

    it("are told, and end when they are taken away; the list of units meets them too", async () => {
      const unit = lab.pristine();
      await command(endpoint, "PUT", "faults", { seed: "1", probabilities: { error: 1 } });
      expect(JSON.parse((await command(endpoint, "GET", "faults")).body)).toEqual({
        faults: { seed: "1", probabilities: { error: 1 } },
      });
      expect((await ask(`${endpoint.url}${pathOf(unit).replace(/\/[^/]*$/, "")}`)).status).toBe(500);
      expect((await ask(`${endpoint.url}/healthz`)).status).toBe(200);
      expect(await command(endpoint, "DELETE", "faults")).toMatchObject({ status: 200, body: '{"faults":null}' });
      expect((await ask(`${endpoint.url}${pathOf(unit).replace(/\/[^/]*$/, "")}`)).status).toBe(200);
    });

    it.each([
      ["no seed", { probabilities: {} }],
      ["more than certain", { seed: "1", probabilities: { error: 1.1 } }],
      ["together more than certain", { seed: "1", probabilities: { error: 0.6, corrupt: 0.6 } }],
      ["a fault that is none", { seed: "1", probabilities: { fire: 0.1 } }],
      ["a delay backwards", { seed: "1", delay: { probability: 1, milliseconds: [3, 1] } }],
    ])("400: %s", async (_name, body) => {
      expect((await command(endpoint, "PUT", "faults", body)).status).toBe(400);
    });
  });
});

describe("failover units", () => {
  it("are added to an instance; the units' server knows them at once", async () => {
    const endpoint = await fleetEndpoint({ operational: 3 }, { control });
    const { id, units: before } = [...endpoint.fleet.instances()][0]!;
    const listed = async () => {
      const { body } = await ask(`${endpoint.url}/v1/tke/${id}/hsms`);
      return (JSON.parse(body) as { failover_hsms: { hsm_id: string }[] }).failover_hsms.map((one) => one.hsm_id);
    };
    expect(await listed()).toEqual([]);
    const { status, body } = await command(endpoint, "POST", `instances/${id}/failover`, { count: 2, seed: "7" });
    const { instance, units } = JSON.parse(body) as { instance: string; units: string[] };
    expect([status, instance, units.length]).toEqual([201, id, 2]);
    expect(await listed()).toEqual(units);
    const added = endpoint.fleet.instance(id)!.units.at(-1)!;
    const request = cprb(added.domain, infoRequest(added.domain, 3));
    const sent = await ask(endpoint.url + pathOf(added.id, id), {
      body: JSON.stringify({ request: htpText(request, added.bay.module) }),
    });
    expect(sent.status).toBe(200);
    expect(cprbOfBody(sent.body).length).toBeGreaterThan(32);
    expect((await ask(`${endpoint.url}/metrics`)).body).toContain(`opentke_units ${before.length + 2}\n`);
    await endpoint.close();
  });

  it("are refused where there can be none: 400, 404, 409", async () => {
    const endpoint = await fleetEndpoint({ operational: 2 }, { control });
    const { id } = [...endpoint.fleet.instances()][0]!;
    const post = (instance: string, body: unknown) => command(endpoint, "POST", `instances/${instance}/failover`, body);
    for (const wrong of [{ count: 3 }, { count: 1 }, {}, { count: "2" }, { count: 2, more: 1 }])
      expect((await post(id, wrong)).status).toBe(400);
    expect((await post(id, { count: 3 })).body).toContain("want 2, got 3");
    expect((await post("nobody", { count: 2 })).status).toBe(404);
    expect((await command(endpoint, "POST", `instances/${id}/failover`, { count: 2 }, "another")).status).toBe(401);
    expect((await post(id, { count: 2 })).status).toBe(201);
    const twice = await post(id, { count: 2 });
    expect([twice.status, twice.body]).toEqual([409, expect.stringContaining("has 2 failover crypto units already")]);
    await endpoint.close();
  });
});
