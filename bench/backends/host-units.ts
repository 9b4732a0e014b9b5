// A unit's secrets on a host back end, and what may happen to them: the register transitions of unit-behaviour.md 6 and the key
// transport of ep11-wire.md 11. HostUnit is a value; every transition makes a new one.

import type { EncryptedPart, Registers } from "../../src/core/api.ts";
import { Status } from "../../src/core/status.ts";
import { type HostPrimitives, isScalar } from "./host-primitives.ts";

export const KEY_BYTES = 32;
const SCALAR_BYTES = 66;
const UKM_BYTES = 40;
/** Bytes of a verification pattern that are compared; the others are zero (unit-behaviour.md 6.2). */
const PATTERN_COMPARED = 28;

export interface HostUnit<Private> {
  readonly current: Uint8Array | null;
  readonly next: { readonly key: Uint8Array; readonly committed: boolean } | null;
  readonly importer: Private | null;
  /** The importer key is an RSA key outside of the core, and `importer` null. */
  readonly importerOnHost: boolean;
}

export const EMPTY_UNIT: HostUnit<never> = { current: null, next: null, importer: null, importerOnHost: false };

/** A transition's status and, if it is Ok, the unit after it. */
export type Transition<Private> =
  | { readonly status: typeof Status.Ok; readonly unit: HostUnit<Private> }
  | { readonly status: Exclude<Status, typeof Status.Ok> };

type Sha256 = Pick<HostPrimitives<unknown, unknown>, "sha256">;

/** SHA-256(01 || key), last 4 bytes zeroed (unit-behaviour.md 6.2). */
export function verificationPattern(crypto: Sha256, key: Uint8Array): Uint8Array {
  return new Uint8Array(crypto.sha256(Buffer.concat([Buffer.of(1), key]))).fill(0, PATTERN_COMPARED);
}

export function registersOf(crypto: Sha256, unit: HostUnit<unknown>): Registers {
  return {
    current: unit.current && verificationPattern(crypto, unit.current),
    next: unit.next && { pattern: verificationPattern(crypto, unit.next.key), committed: unit.next.committed },
  };
}

export function samePattern(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a.subarray(0, PATTERN_COMPARED), b.subarray(0, PATTERN_COMPARED)) === 0;
}

export function generateKey<P>(unit: HostUnit<P>, random: (size: number) => Uint8Array): Transition<P> {
  if (unit.current === null) return { status: Status.Ok, unit: { ...unit, current: random(KEY_BYTES) } };
  if (unit.next !== null) return { status: Status.BothOccupied };
  return { status: Status.Ok, unit: { ...unit, next: { key: random(KEY_BYTES), committed: false } } };
}

export function commitKey<P>(crypto: Sha256, unit: HostUnit<P>, pattern: Uint8Array): Transition<P> {
  if (unit.next === null) return { status: Status.NewEmpty };
  if (!samePattern(verificationPattern(crypto, unit.next.key), pattern)) return { status: Status.PatternMismatch };
  return { status: Status.Ok, unit: { ...unit, next: { ...unit.next, committed: true } } };
}

export function finalizeKey<P>(crypto: Sha256, unit: HostUnit<P>, pattern: Uint8Array): Transition<P> {
  if (unit.next === null) return { status: Status.NewEmpty };
  if (!unit.next.committed) return { status: Status.NotCommitted };
  if (!samePattern(verificationPattern(crypto, unit.next.key), pattern)) return { status: Status.PatternMismatch };
  return { status: Status.Ok, unit: { ...unit, current: unit.next.key, next: null } };
}

/** KEK = SHA-256(Z || 00000001 || SharedInfo): X9.63, one block (ep11-wire.md 11.2). */
export function deriveKek(crypto: Sha256, z: Uint8Array, ukm: Uint8Array): Uint8Array {
  return crypto.sha256(Buffer.concat([z, KDF_COUNTER, SHARED_INFO_HEAD, ukm, SHARED_INFO_TAIL]));
}

const KDF_COUNTER = Buffer.of(0, 0, 0, 1);
/** ECC-CMS-SharedInfo of RFC 3278 for aes256-wrap with NULL, up to the ukm. */
const SHARED_INFO_HEAD = Buffer.from("3043300d060960864801650304012d0500a02a0428", "hex");
/** suppPubInfo: 256 key bits. */
const SHARED_INFO_TAIL = Buffer.from("a206040400000100", "hex");

