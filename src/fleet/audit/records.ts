// Records of the audit log: one line of JSON each, in the order of the log.
//
//   root         first of all: the key that the modules' certificate chains end in
//   module       a module was put in a bay; its OA certificate chain
//   unit         a unit began, pristine, on a module: first in the unit's chain, and again when its hardware is replaced
//   command      what a unit did that was accepted, its counter consumed, whether or not a later check refused it
//   checkpoint   a module's OA key signs the log as it stands
//
// Canonical bytes: UTF-8 of the JSON text as JSON.stringify writes it (ECMA-262, 25.5.2), members in the order given here, no
// white space. "hash" is the last member: SHA-256, in lower-case hexadecimal, of the text without it. "log" is the hash of the record
// before, "previous" that of the unit's record before; 64 zeros where there is none. So no record can be changed, dropped or moved
// without changing all that follow, and a checkpoint's signature is on all that went before.

import { hash } from "node:crypto";
import { z } from "zod";
import { toHex } from "../../bytes.ts";
import { OpenTkeError } from "../../errors.ts";
import type { AuditEntry, ModuleState } from "../../unit/state.ts";
import { CommandId } from "../../wire/ids.ts";
import { type Bay, bayName } from "../topology.ts";

const hex = (bytes?: number) =>
  z.string().regex(bytes === undefined ? /^([0-9a-f]{2})+$/ : new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const digest = hex(32);
const count = z.number().int().min(1);
const code = z.number().int().min(0).max(0xffff_ffff);
const registers = z.strictObject({ current: digest.nullable(), next: digest.nullable(), committed: z.boolean() });

const common = { position: count, log: digest, time: z.iso.datetime({ precision: 3 }) };
const ofUnit = { unit: z.string(), sequence: count, previous: digest };

const RecordSchema = z.discriminatedUnion("type", [
  z.strictObject({ ...common, type: z.literal("root"), publicKey: hex(133), hash: digest }),
  z.strictObject({
    ...common,
    type: z.literal("module"),
    serial: z.string(),
    instance: hex(8),
    bay: z.string(),
    /** The module that stood there, which is gone. */
    replaces: z.string().nullable(),
    certificates: z.array(hex()).min(1),
    hash: digest,
  }),
  z.strictObject({
    ...common,
    type: z.literal("unit"),
    ...ofUnit,
    module: z.string(),
    domain: z.number().int().min(0).max(255),
    counter: hex(16),
    hash: digest,
  }),
  z.strictObject({
    ...common,
    type: z.literal("command"),
    ...ofUnit,
    command: code,
    name: z.string(),
    returnCode: code,
    reasonCode: code.nullable(),
    signers: z.array(digest),
    counter: hex(16),
    before: registers,
    after: registers,
    job: z.string().nullable(),
    hash: digest,
  }),
  z.strictObject({
    ...common,
    type: z.literal("checkpoint"),
    module: z.string(),
    /** r || s over CHECKPOINT and the text without this member and the next. */
    signature: hex(132),
    hash: digest,
  }),
]);

/** A record as it stands in a line. */
export type AuditRecord = Readonly<z.infer<typeof RecordSchema>>;
export type RecordType = AuditRecord["type"];

/** The last line of an export: where the log ends. What is kept as a head has this form too. */
export const HeadSchema = z.strictObject({
  type: z.literal("head"),
  records: z.number().int().min(0),
  hash: digest,
  /** SKI of the root: the first 32 bytes of SHA-512 of its public key. */
  root: digest,
});
export type AuditHead = Readonly<z.infer<typeof HeadSchema>>;

/** A record's content: all but what ties it to the log. */
export type Content = Readonly<Record<string, unknown>> & { readonly type: RecordType };

/** Before the first record. */
export const ORIGIN = "0".repeat(64);

/** What a checkpoint's signature is about, in front of the signed text. */
const CHECKPOINT = new TextEncoder().encode("opentke audit checkpoint 1\n");

/** A line of the log is not what it should be. */
export class AuditError extends OpenTkeError {
  readonly code: string = "ERR_AUDIT";
  /** Position of the record, counted from 1. */
  readonly position: number;

  constructor(position: number, problem: string, options?: ErrorOptions) {
    super(`audit record ${position}: ${problem}`, options);
    this.position = position;
  }
}

/** SHA-256 of a text, in hexadecimal. */
export function sha256Hex(text: string | Uint8Array): string {
  return hash("sha256", text, "hex");
}

/** SKI of the root with this public key (ep11-wire.md 9.3), in hexadecimal. */
export function rootSki(publicKey: Uint8Array): string {
  return hash("sha512", publicKey, "hex").slice(0, 64);
}

// --- lines ---------------------------------------------------------------------------------------------------------------------

const HASH_MEMBER = `,"hash":"${ORIGIN}"}`.length;
const SIGNATURE_MEMBER = `,"signature":"${"0".repeat(264)}"`.length;

/** The line of a record. In: its members in order, without its hash. */
export function encodeRecord(members: Content): { readonly line: string; readonly hash: string } {
  const text = JSON.stringify(members);
  const digest = sha256Hex(text);
  return { line: `${text.slice(0, -1)},"hash":"${digest}"}`, hash: digest };
}

/**
 * Reads a line, whose hash and form are right then.
 * @throws AuditError naming the position the record should have.
 */
export function decodeRecord(line: string, position: number): AuditRecord {
  const record = parseCanonical(line, RecordSchema, position);
  if (sha256Hex(`${line.slice(0, -HASH_MEMBER)}}`) !== record.hash)
    throw new AuditError(position, "its hash is not that of its text: it was changed");
  return record;
}

/** The line of a head. */
export function encodeHead({ type, records, hash, root }: AuditHead): string {
  return JSON.stringify({ type, records, hash, root });
}

/** @throws AuditError */
export function decodeHead(line: string, position: number): AuditHead {
  return parseCanonical(line, HeadSchema, position);
}

function parseCanonical<T>(line: string, schema: z.ZodType<T>, position: number): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new AuditError(position, "want a line of JSON, got something else", { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new AuditError(position, `${issue.path.join(".") || "line"}: ${issue.message}`);
  }
  if (JSON.stringify(value) !== line) throw new AuditError(position, "want the canonical form, got another");
  return parsed.data;
}

/** The bytes that a checkpoint's signature is on. In: a line, or the text without signature and hash. */
export function checkpointMessage(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const message = new Uint8Array(CHECKPOINT.length + bytes.length);
  message.set(CHECKPOINT);
  message.set(bytes, CHECKPOINT.length);
  return message;
}

/** The signed text of a checkpoint's line. */
export function signedText(line: string): string {
  return `${line.slice(0, -HASH_MEMBER - SIGNATURE_MEMBER)}}`;
}

// --- contents ------------------------------------------------------------------------------------------------------------------

export function moduleContent(module: ModuleState, bay: Bay, replaces: string | null): Content {
  return {
    type: "module",
    serial: module.serial,
    instance: toHex(module.instance),
    bay: bayName(bay),
    replaces,
    certificates: module.certificates.map(toHex),
  };
}

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(CommandId).map(([name, id]) => [id, name]));

/** All of a command's record that does not tie it to its chain. */
export function commandContent(entry: AuditEntry): Readonly<Record<string, unknown>> {
  return {
    command: entry.command,
    name: NAMES.get(entry.command) ?? `${entry.command}`,
    returnCode: entry.returnCode,
    reasonCode: entry.reasonCode,
    signers: entry.signers.map(toHex),
    counter: toHex(entry.counter),
    before: registersContent(entry.before),
    after: registersContent(entry.after),
    job: entry.job,
  };
}

function registersContent({ current, next }: AuditEntry["before"]): Readonly<Record<string, unknown>> {
  return {
    current: current && toHex(current),
    next: next && toHex(next.pattern),
    committed: next?.committed ?? false,
  };
}
