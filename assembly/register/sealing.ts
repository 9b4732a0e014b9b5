// Sealed blobs: secrets that leave the card, to come back to a card with the same storage key.
//
//   version 01 | kind | nonce 32 | ciphertext | tag 32
//
//   Ke 32 | Km 32 = HMAC-SHA-512(storage key, "OpenTKE seal" | version | kind | nonce)
//   ciphertext    = plaintext xor AES-256-CTR(Ke, counter from 0)
//   tag           = HMAC-SHA-256(Km, version | kind | nonce | ciphertext | context)
//
// Encrypt-then-MAC (Bellare and Namprempre, 2000), with keys of their own for each blob: a random nonce of 256 bits never comes
// twice, so neither does a counter block under one key, however many blobs there are - a 96-bit nonce of GCM under one key
// would bound them, and GHASH without tables is slow. A tag commits to its keys and context, and nothing is decrypted
// before it has been checked. Version and kind fix the length of the ciphertext, so that what the tag covers can be read in one
// way only.

import { SEAL_HMAC, SEAL_KEYS, SEAL_TAG, STORAGE_KEY } from "../layout";
import { aesCtrOnce } from "../aes/ctr";
import { equalBytes } from "../lib/ct";
import { entropyLeft, entropyTake } from "../lib/entropy";
import { hmacSha256Final, hmacSha256Init, hmacSha256Update } from "../sha2/hmac-sha256";
import { hmacSha512Final, hmacSha512Init, hmacSha512Update } from "../sha2/hmac-sha512";
import { Status } from "../status";

// @ts-ignore: decorator
@inline export const NONCE_BYTES: u32 = 32;
// @ts-ignore: decorator
@inline const VERSION: u8 = 1;
// @ts-ignore: decorator
@inline const HEADER_BYTES: u32 = 2 + NONCE_BYTES;
// @ts-ignore: decorator
@inline const TAG_BYTES: u32 = 32;
// @ts-ignore: decorator
@inline const KEY_BYTES: u32 = 32;
/** How much longer a blob is than what it seals. */
// @ts-ignore: decorator
@inline export const SEAL_OVERHEAD: u32 = HEADER_BYTES + TAG_BYTES;

/** Kinds of blobs. */
// @ts-ignore: decorator
@inline export const KIND_KEY: u8 = 1;
// @ts-ignore: decorator
@inline export const KIND_UNIT: u8 = 2;
// @ts-ignore: decorator
@inline export const KIND_HOST_KEY: u8 = 3;

/** "OpenTKE seal" */
const LABEL = memory.data<u8>([0x4f, 0x70, 0x65, 0x6e, 0x54, 0x4b, 0x45, 0x20, 0x73, 0x65, 0x61, 0x6c]);
// @ts-ignore: decorator
@inline const LABEL_BYTES: u32 = 12;

/** Loads the 32 bytes at `key` as the storage key. */
export function storageKeySet(key: usize): void {
  memory.copy(STORAGE_KEY, key, KEY_BYTES);
  store<u32>(STORAGE_KEY, 1, KEY_BYTES);
}

/** True if a storage key is loaded. */
export function hasStorageKey(): bool {
  return load<u32>(STORAGE_KEY, KEY_BYTES) == 1;
}

/** SEAL_KEYS := Ke | Km for the header at `blob`. */
function deriveKeys(blob: usize): void {
  hmacSha512Init(SEAL_HMAC, STORAGE_KEY, KEY_BYTES);
  hmacSha512Update(SEAL_HMAC, LABEL, LABEL_BYTES);
  hmacSha512Update(SEAL_HMAC, blob, HEADER_BYTES);
  hmacSha512Final(SEAL_KEYS, SEAL_HMAC);
}

/** out := the tag of header and n bytes of ciphertext at `blob`, and the context. */
function tagOf(out: usize, blob: usize, n: u32, context: usize, contextLength: u32): void {
  hmacSha256Init(SEAL_HMAC, SEAL_KEYS + KEY_BYTES, KEY_BYTES);
  hmacSha256Update(SEAL_HMAC, blob, HEADER_BYTES + n);
  hmacSha256Update(SEAL_HMAC, context, contextLength);
  hmacSha256Final(out, SEAL_HMAC);
}

function wipe(): void {
  memory.fill(SEAL_KEYS, 0, 2 * KEY_BYTES);
  memory.fill(SEAL_TAG, 0, TAG_BYTES);
}

/**
 * blob, n + SEAL_OVERHEAD bytes := the n bytes at `plain` sealed for the context. `blob` overlaps neither.
 * NoStorageKey; NeedEntropy (32 bytes).
 */
export function sealBytes(blob: usize, kind: u8, plain: usize, n: u32, context: usize, contextLength: u32): Status {
  if (!hasStorageKey()) return Status.NoStorageKey;
  if (entropyLeft() < NONCE_BYTES) return Status.NeedEntropy;
  store<u8>(blob, VERSION);
  store<u8>(blob, kind, 1);
  entropyTake(blob + 2, NONCE_BYTES);
  deriveKeys(blob);
  memory.copy(blob + HEADER_BYTES, plain, n);
  aesCtrOnce(blob + HEADER_BYTES, n, SEAL_KEYS);
  tagOf(blob + HEADER_BYTES + n, blob, n, context, contextLength);
  wipe();
  return Status.Ok;
}

/**
 * plain, n bytes := what the blob of n + SEAL_OVERHEAD bytes seals.  BadSeal, and nothing written: another kind, version, context
 * or storage key, or a changed blob. NoStorageKey. `plain` overlaps neither blob nor context.
 */
export function openBytes(plain: usize, kind: u8, n: u32, blob: usize, context: usize, contextLength: u32): Status {
  if (!hasStorageKey()) return Status.NoStorageKey;
  if (load<u8>(blob) != VERSION || load<u8>(blob, 1) != kind) return Status.BadSeal;
  deriveKeys(blob);
  tagOf(SEAL_TAG, blob, n, context, contextLength);
  const good = equalBytes(SEAL_TAG, blob + HEADER_BYTES + n, TAG_BYTES);
  if (good) {
    memory.copy(plain, blob + HEADER_BYTES, n);
    aesCtrOnce(plain, n, SEAL_KEYS);
  }
  wipe();
  return good ? Status.Ok : Status.BadSeal;
}
