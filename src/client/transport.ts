// The seam between the client and the units. In-process calls, worker threads and HTTP are transports; the client can't tell
// them apart.

/** A request CPRB and the unit it is for. */
export interface Envelope {
  /** hsm_id of GET /hsms. */
  readonly unit: string;
  readonly cprb: Uint8Array;
}

export interface Transport {
  /**
   * Delivers a batch: requests to the same unit in the order given. The answers are in the order of the requests; a request
   * that could not be delivered has an Error (a TransportError) in its place, so that it spoils no other.
   */
  send(batch: readonly Envelope[]): Promise<readonly (Uint8Array | Error)[]>;

  /**
   * The body of GET /hsms for a service instance (ep11-wire.md 1.3), as it came.
   * @throws TransportError if there is none.
   */
  hsms(instance: string): Promise<string>;
}

/** What the in-process units offer: CPRBs in, CPRBs out, or an Error in the place of a request that could not be served. */
export type HandleMany = (batch: readonly Envelope[]) => readonly (Uint8Array | Error)[];
