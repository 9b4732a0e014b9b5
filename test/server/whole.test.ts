// Our own client over HTTP: an operator's day, and errors that a command line can tell apart.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../src/client/client.ts";
import { type HttpTransport, httpTransport } from "../../src/client/http.ts";
import { unwrap } from "../../src/client/outcome.ts";
import { type CryptoUnit, UnitType } from "../../src/client/units.ts";
import type { Core } from "../../src/core/api.ts";
import { AuthenticationError, TransportError } from "../../src/errors.ts";
import { autoInit } from "../../src/procedures/auto-init.ts";
import { autoMkRecover } from "../../src/procedures/auto-mk-recover.ts";
import { clearCurrentRegisters } from "../../src/procedures/clear-registers.ts";
import { compareUnits } from "../../src/procedures/compare.ts";
import { zeroizeUnits } from "../../src/procedures/zeroize.ts";
import { Tokens } from "../../src/server/tokens.ts";
import { administratorsOf, generateSigners } from "../../src/workstation/signer.ts";
import { testCore } from "../support/core.ts";
import { type Endpoint, fleetEndpoint } from "../support/endpoint.ts";
import { hexOf } from "../support/handmade.ts";

const TOKEN = "token-of-the-operators-1234";
const tokens = Tokens.parse(`sha256:${createHash("sha256").update(TOKEN).digest("hex")}`, "tokens");
const EMPTY = "0".repeat(64);

let endpoint: Endpoint;
let core: Core;
let line: HttpTransport;
let client: Client;
let units: CryptoUnit[];

const clientOver = (transport: HttpTransport) =>
  new Client({ transport, core, roots: [{ name: "test", ...endpoint.fleet.root }] });

beforeAll(async () => {
  endpoint = await fleetEndpoint({ instances: 2, failover: 1 }, { tokens });
  core = await testCore();
  line = httpTransport({ url: endpoint.url, token: Buffer.from(`Bearer ${TOKEN}\n`) });
  client = clientOver(line);
  units = (await Promise.all([...endpoint.fleet.instances()].map(({ id }) => client.units(id)))).flat();
});

afterAll(async () => {
  await line.close();
  await endpoint.close();
  core.dispose();
});

const patterns = async (some: readonly CryptoUnit[]): Promise<string[]> =>
  (await client.registers(some)).map((outcome) => hexOf(unwrap(outcome).current.pattern));

it("auto-init, loss, auto-mk-recover, compare, zeroize", async () => {
  const administrators = administratorsOf(core, generateSigners(core, ["Ada", "Bob", "Cem"]));
  const configuration = { signatureThreshold: 2, revocationThreshold: 2, administrators };
  const initialised = await autoInit(client, units, configuration);
  expect(initialised.map(({ status }) => status)).toEqual(units.map(() => "done"));

  for (const { id } of endpoint.fleet.instances()) {
    const all = units.filter(({ instance }) => instance === id);
    const before = await patterns(all);
    expect(new Set(before).size).toBe(1);
    expect(before[0]).not.toBe(EMPTY);
    const source = all.find(({ type }) => type === UnitType.Recovery)!;
    const lost = all.filter(({ type }) => type !== UnitType.Recovery);
    (await clearCurrentRegisters(client, lost, administrators[2]!)).forEach(unwrap);
    expect(await patterns(lost)).toEqual(lost.map(() => EMPTY));
    expect((await compareUnits(client, all)).agreement.currentRegister).toBe(false);

    const mayLose = { current: false, pending: false };
    const recovered = await autoMkRecover(client, { source, targets: lost, signers: administrators, mayLose });
    expect(recovered.map(({ result }) => result.status)).toEqual(lost.map(() => "transferred"));
    expect(await patterns(all)).toEqual(before);
    expect((await compareUnits(client, all)).agreement.currentRegister).toBe(true);
  }

  (await zeroizeUnits(client, units, administrators)).forEach(unwrap);
  expect(await patterns(units)).toEqual(units.map(() => EMPTY));
});

describe("errors", () => {
  it("a wrong token is an authentication error, of lists and of units", async () => {
    const other = httpTransport({ url: endpoint.url, token: Buffer.from("expired-token-0000000") });
    await expect(clientOver(other).units(units[0]!.instance)).rejects.toBeInstanceOf(AuthenticationError);
    await other.close();
    const token = Buffer.from(TOKEN);
    const expiring = httpTransport({ url: endpoint.url, token });
    const [unit] = await clientOver(expiring).units(units[0]!.instance);
    token.write("x");
    const [outcome] = await clientOver(expiring).registers([unit!]);
    expect(outcome).toMatchObject({ ok: false, error: { code: "ERR_AUTHENTICATION", status: 401 } });
    expect(outcome).toMatchObject({ error: expect.any(AuthenticationError) });
    await expiring.close();
  });

  it("an instance that is none is a transport error not worth repeating", async () => {
    await expect(client.units("nobody")).rejects.toMatchObject({ status: 404, retryable: false });
    await expect(client.units("nobody")).rejects.toBeInstanceOf(TransportError);
  });
});
