// What a crypto core does, whatever it is made of. The card (core.wasm) is the one that users run; bench/ implements the same
// interface on node:crypto and on @noble to compare whole recoveries.
//
// Secrets never cross this interface: private keys and master keys are named by slots, leave only wrapped or sealed, and come
// in from outside only through keyImport, wkLoad and the storage key. The exception is RSA, which the host does with keys of its own
// ("host keys"): what it found out about a signature, private keys to be sealed and what they decrypt come in, and the keys go
// out again.
//
// Everything is batch first; a single operation is a batch of one. All byte arrays that go in are copied, all that come out are the
// caller's own.
//
// Caller's mistakes (wrong size, slot of no such number, no slot left, a signed message of a mebibyte or more) are RangeError, and
// nothing was done. Expected failures are Status values in the result.

import type { Status } from "./status.ts";

declare const keySlot: unique symbol;
declare const unitSlot: unique symbol;

/** Names a P-521 private key (administrator's or OA key) in the card. */
export type KeySlot = number & { readonly [keySlot]: true };

/** Names a unit's secrets in the card: current register, new register, importer key. */
export type UnitSlot = number & { readonly [unitSlot]: true };

/** A key in its slot and its public key, 133 bytes 04 || X || Y. */
export interface KeyPair {
  readonly slot: KeySlot;
  readonly publicKey: Uint8Array;
}

export interface SignJob {
  readonly key: KeySlot;
  readonly message: Uint8Array;
}

export interface VerifyJob {
  /** 133 bytes, 04 || X || Y. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** 132 bytes, r || s. */
  readonly signature: Uint8Array;
}

/** A signer whose signature the core verifies: ECDSA on P-521. */
export interface EcdsaSigner {
  /** Identity by which signers are counted, 32 bytes. */
  readonly ski: Uint8Array;
  /** 133 bytes, 04 || X || Y. */
  readonly publicKey: Uint8Array;
  /** 132 bytes, r || s. */
  readonly signature: Uint8Array;
}

/** A signer whose signature the host has verified, with the verdict: RSA. Only the core counts. */
export interface JudgedSigner {
  readonly ski: Uint8Array;
  readonly valid: boolean;
}

/** One signer of a command. */
export type QuorumSigner = EcdsaSigner | JudgedSigner;

export interface QuorumJob {
  /** The signed bytes: the encoded xcpAdminBlk. */
  readonly message: Uint8Array;
  /** Distinct valid signers wanted, 0..8. */
  readonly required: number;
  /** At most 8 signers. */
  readonly signers: readonly QuorumSigner[];
}

export interface QuorumVerdict {
  /** True if no signature was rejected and at least `required` distinct signers are valid (unit-behaviour.md 4.2). */
  readonly met: boolean;
  /** Distinct valid signers. */
  readonly distinct: number;
  /** For each signer: Ok, Duplicate (valid, counted before), BadSignature or BadPoint. */
  readonly statuses: readonly Status[];
}

/** What may be told of a unit's registers: verification patterns of 32 bytes (unit-behaviour.md 6.2). */
export interface Registers {
  readonly current: Uint8Array | null;
  readonly next: { readonly pattern: Uint8Array; readonly committed: boolean } | null;
}

/** An encrypted key part (ep11-wire.md 11): what goes into a RecipientInfo, the recipient's SKI apart. */
export interface EncryptedPart {
  /** Originator's ephemeral public key, 133 bytes. */
  readonly originator: Uint8Array;
  /** 40 bytes. */
  readonly ukm: Uint8Array;
  /** RFC 3394 wrap of the 32-byte part, 40 bytes. */
  readonly wrapped: Uint8Array;
}

export interface ExportJob {
  readonly slot: UnitSlot;
  readonly register: "current" | "next";
  /** Recipients' public keys, 133 bytes each, 1..20. */
  readonly recipients: readonly Uint8Array[];
  /** False: every recipient gets the whole key (M = 1). True: random parts whose XOR is the key (M = N). */
  readonly split: boolean;
}

