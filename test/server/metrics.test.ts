// What the endpoint tells of itself: metrics that count rightly, probes, logs without secrets, and /v1/opentke/.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locationOf } from "../../src/fleet/topology.ts";
import { ask, fleetEndpoint, htpText, type LabEndpoint, labEndpoint, pathOf } from "../support/endpoint.ts";
import { cprb, hexOf, infoRequest } from "../support/handmade.ts";
import { Id, Lab, NOTHING } from "../support/unit-lab.ts";

/** Every sample of a text in Prometheus' format, by name and labels. @throws for a line that is none. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.trimEnd().split("\n")) {
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    if (type) types.set(type[1]!, type[2]!);
    if (line === "" || line.startsWith("# HELP ") || type) continue;
    const sample = /^(\w+)(\{(?:\w+="[^"\\\n]*",?)*\})? (\d+(?:\.\d+)?(?:e[+-]\d+)?|NaN|\+Inf)$/.exec(line);
    if (!sample) throw new Error(`no sample: ${line}`);
    const base = sample[1]!.replace(/_(bucket|sum|count)$/, "");
    if (!types.has(sample[1]!) && !types.has(base)) throw new Error(`no type: ${line}`);
    samples.set(sample[1]! + (sample[2] ?? ""), Number(sample[3]));
  }
  return samples;
}

let lab: Lab;
let endpoint: LabEndpoint;
let unit: string;

beforeAll(async () => {
  lab = await Lab.open();
  unit = lab.operational();
  lab.fill(unit, { current: true });
  endpoint = await labEndpoint(lab);
});

afterAll(() => endpoint.close());

const scrape = async () => {
  const { status, headers, body } = await ask(`${endpoint.url}/metrics`);
  expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  return samplesOf(body);
};

describe("metrics", () => {
  it("count requests, commands by id and return code, times and batches", async () => {
    const { domain } = lab.state(unit);
    await endpoint.send(unit, lab.query(unit, Id.QueryAttributes));
    await endpoint.send(unit, lab.query(unit, Id.QueryAttributes));
    await endpoint.send(unit, lab.command(unit, Id.ClearPending, NOTHING, { signers: lab.signers(1) }));
    await endpoint.send(unit, lab.command(unit, Id.ClearPending, NOTHING));
    await endpoint.send(unit, lab.command(unit, Id.ClearPending, NOTHING, { ahead: 0 }));
    await endpoint.send(unit, lab.query(unit, 0x4711));
    await endpoint.send(unit, cprb(domain, infoRequest(domain, 3)));
    await endpoint.send(unit, cprb(domain, NOTHING));
    await endpoint.post(unit, htpText(lab.query(unit, Id.QueryAttributes).with(2, 9)));
    await endpoint.post(unit, "no HTP");
    await ask(endpoint.url + pathOf(unit, "nobody"), { body: "{}" });
    const samples = await scrape();
    const count = (command: string, id: string, code: string) =>
      samples.get(`opentke_commands_total{command_id="${id}",command="${command}",return_code="${code}"}`);
    expect(count("query-domain-attributes", "0001000a", "0")).toBe(2);
    expect(count("clear-pending-wk", "0000001c", "0")).toBe(1);
    expect(count("clear-pending-wk", "0000001c", "208")).toBe(1);
    expect(count("clear-pending-wk", "0000001c", "163")).toBe(1);
    expect(count("other", "other", "84")).toBe(1);
    expect(count("get_xcp_info", "get_xcp_info", "0")).toBe(1);
    expect(count("other", "other", "7")).toBe(1);
    expect(count("other", "other", "cprb 12")).toBe(1);
    const route = 'route="/v1/tke/:instance/hsms/:hsm"';
    expect(samples.get(`opentke_http_requests_total{${route},status="200"}`)).toBe(10);
    expect(samples.get(`opentke_http_requests_total{${route},status="404"}`)).toBe(1);
    expect(samples.get(`opentke_http_request_duration_seconds_count{${route}}`)).toBe(11);
    expect(samples.get('opentke_command_duration_seconds_count{command="clear-pending-wk"}')).toBe(3);
    expect(samples.get('opentke_command_duration_seconds_bucket{le="+Inf",command="clear-pending-wk"}')).toBe(3);
    expect(samples.get("opentke_batch_size_count")).toBe(9);
    expect(samples.get("opentke_batch_size_sum")).toBe(9);
    expect(samples.get('opentke_batch_size_bucket{le="1"}')).toBe(9);
    expect(samples.get("opentke_http_requests_in_flight")).toBe(1);
  });

  it("count registers by state, as they change", async () => {
    const states = async () => {
      const samples = await scrape();
      const one = (register: string, state: string) =>
        samples.get(`opentke_registers{register="${register}",state="${state}"}`);
      const states = ["Empty", "Valid", "Full Uncommitted", "Full Committed"];
      return { current: states.map((state) => one("current", state)), new: states.map((state) => one("new", state)) };
    };
    expect(await states()).toEqual({ current: [0, 1, undefined, undefined], new: [1, undefined, 0, 0] });
    await endpoint.send(unit, lab.command(unit, Id.GenerateRandom, NOTHING, { signers: lab.signers(1) }));
    expect(await states()).toEqual({ current: [0, 1, undefined, undefined], new: [0, undefined, 1, 0] });
    const { pattern } = lab.state(unit).registers.next!;
    await endpoint.send(unit, lab.command(unit, Id.Commit, pattern, { signers: lab.signers(2) }));
    expect(await states()).toEqual({ current: [0, 1, undefined, undefined], new: [0, undefined, 0, 1] });
    await endpoint.send(unit, lab.command(unit, Id.Zeroize, NOTHING, { signers: lab.signers(2) }));
    expect(await states()).toEqual({ current: [1, 0, undefined, undefined], new: [1, undefined, 0, 0] });
  });

  it("keep few labels, whatever is asked", async () => {
    const before = (await scrape()).size;
    for (let i = 0; i < 20; i++) {
      await ask(`${endpoint.url}/v1/nothing/${i}`);
      await endpoint.send(unit, lab.query(unit, 0x5000 + i));
    }
    expect((await scrape()).size - before).toBeLessThan(30);
  });
});

describe("probes", () => {
  it("are alive and ready", async () => {
    expect((await ask(`${endpoint.url}/healthz`)).body).toBe("ok");
    expect((await ask(`${endpoint.url}/readyz`)).body).toBe("ready");
  });
});

describe("logs", () => {
  it("have a line for each request: who, what, what came of it, how long", async () => {
    endpoint.log.length = 0;
    await endpoint.post(unit, htpText(lab.query(unit, Id.QueryAttributes)), { "x-request-id": "r-1" });
    await endpoint.post(unit, htpText(lab.query(unit, Id.QueryAttributes), "x"), { "x-request-id": "r-2" });
    await expect.poll(() => endpoint.log.length).toBe(2);
    const [first, second] = endpoint.log.map((line) => JSON.parse(line) as Record<string, unknown>);
    const common = {
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: "request",
      method: "POST",
      route: "/v1/tke/:instance/hsms/:hsm",
      instance: unit,
      unit,
      status: 200,
      milliseconds: expect.any(Number),
    };
    expect(first).toEqual({ ...common, requestId: "r-1", command: "query-domain-attributes", returnCode: "0" });
    expect(second).toEqual({ ...common, requestId: "r-2", catcher: "9-40" });
  });

  it("hold nothing of what is sent: no message, no query string, no header", async () => {
    endpoint.log.length = 0;
    const secret = "c0ffee".repeat(20);
    const text = htpText(lab.query(unit, Id.QueryAttributes));
    await ask(`${endpoint.url}${pathOf(unit)}?token=${secret}`, {
      body: JSON.stringify({ request: text, more: secret }),
      headers: { authorization: secret, cookie: secret, "x-request-id": `${secret};` },
    });
    await ask(`${endpoint.url}/v1/tke/${secret}/hsms`);
    await expect.poll(() => endpoint.log.length).toBe(2);
    const logged = endpoint.log.join("");
    expect(logged).not.toContain(secret);
    expect(logged).not.toContain(text.slice(-40));
    expect(logged.split("c0ffee").length - 1).toBeLessThanOrEqual(11);
  });
});

describe("/v1/opentke/", () => {
  it("tells root, instances, units, key storage", async () => {
    const { url, fleet, close } = await fleetEndpoint({ instances: 2, failover: 1 });
    const get = async (path: string) => {
      const { status, body } = await ask(`${url}/v1/opentke/${path}`);
      return status === 200 ? (JSON.parse(body) as Record<string, unknown>) : { status, body };
    };
    const { publicKey, ski } = fleet.root;
    expect(await get("root")).toEqual({
      ski: hexOf(ski),
      x: hexOf(publicKey.slice(1, 67)),
      y: hexOf(publicKey.slice(67)),
    });
    const instances = [...fleet.instances()];
    const summary = { resourceGroup: "Default", operational: 2, recovery: 2, failover: 1 };
    expect(await get("instances")).toEqual({ instances: instances.map(({ id }) => ({ id, ...summary })) });
    const { id, units } = instances[0]!;
    const told = await get(`instances/${id}`);
    expect(told).toMatchObject({ id, ...summary });
    const list = JSON.parse(fleet.listHsms(id)) as Record<
      string,
      { hsm_id: string; location: string; serial_number: string }[]
    >;
    const listed = Object.values(list).flat();
    expect(told["units"]).toEqual(
      listed.map(({ hsm_id, location, serial_number }, at) => ({
        id: hsm_id,
        type: units[at]!.type,
        location,
        serialNumber: serial_number,
        counter: hexOf(fleet.counter(hsm_id)!),
        current: null,
        new: null,
      })),
    );
    expect(await get(`instances/${id}/keystore`)).toEqual({ instance: id, keys: [] });
    expect(await get(`instances/${id}/keystore/status`)).toEqual({
      instance: id,
      keys: 0,
      units: units.map((unit) => ({ id: unit.id, type: unit.type, location: locationOf(unit), unwraps: 0 })),
    });
    for (const path of ["instances/nobody", "instances/nobody/keystore", "instances/nobody/keystore/status"])
      expect(await get(path)).toEqual({ status: 404, body: "Not Found: no such instance" });
    const none = "Not Found: no re-encryption was asked for";
    expect(await get(`instances/${id}/keystore/rewrap`)).toEqual({ status: 404, body: none });
    expect(await get("instances/nobody/keystore/rewrap")).toEqual({ status: 404, body: "Not Found: no such instance" });
    await close();
  });
});
