// Malformed requests at every level: HTTP, JSON, HTP text, CPRB, DER, and random bytes. No crash, no hang, no 500, no state change.
//
// A seed fixes them all. OPENTKE_MALFORMED_RUNS raises their number (5,000), OPENTKE_MALFORMED_SEED changes them.

import { Agent, request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import { htpText, type LabEndpoint, labEndpoint, pathOf } from "../support/endpoint.ts";
import { ascii, cprb, infoRequest, kphCertificate, parameterMap } from "../support/handmade.ts";
import { ALL_PERMISSIONS, attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

const RUNS = Number(process.env["OPENTKE_MALFORMED_RUNS"] ?? 5000);
const SEED = process.env["OPENTKE_MALFORMED_SEED"] ?? "malformed";
const CONNECTIONS = 16;

let lab: Lab;
let endpoint: LabEndpoint;
let unit: string;
let agent: Agent;
/** CPRBs that the unit answers. None changes it: queries, and commands that one signature is missing from. */
let seeds: readonly Uint8Array[];

beforeAll(async () => {
  lab = await Lab.open();
  unit = lab.operational({ permissions: ALL_PERMISSIONS & ~0x40 });
  lab.fill(unit, { current: true, next: "committed", importer: true });
  endpoint = await labEndpoint(lab, { limits: { headersTimeout: 500, requestTimeout: 1000 } });
  agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const { domain } = lab.state(unit);
  const short = (command: number, input: Uint8Array) => lab.command(unit, command, input, { signers: lab.signers(1) });
  const holder = parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(lab.admins[9]!.publicKey)], [0x1f, 12]);
  seeds = [
    lab.query(unit, Id.QueryAttributes),
    lab.query(unit, Id.QueryAdministrators),
    lab.query(unit, Id.QueryDeviceCertificate, NOTHING, new Uint8Array(8)),
    cprb(domain, infoRequest(domain, 3)),
    cprb(domain, infoRequest(domain, 1)),
    short(Id.AddAdministrator, lab.admins[5]!.certificate),
    short(Id.SetAttributes, attributePairs([1, 1], [2, 1], [3, ALL_PERMISSIONS])),
    short(Id.Export, holder),
    short(Id.Zeroize, NOTHING),
    lab.import(unit, [{ info: lab.parts(unit).infos[0]!, signers: [] }]),
  ];
});

afterAll(async () => {
  agent.destroy();
  await endpoint.close();
});

const INTERESTING = [0x00, 0x01, 0x02, 0x04, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xff] as const;

/** One to four changes: bytes changed, turned over, inserted, left out, repeated, cut off, appended. */
function mutated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let all = [...bytes];
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    // Half of all places are near the front, where tags and lengths are.
    const at = random.below(random.below(2) === 0 ? Math.min(48, all.length + 1) : all.length + 1);
    const value = random.below(2) === 0 ? random.pick(INTERESTING) : random.below(256);
    const run = all.slice(at, at + random.below(40));
    const ways = [
      () => all.map((byte, i) => (i === at ? value : byte)),
      () => all.map((byte, i) => (i === at ? byte ^ (1 << random.below(8)) : byte)),
      () => all.toSpliced(at, 0, value),
      () => all.toSpliced(at, 1),
      () => [...all.slice(0, at), ...run, ...all.slice(at)],
      () => all.slice(0, at),
      () => [...all, value, value],
    ];
    all = random.pick(ways)();
  }
  return Uint8Array.from(all);
}

const bytesOf = (random: SeededRandom, most: number) =>
  Uint8Array.from({ length: random.below(most) }, () => random.below(256));

const json = (htp: string): Uint8Array => ascii(JSON.stringify({ request: htp }));

