// The front door of a server: every HTTP request gets an id, passes the limit and the token, finds its route, and is answered,
// counted and logged exactly once.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Logger } from "./log.ts";
import { AbortedRequest, HANG_UP, HttpError, plain, type Reply } from "./reply.ts";
import { requestIdOf } from "./request-id.ts";
import { type Answer, type LogFields, matchRoute, type Route } from "./routes.ts";
import type { Tokens } from "./tokens.ts";

export interface FrontOptions {
  readonly routes: readonly Route[];
  /** null: whoever reaches the server is admitted, browsers apart. */
  readonly tokens: Tokens | null;
  /** Requests in flight at most. */
  readonly inFlight: number;
  readonly log: Logger;
  readonly observe?: (route: string, status: number, seconds: number) => void;
}

/** Stands for a route in metrics where none was found. */
const NO_ROUTE = "none";
/** Stands for the status of a request that got none. */
const NO_STATUS = 0;
const RETRY_AFTER = { "retry-after": "1" };

/** What is known of a request by the time it is answered. */
interface Visit {
  readonly id: string;
  readonly started: number;
  route: string;
  fields: LogFields;
}

export class Front {
  readonly #options: FrontOptions;
  #inFlight = 0;
  #stopping = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** From now on new requests are turned away, and connections close as they are answered. */
  close(): void {
    this.#stopping = true;
  }

  /** Resolves as soon as no request is in flight, be its client still there or not. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      this.#tellIdle();
    });
  }

  #tellIdle(): void {
    if (this.#inFlight > 0) return;
    for (const tell of this.#whenIdle.splice(0)) tell();
  }

  readonly listener: RequestListener = (request, response) => {
    const visit: Visit = { id: requestIdOf(request), started: performance.now(), route: NO_ROUTE, fields: {} };
    this.#inFlight++;
    // Errors of a connection that breaks while it is written to: the visit ends all the same.
    response.on("error", () => {});
    void this.#answer(request, visit).then((answer) => {
      this.#inFlight--;
      this.#send(response, visit, answer);
      this.#record(request, visit, answer === HANG_UP ? NO_STATUS : answer.status);
      this.#tellIdle();
    });
  };

  /** Never rejects. */
  async #answer(request: IncomingMessage, visit: Visit): Promise<Answer> {
    try {
      const { route, params } = matchRoute(this.#options.routes, request.method ?? "", request.url ?? "");
      visit.route = route.pattern;
      if (!route.probe) this.#admit(request);
      const note = (fields: LogFields) => {
        visit.fields = { ...visit.fields, ...fields };
      };
      return await route.handle({ id: visit.id, request, params, note });
    } catch (error) {
      if (error instanceof AbortedRequest) return HANG_UP;
      if (error instanceof HttpError && error.status < 500) return plain(error.status, error.message, error.headers);
      return this.#failed(error, visit);
    }
  }

  #admit(request: IncomingMessage): void {
    const { tokens, inFlight } = this.#options;
    if (this.#stopping) throw new HttpError(503, "stopping", RETRY_AFTER);
    if (this.#inFlight > inFlight) throw new HttpError(503, "too many requests in flight", RETRY_AFTER);
    if (tokens === null) refuseBrowsers(request);
    else if (!tokens.admits(request.headers.authorization)) {
      throw new HttpError(401, "", { "www-authenticate": "Bearer" });
    }
  }

  /** What went wrong is for the log; the client gets the request's id to ask about. */
  #failed(error: unknown, { id, route }: Visit): Reply {
    if (error instanceof HttpError && error.status === 503) return plain(503, error.message, error.headers);
    this.#options.log.error({ requestId: id, route, err: error instanceof HttpError ? error.cause : error }, "failed");
    return plain(500, `Internal Server Error: request ${id}`);
  }

  #send(response: ServerResponse, { id }: Visit, answer: Answer): void {
    if (answer === HANG_UP) {
      response.destroy();
      return;
    }
    if (this.#stopping) response.shouldKeepAlive = false;
    response.writeHead(answer.status, {
      ...answer.headers,
      "content-type": answer.type,
      "content-length": Buffer.byteLength(answer.body),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": id,
    });
    response.end(answer.body);
  }

  #record({ method }: IncomingMessage, { id, started, route, fields }: Visit, status: number): void {
    const seconds = (performance.now() - started) / 1000;
    const milliseconds = Math.round(seconds * 1e6) / 1000;
    this.#options.observe?.(route, status, seconds);
    this.#options.log.info({ requestId: id, method, route, status, milliseconds, ...fields }, "request");
  }
}

/** Without tokens, a page in a browser of this machine must not reach the units: browsers say where a request comes from. */
function refuseBrowsers({ headers }: IncomingMessage): void {
  if (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined)
    throw new HttpError(403, "without tokens, requests from browsers are refused");
}
