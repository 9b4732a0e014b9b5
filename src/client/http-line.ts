// HTTP requests to an endpoint: the token, the limits, and what is sent again.
//
// What is sent again is what cannot do harm: what changes nothing, whatever failed before its connection stood, and what was refused
// for its token once there is a newer one. A command that may have reached its unit is never repeated; who sent it can ask the unit
// what became of it.

import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { UsageError } from "../errors.ts";
import { baseUrl, WANTED_URL } from "../wire/base-url.ts";
import { connectionFailure, type Failed, statusFailure } from "./http-errors.ts";
import type { HttpExchange, Observer } from "./observed.ts";
import { authorizationOf, fixedToken, type TokenSource } from "./token.ts";

export interface HttpOptions {
  /** `https://host[:port]`, without `/v1`. */
  readonly url: string;
  /**
   * Sent as it is in the Authorization field. The buffer is read for each request and stays the caller's, who may wipe it; the
   * copies that HTTP makes of it cannot be. A source is asked for a newer one after a 401.
   */
  readonly token?: Uint8Array | TokenSource;
  /** What the commands belong to, for the endpoint's audit log: at most 128 printable ASCII characters without blanks. */
  readonly job?: string;
  /** Connections at most, 64 if left out. */
  readonly connections?: number;
  /** Milliseconds to connect, and to wait for an answer. */
  readonly connectTimeout?: number;
  readonly answerTimeout?: number;
  /** How often a request that can be sent again is, after it failed; 2 if left out. */
  readonly retries?: number;
  /** PEM of the certificate authority of the server, in place of the well-known ones. */
  readonly ca?: string;
  /** A Unix socket to connect to, in place of the URL's host. */
  readonly socketPath?: string;
  /** Is told of every request: method, URL, status, time. */
  readonly observer?: Observer | undefined;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
  /** Whether sending it twice is sending it once. */
  readonly repeatable: boolean;
}

/** What is taken where nothing else is said; times in milliseconds. */
export const HTTP_DEFAULTS = { connections: 64, connectTimeout: 10_000, answerTimeout: 60_000, retries: 2 } as const;
/** Milliseconds before the first repetition; twice as long before each one after it, and up to half as long again by chance. */
const FIRST_WAIT = 100;
/** More than any answer needs: a list of some ten thousand units. */
const MAX_ANSWER = 4 * 1024 * 1024;

export class HttpLine {
  readonly #pool: Pool;
  readonly #endpoint: string;
  readonly #prefix: string;
  readonly #token: TokenSource | undefined;
  readonly #job: string | undefined;
  readonly #retries: number;
  readonly #observer: Observer | undefined;

  /** @throws UsageError if the URL, the token or the job is none. */
  constructor(options: HttpOptions) {
    const url = baseUrl(options.url);
    if (!url) throw new UsageError(`endpoint: want ${WANTED_URL}.`);
    const { connections, connectTimeout, answerTimeout, retries } = { ...HTTP_DEFAULTS, ...options };
    this.#token = options.token instanceof Uint8Array ? fixedToken(options.token) : options.token;
    this.#authorization();
    if (options.job !== undefined && !JOB.test(options.job))
      throw new UsageError("job: want at most 128 printable ASCII characters without blanks.");
    this.#job = options.job;
    this.#retries = retries;
    this.#observer = options.observer;
    this.#prefix = url.pathname.replace(/\/+$/, "");
    this.#endpoint = options.socketPath ?? `${url.origin}${this.#prefix}`;
    const { ca, socketPath } = options;
    this.#pool = new Pool(url.origin, {
      connections,
      // One request at a time on a connection: undici would repeat what is behind a request that fails.
      pipelining: 1,
      headersTimeout: answerTimeout,
      bodyTimeout: answerTimeout,
      maxResponseSize: MAX_ANSWER,
      connect: { timeout: connectTimeout, ...(ca === undefined ? {} : { ca }), ...(socketPath ? { socketPath } : {}) },
    });
  }

  /** The body of a 2xx. @throws TransportError for anything else. */
  async request(request: HttpRequest): Promise<string> {
    let renewed = false;
    for (let failures = 0; ; ) {
      const authorization = this.#authorization();
      const received = await this.#attempt(request, authorization);
      if (typeof received === "string") return received;
      const { error, unsent } = received;
      // Once a request: whoever is refused with two tokens has none that is good.
      if (error.status === 401 && !renewed && this.#hasNewer(authorization)) {
        renewed = true;
        continue;
      }
      if (failures >= this.#retries || !error.retryable || !(request.repeatable || unsent)) throw error;
      await sleep(FIRST_WAIT * 2 ** failures * (1 + Math.random() / 2));
      failures++;
    }
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  #authorization(): string | undefined {
    return this.#token && authorizationOf(this.#token.bytes());
  }

  /** Whether there is another token than the one that was sent: another request may have found it already. */
  #hasNewer(sent: string | undefined): boolean {
    return this.#token !== undefined && (this.#authorization() !== sent || this.#token.renew());
  }

  async #attempt(request: HttpRequest, authorization: string | undefined): Promise<string | Failed> {
    const { method, path, body } = request;
    const tell = this.#watch(request);
    try {
      const { statusCode: status, body: answer } = await this.#pool.request({
        method,
        path: this.#prefix + path,
        body: body ?? null,
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(authorization === undefined ? {} : { authorization }),
          ...(this.#job === undefined ? {} : { "x-opentke-job": this.#job }),
        },
      });
      const text = await answer.text();
      tell({ status });
      if (status >= 200 && status < 300) return text;
      return statusFailure(status, text, this.#token);
    } catch (cause) {
      const failed = connectionFailure(this.#endpoint, cause);
      tell({ problem: (cause as NodeJS.ErrnoException).code ?? "no answer" });
      return failed;
    }
  }

  /** A clock is started; what is returned tells the observer. */
  #watch({ method, path }: HttpRequest): (answer: HttpExchange["answer"]) => void {
    const from = performance.now();
    const url = `${this.#endpoint}${path}`;
    return (answer) => this.#observer?.({ kind: "http", method, url, answer, milliseconds: performance.now() - from });
  }
}

const JOB = /^[\x21-\x7e]{1,128}$/;
