// Secrets in files, sealed under a password. Two formats:
//
//   sdk         what IBM's clients read (workstation.md 3.1): PBKDF2 with HMAC-SHA-256, 4,096 iterations
//   opentke-1   scrypt (RFC 7914) with N = 2^17, r = 8, p = 1: 128 MiB of memory for each guess; what the file says in the clear
//               is authenticated too
//
// Both: AES-256-GCM with a random nonce of 12 bytes; enckey = nonce || ciphertext || tag (16). All values are text, since IBM's
// client wants nothing else in its files.

import { createCipheriv, createDecipheriv, type Decipher, pbkdf2Sync, scryptSync } from "node:crypto";
import { concat, EMPTY, fromHex, toHex, unmoved } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { WorkstationError, WrongPasswordError } from "./errors.ts";

export const SealFormat = { Sdk: "sdk", OpenTke: "opentke" } as const;
export type SealFormat = (typeof SealFormat)[keyof typeof SealFormat];

/** The members of a file that hold its secret. */
export interface Sealed {
  /** `opentke-1`; absent in a file that IBM's clients can read. */
  readonly format?: string;
  /** Hexadecimal: the salt of the key derivation. */
  readonly seaSalt: string;
  /** Hexadecimal: nonce, ciphertext, tag. */
  readonly enckey: string;
}

const OPENTKE_1 = "opentke-1";
const SALT_SIZE = 32;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;
const KEY_SIZE = 32;
const ITERATIONS = 4096;
/** Bytes that are deciphered at once. */
const PIECE = 8;
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 160 * 1024 * 1024 } as const;

const text = new TextEncoder();

/**
 * Seals a secret.
 * @param about what the file says in the clear, one text for each member
 */
export async function seal(
  secret: Uint8Array,
  password: Uint8Array,
  format: SealFormat,
  about: readonly string[],
): Promise<Sealed> {
  const strong = format === SealFormat.OpenTke;
  const salt = crypto.getRandomValues(new Uint8Array(SALT_SIZE));
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_SIZE));
  const key = deriveKey(password, salt, strong);
  try {
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    if (strong) cipher.setAAD(additionalData(about));
    const ciphertext = concat(cipher.update(secret), cipher.final());
    const sealed = { seaSalt: toHex(salt), enckey: toHex(concat(nonce, ciphertext, cipher.getAuthTag())) };
    return strong ? { format: OPENTKE_1, ...sealed } : sealed;
  } finally {
    key.fill(0);
  }
}

/**
 * The secret, in a buffer that the caller wipes.
 * @param about as it was for {@link seal}
 * @throws WrongPasswordError if the password is not the one, or the file was changed
 * @throws WorkstationError if the members are no such thing
 */
export async function unseal(sealed: Sealed, password: Uint8Array, about: readonly string[]): Promise<Uint8Array> {
  const { format } = sealed;
  if (format !== undefined && format !== OPENTKE_1)
    throw new WorkstationError(`format: want ${OPENTKE_1} or none, got '${format}'; a newer OpenTKE may have made it`);
  const strong = format !== undefined;
  const { salt, sealedBytes } = decode(sealed);
  if (sealedBytes.length < NONCE_SIZE + TAG_SIZE) throw wrongPassword();
  const key = deriveKey(password, salt, strong);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealedBytes.subarray(0, NONCE_SIZE), {
      authTagLength: TAG_SIZE,
    });
    if (strong) decipher.setAAD(additionalData(about));
    decipher.setAuthTag(sealedBytes.subarray(-TAG_SIZE));
    const secret = decipherInPieces(decipher, sealedBytes.subarray(NONCE_SIZE, -TAG_SIZE));
    try {
      decipher.final();
      return secret;
    } catch {
      secret.fill(0);
      throw wrongPassword();
    }
  } finally {
    key.fill(0);
  }
}

/**
 * Node deciphers into memory that is a little too large, copies that to memory that is not, and frees the first without wiping it. Of
 * a piece of 8 bytes nothing is left there: the allocator puts the address of its next free piece in its place.
 */
function decipherInPieces(decipher: Decipher, ciphertext: Uint8Array): Uint8Array {
  const secret = unmoved(ciphertext.length);
  for (let at = 0; at < ciphertext.length; at += PIECE) {
    const piece = decipher.update(ciphertext.subarray(at, at + PIECE));
    secret.set(piece, at);
    piece.fill(0);
  }
  return secret;
}

/** Not on another thread: Node takes copies of the password there, which it frees without wiping them. */
function deriveKey(password: Uint8Array, salt: Uint8Array, strong: boolean): Buffer {
  return strong
    ? scryptSync(password, salt, KEY_SIZE, SCRYPT)
    : pbkdf2Sync(password, salt, ITERATIONS, KEY_SIZE, "sha256");
}

function decode({ seaSalt, enckey }: Sealed): { salt: Uint8Array; sealedBytes: Uint8Array } {
  try {
    return { salt: fromHex(seaSalt, "seaSalt"), sealedBytes: fromHex(enckey, "enckey") };
  } catch (error) {
    if (error instanceof WireError) throw new WorkstationError(error.message, { cause: error });
    throw error;
  }
}

/** One encoding for each list of texts: every text with its length in front. */
function additionalData(about: readonly string[]): Uint8Array {
  return about.reduce((data: Uint8Array, each) => {
    const bytes = text.encode(each);
    return concat(data, Uint8Array.of(bytes.length >> 8, bytes.length), bytes);
  }, EMPTY);
}

function wrongPassword(): WrongPasswordError {
  return new WrongPasswordError("the password is not that of this file, or the file was changed");
}
