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
  type HttpTransport,
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
  /** Marks the commands in the endpoint's audit log. */
  readonly job: string;
}

export interface Figures {
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
}

export interface LoadReport extends Figures {
  /** Units whose counter is not what it was and the commands since. */
  readonly disagreeing: number;
}

/** Clients that take turns: while one signs and verifies, the requests of the others are on their way. */
const CLIENTS = 4;

/** Lanes of one client: a connection's units each, of which the next is taken at every turn. */
type Lane = readonly CryptoUnit[];

/** Commands to a unit. */
interface Done {
  readonly acknowledged: number;
  /** Failed, so that nobody knows. */
  readonly uncertain: number;
}

class Meter {
  readonly milliseconds: number[] = [];
  readonly errors: Record<string, number> = {};
  acknowledged = 0;
  readonly #done: Map<string, Done>;

  constructor(done: Map<string, Done>) {
    this.#done = done;
  }

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
    const { acknowledged, uncertain } = this.#of(unit);
    this.#done.set(unit, { acknowledged: acknowledged + 1, uncertain });
    this.acknowledged++;
  }

  fail(unit: string, { message }: Error): void {
    const { acknowledged, uncertain } = this.#of(unit);
    this.#done.set(unit, { acknowledged, uncertain: uncertain + 1 });
    // Without the unit's location, so that like goes with like.
    const what = message.replace(/^\S+: /, "");
    this.errors[what] = (this.errors[what] ?? 0) + 1;
  }

  #of(unit: string): Done {
    return this.#done.get(unit) ?? { acknowledged: 0, uncertain: 0 };
  }
}

type LoadAdministrator = ReturnType<typeof administratorsOf>[number];

/** Load on all units of an endpoint. */
export class Load {
  readonly #options: LoadOptions;
  readonly #line: HttpTransport;
  readonly #administrator: LoadAdministrator;
  readonly #instances: readonly string[];
  readonly #units: readonly CryptoUnit[];
  /** Counters when they were last looked at, and what was done since. */
  #counters: ReadonlyMap<string, bigint>;
  #done = new Map<string, Done>();

  /** Sets up the units, which are to be pristine. They have an administrator afterwards. */
  static async begin(options: LoadOptions): Promise<Load> {
    const { url, token, connections, core, job } = options;
    const line = httpTransport({ url, connections, job, ...(token ? { token } : {}) });
    const instances = await instancesOf(options);
    const client = new Client({ transport: line, core, roots: [options.root] });
    const units = (await Promise.all(instances.map((id) => client.units(id)))).flat();
    const [administrator] = administratorsOf(core, generateSigners(core, ["Load"]));
    await initialise(client, units, administrator!);
    return new Load(options, line, administrator!, units, await countersOf(options, instances));
  }

  private constructor(
    options: LoadOptions,
    line: HttpTransport,
    administrator: LoadAdministrator,
    units: readonly CryptoUnit[],
    counters: ReadonlyMap<string, bigint>,
  ) {
    this.#options = options;
    this.#line = line;
    this.#administrator = administrator;
    this.#units = units;
    this.#instances = [...new Set(units.map(({ instance }) => instance))];
    this.#counters = counters;
  }

  /** Sends commands until the seconds are over, or `signal` is aborted. */
  async press(seconds: number, signal?: AbortSignal): Promise<Figures> {
    const { connections, core, root } = this.#options;
    const lanes = Array.from({ length: connections }, (_, at) =>
      this.#units.filter((_, k) => k % connections === at),
    ).filter((lane) => lane.length > 0);
    const groups = Array.from({ length: CLIENTS }, (_, at) => lanes.filter((_, k) => k % CLIENTS === at));
    const meter = new Meter(this.#done);
    const started = performance.now();
    const over = () => signal?.aborted === true || performance.now() >= started + 1000 * seconds;
    const client = () => new Client({ transport: meter.timing(this.#line), core, roots: [root] });
    await Promise.all(groups.map((group) => turns(client(), group, this.#administrator, meter, over)));
    return { units: this.#units.length, connections, ...figures(meter, (performance.now() - started) / 1000) };
  }

  /**
   * Compares the counters with what was done since they were last compared: every command that was acknowledged counts, one that
   * was not may or may not. The number of units that disagree.
   */
  async disagreeing(): Promise<number> {
    const now = await countersOf(this.#options, this.#instances);
    const wrong = [...this.#counters].filter(([id, counter]) => {
      const { acknowledged, uncertain } = this.#done.get(id) ?? { acknowledged: 0, uncertain: 0 };
      const steps = Number((now.get(id) ?? 0n) - counter);
      return steps < acknowledged || steps > acknowledged + uncertain;
    });
    this.#counters = now;
    this.#done.clear();
    return wrong.length;
  }

  /** Closes the connections. */
  async end(): Promise<void> {
    this.#options.core.keyFree(this.#administrator.key);
    await this.#line.close();
  }
}

/** Load for some seconds, and whether counters and answers agree afterwards. */
export async function runLoad(options: LoadOptions & { readonly seconds: number }): Promise<LoadReport> {
  const load = await Load.begin(options);
  try {
    const pressed = await load.press(options.seconds);
    return { ...pressed, disagreeing: await load.disagreeing() };
  } finally {
    await load.end();
  }
}

/** One administrator, thresholds of 1. */
async function initialise(
  client: Client,
  units: readonly CryptoUnit[],
  administrator: LoadAdministrator,
): Promise<void> {
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
async function turns(
  client: Client,
  lanes: readonly Lane[],
  administrator: LoadAdministrator,
  meter: Meter,
  over: () => boolean,
): Promise<void> {
  for (let turn = 0; !over() && lanes.length > 0; turn++) {
    const units = lanes.map((lane) => lane[turn % lane.length]!);
    const jobs = units.map((unit) => commandJob(unit, COMMANDS["clear-pending-wk"], undefined, [administrator]));
    for (const [at, outcome] of (await client.run(jobs)).entries()) {
      if (outcome.ok) meter.acknowledge(units[at]!.id);
      else meter.fail(units[at]!.id, outcome.error);
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

function figures({ milliseconds, errors, acknowledged: commands }: Meter, seconds: number) {
  const sorted = Float64Array.from(milliseconds).sort();
  const quantile = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
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