export type ExportResult =
  | { readonly status: typeof Status.Ok; readonly parts: readonly EncryptedPart[] }
  /** CurrentEmpty, NewEmpty; BadPoint with the recipient's index. */
  | { readonly status: Exclude<Status, typeof Status.Ok>; readonly recipient?: number };

export interface ImportJob {
  /** Holds the importer key; its new register is overwritten on success, nothing is changed otherwise. */
  readonly slot: UnitSlot;
  /** 1..20 parts, XORed. */
  readonly parts: readonly EncryptedPart[];
}

export interface BlockImportJob {
  /** Its importer key is on the host; its new register is overwritten on success, nothing is changed otherwise. */
  readonly slot: UnitSlot;
  /** 1..20 blocks of 256 bytes, as raw RSA decryption gives them, padding (RSAES-PKCS1-v1_5) on; their 32-byte parts are XORed. */
  readonly blocks: readonly Uint8Array[];
}

export type ImportResult =
  | { readonly status: typeof Status.Ok; readonly pattern: Uint8Array }
  /**
   * NoImporter; BadPoint or BadWrap with the part's index, or for a wrong block, whichever, BadWrap alone; SameKey if the result equals
   * the current register.
   */
  | { readonly status: Exclude<Status, typeof Status.Ok>; readonly part?: number };

/** A root key of a simulated key storage: wrapped under a unit's current master key, and its public verification pattern. */
export interface RootKey {
  readonly blob: Uint8Array;
  readonly pattern: Uint8Array;
}

export type RewrapResult =
  /** For each blob the same root key under the new master key, or null if the current one doesn't unwrap it. */
  | { readonly status: typeof Status.Ok; readonly keys: readonly (RootKey | null)[] }
  /** CurrentEmpty, NewEmpty, NotCommitted. */
  | { readonly status: Exclude<Status, typeof Status.Ok> };

export interface SealUnitJob {
  readonly slot: UnitSlot;
  /** What the blob is bound to; any length up to 1,024 bytes. */
  readonly context: Uint8Array;
}

export interface UnsealUnitJob {
  readonly blob: Uint8Array;
  readonly context: Uint8Array;
}

export interface Core {
  /** "wasm", or a baseline's name. */
  readonly name: string;
  readonly keySlots: number;
  readonly unitSlots: number;

  // --- hashing of public data ---

  /** SHA-256, 32 bytes (FIPS 180-4). */
  sha256(data: Uint8Array): Uint8Array;
  /** SHA-512, 64 bytes (FIPS 180-4). */
  sha512(data: Uint8Array): Uint8Array;

  // --- signing keys ---

  /** Fresh P-521 keys in slots of their own. */
  keyGenerate(count: number): KeyPair[];
  /**
   * Takes a private scalar into the card. In: 66 bytes, big-endian, 1..n-1; the caller wipes its copy.
   * @throws RangeError if the scalar is out of range.
   */
  keyImport(scalar: Uint8Array): KeyPair;
  /** Wipes the slot. */
  keyFree(slot: KeySlot): void;
  /** The key sealed under the storage key, bound to `context`. */
  keySeal(slot: KeySlot, context: Uint8Array): Uint8Array;
  /** null if the blob was changed, is of another context or another storage key. */
  keyUnseal(blob: Uint8Array, context: Uint8Array): KeyPair | null;

  /** A host key, 1..1,276 bytes, sealed under the storage key, bound to `context`; the caller wipes its copy. */
  hostKeySeal(key: Uint8Array, context: Uint8Array): Uint8Array;
  /** As keyUnseal: the key's bytes, for the caller to wipe. */
  hostKeyUnseal(blob: Uint8Array, context: Uint8Array): Uint8Array | null;

  // --- ECDSA, P-521 with SHA-512 (FIPS 186-5) ---

