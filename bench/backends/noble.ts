// The baseline on @noble/curves, @noble/ciphers and @noble/hashes. Not for real keys: it holds secrets in JavaScript objects and
// wipes nothing.
//
// Its best calls: high-level sign, verify and getSharedSecret (BigInt arithmetic; the base point's table is warm after the first
// use). lowS is off, as ECDSA of FIPS 186-5 knows no such rule.

import { aeskw, gcm } from "@noble/ciphers/aes.js";
import { p521 } from "@noble/curves/nist.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { randomBytes } from "@noble/hashes/utils.js";
import type { Core } from "../../src/core/api.ts";
import { HostCore } from "./host-core.ts";
import type { HostPrimitives } from "./host-primitives.ts";
import { FIELD_STEPS, type Primitives } from "./primitives.ts";

interface NobleKey {
  readonly scalar: Uint8Array;
  readonly publicKey: Uint8Array;
}

const NONCE_BYTES = 12;

function orNull<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch {
    return null;
  }
}

function keyOf(scalar: Uint8Array): NobleKey {
  return { scalar, publicKey: p521.getPublicKey(scalar, false) };
}

/** A public key is its bytes, once they are known to be a point: noble's calls take nothing else. */
export const noblePrimitives: HostPrimitives<NobleKey, Uint8Array> = {
  name: "noble",
  sha256,
  sha512,
  random: randomBytes,

  generate: () => keyOf(p521.utils.randomSecretKey()),
  privateKey: keyOf,
  scalarOf: (key) => key.scalar,
  publicOf: (key) => key.publicKey,
  publicKey: (bytes) => orNull(() => p521.Point.fromBytes(bytes) && bytes.slice()),

  sign: (key, message) => p521.sign(message, key.scalar, { lowS: false, extraEntropy: true }),
  signDeterministic: (key, message) => p521.sign(message, key.scalar, { lowS: false }),
  verify: (key, message, signature) => p521.verify(signature, message, key, { lowS: false }),
  ecdh: (key, peer) => p521.getSharedSecret(key.scalar, peer, true).subarray(1),

  wrap: (kek, key) => aeskw(kek).encrypt(key),
  unwrap: (kek, wrapped) => orNull(() => aeskw(kek).decrypt(wrapped)),
  seal(key, plaintext, context) {
    const nonce = randomBytes(NONCE_BYTES);
    return Buffer.concat([nonce, gcm(key, nonce, context).encrypt(plaintext)]);
  },
  unseal: (key, blob, context) =>
    orNull(() => gcm(key, blob.subarray(0, NONCE_BYTES), context).decrypt(blob.subarray(NONCE_BYTES))),
};

/** Core on @noble. */
export class NobleCore extends HostCore<NobleKey, Uint8Array> implements Core {
  constructor() {
    super(noblePrimitives);
  }
}

/** noble's field: BigInt values, Fp.mul. */
export const nobleFieldMultiply: Primitives["fieldMultiply"] = (chains) => {
  const { Fp } = p521.Point;
  const values = chains.map(({ x, y }) => [Fp.fromBytes(x), Fp.fromBytes(y)] as const);
  const chain = (x: bigint, y: bigint) => {
    let z = x;
    for (let step = 0; step < FIELD_STEPS; step++) z = Fp.mul(z, y);
    return Fp.toBytes(z);
  };
  return { operations: chains.length * FIELD_STEPS, run: () => values.map(([x, y]) => chain(x, y)) };
};
