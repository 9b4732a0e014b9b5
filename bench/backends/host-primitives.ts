// What a host back end brings: the cryptography alone. Slots, registers and quorums are HostCore's. The back ends built on this
// are baselines for benchmarks: they hold secrets in JavaScript objects and wipe nothing. Never use them for real keys.

/**
 * P-521, SHA-2 and AES of one library. `Private` and `Public` are that library's own parsed keys, so that a key is parsed once
 * and used many times.
 */
export interface HostPrimitives<Private, Public> {
  readonly name: string;
  sha256(data: Uint8Array): Uint8Array;
  sha512(data: Uint8Array): Uint8Array;
  random(size: number): Uint8Array;

  generate(): Private;
  /** In: 66 bytes, big-endian, in 1..n-1 (the caller has checked). */
  privateKey(scalar: Uint8Array): Private;
  /** 66 bytes, big-endian. */
  scalarOf(key: Private): Uint8Array;
  /** 133 bytes, 04 || X || Y. */
  publicOf(key: Private): Uint8Array;
  /** In: 133 bytes that start with 04. null if they are no point of P-521. */
  publicKey(bytes: Uint8Array): Public | null;

  /** ECDSA with SHA-512; r || s, 132 bytes. */
  sign(key: Private, message: Uint8Array): Uint8Array;
  /** As sign, with the nonce of RFC 6979. */
  signDeterministic(key: Private, message: Uint8Array): Uint8Array;
  verify(key: Public, message: Uint8Array, signature: Uint8Array): boolean;
  /** x-coordinate of the shared point, 66 bytes. */
  ecdh(key: Private, peer: Public): Uint8Array;

  /** RFC 3394 with AES-256. In: kek 32 bytes, key 32 bytes. Out: 40 bytes. */
  wrap(kek: Uint8Array, key: Uint8Array): Uint8Array;
  /** In: kek 32 bytes, wrapped 40 bytes. null if the integrity check fails. */
  unwrap(kek: Uint8Array, wrapped: Uint8Array): Uint8Array | null;
  /** AES-256-GCM; nonce || ciphertext || tag. */
  seal(key: Uint8Array, plaintext: Uint8Array, context: Uint8Array): Uint8Array;
  /** null if the blob or the context was changed. */
  unseal(key: Uint8Array, blob: Uint8Array, context: Uint8Array): Uint8Array | null;
}

/** Order of P-521's base point (SP 800-186, 3.2.1.5). */
const ORDER = BigInt(
  "0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
);

/** True for 66 bytes whose value is in 1..n-1. */
export function isScalar(bytes: Uint8Array): boolean {
  const value = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  return bytes.length === 66 && value > 0n && value < ORDER;
}
