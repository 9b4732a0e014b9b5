// The baseline on node:crypto (OpenSSL). Not for real keys: it holds secrets in JavaScript objects and wipes nothing.
//
// Its best calls, as measured on Node 20: KeyObjects kept for every key; one-shot sign and verify with P1363 signatures;
// diffieHellman, which is faster than createECDH; JWK to export (1 us) and DER to import (90 us), as the other ways round cost 85
// and 700 us.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { p521 } from "@noble/curves/nist.js";
import type { Core } from "../../src/core/api.ts";
import { HostCore } from "./host-core.ts";
import type { HostPrimitives } from "./host-primitives.ts";

/** SubjectPublicKeyInfo of a P-521 key (RFC 5480) up to the point. */
const SPKI = Buffer.from("30819b301006072a8648ce3d020106052b8104002303818600", "hex");
/** ECPrivateKey of a P-521 key (RFC 5915) without its public key: what stands before and after the scalar. */
const SEC1 = [Buffer.from("30500201010442", "hex"), Buffer.from("a00706052b81040023", "hex")] as const;
/** Initial value of RFC 3394, 2.2.3.1. */
const WRAP_IV = Buffer.alloc(8, 0xa6);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function jwkField(key: KeyObject, field: "d" | "x" | "y"): Buffer {
  return Buffer.from(key.export({ format: "jwk" })[field] as string, "base64url");
}

export const nodePrimitives: HostPrimitives<KeyObject, KeyObject> = {
  name: "node",
  sha256: (data) => createHash("sha256").update(data).digest(),
  sha512: (data) => createHash("sha512").update(data).digest(),
  random: (size) => randomBytes(size),

  generate: () => generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey,
  privateKey: (scalar) =>
    createPrivateKey({ key: Buffer.concat([SEC1[0], scalar, SEC1[1]]), format: "der", type: "sec1" }),
  scalarOf: (key) => jwkField(key, "d"),
  publicOf(key) {
    const { x, y } = key.export({ format: "jwk" });
    return Buffer.concat([Buffer.of(4), Buffer.from(x as string, "base64url"), Buffer.from(y as string, "base64url")]);
  },
  publicKey(bytes) {
    try {
      return createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: "der", type: "spki" });
    } catch {
      return null;
    }
  },

  sign: (key, message) => sign("sha512", message, { key, dsaEncoding: "ieee-p1363" }),
  signDeterministic: (key, message) => p521.sign(message, jwkField(key, "d"), { lowS: false }),
  verify: (key, message, signature) => verify("sha512", message, { key, dsaEncoding: "ieee-p1363" }, signature),
  ecdh: (privateKey, publicKey) => diffieHellman({ privateKey, publicKey }),

  wrap: (kek, key) => createCipheriv("id-aes256-wrap", kek, WRAP_IV).update(key),
  unwrap(kek, wrapped) {
    try {
      return createDecipheriv("id-aes256-wrap", kek, WRAP_IV).update(wrapped);
    } catch {
      return null;
    }
  },
  seal(key, plaintext, context) {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(context);
    return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  unseal(key, blob, context) {
    if (blob.length < NONCE_BYTES + TAG_BYTES) return null;
    const cipher = createDecipheriv("aes-256-gcm", key, blob.subarray(0, NONCE_BYTES));
    cipher.setAAD(context).setAuthTag(blob.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([cipher.update(blob.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()]);
    } catch {
      return null;
    }
  },
};

/** Core on node:crypto. */
export class NodeCore extends HostCore<KeyObject, KeyObject> implements Core {
  constructor() {
    super(nodePrimitives);
  }
}