/** Bodies, by the level at which something is wrong. */
const BODIES = {
  json: (random: SeededRandom) => mutated(json(htpText(random.pick(seeds))), random),
  htp: (random: SeededRandom) =>
    json(Buffer.from(mutated(ascii(htpText(random.pick(seeds))), random)).toString("latin1")),
  cprb: (random: SeededRandom) => json(htpText(mutated(random.pick(seeds), random))),
  payload: (random: SeededRandom) => {
    const { domain } = lab.state(unit);
    return json(htpText(cprb(domain, mutated(random.pick(seeds).slice(32), random))));
  },
  random: (random: SeededRandom) =>
    random.pick([
      () => bytesOf(random, 400),
      () => json(Buffer.from(bytesOf(random, 400)).toString("latin1")),
      () => json(htpText(bytesOf(random, 400))),
      () => json(htpText(cprb(lab.state(unit).domain, bytesOf(random, 400)))),
    ])(),
} as const;
type Level = keyof typeof BODIES;

/** The status, and whether a 200 is what it must be. */
function send(body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(endpoint.url + pathOf(unit), { method: "POST", agent, timeout: 20_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const status = response.statusCode!;
        const text = Buffer.concat(chunks).toString();
        if (status === 200 && !/^\{"response":"\d+;[^;"]{156}(;[0-9A-F]{64,})?"\}$/.test(text)) reject(new Error(text));
        resolve(status);
      });
      response.on("error", reject);
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in 20 s")));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Sends that many bodies over a few connections; how often each status came. */
async function storm(level: Level, count: number): Promise<Map<number, number>> {
  const random = new SeededRandom(SEED).fork(level);
  const statuses = new Map<number, number>();
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left--;
      endpoint.log.length = 0;
      const body = BODIES[level](random);
      const status = await send(body).catch((cause: unknown) => {
        throw new Error(`seed ${SEED}, level ${level}: ${Buffer.from(body).toString("latin1")}`, { cause });
      });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return statuses;
}

/** Each damaged HTTP message takes a connection of its own, and there are not too many of those. */
const HTTP_RUNS = Math.min(Math.ceil(RUNS / 25), 5000);
const share = Math.ceil((RUNS - HTTP_RUNS) / Object.keys(BODIES).length);

describe(`${RUNS} malformed requests`, () => {
  it("the seeds are requests that the unit answers", async () => {
    const before = lab.state(unit);
    for (const seed of seeds) expect(await send(json(htpText(seed)))).toBe(200);
    expect(lab.state(unit)).toBe(before);
  });

  it.each(Object.keys(BODIES) as Level[])(
    "%s",
    async (level) => {
      const before = lab.state(unit);
      const commits = lab.store.commits.length;
      const statuses = await storm(level, share);
      expect([...statuses.keys()].filter((status) => status !== 200 && status !== 400)).toEqual([]);
      // Every level gets through to what is behind it, and is refused before it.
      if (level !== "payload") expect(statuses.get(400)).toBeGreaterThan(0);
      expect(statuses.get(200)).toBeGreaterThan(0);
      expect(lab.state(unit)).toBe(before);
      expect(lab.store.commits.length).toBe(commits);
    },
    120_000 + RUNS * 5,
  );

  it("http: the connection gets an error or is closed, and the next one is served", async () => {
    const random = new SeededRandom(SEED).fork("http");
    const before = lab.state(unit);
    const body = json(htpText(seeds[0]!));
    const whole = ascii(
      `POST ${pathOf(unit)} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`,
    );
    const { port } = new URL(endpoint.url);
    const once = (bytes: Uint8Array): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), "127.0.0.1", () => socket.end(bytes));
        let said = "";
        socket.on("data", (chunk) => {
          said += chunk.toString("latin1");
        });
        socket.on("error", () => {});
        socket.on("close", () => resolve(said));
      });
    for (let done = 0; done < HTTP_RUNS; done += 8) {
      const damaged = Array.from({ length: 8 }, () =>
        random.below(8) === 0 ? bytesOf(random, 300) : mutated(Uint8Array.from([...whole, ...body]), random),
      );
      for (const said of await Promise.all(damaged.map(once))) {
        const statuses = [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
        expect(statuses.filter((status) => !/^(100|2\d\d|4\d\d)$/.test(status!))).toEqual([]);
      }
    }
    expect(lab.state(unit)).toBe(before);
    expect(await send(body)).toBe(200);
  }, 120_000);
});
