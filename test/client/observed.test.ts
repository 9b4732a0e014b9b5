// What an observer of the wire is told, and what never.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { HttpLine } from "../../src/client/http-line.ts";
import { commandJob, queryJob } from "../../src/client/job.ts";
import { type Exchange, observed, type WireEvent } from "../../src/client/observed.ts";
import { importJob } from "../../src/client/transfer-jobs.ts";
import type { Transport } from "../../src/client/transport.ts";
import { UnitType } from "../../src/client/units.ts";
import { clearCurrentWk } from "../../src/commands/clear-current-wk.ts";
import { clearPendingWk } from "../../src/commands/clear-pending-wk.ts";
import { queryDomainAdministrator } from "../../src/commands/query-domain-administrators.ts";
import { TransportError } from "../../src/errors.ts";
import { autoMkRecover } from "../../src/procedures/auto-mk-recover.ts";
import { cannedServer } from "../support/canned.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";
import { tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
beforeAll(async () => {
  rig = await initialisedRig({ instances: { a: { operational: 2, recovery: 1 } } });
  kept = rig.store.keep();
});
afterEach(() => rig.store.restore(kept));

const watch = (transport: Transport = rig.transport) => {
  const events: WireEvent[] = [];
  const client = rig.client(observed(transport, (event) => events.push(event)));
  const exchanges = () => events.filter((event): event is Exchange => event.kind === "exchange");
  const of = (command: string) => exchanges().filter((event) => event.command === command);
  return { client, events, exchanges, of };
};
const skis = (count: number) => rig.administrators.slice(0, count).map(({ ski }) => toHex(ski));
const target = () => rig.unit("a", UnitType.Operational);

describe("an observer of the wire", () => {
  it("sees every request that goes out, in order, with unit, command, counter and signers, and every answer", async () => {
    const line = tap(rig.transport);
    const { client, exchanges, of } = watch(line);
    await client.units("a");
    const [signer] = rig.administrators;
    await client.run([commandJob(target(), clearCurrentWk, undefined, [signer!])]);
    const source = rig.unit("a", UnitType.Recovery);
    const request = {
      source,
      targets: [target()],
      signers: rig.administrators,
      mayLose: { current: false, pending: false },
    };
    await autoMkRecover(client, request);
    expect(exchanges().map(({ id, counter }) => [id, counter])).toEqual(
      line.requests.map(({ unit, counter }) => [unit, counter.length === 0 ? null : BigInt(`0x${toHex(counter)}`)]),
    );
    expect(exchanges().map(({ batch }) => batch)).toEqual(
      line.batches.flatMap((batch) => batch.map(() => batch.length)),
    );
    for (const { unit, id, answer, milliseconds, command } of exchanges()) {
      expect(unit).toEqual(rig.units("a").find((one) => one.id === id));
      // A chain is read until there is no further certificate.
      if (command !== "query-device-certificate") expect(answer).toEqual({ returnCode: 0 });
      expect(milliseconds).toBeGreaterThanOrEqual(0);
    }
    expect(of("clear-current-wk").map(({ signers }) => signers)).toEqual([skis(1)]);
    expect(of("export-wk").map(({ signers, unit }) => [signers, unit])).toEqual([[skis(2), source]]);
    expect(of("commit-pending-wk").map(({ signers }) => signers)).toEqual([skis(2)]);
    for (const name of ["generate-importer-key", "import-wk", "finalize-wk"])
      expect(of(name).map(({ signers, unit }) => [signers, unit])).toEqual([[skis(1), target()]]);
    expect(of("query-domain-info").length).toBeGreaterThan(0);
    expect(
      of("query-domain-attributes").every(({ signers, counter }) => signers.length === 0 && counter === null),
    ).toBe(true);
  });

  it("sees who signed each key part of an import, and a refusal with its codes", async () => {
    const { client, of } = watch();
    const parts = [Uint8Array.of(1), Uint8Array.of(2)];
    const [outcome] = await client.run([importJob(target(), parts, rig.administrators.slice(0, 2))]);
    expect(outcome!.ok).toBe(false);
    const [{ signers, answer }] = of("import-wk") as [Exchange];
    expect(signers).toEqual(skis(2));
    expect(answer).toMatchObject({ symbol: expect.stringMatching(/^[A-Z_]+$/) });
    const { returnCode } = answer as { returnCode: number };
    expect(returnCode).not.toBe(0);
  });

  it("tells two commands with one id apart by their input", async () => {
    const { client, exchanges } = watch();
    const ski = rig.administrators[0]!.ski;
    await client.query([queryJob(target(), queryDomainAdministrator, ski)]);
    expect(exchanges().at(-1)!.command).toBe("query-domain-administrator");
  });

  it("tells of an unsigned command that it is not signed, and of a refusal its reason", async () => {
    const { client, of } = watch();
    await client.run([commandJob(target(), clearPendingWk, undefined, [])]);
    expect(of("clear-pending-wk")).toMatchObject([
      { signers: [], answer: { returnCode: 208, reasonCode: 21, symbol: "TEMPLATE_INCOMPLETE" } },
    ]);
  });

  it("tells what was lost, malformed or never an answer, and changes none of it", async () => {
    const lost = new TransportError("gone", { retryable: true });
    const answers = [lost, Uint8Array.of(1, 2, 3)];
    const events: WireEvent[] = [];
    const deaf: Transport = { send: async () => answers, hsms: async () => "not a list" };
    const transport = observed(deaf, (event) => events.push(event));
    const batch = answers.map((_, at) => ({ unit: `u${at}`, cprb: Uint8Array.of(at) }));
    expect(await transport.send(batch)).toBe(answers);
    expect(events).toMatchObject([
      { kind: "exchange", id: "u0", unit: undefined, command: "(malformed request)", answer: { problem: "gone" } },
      { kind: "exchange", id: "u1", answer: { problem: expect.stringMatching(/^malformed answer: CPRB/) } },
    ]);
    expect(await transport.hsms("a")).toBe("not a list");
    expect(events.at(-1)).toMatchObject({ kind: "list", instance: "a", answer: { problem: expect.any(String) } });
    const dead: Transport = { ...deaf, hsms: async () => Promise.reject(lost) };
    await expect(observed(dead, (event) => events.push(event)).hsms("b")).rejects.toBe(lost);
    expect(events.at(-1)).toMatchObject({ kind: "list", instance: "b", answer: { problem: "gone" } });
  });

  it("is told nothing of what commands carry or return", async () => {
    const { client, events } = watch();
    await client.units("a");
    await client.run([commandJob(target(), clearCurrentWk, undefined, rig.administrators.slice(0, 1))]);
    for (const event of events.filter(({ kind }) => kind === "exchange"))
      expect(Object.keys(event).sort()).toEqual(
        ["answer", "batch", "command", "counter", "id", "kind", "milliseconds", "signers", "unit"].sort(),
      );
    expect(events[0]).toMatchObject({ kind: "list", instance: "a", answer: { units: 3 } });
  });
});

describe("an observer of HTTP", () => {
  it("sees every attempt: method, URL, status, or why there is none; neither token nor body", async () => {
    const events: WireEvent[] = [];
    const server = await cannedServer();
    const token = Buffer.from("a-secret-token");
    const line = new HttpLine({ url: server.url, token, retries: 1, observer: (event) => events.push(event) });
    try {
      server.say(503, "busy");
      await expect(line.request({ method: "GET", path: "/a", repeatable: true })).rejects.toThrow();
      server.say(200, "fine");
      expect(await line.request({ method: "POST", path: "/b", body: "a body", repeatable: false })).toBe("fine");
      server.do((_, response) => response.destroy());
      await expect(line.request({ method: "POST", path: "/c", body: "a body", repeatable: false })).rejects.toThrow();
    } finally {
      await line.close();
      await server.close();
    }
    const { url } = server;
    expect(events).toEqual([
      { kind: "http", method: "GET", url: `${url}/a`, answer: { status: 503 }, milliseconds: expect.any(Number) },
      { kind: "http", method: "GET", url: `${url}/a`, answer: { status: 503 }, milliseconds: expect.any(Number) },
      { kind: "http", method: "POST", url: `${url}/b`, answer: { status: 200 }, milliseconds: expect.any(Number) },
      {
        kind: "http",
        method: "POST",
        url: `${url}/c`,
        answer: { problem: expect.any(String) },
        milliseconds: expect.any(Number),
      },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/secret|body|busy|fine/);
  });
});
