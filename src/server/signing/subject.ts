// What an administrator's key is asked to sign. Commands are decoded to the last byte; so is all that a client has besides: the digest
// of a certificate and the test of a key (workstation.md 4). Whatever else it is, it is "other".

import { isZero, readU32, toHex } from "../../bytes.ts";
import { WireError } from "../../errors.ts";
import { type AdminBlock, decodeAdminBlock } from "../../wire/admin.ts";
import { Reader, Tag } from "../../wire/der.ts";
import { type Details, SIGNED_COMMANDS, signedCommand } from "./details.ts";

/** What can be signed, by the words that allow it: a command's name, or one of these. */
export const Kind = {
  /** The digest of an administrator's certificate. */
  Certificate: "certificate",
  /** The test whether a key can be used. */
  Test: "test",
  /** Anything that is not understood. */
  Other: "other",
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind] | (typeof SIGNED_COMMANDS)[number];

export const KINDS: readonly Kind[] = [...SIGNED_COMMANDS, ...Object.values(Kind)];

/** The crypto unit that a command is for. */
export interface SubjectUnit {
  /** Serial number of the module, 8 characters. */
  readonly serial: string;
  readonly moduleId: string;
  readonly domain: number;
  readonly domainInstance: number;
}

export interface Subject {
  readonly kind: Kind;
  /** Of a command. */
  readonly unit?: SubjectUnit;
  /** Transaction counter of a command, in decimal. */
  readonly counter?: string;
  readonly details: Details;
}

const ADMIN_DOMAIN_SIZE = 8;
const MODULE_ID_SIZE = 16;
const SERIAL_SIZE = 8;
const COUNTER_SIZE = 16;
const DIGEST_SIZE = 64;
const TEST_SIZE = 100;
const INDEFINITE = 0x80;

/** Never throws. */
export function subjectOf(input: Uint8Array): Subject {
  if (input.length === TEST_SIZE && isZero(input)) return { kind: Kind.Test, details: { zeroBytes: TEST_SIZE } };
  if (input.length === DIGEST_SIZE && !resemblesBlock(input))
    return { kind: Kind.Certificate, details: { digest: toHex(input) } };
  try {
    return commandSubject(decodeAdminBlock(input));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: Kind.Other, details: { bytes: input.length, why: error.message } };
  }
}

/** @throws WireError for what no administrator signs, and what no unit would take */
function commandSubject({ commandId, adminDomain, moduleId, counter, input }: AdminBlock): Subject {
  const command = signedCommand(commandId);
  if (!command) throw new WireError("command id", 0, "a signed command's", commandId.toString(16).padStart(8, "0"));
  wanted("administrative domain", adminDomain, ADMIN_DOMAIN_SIZE);
  wanted("module identifier", moduleId, MODULE_ID_SIZE);
  wanted("transaction counter", counter, COUNTER_SIZE);
  const unit = {
    serial: String.fromCharCode(...moduleId.subarray(0, SERIAL_SIZE)),
    moduleId: toHex(moduleId),
    domain: readU32(adminDomain),
    domainInstance: readU32(adminDomain, 4),
  };
  const { name, describe } = command;
  return { kind: name, unit, counter: BigInt(`0x${toHex(counter)}`).toString(), details: describe(input) };
}

function wanted(field: string, bytes: Uint8Array, size: number): void {
  if (bytes.length !== size) throw new WireError(field, 0, `${size} bytes`, `${bytes.length}`);
}

/**
 * Whether a unit that is less strict than ours might read the bytes as a block: a command can be 64 bytes long, or be made so with BER
 * or with bytes after its end. A digest looks like that once in 2^23.
 */
function resemblesBlock(bytes: Uint8Array): boolean {
  if (bytes[0] !== Tag.Sequence) return false;
  if (bytes[1] === INDEFINITE) return bytes[2] === Tag.OctetString;
  try {
    return new Reader(bytes, "ber").sequence("block").octets("command id", 4).length === 4;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** One line: what, where, with what values. Control characters of foreign texts are not shown. */
export function subjectText({ kind, unit, counter, details }: Subject): string {
  const where = unit ? [`unit ${unit.serial} domain ${unit.domain}`, `counter ${counter}`] : [];
  const values = Object.entries(details).map(([name, value]) => `${wordsOf(name)} ${value}`);
  return [TITLES[kind] ?? kind, ...where, ...values].join(", ").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}

const TITLES: Readonly<Record<string, string>> = {
  [Kind.Certificate]: "certificate of an administrator",
  [Kind.Test]: "test of the key",
  [Kind.Other]: "something that is not understood",
};

/** `signatureThreshold` as people write it. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
