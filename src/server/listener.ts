// A listening socket with its limits, and how it is closed without losing what was accepted.

import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { UsageError } from "../errors.ts";
import { urlHost } from "./host.ts";
import type { Limits } from "./limits.ts";

/** PEM. */
export interface TlsFiles {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** A host and a port (0: a free one), or the path of a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

export interface ListenOptions {
  readonly listener: RequestListener;
  readonly limits: Limits;
  readonly address: Address;
  readonly tls?: TlsFiles;
  /** Told Node's code for what arrived that is no HTTP request. */
  readonly malformed?: (code: string) => void;
}

/** How often Node looks for requests that take too long, and a stop for idle connections. */
const CHECK_INTERVAL = 500;
const SWEEP_INTERVAL = 50;

const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

export class Listener {
  readonly url: string;
  readonly #server: Server;
  readonly #stopTimeout: number;

  /** @throws UsageError if the address is taken or not this machine's, or the TLS files are none. */
  static async open(options: ListenOptions): Promise<Listener> {
    const server = createServerFor(options);
    server.maxConnections = options.limits.connections;
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      options.malformed?.(error.code ?? "unknown");
      refuse(socket, error.code ?? "");
    });
    const { address } = options;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(address, resolve);
      });
    } catch (cause) {
      const where = "path" in address ? address.path : `${address.host}, port ${address.port}`;
      throw new UsageError(`cannot listen on ${where} (${(cause as NodeJS.ErrnoException).code}).`, { cause });
    }
    return new Listener(server, urlOf(server, options), options.limits.stopTimeout);
  }

  private constructor(server: Server, url: string, stopTimeout: number) {
    this.#server = server;
    this.url = url;
    this.#stopTimeout = stopTimeout;
  }

  /** Takes no more connections, and resolves when the last one is closed: idle ones at once, all others at the latest in time. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // A connection that was being answered when the server was closed is idle a moment later.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), SWEEP_INTERVAL);
    const deadline = setTimeout(() => this.#server.closeAllConnections(), this.#stopTimeout);
    await closed;
    clearInterval(sweep);
    clearTimeout(deadline);
  }
}

function createServerFor({ listener, limits, tls }: ListenOptions): Server {
  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: CHECK_INTERVAL,
  };
  if (!tls) return createServer(options, listener);
  try {
    return createTlsServer({ ...options, ...tls, minVersion: "TLSv1.2" }, listener);
  } catch (cause) {
    throw new UsageError("TLS: want a certificate and its key as PEM, got something else.", { cause });
  }
}

function urlOf(server: Server, { address, tls }: ListenOptions): string {
  if ("path" in address) return `unix:${address.path}`;
  const { port } = server.address() as AddressInfo;
  return `${tls ? "https" : "http"}://${urlHost(address.host)}:${port}`;
}

/** Node's parser gave up on the connection: a last word in HTTP, if it can still be written. */
function refuse(socket: Socket, code: string): void {
  if (!socket.writable || code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = REFUSALS[code] ?? "400 Bad Request";
  const body = status.slice(4);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${body.length}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
}
