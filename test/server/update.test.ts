// Query, update and zeroize over HTTP, with P-521 and RSA administrators: operational, recovery and failover units, in the order of
// commands of workstation.md 5.3.

import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../src/client/client.ts";
import { type HttpTransport, httpTransport } from "../../src/client/http.ts";
import { unwrap } from "../../src/client/outcome.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import type { Core } from "../../src/core/api.ts";
import { PreconditionError } from "../../src/errors.ts";
import type { Configuration } from "../../src/procedures/configuration.ts";
import { update } from "../../src/procedures/update.ts";
import { viewNamedUnits } from "../../src/procedures/view.ts";
import { zeroizeUnits } from "../../src/procedures/zeroize.ts";
import { rsaAdministrator } from "../../src/workstation/rsa-signer.ts";
import { type Administrator, administratorsOf, generateSigners } from "../../src/workstation/signer.ts";
import { testCore } from "../support/core.ts";
import { type Endpoint, fleetEndpoint } from "../support/endpoint.ts";
import { hexOf } from "../support/handmade.ts";
import { tap } from "../support/tap.ts";

let endpoint: Endpoint;
let core: Core;
let line: HttpTransport;
let client: Client;
let units: CryptoUnit[];
let ada: Administrator;
let bob: Administrator;
let rsa: Administrator;
let other: Administrator;

const clientOver = (transport: ConstructorParameters<typeof Client>[0]["transport"]) =>
  new Client({ transport, core, roots: [{ name: "test", ...endpoint.fleet.root }] });

beforeAll(async () => {
  endpoint = await fleetEndpoint({ failover: 1 });
  core = await testCore();
  line = httpTransport({ url: endpoint.url });
  client = clientOver(line);
  const [instance] = endpoint.fleet.instances();
  units = await client.units(instance!.id);
  [ada, bob] = administratorsOf(core, generateSigners(core, ["Ada", "Bob"])) as [Administrator, Administrator];
  const rsaKey = () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  [rsa, other] = [rsaAdministrator("Rosa", rsaKey()), rsaAdministrator("Otto", rsaKey())];
});

afterAll(async () => {
  await line.close();
  await endpoint.close();
  core.dispose();
});

const to = (
  signatureThreshold: number,
  revocationThreshold: number,
  ...administrators: Administrator[]
): Configuration => ({
  signatureThreshold,
  revocationThreshold,
  administrators,
});

/** Runs an update; for each unit the commands that changed it and the signatures on them, in order. */
async function traced(configuration: Configuration): Promise<string[][]> {
  const tapped = tap(line);
  const results = await update(clientOver(tapped), units, configuration);
  expect(results.map(({ status }) => status)).toEqual(units.map(() => "done"));
  return units.map(({ id }) =>
    tapped.requests
      .filter(({ unit, counter }) => unit === id && counter.length > 0)
      .map(({ command, signatures }) => `${command}/${signatures}`),
  );
}

/** Every unit is as configured, and all have the same key. */
async function expectConfigured({ signatureThreshold, revocationThreshold, administrators }: Configuration) {
  const names = administrators.map(({ name, ski }) => `${name} ${hexOf(ski)}`).sort();
  const patterns = new Set<string>();
  for (const outcome of await viewNamedUnits(client, units)) {
    const view = unwrap(outcome);
    expect(view.attributes).toMatchObject({ signatureThreshold, revocationThreshold });
    expect(view.named.map(({ name, ski }) => `${name} ${hexOf(ski)}`).sort()).toEqual(names);
    patterns.add(hexOf(view.registers.current.pattern));
  }
  expect(patterns.size).toBe(1);
  expect([...patterns][0]).not.toBe("0".repeat(64));
}

const INSTALL = [
  "AddDomainAdministrator/0",
  "AddDomainAdministrator/0",
  "AddDomainAdministrator/0",
  "SetDomainAttributes/2",
];

describe("in this order", () => {
  it("from pristine: zeroize, administrators, thresholds; a random key in the first recovery unit; transfers to all others", async () => {
    const configuration = to(2, 1, ada, bob, rsa);
    const commands = await traced(configuration);
    const transferred = [
      "ZeroizeDomain/0",
      ...INSTALL,
      "GenerateImporterKey/1",
      "ImportWk/0",
      "CommitPendingWk/2",
      "FinalizeWk/1",
    ];
    const exports = Array.from({ length: units.length - 1 }, () => "ExportWk/2");
    const source = ["ZeroizeDomain/0", ...INSTALL, "GenerateRandomWk/1", ...exports];
    expect(units.map(({ type }) => type)).toEqual(["operational", "operational", "recovery", "recovery", "failover"]);
    expect(commands).toEqual([transferred, transferred, source, transferred, transferred]);
    await expectConfigured(configuration);
  });

  it("again, with no change: thresholds alone are set", async () => {
    const configuration = to(2, 1, ada, bob, rsa);
    expect(await traced(configuration)).toEqual(units.map(() => ["SetDomainAttributes/2"]));
    await expectConfigured(configuration);
  });

  it("an RSA administrator for another: removed with R signatures, added with S", async () => {
    const configuration = to(2, 1, ada, bob, other);
    const commands = ["RemoveDomainAdministrator/1", "AddDomainAdministrator/2", "SetDomainAttributes/2"];
    expect(await traced(configuration)).toEqual(units.map(() => commands));
    await expectConfigured(configuration);
  });

  it("thresholds raised, so that the RSA administrator must sign; and lowered again", async () => {
    for (const [configuration, signatures] of [
      [to(3, 3, ada, bob, other), 2],
      [to(1, 1, ada, bob, other), 3],
    ] as const) {
      expect(await traced(configuration)).toEqual(units.map(() => [`SetDomainAttributes/${signatures}`]));
      await expectConfigured(configuration);
    }
  });

  it("what cannot be is refused with all problems, and nothing changes", async () => {
    const tapped = tap(line);
    await expect(update(clientOver(tapped), units, to(1, 1, rsa))).rejects.toBeInstanceOf(PreconditionError);
    expect(tapped.requests.filter(({ counter }) => counter.length > 0)).toEqual([]);
    await expectConfigured(to(1, 1, ada, bob, other));
  });

  it("zeroize, with one signature each, even an RSA one", async () => {
    const tapped = tap(line);
    (await zeroizeUnits(clientOver(tapped), units, [other])).forEach(unwrap);
    const commands = tapped.requests.filter(({ counter }) => counter.length > 0);
    expect(commands.map(({ command, signatures }) => `${command}/${signatures}`)).toEqual(
      units.map(() => "ZeroizeDomain/1"),
    );
    for (const outcome of await client.registers(units)) expect(unwrap(outcome).current.status).toBe("Empty");
  });
});
