// Nonces, for the tests.

import { nonce } from "../p521/nonce";

export { isNonce as test_isNonce } from "../p521/nonce";

export function test_nonce(k: usize, scalar: usize, digest: usize, extra: usize, extraLen: u32, attempt: u32): void {
  nonce(k, scalar, digest, extra, extraLen, attempt);
}