/** Wraps a key part for a recipient under a fresh originator key. */
export function encryptPart<P, Q>(crypto: HostPrimitives<P, Q>, part: Uint8Array, recipient: Q): EncryptedPart {
  const ephemeral = crypto.generate();
  const ukm = new Uint8Array(crypto.random(UKM_BYTES));
  const kek = deriveKek(crypto, crypto.ecdh(ephemeral, recipient), ukm);
  return {
    originator: new Uint8Array(crypto.publicOf(ephemeral)),
    ukm,
    wrapped: new Uint8Array(crypto.wrap(kek, part)),
  };
}

/** The part, or why it can't be had. */
export function decryptPart<P, Q>(
  crypto: HostPrimitives<P, Q>,
  importer: P,
  part: EncryptedPart,
  originator: Q | null,
): Uint8Array | typeof Status.BadPoint | typeof Status.BadWrap {
  if (originator === null) return Status.BadPoint;
  const kek = deriveKek(crypto, crypto.ecdh(importer, originator), part.ukm);
  return crypto.unwrap(kek, part.wrapped) ?? Status.BadWrap;
}

/** Places of RSAES-PKCS1-v1_5 with a 32-byte message under RSA-2048: 00 | 02 | padding | 00 | message (RFC 8017, 7.2.2). */
const RSA_BLOCK = { padding: 2, separator: 223, message: 224 } as const;

/** The key part in a block that RSA decryption gave, or null. Baseline: by no means in constant time. */
export function unpad(block: Uint8Array): Uint8Array | null {
  const wrong = block[0] !== 0 || block[1] !== 2 || block[RSA_BLOCK.separator] !== 0;
  return wrong || block.subarray(RSA_BLOCK.padding, RSA_BLOCK.separator).includes(0)
    ? null
    : block.slice(RSA_BLOCK.message);
}

/** new := key, uncommitted, unless it is the current one. */
export function loadKey<P>(unit: HostUnit<P>, key: Uint8Array): Transition<P> {
  const { current } = unit;
  if (current && Buffer.compare(current, key) === 0) return { status: Status.SameKey };
  return { status: Status.Ok, unit: { ...unit, next: { key, committed: false } } };
}

/** The key once for each recipient or, split, as random parts whose XOR it is. */
export function partsOf(key: Uint8Array, count: number, split: boolean, random: (size: number) => Uint8Array) {
  if (!split) return Array.from({ length: count }, () => key);
  const parts = Array.from({ length: count - 1 }, () => random(KEY_BYTES));
  return [...parts, xor([key, ...parts])];
}

export function xor(parts: readonly Uint8Array[]): Uint8Array {
  const sum = new Uint8Array(KEY_BYTES);
  for (const part of parts) for (let i = 0; i < KEY_BYTES; i++) sum[i]! ^= part[i]!;
  return sum;
}

const HAS = { current: 1, next: 2, committed: 4, importer: 8, importerOnHost: 16 } as const;

/** flags || current || next || importer scalar; what is absent is zeros. */
export function encodeUnit<P>(crypto: HostPrimitives<P, unknown>, unit: HostUnit<P>): Uint8Array {
  const flags =
    (unit.current ? HAS.current : 0) |
    (unit.next ? HAS.next : 0) |
    (unit.next?.committed ? HAS.committed : 0) |
    (unit.importer !== null ? HAS.importer : 0) |
    (unit.importerOnHost ? HAS.importerOnHost : 0);
  return Buffer.concat([
    Buffer.of(flags),
    unit.current ?? Buffer.alloc(KEY_BYTES),
    unit.next?.key ?? Buffer.alloc(KEY_BYTES),
    unit.importer === null ? Buffer.alloc(SCALAR_BYTES) : crypto.scalarOf(unit.importer),
  ]);
}

/** null unless the bytes are those of encodeUnit. */
export function decodeUnit<P>(crypto: HostPrimitives<P, unknown>, bytes: Uint8Array): HostUnit<P> | null {
  if (bytes.length !== 1 + 2 * KEY_BYTES + SCALAR_BYTES) return null;
  const flags = bytes[0]!;
  const scalar = bytes.slice(1 + 2 * KEY_BYTES);
  if (flags & HAS.importer && !isScalar(scalar)) return null;
  return {
    current: flags & HAS.current ? bytes.slice(1, 1 + KEY_BYTES) : null,
    next:
      flags & HAS.next
        ? { key: bytes.slice(1 + KEY_BYTES, 1 + 2 * KEY_BYTES), committed: (flags & HAS.committed) !== 0 }
        : null,
    importer: flags & HAS.importer ? crypto.privateKey(scalar) : null,
    importerOnHost: (flags & HAS.importerOnHost) !== 0,
  };
}
