// Load on an endpoint: many connections, each of which sends signed commands to units of its own, one after the other. Clients do all
// that clients do: read the counter, sign, verify every answer.

import {
  administratorsOf,
  Client,
  COMMANDS,
  type Core,
  type CryptoUnit,
  commandJob,
  generateSigners,
  httpTransport,
  type PinnedRoot,
  type Transport,
  unwrap,
} from "../src/index.ts";

export interface LoadOptions {
  readonly url: string;
  readonly token?: Uint8Array;
  readonly root: PinnedRoot;
  /** Signs and verifies. */
  readonly core: Core;
  readonly connections: number;
  readonly seconds: number;
  /** Marks the commands in the endpoint's audit log. */
  readonly job: string;
}

export interface LoadReport {
  readonly units: number;
  readonly connections: number;
  readonly seconds: number;
  /** Signed commands that a unit acknowledged. */
  readonly commands: number;
  readonly commandsPerSecond: number;
  /** HTTP requests: a query and a command each. */
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Milliseconds from an HTTP request to its answer. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  /** What failed, by message. */
  readonly errors: Readonly<Record<string, number>>;
  /** Units whose counter is not what it was and the commands that were acknowledged. */
  readonly disagreeing: number;
}

/** Clients that take turns: while one signs and verifies, the requests of the others are on their way. */
const CLIENTS = 4;

/** Lanes of one client: a connection's units each, of which the next is taken at every turn. */
type Lane = readonly CryptoUnit[];

class Meter {
  readonly milliseconds: number[] = [];
  readonly errors: Record<string, number> = {};
  readonly acknowledged = new Map<string, number>();

  /** Sends requests one by one, so that each has a time of its own. */
  timing(line: Transport): Transport {
    return {
      hsms: (instance) => line.hsms(instance),
      send: (batch) =>
        Promise.all(
          batch.map(async (envelope) => {
            const started = performance.now();
            const [answer] = await line.send([envelope]);
            this.milliseconds.push(performance.now() - started);
            return answer!;
          }),
        ),
    };
  }

  acknowledge(unit: string): void {
    this.acknowledged.set(unit, (this.acknowledged.get(unit) ?? 0) + 1);
  }

  fail({ message }: Error): void {
    this.errors[message] = (this.errors[message] ?? 0) + 1;
  }
}

/** Puts load on all units of an endpoint, which are to be pristine. They have an administrator afterwards. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { url, token, connections, core, root, job } = options;
  const line = httpTransport({ url, connections, job, ...(token ? { token } : {}) });
  try {
    const instances = await instancesOf(options);
    const setUp = new Client({ transport: line, core, roots: [root] });
    const units = (await Promise.all(instances.map((id) => setUp.units(id)))).flat();
    const [administrator] = administratorsOf(core, generateSigners(core, ["Load"]));
    await initialise(setUp, units, administrator!);
    const before = await countersOf(options, instances);
    const meter = new Meter();
    const client = () => new Client({ transport: meter.timing(line), core, roots: [root] });
    const lanes = Array.from({ length: connections }, (_, at) => units.filter((_, k) => k % connections === at));
    const groups = Array.from({ length: CLIENTS }, (_, at) =>
      lanes.filter((lane, k) => k % CLIENTS === at && lane.length > 0),
    );
    const started = performance.now();
    const until = started + 1000 * options.seconds;
    await Promise.all(groups.map((group) => turns(client(), group, administrator!, meter, until)));
    const seconds = (performance.now() - started) / 1000;
    const disagreeing = disagreements(before, await countersOf(options, instances), meter.acknowledged);
    core.keyFree(administrator!.key);
    return { units: units.length, connections, disagreeing, ...figures(meter, seconds) };
  } finally {
    await line.close();
  }
}

type Load = ReturnType<typeof administratorsOf>[number];

/** One administrator, thresholds of 1. */
async function initialise(client: Client, units: readonly CryptoUnit[], administrator: Load): Promise<void> {
  const thresholds = [
    { index: 1, value: 1 },
    { index: 2, value: 1 },
  ];
  const add = units.map((unit) =>
    commandJob(unit, COMMANDS["add-domain-administrator"], administrator.certificate, []),
  );
  for (const outcome of await client.run(add)) unwrap(outcome);
  const set = units.map((unit) => commandJob(unit, COMMANDS["set-domain-attributes"], thresholds, [administrator]));
  for (const outcome of await client.run(set)) unwrap(outcome);
}

/** Clears the new register of the next unit of every lane, over and over: a signed command, durable as any other. */
async function turns(client: Client, lanes: readonly Lane[], administrator: Load, meter: Meter, until: number) {
  for (let turn = 0; performance.now() < until && lanes.length > 0; turn++) {
    const units = lanes.map((lane) => lane[turn % lane.length]!);
    const jobs = units.map((unit) => commandJob(unit, COMMANDS["clear-pending-wk"], undefined, [administrator]));
    for (const [at, outcome] of (await client.run(jobs)).entries()) {
      if (outcome.ok) meter.acknowledge(units[at]!.id);
      else meter.fail(outcome.error);
    }
  }
}

async function get(options: LoadOptions, path: string): Promise<unknown> {
  const authorization = options.token && Buffer.from(options.token).toString("latin1").trim();
  const response = await fetch(`${options.url}/v1/opentke/${path}`, {
    headers: authorization ? { authorization } : {},
  });
  if (!response.ok) throw new Error(`${path}: want 200, got ${response.status}`);
  return response.json();
}

async function instancesOf(options: LoadOptions): Promise<string[]> {
  const { instances } = (await get(options, "instances")) as { instances: { id: string }[] };
  return instances.map(({ id }) => id);
}

/** Transaction counters by unit. */
async function countersOf(options: LoadOptions, instances: readonly string[]): Promise<Map<string, bigint>> {
  const counters = new Map<string, bigint>();
  for (const instance of instances) {
    const { units } = (await get(options, `instances/${instance}`)) as { units: { id: string; counter: string }[] };
    for (const { id, counter } of units) counters.set(id, BigInt(`0x${counter}`));
  }
  return counters;
}

function disagreements(
  before: ReadonlyMap<string, bigint>,
  after: ReadonlyMap<string, bigint>,
  acknowledged: ReadonlyMap<string, number>,
): number {
  const wrong = [...before].filter(([id, counter]) => after.get(id) !== counter + BigInt(acknowledged.get(id) ?? 0));
  return wrong.length;
}

function figures({ milliseconds, errors, acknowledged }: Meter, seconds: number) {
  const sorted = Float64Array.from(milliseconds).sort();
  const quantile = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  const commands = [...acknowledged.values()].reduce((sum, count) => sum + count, 0);
  return {
    seconds: round(seconds),
    commands,
    commandsPerSecond: round(commands / seconds),
    requests: sorted.length,
    requestsPerSecond: round(sorted.length / seconds),
    p50: quantile(0.5),
    p99: quantile(0.99),
    slowest: quantile(1),
    errors,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
