// Signature key files (workstation.md 3.1): an administrator's private key, sealed under a password.
//
//   { "keyType": "p521ec", "ski": "984d..", "seaSalt": "253b..", "enckey": "910e..", "description": "John Smith" }
//
// P-521: what is sealed is PEM of SEC 1 under the label PRIVATE KEY. Anything but p521ec is RSA-2048, PKCS#1 under the same label.
// A private key is in the clear between the decryption and the card alone, in one buffer, which is wiped.

import { createPrivateKey, type KeyObject } from "node:crypto";
import { fromHex, toHex, unmoved } from "../bytes.ts";
import type { Core, KeyPair } from "../core/api.ts";
import { WireError } from "../errors.ts";
import { KeyType } from "../wire/ids.ts";
import { WorkstationError } from "./errors.ts";
import { type Members, member, parseMembers } from "./json-members.ts";
import { type Sealed, SealFormat, seal, unseal } from "./password-seal.ts";
import { decodePem, encodePem } from "./pem.ts";
import { rsaPublicKey } from "./rsa-signer.ts";
import { encodeSec1, scalarOfSec1 } from "./sec1.ts";

export interface SignatureKeyFile {
  readonly keyType: KeyType;
  /** 32 bytes. */
  readonly ski: Uint8Array;
  /** The administrator's name; empty if the file has none. */
  readonly description: string;
  readonly members: Members;
}

/** A key that came out of its file: in a slot of the card, or in OpenSSL's hands. */
export type OpenedKey =
  | { readonly keyType: typeof KeyType.P521; readonly pair: KeyPair }
  | { readonly keyType: typeof KeyType.Rsa2048; readonly privateKey: KeyObject };

const P521 = "p521ec";
const SKI_SIZE = 32;
const SCALAR_SIZE = 66;
/** The bits of a P-521 scalar's first byte. */
const TOP_BITS = 0x01;
const RSA_BITS = 2048;

/** Reads a file's text. @throws WorkstationError; a password is not needed. */
export function parseSignatureKeyFile(json: string): SignatureKeyFile {
  const members = parseMembers(json);
  const ski = skiOf(member(members, "ski"));
  const keyType = members["keyType"] === P521 ? KeyType.P521 : KeyType.Rsa2048;
  for (const name of ["seaSalt", "enckey"]) member(members, name);
  return { keyType, ski, description: members["description"] ?? "", members };
}

/** The text of a file. */
export function formatSignatureKeyFile({ members }: SignatureKeyFile): string {
  return `${JSON.stringify(members)}\n`;
}

/** A fresh P-521 key, in a slot of `core` and in a file. */
export async function createSignatureKey(
  core: Core,
  description: string,
  password: Uint8Array,
  format: SealFormat = SealFormat.Sdk,
): Promise<{ file: SignatureKeyFile; pair: KeyPair }> {
  const scalar = unmoved(SCALAR_SIZE);
  try {
    const pair = drawKey(core, scalar);
    return { file: await sealKey(core, scalar, pair, description, password, format), pair };
  } finally {
    scalar.fill(0);
  }
}

/**
 * The file of a P-521 key whose scalar (66 bytes) the caller has and wipes.
 * @param pair the same key, in `core`
 */
export async function sealKey(
  core: Core,
  scalar: Uint8Array,
  { publicKey }: KeyPair,
  description: string,
  password: Uint8Array,
  format: SealFormat = SealFormat.Sdk,
): Promise<SignatureKeyFile> {
  const ski = core.sha256(publicKey);
  const head = { keyType: P521, ski: toHex(ski), description };
  const der = encodeSec1(scalar, publicKey);
  const pem = encodePem(der);
  try {
    const sealed = await seal(pem, password, format, aboutOf(head));
    return { keyType: KeyType.P521, ski, description, members: { ...head, ...sealed } };
  } finally {
    der.fill(0);
    pem.fill(0);
  }
}

/**
 * Opens a file. Its SKI must be that of the key, in lower case.
 * @throws WrongPasswordError
 * @throws WorkstationError if it holds something else than it says
 */
export async function openSignatureKey(core: Core, file: SignatureKeyFile, password: Uint8Array): Promise<OpenedKey> {
  const { members } = file;
  const pem = await unseal(members as Members & Sealed, password, aboutOf(members));
  try {
    const der = decodePem(pem);
    try {
      return file.keyType === KeyType.P521 ? openP521(core, file, der) : openRsa(core, file, der);
    } finally {
      der.fill(0);
    }
  } finally {
    pem.fill(0);
  }
}

/** What is authenticated besides the key, in the format that does so. */
function aboutOf(members: Members): string[] {
  return ["signature key", members["keyType"] ?? "", members["ski"] ?? "", members["description"] ?? ""];
}

function openP521(core: Core, file: SignatureKeyFile, der: Uint8Array): OpenedKey {
  const pair = importScalar(core, scalarOfSec1(der));
  try {
    checkSki(file, core.sha256(pair.publicKey));
  } catch (error) {
    core.keyFree(pair.slot);
    throw error;
  }
  return { keyType: KeyType.P521, pair };
}

function openRsa(core: Core, file: SignatureKeyFile, der: Uint8Array): OpenedKey {
  const privateKey = importRsa(der);
  if (privateKey.asymmetricKeyDetails?.modulusLength !== RSA_BITS)
    throw new WorkstationError(`private key: want an RSA key of ${RSA_BITS} bits, got another size`);
  checkSki(file, core.sha256(rsaPublicKey(privateKey)));
  return { keyType: KeyType.Rsa2048, privateKey };
}

function importRsa(der: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der.buffer, der.byteOffset, der.length), format: "der", type: "pkcs1" });
  } catch {
    throw new WorkstationError("private key: want an RSA key as PKCS#1 writes it, got something else");
  }
}

/** @throws WorkstationError if it is not 1..n-1. */
function importScalar(core: Core, scalar: Uint8Array): KeyPair {
  try {
    return core.keyImport(scalar);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new WorkstationError("private key: want a scalar in 1..n-1, got one out of range");
  }
}

/** Fills `scalar` with a random one that is in the card then. One in 2^260 draws is out of range, a RangeError like any other. */
function drawKey(core: Core, scalar: Uint8Array): KeyPair {
  crypto.getRandomValues(scalar as Uint8Array<ArrayBuffer>);
  scalar[0]! &= TOP_BITS;
  return core.keyImport(scalar);
}

function checkSki({ members }: SignatureKeyFile, computed: Uint8Array): void {
  if (members["ski"] === toHex(computed)) return;
  throw new WorkstationError(
    `subject key identifier: want ${toHex(computed)}, which is that of the key, got ${members["ski"]}`,
  );
}

function skiOf(hex: string): Uint8Array {
  try {
    const ski = fromHex(hex, "ski");
    if (ski.length !== SKI_SIZE) throw new WireError("ski", 0, `${2 * SKI_SIZE} hexadecimal digits`, `${hex.length}`);
    return ski;
  } catch (error) {
    if (error instanceof WireError) throw new WorkstationError(error.message, { cause: error });
    throw error;
  }
}
