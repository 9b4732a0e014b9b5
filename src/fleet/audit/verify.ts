// Verification of an audit log from its lines alone: every hash, every chain, every signature up to the root. What was changed,
// dropped or moved is found by itself; that the end was cut off is found against a head that was kept elsewhere.

import { fromHex, toHex } from "../../bytes.ts";
import type { Core, VerifyJob } from "../../core/api.ts";
import { decodeOaCertificate, type OaCertificate } from "../../wire/oa-certificate.ts";
import { LOG_ORIGIN, type LogEnd, UNIT_ORIGIN, type UnitEnd } from "./log.ts";
import {
  AuditError,
  type AuditHead,
  type AuditRecord,
  checkpointMessage,
  decodeHead,
  decodeRecord,
  rootSki,
  signedText,
} from "./records.ts";

export interface VerifyOptions {
  /** Verifies signatures; needs no keys. */
  readonly core: Core;
  /** A head that was kept: the log must hold all that it held then. */
  readonly head?: AuditHead;
  /** Whether the lines end with a head, as those of an export do. */
  readonly sealed: boolean;
}

export interface AuditReport {
  readonly records: number;
  readonly commands: number;
  readonly units: number;
  readonly checkpoints: number;
  /** Records after the last checkpoint: nothing but a head that is kept vouches for them. */
  readonly unsigned: number;
  readonly head: AuditHead;
}

/** The last record of each unit, by its id. */
export type UnitEnds = ReadonlyMap<string, UnitEnd>;

type Of<T extends AuditRecord["type"]> = Extract<AuditRecord, { readonly type: T }>;

/** Signatures verified in one call. */
const BATCH = 256;

