// The endpoint: a fleet behind HTTP.

import { UsageError } from "../errors.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { apiRoutes } from "./api.ts";
import { Batcher } from "./batcher.ts";
import { Census } from "./census.ts";
import { controlRoutes } from "./control/control.ts";
import { Directory } from "./directory.ts";
import { Faults } from "./faults.ts";
import { Front } from "./front.ts";
import { isLoopback } from "./host.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { type Address, Listener, type TlsFiles } from "./listener.ts";
import { type Logger, noLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { probeRoutes } from "./probes.ts";
import { tkeRoutes } from "./tke.ts";
import type { Tokens } from "./tokens.ts";

export interface ControlAccess {
  /** On a loopback host, or a Unix socket. */
  readonly address: Address;
  readonly tokens: Tokens;
}

export interface ServerOptions {
  /** Used, not owned: close it, and its store, after the server has stopped. */
  readonly fleet: Fleet;
  /** null: no token is asked for; on loopback alone. */
  readonly tokens: Tokens | null;
  /** 127.0.0.1 if left out. */
  readonly host?: string;
  /** 0, or left out: a free one. */
  readonly port?: number;
  readonly tls?: TlsFiles;
  readonly limits?: Partial<Limits>;
  readonly log?: Logger;
  /** Left out: there is no control interface. */
  readonly control?: ControlAccess;
  /** Also count what the process uses. */
  readonly processMetrics?: boolean;
}

export interface RunningServer {
  readonly url: string;
  /** URL of the control interface, if there is one. */
  readonly controlUrl: string | null;
  /** Takes no more requests; resolves when those that were taken are answered and all connections are closed. */
  stop(): Promise<void>;
}

/** @throws UsageError if it may not or cannot listen where it is told to. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { fleet, tokens, host = "127.0.0.1", port = 0, log = noLog(), control } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  if (tokens === null && !isLoopback(host))
    throw new UsageError(`without tokens anybody who reaches '${host}' could command the units: want a loopback host.`);
  if (control && "host" in control.address && !isLoopback(control.address.host))
    throw new UsageError(`control interface: want a loopback host, got '${control.address.host}'.`);

  const census = new Census(fleet);
  const metrics: Metrics = new Metrics({
    census,
    inFlight: () => front.inFlight,
    process: options.processMetrics ?? false,
  });
  const faults = new Faults((fault) => metrics.fault(fault));
  const directory = new Directory(fleet);
  const batcher = new Batcher(fleet.handleMany, { observe: metrics.batch });
  const tke = tkeRoutes({
    fleet,
    directory,
    batcher,
    faults,
    bodyBytes: limits.bodyBytes,
    observe: (unit, observation, seconds) => {
      census.touch(unit);
      metrics.command(observation, seconds);
    },
  });
  const front: Front = new Front({
    routes: [...tke, ...apiRoutes(fleet, limits.bodyBytes), ...probeRoutes(metrics, () => !front.stopping)],
    tokens,
    inFlight: limits.inFlight,
    log,
    observe: (route, status, seconds) => metrics.request(route, status, seconds),
  });
  const listener = await Listener.open({
    listener: front.listener,
    limits,
    address: { host, port },
    malformed: (code) => metrics.malformed(code),
    ...(options.tls ? { tls: options.tls } : {}),
  });
  const controlled = control
    ? await openControl(control, { fleet, faults, census, directory, limits, log }, listener)
    : null;
  return {
    url: listener.url,
    controlUrl: controlled?.listener.url ?? null,
    stop: async () => {
      front.close();
      controlled?.front.close();
      await Promise.all([listener.close(), controlled?.listener.close()]);
      await Promise.all([front.idle(), controlled?.front.idle()]);
    },
  };
}

interface Controlled {
  readonly fleet: Fleet;
  readonly faults: Faults;
  readonly census: Census;
  readonly directory: Directory;
  readonly limits: Limits;
  readonly log: Logger;
}

/** If it can't be opened, nothing is. */
async function openControl({ address, tokens }: ControlAccess, parts: Controlled, main: Listener) {
  const { limits, log } = parts;
  const routes = controlRoutes({ ...parts, bodyBytes: limits.bodyBytes });
  const front = new Front({ routes, tokens, inFlight: limits.inFlight, log });
  try {
    return { front, listener: await Listener.open({ listener: front.listener, limits, address }) };
  } catch (error) {
    await main.close();
    throw error;
  }
}