  /** Signatures r || s of 132 bytes; RFC 6979 nonces hedged with fresh entropy. */
  sign(jobs: readonly SignJob[]): Uint8Array[];
  /** As sign, without the hedge: the nonces of RFC 6979 to the letter. For vectors. */
  signDeterministic(jobs: readonly SignJob[]): Uint8Array[];
  /** Exact verdict for each signature. */
  verify(jobs: readonly VerifyJob[]): boolean[];
  /** Threshold verification: all signatures of all jobs in one go, each job with its verdict. */
  verifyQuorum(jobs: readonly QuorumJob[]): QuorumVerdict[];

  // --- units' secrets ---

  /** A slot with empty registers and no importer key. */
  unitAlloc(): UnitSlot;
  /** A second slot with the same content: copy-on-write for commands that may yet be undone. */
  unitCopy(slot: UnitSlot): UnitSlot;
  /** Wipes the slot. */
  unitFree(slot: UnitSlot): void;
  unitSeal(jobs: readonly SealUnitJob[]): Uint8Array[];
  /** For each blob a slot, or null if it was changed, is of another context or another storage key. */
  unitUnseal(jobs: readonly UnsealUnitJob[]): (UnitSlot | null)[];

  // --- register operations (unit-behaviour.md 6) ---

  registers(slot: UnitSlot): Registers;
  /** Replaces the slots' importer keys by fresh P-521 keys; their public keys, 133 bytes each. */
  importerGenerate(slots: readonly UnitSlot[]): Uint8Array[];
  /** The slot's importer key is one of the host's from now on; the one it held is wiped. */
  importerOnHost(slot: UnitSlot): void;
  /** Ok: current if it was empty, else new (uncommitted), holds a random key. BothOccupied: nothing changed. */
  wkGenerate(slot: UnitSlot): Status;
  /**
   * Takes a key part (32 bytes) into the slot's current register, to be passed on with wkExport; the caller wipes its copy. For an
   * administrator's core: no command of a unit leads here.
   */
  wkLoad(slot: UnitSlot, part: Uint8Array): void;
  wkExport(jobs: readonly ExportJob[]): ExportResult[];
  wkImport(jobs: readonly ImportJob[]): ImportResult[];
  /** As wkImport, of what an importer key on the host has decrypted. The padding is removed in constant time. */
  wkImportBlocks(jobs: readonly BlockImportJob[]): ImportResult[];
  /** In: 32-byte pattern, compared on 28 bytes. Ok (also if committed before), NewEmpty, PatternMismatch. */
  wkCommit(slot: UnitSlot, pattern: Uint8Array): Status;
  /** In: as wkCommit. Ok: current = new, new = empty. NewEmpty, NotCommitted, PatternMismatch: nothing changed. */
  wkFinalize(slot: UnitSlot, pattern: Uint8Array): Status;
  wkClearCurrent(slot: UnitSlot): void;
  wkClearNew(slot: UnitSlot): void;
  /** Empties both registers and forgets the importer key, or that there is one on the host. */
  unitZeroize(slot: UnitSlot): void;

  // --- key storage ---

  /** `count` fresh root keys wrapped under the slot's current register; null if that is empty. */
  rootKeyGenerate(slot: UnitSlot, count: number): RootKey[] | null;
  /** For each blob the pattern of the root key if it unwraps under the slot's current register, else null. */
  rootKeyPatterns(slot: UnitSlot, blobs: readonly Uint8Array[]): (Uint8Array | null)[];
  /** Re-encrypts root keys from the slot's current register to its new one, which must be committed. Changes nothing in the slot. */
  rootKeyRewrap(slot: UnitSlot, blobs: readonly Uint8Array[]): RewrapResult;

  // --- life ---

  /** Loads a storage key: `fill` writes its 32 bytes into the view it is given, which it must not keep. */
  setStorageKey(fill: (view: Uint8Array) => void): void;
  /** Public keys whose tables are kept for fast verification; 0 keeps none. */
  setTableCapacity(keys: number): void;
  /** Wipes all secrets; the core is unusable afterwards. */
  dispose(): void;
}