/** Takes lines one by one. */
export class AuditVerifier {
  readonly #options: VerifyOptions;
  readonly #units = new Map<string, UnitEnd>();
  /** OA keys of the modules that stand, by serial number. */
  readonly #modules = new Map<string, Uint8Array>();
  /** Signatures that are still to be verified, and whose record they are. */
  #jobs: (VerifyJob & { readonly position: number })[] = [];
  #end: LogEnd = LOG_ORIGIN;
  #root: { readonly publicKey: Uint8Array; readonly ski: string } | null = null;
  #sealed: AuditHead | null = null;
  #headSeen: boolean;
  #commands = 0;
  #checkpoints = 0;
  #signed = 0;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#headSeen = options.head === undefined || options.head.records === 0;
  }

  /** The ends of the units' chains so far. */
  get units(): UnitEnds {
    return this.#units;
  }

  /** @throws AuditError */
  add(line: string): void {
    const position = this.#end.position + 1;
    if (this.#sealed) throw new AuditError(position, "want nothing after the head, got another line");
    if (this.#options.sealed && line.startsWith('{"type":"head"')) {
      this.#sealed = decodeHead(line, position);
      return;
    }
    const record = decodeRecord(line, position);
    if (record.position !== position)
      throw new AuditError(position, `want this position, got ${record.position}: records were dropped or moved`);
    if (record.log !== this.#end.hash)
      throw new AuditError(position, "it does not follow the record before: one of them was changed, dropped or moved");
    this.#read(record, line);
    this.#end = { position, hash: record.hash };
    this.#compare();
  }

  /** After the last line. @throws AuditError */
  finish(): AuditReport {
    this.#verifySignatures();
    const { position, hash } = this.#end;
    const { head, sealed } = this.#options;
    if (this.#root === null) throw new AuditError(1, "want the root's record, got an empty log");
    const end: AuditHead = { type: "head", records: position, hash, root: this.#root.ski };
    if (head && head.root !== end.root)
      throw new AuditError(1, `want the root of the head that was kept, ${head.root}, got ${end.root}: another log`);
    if (head && !this.#headSeen) throw cutOff(position, head.records, "the head that was kept");
    if (sealed && this.#sealed === null)
      throw new AuditError(position + 1, "want the head at the end, got no more lines: cut off");
    if (this.#sealed && this.#sealed.records > position)
      throw cutOff(position, this.#sealed.records, "the head at its end");
    if (this.#sealed && !sameHead(this.#sealed, end))
      throw new AuditError(position, "the head at the end is that of another log: one of them was changed");
    return {
      records: position,
      commands: this.#commands,
      units: this.#units.size,
      checkpoints: this.#checkpoints,
      unsigned: position - this.#signed,
      head: end,
    };
  }

  /** Whether the log is the one of the head that was kept, at the place where that was taken. */
  #compare(): void {
    const { head } = this.#options;
    if (head?.records !== this.#end.position) return;
    if (head.hash !== this.#end.hash)
      throw new AuditError(head.records, "it is not the record that the head was taken at: the log was rewritten");
    this.#headSeen = true;
  }

  #read(record: AuditRecord, line: string): void {
    if ((record.type === "root") !== (record.position === 1))
      throw new AuditError(record.position, "want the root's record first and nowhere else");
    if (record.type === "root") {
      const publicKey = fromHex(record.publicKey);
      this.#root = { publicKey, ski: rootSki(publicKey) };
    } else if (record.type === "module") this.#module(record);
    else if (record.type === "checkpoint") this.#checkpoint(record, line);
    else this.#unit(record);
  }

  #unit(record: Of<"unit" | "command">): void {
    const { unit, sequence, previous, position, hash } = record;
    const before = this.#units.get(unit) ?? UNIT_ORIGIN;
    if (sequence !== before.sequence + 1 || previous !== before.hash)
      throw new AuditError(
        position,
        `it does not follow the unit's record before: record ${before.sequence} of unit ${unit}`,
      );
    if (record.type === "unit" && !this.#modules.has(record.module))
      throw new AuditError(position, `want a module of the log, got ${record.module}`);
    if (record.type === "command") {
      if (sequence === 1) throw new AuditError(position, `unit ${unit} does something before it begins`);
      this.#commands++;
    }
    this.#units.set(unit, { position, sequence, hash });
  }

  #checkpoint({ module, signature, position }: Of<"checkpoint">, line: string): void {
    const publicKey = this.#modules.get(module);
    if (publicKey === undefined)
      throw new AuditError(position, `want a checkpoint of a module that stands, got ${module}'s`);
    const message = checkpointMessage(signedText(line));
    this.#later({ position, publicKey, message, signature: fromHex(signature) });
    this.#checkpoints++;
    this.#signed = position;
  }

  /** A module's certificates: each signed by the next one's key, the last by the root. */
  #module({ serial, replaces, certificates, position }: Of<"module">): void {
    const root = this.#root!;
    const chain = certificates.map((certificate) => readCertificate(certificate, position));
    for (const [at, certificate] of chain.entries()) {
      const parent = chain[at + 1];
      const [ski, publicKey] = parent ? [toHex(parent.subjectSki), parent.publicKey] : [root.ski, root.publicKey];
      if (ski !== toHex(certificate.signerSki))
        throw new AuditError(
          position,
          `certificate ${at} of module ${serial} is signed by ${toHex(certificate.signerSki)}, which is not next`,
        );
      this.#later({ position, publicKey, message: certificate.body, signature: certificate.signature });
    }
    if (replaces !== null && !this.#modules.delete(replaces))
      throw new AuditError(position, `it replaces module ${replaces}, which does not stand`);
    if (this.#modules.has(serial)) throw new AuditError(position, `module ${serial} stands already`);
    this.#modules.set(serial, chain[0]!.publicKey);
  }

  #later(job: VerifyJob & { readonly position: number }): void {
    this.#jobs.push(job);
    if (this.#jobs.length >= BATCH) this.#verifySignatures();
  }

  #verifySignatures(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    const bad = this.#options.core.verify(jobs).indexOf(false);
    if (bad >= 0) throw new AuditError(jobs[bad]!.position, "a signature does not verify");
  }
}

function readCertificate(certificate: string, position: number): OaCertificate {
  try {
    return decodeOaCertificate(fromHex(certificate));
  } catch (cause) {
    throw new AuditError(position, "want OA certificates, got something else", { cause });
  }
}

function sameHead(a: AuditHead, b: AuditHead): boolean {
  return a.records === b.records && a.hash === b.hash && a.root === b.root;
}

function cutOff(position: number, wanted: number, by: string): AuditError {
  return new AuditError(
    position + 1,
    `want ${wanted} records by ${by}, got ${position}: the end of the log was cut off`,
  );
}

/** Verifies a log. @throws AuditError at the first line that is not what it should be. */
export async function verifyAudit(
  lines: Iterable<string> | AsyncIterable<string>,
  options: VerifyOptions,
): Promise<AuditReport> {
  const verifier = new AuditVerifier(options);
  for await (const line of lines) verifier.add(line);
  return verifier.finish();
}
