// The load generator, for two seconds: what it reports is what the endpoint counted.

import { afterAll, beforeAll, expect, it } from "vitest";
import { runLoad } from "../../bench/load.ts";
import type { Core } from "../../src/core/api.ts";
import { testCore } from "../support/core.ts";
import { ask, type Endpoint, fleetEndpoint } from "../support/endpoint.ts";

let endpoint: Endpoint;
let core: Core;

beforeAll(async () => {
  endpoint = await fleetEndpoint({ instances: 2 });
  core = await testCore();
});

afterAll(async () => {
  await endpoint.close();
  core.dispose();
});

it("counts what the units did", async () => {
  const root = { name: "load", ...endpoint.fleet.root };
  const report = await runLoad({ url: endpoint.url, root, core, connections: 6, seconds: 2, job: "smoke" });
  expect(report).toMatchObject({ units: 8, connections: 6, errors: {}, disagreeing: 0 });
  expect(report.commands).toBeGreaterThan(6);
  expect(report.requests).toBeGreaterThanOrEqual(2 * report.commands);
  expect(report.p50).toBeLessThanOrEqual(report.p99);
  const metrics = (await ask(`${endpoint.url}/metrics`)).body;
  const line = 'opentke_commands_total{command_id="0000001c",command="clear-pending-wk",return_code="0"}';
  expect(metrics).toContain(`${line} ${report.commands}\n`);
});
