// Endpoints on loopback for tests: over the units of a lab, whose states can be set at will, or over a fleet of its own. And a bare
// HTTP client, which shows all of an answer.

import { type IncomingHttpHeaders, request } from "node:http";
import { Fleet } from "../../src/fleet/fleet.ts";
import { planLayout, type UnitCounts } from "../../src/fleet/layout.ts";
import { MemoryStore } from "../../src/fleet/memory-store.ts";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import { regionPair, type ServiceInstance, UnitType } from "../../src/fleet/topology.ts";
import { createLog } from "../../src/server/log.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../src/server/server.ts";
import type { Change, ModuleState, UnitState } from "../../src/unit/state.ts";
import { testCore } from "./core.ts";
import type { Lab } from "./unit-lab.ts";

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the port of the URL. */
  readonly socketPath?: string;
}

/** One HTTP request on a connection of its own. */
export function ask(url: string, { method, body, headers = {}, socketPath }: AskOptions = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: method ?? (body === undefined ? "GET" : "POST"),
        headers,
        agent: false,
        ...(socketPath === undefined ? {} : { socketPath }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** The text of an HTPRequest, by hand (ep11-wire.md 2). */
export function htpText(cprb: Uint8Array, module: number | string = 0): string {
  const rest = `;PCI request;XPNUM   ;${module};        ;${Buffer.from(cprb).toString("hex").toUpperCase()}`;
  return `${rest.length}${rest}`;
}

/** The CPRB in the body of a 200, by hand (ep11-wire.md 1.2, 3). @throws unless it is one of success. */
export function cprbOfBody(body: string): Uint8Array {
  const members = JSON.parse(body) as Record<string, unknown>;
  const { response } = members;
  if (Object.values(members).some((value) => typeof value !== "string")) throw new Error(`not strings alone: ${body}`);
  const [, info, hex] = (response as string).split(";");
  if (!info || info.length < 156 || !info.startsWith("00")) throw new Error(`catcher: ${info}`);
  return Uint8Array.from(Buffer.from(hex!, "hex"));
}

export interface Endpoint {
  readonly server: RunningServer;
  readonly url: string;
  readonly fleet: Fleet;
  /** Everything that was logged, line by line. */
  readonly log: string[];
  close(): Promise<void>;
}

type Options = Omit<ServerOptions, "fleet" | "tokens" | "log"> & { readonly tokens?: ServerOptions["tokens"] };

async function serve(fleet: Fleet, options: Options): Promise<Endpoint> {
  const log: string[] = [];
  const server = await startServer({
    tokens: null,
    ...options,
    fleet,
    log: createLog("debug", (line) => log.push(line)),
  });
  return { server, url: server.url, fleet, log, close: () => server.stop() };
}

/** A unit of a lab is an instance of its own, of the unit's name, at module 0 unless `modules` says otherwise. */
class LabStore extends MemoryStore {
  readonly #lab: Lab;
  readonly #modules: ReadonlyMap<string, number>;

  constructor(lab: Lab, modules: ReadonlyMap<string, number>) {
    super();
    this.#lab = lab;
    this.#modules = modules;
  }

  override unit(id: string): UnitState | undefined {
    return this.#lab.store.unit(id);
  }

  override module(serial: string): ModuleState | undefined {
    return this.#lab.store.module(serial);
  }

  override commit(changes: readonly Change[]): void {
    this.#lab.store.commit(changes);
  }

  override serialIn(): string {
    return this.#lab.module.serial;
  }

  override instance(id: string): ServiceInstance | undefined {
    const state = this.unit(id);
    if (!state) return undefined;
    const bay = { region: "us-south", host: "AZ1-CS1", module: this.#modules.get(id) ?? 0 };
    return {
      id,
      resourceGroup: "Default",
      units: [{ id, instance: id, type: UnitType.Operational, bay, domain: state.domain }],
    };
  }
}

export interface LabEndpoint extends Endpoint {
  /** Posts an HTPRequest, or what is none, to a unit. */
  post(unit: string, htpRequest: string, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /** Posts a CPRB to a unit; the CPRB of the answer. @throws if there is none. */
  send(unit: string, cprb: Uint8Array): Promise<Uint8Array>;
}

export const pathOf = (unit: string, instance = unit): string => `/v1/tke/${instance}/hsms/${unit}`;

/** The units of a lab behind HTTP. In: module indexes of units that are not 0. */
export async function labEndpoint(
  lab: Lab,
  options: Options = {},
  modules: ReadonlyMap<string, number> = new Map(),
): Promise<LabEndpoint> {
  const endpoint = await serve(new Fleet(lab.core, new LabStore(lab, modules), lab.root), options);
  const post = (unit: string, htpRequest: string, headers: Readonly<Record<string, string>> = {}) =>
    ask(endpoint.url + pathOf(unit), { body: JSON.stringify({ request: htpRequest }), headers });
  return {
    ...endpoint,
    post,
    send: async (unit, cprb) => {
      const { status, body } = await post(unit, htpText(cprb, modules.get(unit) ?? 0));
      if (status !== 200) throw new Error(`status ${status}: ${body}`);
      return cprbOfBody(body);
    },
  };
}

export interface FleetCounts extends Partial<UnitCounts> {
  readonly instances?: number;
}

/** A fleet of new hardware behind HTTP, with a core of its own. */
export async function fleetEndpoint(counts: FleetCounts = {}, options: Options = {}): Promise<Endpoint> {
  const core = await testCore();
  core.setStorageKey((view) => view.fill(7));
  const request = { instances: 1, operational: 2, recovery: 2, failover: 0, ...counts };
  const layout = planLayout(
    { ...request, regions: regionPair("us-south"), resourceGroup: "Default" },
    new SeededRandom("endpoint"),
  );
  const fleet = Fleet.create(core, new MemoryStore());
  fleet.build(layout);
  const endpoint = await serve(fleet, options);
  return {
    ...endpoint,
    close: async () => {
      await endpoint.close();
      fleet.close();
      core.dispose();
    },
  };
}
