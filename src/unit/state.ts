// The public state of modules and units, as values: a command makes a new UnitState, never changes one. Secrets appear only as
// blobs that the card has sealed.

import type { Registers } from "../core/api.ts";

/** An EP11 module: one serial number, one OA key, several domains (unit-behaviour.md 1). */
export interface ModuleState {
  /** 8 ASCII characters. */
  readonly serial: string;
  /** 8 bytes, second half of the module identifier. */
  readonly instance: Uint8Array;
  /** OA private key sealed by the card under context oaKeyContext(serial). */
  readonly sealedOaKey: Uint8Array;
  /** OA public key, 133 bytes. */
  readonly oaPublicKey: Uint8Array;
  /** OA certificate chain, index 0 first (ep11-wire.md 9). */
  readonly certificates: readonly Uint8Array[];
}

export interface Administrator {
  /** 32 bytes, SHA-256 of the public key. */
  readonly ski: Uint8Array;
  /** P-521: 04 || X || Y, 133 bytes. RSA-2048: RSAPublicKey, 270 bytes. */
  readonly publicKey: Uint8Array;
  /** As it was sent, byte for byte. */
  readonly certificate: Uint8Array;
}

export interface ImporterKey {
  /** Type field of generate importer key: 3 = P-521, 0 = RSA-2048. */
  readonly type: number;
  /** P-521: 04 || X || Y, 133 bytes. RSA-2048: RSAPublicKey, 270 bytes. */
  readonly publicKey: Uint8Array;
  /** RSA-2048: the private key sealed by the card under rsaImporterContext; null for P-521, whose key is among the unit's secrets. */
  readonly sealedKey: Uint8Array | null;
}

/** Attributes 1..5 (unit-behaviour.md 3). */
export interface Attributes {
  readonly signatureThreshold: number;
  readonly revocationThreshold: number;
  readonly permissions: number;
  readonly operationalMode: number;
  readonly standardsCompliance: number;
}

/** One domain of a module. */
export interface UnitState {
  /** hsm_id: the unit's name on the wire's outside. */
  readonly id: string;
  /** Serial number of its module. */
  readonly serial: string;
  readonly domain: number;
  /** u32, non-zero, + 1 at each zeroize. */
  readonly domainInstance: number;
  /** 16 bytes, big-endian. */
  readonly counter: Uint8Array;
  readonly administrators: readonly Administrator[];
  readonly attributes: Attributes;
  /** 16 bytes. */
  readonly controlPoints: Uint8Array;
  readonly registers: Registers;
  readonly importer: ImporterKey | null;
  /** Registers and importer key sealed by the card; null if there is nothing to keep. */
  readonly sealed: Uint8Array | null;
}

/**
 * What a command did that was accepted, its counter consumed, whether or not a later check refused it. One for each, kept
 * with the change; no secrets.
 */
export interface AuditEntry {
  readonly unit: string;
  readonly command: number;
  readonly returnCode: number;
  readonly reasonCode: number | null;
  /** SKIs (32 bytes) of the administrators whose signatures were accepted, each once. */
  readonly signers: readonly Uint8Array[];
  /** The counter the command carried: the unit's from then on. */
  readonly counter: Uint8Array;
  readonly before: Registers;
  readonly after: Registers;
  /** What the client said the command belongs to. */
  readonly job: string | null;
}

/** One unit's step in a commit. A unit appears once. */
export interface Change {
  /** The very object read from the store that `next` replaces. */
  readonly previous: UnitState;
  readonly next: UnitState;
  /** The commands that led from the one to the other, in order; at least one. */
  readonly audit: readonly AuditEntry[];
}

/** Where units are kept. The unit tower's only way to durable state. */
export interface UnitStore {
  unit(id: string): UnitState | undefined;
  module(serial: string): ModuleState | undefined;
  /** Durable when it returns; all changes or, if it throws, none. */
  commit(changes: readonly Change[]): void;
}
