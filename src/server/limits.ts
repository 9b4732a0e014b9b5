// What the endpoint takes before it refuses: sizes, times, numbers.

export interface Limits {
  /** Bytes of a request body. A CPRB of 64 KiB, the most a module takes, is 128 KiB of text. More: 413. */
  readonly bodyBytes: number;
  /** Bytes of a request's header fields. More: 431. */
  readonly headerBytes: number;
  /** Milliseconds for a request's header fields to arrive. Later: 408. */
  readonly headersTimeout: number;
  /** Milliseconds for a whole request to arrive. Later: 408. */
  readonly requestTimeout: number;
  /** Milliseconds an idle connection is kept. */
  readonly keepAliveTimeout: number;
  /** Requests in flight. More: 503 with Retry-After. */
  readonly inFlight: number;
  /** Connections. More are closed as they come. */
  readonly connections: number;
  /** Milliseconds that a stop waits for requests in flight; then their connections are closed. */
  readonly stopTimeout: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 256 * 1024,
  headerBytes: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  inFlight: 1024,
  connections: 4096,
  stopTimeout: 30_000,
};
