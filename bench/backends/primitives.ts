// What is compared below the level of Core: one field multiplication, one key wrap, one ECDH. Each method takes the inputs once,
// lets the back end prepare what it may keep (parsed keys), and gives the work that is timed. The work takes its inputs from
// JavaScript and gives its result back there on every back end.

/** Does the work once, and gives its results in the order of the jobs. */
export type Work = () => readonly Uint8Array[];

export interface WrapJob {
  /** 32 bytes each. */
  readonly kek: Uint8Array;
  readonly key: Uint8Array;
}

export interface EcdhJob {
  /** 66 bytes, big-endian, 1..n-1. */
  readonly scalar: Uint8Array;
  /** 133 bytes. */
  readonly peer: Uint8Array;
}

/** Multiplications of each chain in one call of the field work: the call costs nothing beside them. */
export const FIELD_STEPS = 1000;

/** Chains of dependent multiplications mod p = 2^521 - 1. */
export interface FieldWork {
  /** Multiplications in one call of `run`, all chains together. */
  readonly operations: number;
  /** x * y^FIELD_STEPS mod p for each chain, 66 bytes big-endian. */
  readonly run: Work;
}

export interface FieldJob {
  /** 66 bytes each, big-endian, below p. */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

export interface Primitives {
  /** In: two chains. null where the back end offers no field arithmetic. */
  fieldMultiply(chains: readonly [FieldJob, FieldJob]): FieldWork | null;
  /** RFC 3394 with AES-256; 40 bytes for each job. */
  wrap(jobs: readonly WrapJob[]): Work;
  /** x-coordinates of the shared points, 66 bytes each. */
  ecdh(jobs: readonly EcdhJob[]): Work;
}
