// A signing service over keys in a card: its life from opening to the end.

import { UsageError } from "../../errors.ts";
import { Front } from "../front.ts";
import { isLoopback } from "../host.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { Listener, type TlsFiles } from "../listener.ts";
import { type Logger, noLog } from "../log.ts";
import { healthRoutes } from "../probes.ts";
import { runUntil } from "../run.ts";
import type { ServedKeys } from "./keys.ts";
import { ALL_UNDERSTOOD, type SigningPolicy } from "./policy.ts";
import { type SigningEvent, type SigningRoutesOptions, signingRoutes } from "./routes.ts";

export interface SigningServerOptions {
  /** Used, not owned: dispose of their card after the server has stopped. */
  readonly keys: ServedKeys;
  /** Left out: all that a client has signed, for any crypto unit. */
  readonly policy?: SigningPolicy;
  /** Told of every request to sign, before it is answered. */
  readonly tell?: (event: SigningEvent) => void;
  /** Whether somebody agrees, asked about one request at a time. */
  readonly ask?: SigningRoutesOptions["ask"];
  /** 127.0.0.1 if left out; others want TLS. */
  readonly host?: string;
  /** 0, or left out: a free one. */
  readonly port?: number;
  readonly tls?: TlsFiles;
  /** Serve other hosts without TLS: tokens go over the network as they are. */
  readonly plainHttp?: boolean;
  readonly limits?: Partial<Limits>;
  readonly log?: Logger;
}

export interface RunningSigningServer {
  readonly url: string;
  /** Takes no more requests; resolves when those that were taken are answered and all connections are closed. */
  stop(): Promise<void>;
}

/** The longest request is to sign a command with the longest certificate. */
const LIMITS: Limits = { ...DEFAULT_LIMITS, bodyBytes: 32 * 1024, inFlight: 256, connections: 256 };

/** @throws UsageError if it may not or cannot listen where it is told to. */
export async function startSigningServer(options: SigningServerOptions): Promise<RunningSigningServer> {
  const { keys, policy = ALL_UNDERSTOOD, host = "127.0.0.1", port = 0, log = noLog(), ask, tls } = options;
  const limits = { ...LIMITS, ...options.limits };
  if (!isLoopback(host) && !tls && options.plainHttp !== true)
    throw new UsageError(`without TLS, tokens would go to '${host}' over the network as they are: want TLS.`);
  const tell = (event: SigningEvent): void => {
    log.info(event, event.refused === null ? "signed" : "refused");
    options.tell?.(event);
  };
  const routes = signingRoutes({ keys, policy, bodyBytes: limits.bodyBytes, tell, ...(ask ? { ask } : {}) });
  const front: Front = new Front({
    routes: [...routes, ...healthRoutes(() => !front.stopping)],
    // Each key has tokens of its own, which its routes ask for.
    tokens: null,
    inFlight: limits.inFlight,
    log,
  });
  const listener = await Listener.open({
    listener: front.listener,
    limits,
    address: { host, port },
    ...(tls ? { tls } : {}),
  });
  return {
    url: listener.url,
    stop: async () => {
      front.close();
      await listener.close();
      await front.idle();
    },
  };
}

export interface SigningRunOptions extends SigningServerOptions {
  /** File that holds the URL as long as it is served. */
  readonly portFile?: string;
  /** Told where it listens. */
  readonly listening?: (url: string) => void;
}

/** Serves until `signal` is aborted. Resolves when everything is closed. @throws UsageError if it cannot begin. */
export async function runSigningServer(options: SigningRunOptions, signal: AbortSignal): Promise<void> {
  const { log = noLog(), portFile, listening } = options;
  const server = await startSigningServer(options);
  const { url } = server;
  const begun = (): void => {
    log.info({ url }, "listening");
    listening?.(url);
  };
  await runUntil(signal, server, { files: portFile === undefined ? [] : [[portFile, url]], begun, log });
}
