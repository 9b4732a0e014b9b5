// HTTP requests to an endpoint: the token, the limits, and what is sent again.
//
// What is sent again is what cannot do harm: what changes nothing, and whatever failed before its connection stood. A command that
// may have reached its unit is never repeated; who sent it can ask the unit what became of it.

import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { AuthenticationError, TransportError, UsageError } from "../errors.ts";

export interface HttpOptions {
  /** `https://host[:port]`, without `/v1`. */
  readonly url: string;
  /**
   * Sent as it is in the Authorization field. The buffer is read for each request and stays the caller's, who may wipe it; the
   * copies that HTTP makes of it cannot be.
   */
  readonly token?: Uint8Array;
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
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
  /** Whether sending it twice is sending it once. */
  readonly repeatable: boolean;
}

const DEFAULTS = { connections: 64, connectTimeout: 10_000, answerTimeout: 60_000, retries: 2 } as const;
/** Milliseconds before the first repetition; twice as long before each one after it, and up to half as long again by chance. */
const FIRST_WAIT = 100;
/** More than any answer needs: a list of some ten thousand units. */
const MAX_ANSWER = 4 * 1024 * 1024;
/** Characters of an error's body that are shown. */
const MAX_SHOWN = 200;

export class HttpLine {
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #token: Uint8Array | undefined;
  readonly #job: string | undefined;
  readonly #retries: number;

  /** @throws UsageError if the URL, the token or the job is none. */
  constructor(options: HttpOptions) {
    const url = baseUrl(options.url);
    const { connections, connectTimeout, answerTimeout, retries } = { ...DEFAULTS, ...options };
    authorizationOf(options.token);
    this.#token = options.token;
    if (options.job !== undefined && !JOB.test(options.job))
      throw new UsageError("job: want at most 128 printable ASCII characters without blanks.");
    this.#job = options.job;
    this.#retries = retries;
    this.#prefix = url.pathname.replace(/\/+$/, "");
    this.#pool = new Pool(url.origin, {
      connections,
      // One request at a time on a connection: undici would repeat what is behind a request that fails.
      pipelining: 1,
      headersTimeout: answerTimeout,
      bodyTimeout: answerTimeout,
      maxResponseSize: MAX_ANSWER,
      connect: { timeout: connectTimeout, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    });
  }

  /** The body of a 2xx. @throws TransportError for anything else. */
  async request(request: HttpRequest): Promise<string> {
    for (let failures = 0; ; failures++) {
      const received = await this.#attempt(request);
      if (!(received instanceof Failed)) return received;
      const { error, unsent } = received;
      if (failures >= this.#retries || !error.retryable || !(request.repeatable || unsent)) throw error;
      await sleep(FIRST_WAIT * 2 ** failures * (1 + Math.random() / 2));
    }
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #attempt({ method, path, body }: HttpRequest): Promise<string | Failed> {
    const authorization = authorizationOf(this.#token);
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
      if (status >= 200 && status < 300) return text;
      return new Failed(statusError(status, text), false);
    } catch (cause) {
      const what = (cause as NodeJS.ErrnoException).code ?? "no answer";
      return new Failed(
        new TransportError(`no answer from the endpoint (${what})`, { retryable: true }, { cause }),
        isUnsent(cause),
      );
    }
  }
}

/** An attempt that came to nothing; `unsent`: the request was certainly not seen. */
class Failed {
  readonly error: TransportError;
  readonly unsent: boolean;

  constructor(error: TransportError, unsent: boolean) {
    this.error = error;
    this.unsent = unsent;
  }
}

/** Failures to connect: whatever else went wrong, the request was not written. */
const CONNECT_FAILURES: ReadonlySet<string> = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

function isUnsent(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === "connect" || CONNECT_FAILURES.has(code ?? "");
}

function statusError(status: number, body: string): TransportError {
  const said = body
    .replace(/[^\x20-\x7e]+/g, " ")
    .slice(0, MAX_SHOWN)
    .trim();
  const message = `the endpoint answered ${status}${said && `: ${said}`}`;
  if (status === 401)
    return new AuthenticationError(`${message}; want a token that is valid now`, { retryable: false, status });
  return new TransportError(message, { retryable: status >= 500 || status === 429 || status === 408, status });
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password)
    throw new UsageError("endpoint: want a URL such as https://host:port, without user, query and fragment.");
  return url;
}

const JOB = /^[\x21-\x7e]{1,128}$/;
const FIELD_VALUE = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/;

function authorizationOf(token: Uint8Array | undefined): string | undefined {
  if (token === undefined) return undefined;
  const text = Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString("latin1").trim();
  if (!FIELD_VALUE.test(text)) throw new UsageError("token: want printable ASCII characters, got something else.");
  return text;
}
