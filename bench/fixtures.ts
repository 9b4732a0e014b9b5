// Inputs of the tasks: the same bytes in every run and for every back end. None of it is secret.

import { p521 } from "@noble/curves/nist.js";
import { sha512 } from "@noble/hashes/sha2.js";

export interface Signer {
  /** 66 bytes, big-endian. */
  readonly scalar: Uint8Array;
  /** 133 bytes. */
  readonly publicKey: Uint8Array;
}

export interface Signed {
  readonly signer: Signer;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** About what an administrator signs: an encoded xcpAdminBlk. */
const MESSAGE_BYTES = 160;

/** `size` bytes, up to 64, that follow from the label. */
export function bytesOf(label: string, size: number): Uint8Array {
  return sha512(new TextEncoder().encode(label)).subarray(0, size);
}

export function messageOf(label: string): Uint8Array {
  const message = new Uint8Array(MESSAGE_BYTES);
  for (let at = 0; at < MESSAGE_BYTES; at += 64)
    message.set(bytesOf(`${label}/${at}`, Math.min(64, MESSAGE_BYTES - at)), at);
  return message;
}

/** A key below 2^520, and thus below n. */
export function signerOf(label: string): Signer {
  const scalar = new Uint8Array(66);
  scalar.set(bytesOf(`${label}/a`, 33), 0);
  scalar.set(bytesOf(`${label}/b`, 33), 33);
  scalar[0] = 0;
  return { scalar, publicKey: p521.getPublicKey(scalar, false) };
}

export function signedBy(signer: Signer, label: string): Signed {
  const message = messageOf(label);
  return { signer, message, signature: p521.sign(message, signer.scalar, { lowS: false }) };
}

/** Hex of all the bytes, in one text: how back ends' results are compared. */
export function textOf(results: readonly Uint8Array[]): string {
  return results.map((bytes) => Buffer.from(bytes).toString("hex")).join(" ");
}
