// What a signing service and its clients say to each other (workstation.md 4), in JSON. P-521 alone.
//
//   GET  {url}/keys/{id}                                                    {"publickey": base64(SEQUENCE { INTEGER X, INTEGER Y })}
//   POST {url}/sign/{id}  {"hash_algorithm":"sha2-512","input": base64}     {"signature": base64(SEQUENCE { INTEGER r, INTEGER s })}

import { concat } from "../bytes.ts";
import { WireError } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { decodeEcdsaSignature, decodePair, encodeEcdsaSignature, encodePair } from "./ecdsa-signature.ts";
import { type JsonObject, parseJson } from "./json.ts";
import { POINT_SIZE } from "./spki.ts";

/** The one hash that is asked for: the service hashes the input with it, and signs the hash. */
export const SIGNING_HASH = "sha2-512";

/** Characters of a key's id at most. */
const MAX_ID = 255;
/** RFC 3986, 2.3: an id goes into the path as it is. */
const UNRESERVED = /^[A-Za-z0-9._~-]+$/;

/** Whether a key can be called this; `.` and `..` cannot, since URLs lose them (RFC 3986, 5.2.4). */
export function isKeyId(text: string): boolean {
  return text.length <= MAX_ID && UNRESERVED.test(text) && text !== "." && text !== "..";
}

/** The answer with a key: 04 || X || Y, 133 bytes. */
export function encodeKeyAnswer(publicKey: Uint8Array): string {
  if (publicKey.length !== POINT_SIZE || publicKey[0] !== 4)
    throw new WireError("public key", 0, "133 bytes starting with 04", `${publicKey.length} bytes`);
  return JSON.stringify({ publickey: encodeBase64(encodePair("public key", publicKey.subarray(1))) });
}

/**
 * The key in an answer: 04 || X || Y, 133 bytes. Whether it is on the curve is not checked.
 * @throws WireError
 */
export function decodeKeyAnswer(text: string): Uint8Array {
  const der = bytesIn(parseJson(text, "answer of the signing service"), "publickey");
  return concat(Uint8Array.of(4), decodePair(["publickey", "X", "Y"], der));
}

export function encodeSignRequest(input: Uint8Array): string {
  return JSON.stringify({ hash_algorithm: SIGNING_HASH, input: encodeBase64(input) });
}

/** What is to be hashed and signed. @throws WireError, also if another hash is asked for. */
export function decodeSignRequest(text: string): Uint8Array {
  const members = parseJson(text, "request");
  const hash = textIn(members, "hash_algorithm");
  if (hash !== SIGNING_HASH) throw new WireError("hash_algorithm", 0, `'${SIGNING_HASH}'`, "another");
  return bytesIn(members, "input");
}

/** The answer with a signature: r || s, 132 bytes. */
export function encodeSignAnswer(signature: Uint8Array): string {
  return JSON.stringify({ signature: encodeBase64(encodeEcdsaSignature(signature)) });
}

/** The signature in an answer: r || s, 132 bytes. @throws WireError */
export function decodeSignAnswer(text: string): Uint8Array {
  return decodeEcdsaSignature(bytesIn(parseJson(text, "answer of the signing service"), "signature"));
}

function bytesIn(members: JsonObject, name: string): Uint8Array {
  return decodeBase64(textIn(members, name), name);
}

function textIn(members: JsonObject, name: string): string {
  const value = members[name];
  if (typeof value === "string") return value;
  throw new WireError(name, 0, "a text", value === undefined ? "none" : value === null ? "null" : typeof value);
}
