// A third-party signing service (workstation.md 4): it has administrators' P-521 keys, and signs with them what it is sent over HTTP.
//
// Signing twice does no harm, but somebody may be asked each time: what the service may have seen is not sent again. What it has
// certainly not seen, because the connection failed or it said 429 or 503, is.

import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { InterruptedError, UsageError, WireError } from "../errors.ts";
import { baseUrl, WANTED_URL } from "../wire/base-url.ts";
import { decodeKeyAnswer, decodeSignAnswer, encodeSignRequest, isKeyId } from "../wire/signing-service.ts";
import { SigningServiceError } from "./errors.ts";

export interface SigningServiceOptions {
  /** TKE_SIGNSERV_URL: `http[s]://host:port[/path]`. */
  readonly url: string;
  /** PEM of the certificate authority of the service, in place of the well-known ones. */
  readonly ca?: string;
  /** Requests at once, 8 if left out. */
  readonly connections?: number;
  /** Milliseconds to connect, and to wait for an answer: minutes by default, since a person may have to agree. */
  readonly connectTimeout?: number;
  readonly answerTimeout?: number;
  /** How often a request that was certainly not seen is sent again; 2 if left out. */
  readonly retries?: number;
  /** Ends what is under way: InterruptedError. */
  readonly signal?: AbortSignal;
  /** Told of every request and its answer: never of a token, nor of what was signed. */
  readonly observer?: ((exchange: ServiceExchange) => void) | undefined;
}

/** One HTTP request. */
export interface ServiceExchange {
  readonly kind: "http";
  readonly method: string;
  readonly url: string;
  /** HTTP status, or why there is none. */
  readonly answer: { readonly status: number } | { readonly problem: string };
  readonly milliseconds: number;
}

/** A key of the service, and the token that it wants for it. */
export interface ServiceKeyAccess {
  /** RFC 3986 unreserved characters. */
  readonly id: string;
  /** Sent as it is in the Authorization field. The caller may wipe it; the copies that HTTP makes of it cannot be. */
  readonly token: Uint8Array;
}

const DEFAULTS = { connections: 8, connectTimeout: 10_000, answerTimeout: 300_000, retries: 2 } as const;
/** Milliseconds before the first repetition; twice as long before the next. */
const FIRST_WAIT = 100;
/** Bytes of an answer; a signature takes 200. */
const MAX_ANSWER = 64 * 1024;
/** Characters of an error's body that are shown. */
const MAX_SHOWN = 200;

export class SigningService {
  readonly #pool: Pool;
  readonly #origin: string;
  readonly #prefix: string;
  readonly #connections: number;
  readonly #retries: number;
  readonly #signal: AbortSignal | undefined;
  readonly #observer: SigningServiceOptions["observer"];

  /** @throws UsageError if the URL is none, or the certificate authority. */
  constructor(options: SigningServiceOptions) {
    const url = baseUrl(options.url);
    if (!url) throw new UsageError(`signing service (TKE_SIGNSERV_URL): want ${WANTED_URL}.`);
    const { connections, connectTimeout, answerTimeout, retries } = { ...DEFAULTS, ...options };
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, "");
    this.#connections = connections;
    this.#retries = retries;
    this.#signal = options.signal;
    this.#observer = options.observer;
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

  /** The key's public half: 04 || X || Y, 133 bytes; not checked to be on the curve. @throws SigningServiceError, UsageError */
  async publicKey(key: ServiceKeyAccess): Promise<Uint8Array> {
    return read(key, await this.#send("GET", "keys", key), decodeKeyAnswer);
  }

  /**
   * Signatures r || s of 132 bytes, of the messages in their order; not verified. The first failure ends it.
   * @throws SigningServiceError, UsageError
   */
  async sign(key: ServiceKeyAccess, messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const signatures = new Array<Uint8Array>(messages.length);
    let next = 0;
    let failed = false;
    const worker = async (): Promise<void> => {
      while (next < messages.length && !failed) {
        const at = next++;
        try {
          const answer = await this.#send("POST", "sign", key, encodeSignRequest(messages[at]!));
          signatures[at] = read(key, answer, decodeSignAnswer);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    const workers = Math.min(messages.length, this.#connections);
    const settled = await Promise.allSettled(Array.from({ length: workers }, worker));
    for (const one of settled) if (one.status === "rejected") throw one.reason;
    return signatures;
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #send(method: "GET" | "POST", what: string, key: ServiceKeyAccess, body?: string): Promise<string> {
    if (!isKeyId(key.id))
      throw new UsageError("signing service: want a key id of letters, digits and the characters - . _ ~ alone.");
    const authorization = authorizationOf(key);
    const path = `${this.#prefix}/${what}/${key.id}`;
    for (let failures = 0; ; failures++) {
      const { answer, error, unseen } = await this.#attempt(method, path, authorization, key.id, body);
      if (error === undefined) return answer;
      if (this.#signal?.aborted) throw new InterruptedError("Interrupted.", { cause: error });
      if (!unseen || failures >= this.#retries) throw error;
      await sleep(FIRST_WAIT * 2 ** failures);
    }
  }

  async #attempt(
    method: "GET" | "POST",
    path: string,
    authorization: string,
    id: string,
    body?: string,
  ): Promise<Attempt> {
    const headers = { "content-type": "application/json", accept: "application/json", authorization };
    const signal = this.#signal ?? null;
    const from = performance.now();
    const tell = (outcome: ServiceExchange["answer"]): void => {
      const milliseconds = performance.now() - from;
      this.#observer?.({ kind: "http", method, url: this.#origin + path, answer: outcome, milliseconds });
    };
    try {
      const response = await this.#pool.request({ method, path, headers, body: body ?? null, signal });
      const answer = await response.body.text();
      const { statusCode: status } = response;
      tell({ status });
      if (status >= 200 && status < 300) return { answer, unseen: false };
      const unseen = status === 429 || status === 503;
      return { answer, error: refusal(id, status, answer), unseen };
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? "no answer";
      tell({ problem: code });
      const message = `no answer from the signing service about key '${id}' (${code})`;
      const error = new SigningServiceError(message, { retryable: true }, { cause });
      return { answer: "", error, unseen: isUnsent(cause) };
    }
  }
}

/** An answer, or why there is none. */
interface Attempt {
  readonly answer: string;
  readonly error?: SigningServiceError;
  /** The service has certainly not dealt with the request. */
  readonly unseen: boolean;
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

function refusal(id: string, status: number, body: string): SigningServiceError {
  const said = body
    .replace(/[^\x20-\x7e]+/g, " ")
    .slice(0, MAX_SHOWN)
    .trim();
  const message = `key '${id}': the signing service answered ${status}${said && `: ${said}`}`;
  return new SigningServiceError(message, { retryable: status >= 500 || status === 429 || status === 408, status });
}

/** @throws SigningServiceError that says whose answer is wrong, and how */
function read<T>({ id }: ServiceKeyAccess, answer: string, decode: (text: string) => T): T {
  try {
    return decode(answer);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    const message = `key '${id}': the answer of the signing service is none: ${cause.message}`;
    throw new SigningServiceError(message, { retryable: false }, { cause });
  }
}

const FIELD_VALUE = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/;

function authorizationOf({ id, token }: ServiceKeyAccess): string {
  const text = Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString("latin1");
  if (FIELD_VALUE.test(text)) return text;
  throw new UsageError(
    `token of key '${id}': want printable ASCII characters, got ${text ? "something else" : "none"}.`,
  );
}
