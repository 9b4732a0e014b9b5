// The key derivation function of ANSI X9.63 (SEC 1, 3.6.1) with SHA-256.

import { KDF_BLOCK, KDF_CONTEXT } from "../layout";
import { store32be } from "../lib/be";
import { SHA256_BYTES, sha256Final, sha256Init, sha256Update } from "../sha2/sha256";

/**
 * out := the first n bytes of SHA-256(z || 1 || info) || SHA-256(z || 2 || info) ..., counters as big-endian u32.
 * `out` may overlap neither z nor info. Time depends on the lengths alone; scratch is wiped.
 */
export function x963(out: usize, n: u32, z: usize, zLength: u32, info: usize, infoLength: u32): void {
  for (let done: u32 = 0, counter: u32 = 1; done < n; done += SHA256_BYTES, counter++) {
    store32be(KDF_BLOCK, counter);
    sha256Init(KDF_CONTEXT);
    sha256Update(KDF_CONTEXT, z, zLength);
    sha256Update(KDF_CONTEXT, KDF_BLOCK, 4);
    sha256Update(KDF_CONTEXT, info, infoLength);
    sha256Final(KDF_BLOCK, KDF_CONTEXT);
    memory.copy(out + done, KDF_BLOCK, min(SHA256_BYTES, n - done));
  }
  memory.fill(KDF_BLOCK, 0, SHA256_BYTES);
}
