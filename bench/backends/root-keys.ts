// Root keys as the card wraps them (assembly/register/root-keys.ts), on a host's primitives:
//
//   version 01 | first 16 bytes of the master key's pattern | nonce 32 | wrapped key 40
//   KEK = the first 32 bytes of HMAC-SHA-512(master key, "OpenTKE root key" | version | pattern | nonce)

import { createHmac } from "node:crypto";
import type { HostPrimitives } from "./host-primitives.ts";
import { KEY_BYTES, verificationPattern } from "./host-units.ts";

const LABEL = "OpenTKE root key";
const VERSION = 1;
const ID_BYTES = 16;
const NONCE_BYTES = 32;
const HEADER_BYTES = 1 + ID_BYTES + NONCE_BYTES;
const BLOB_BYTES = HEADER_BYTES + KEY_BYTES + 8;

type Crypto = Pick<HostPrimitives<unknown, unknown>, "sha256" | "random" | "wrap" | "unwrap">;

export function wrapRootKey(crypto: Crypto, masterKey: Uint8Array, key: Uint8Array): Uint8Array {
  const blob = new Uint8Array(BLOB_BYTES);
  blob[0] = VERSION;
  blob.set(idOf(crypto, masterKey), 1);
  blob.set(crypto.random(NONCE_BYTES), 1 + ID_BYTES);
  blob.set(crypto.wrap(kekOf(masterKey, blob), key), HEADER_BYTES);
  return blob;
}

/** null if the blob is of another size, version or master key, or was changed. */
export function unwrapRootKey(crypto: Crypto, masterKey: Uint8Array, blob: Uint8Array): Uint8Array | null {
  if (blob.length !== BLOB_BYTES || blob[0] !== VERSION) return null;
  if (idOf(crypto, masterKey).some((byte, i) => byte !== blob[1 + i])) return null;
  return crypto.unwrap(kekOf(masterKey, blob), blob.subarray(HEADER_BYTES));
}

function idOf(crypto: Crypto, masterKey: Uint8Array): Uint8Array {
  return verificationPattern(crypto, masterKey).subarray(0, ID_BYTES);
}

function kekOf(masterKey: Uint8Array, blob: Uint8Array): Uint8Array {
  const mac = createHmac("sha512", masterKey).update(LABEL).update(blob.subarray(0, HEADER_BYTES)).digest();
  return mac.subarray(0, KEY_BYTES);
}
