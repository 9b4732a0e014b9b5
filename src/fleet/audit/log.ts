// The end of the log, and what is being added to it. A draft is thrown away if the transaction that it belongs to fails.

import { toHex } from "../../bytes.ts";
import type { AuditEntry, ModuleState, UnitState } from "../../unit/state.ts";
import type { Bay } from "../topology.ts";
import { type Content, checkpointMessage, commandContent, encodeRecord, moduleContent, ORIGIN } from "./records.ts";

/** A place in a chain. Hashes are 64 hexadecimal digits. */
export interface LogEnd {
  /** Records so far. */
  readonly position: number;
  readonly hash: string;
}

/** A unit's last record. */
export interface UnitEnd extends LogEnd {
  /** Records of the unit so far. */
  readonly sequence: number;
}

export const LOG_ORIGIN: LogEnd = { position: 0, hash: ORIGIN };
export const UNIT_ORIGIN: UnitEnd = { position: 0, sequence: 0, hash: ORIGIN };

/** A line and its place. */
export interface Line {
  readonly position: number;
  readonly line: string;
}

export class LogDraft {
  /** What is to be kept, in order. */
  readonly lines: Line[] = [];
  readonly #time: string;
  #end: LogEnd;

  constructor(end: LogEnd, time: Date) {
    this.#end = end;
    this.#time = time.toISOString();
  }

  /** The log's end with this draft. */
  get end(): LogEnd {
    return this.#end;
  }

  /** In: the root's public key. */
  root(publicKey: Uint8Array): void {
    this.#append({ type: "root", publicKey: toHex(publicKey) });
  }

  /** A module in a bay, in place of another. */
  module(module: ModuleState, bay: Bay, replaces: string | null): void {
    this.#append(moduleContent(module, bay, replaces));
  }

  /** A unit that begins anew. */
  unit({ id, serial, domain, counter }: UnitState, end: UnitEnd): UnitEnd {
    return this.#append({ type: "unit", ...next(id, end), module: serial, domain, counter: toHex(counter) }, end);
  }

  command(entry: AuditEntry, end: UnitEnd): UnitEnd {
    return this.#append({ type: "command", ...next(entry.unit, end), ...commandContent(entry) }, end);
  }

  /** The module signs the log as it stands. In: its serial number, and what signs with its OA key. */
  checkpoint(module: string, sign: (message: Uint8Array) => Uint8Array): void {
    const content = this.#placed({ type: "checkpoint", module });
    const signature = toHex(sign(checkpointMessage(JSON.stringify(content))));
    this.#keep({ ...content, signature });
  }

  #append(content: Content, end: UnitEnd = UNIT_ORIGIN): UnitEnd {
    this.#keep(this.#placed(content));
    return { ...this.#end, sequence: end.sequence + 1 };
  }

  #placed(content: Content): Content {
    const { type, ...rest } = content;
    return { position: this.#end.position + 1, log: this.#end.hash, time: this.#time, type, ...rest };
  }

  #keep(content: Content): void {
    const position = this.#end.position + 1;
    const { line, hash } = encodeRecord(content);
    this.lines.push({ position, line });
    this.#end = { position, hash };
  }
}

function next(unit: string, end: UnitEnd): Readonly<Record<string, unknown>> {
  return { unit, sequence: end.sequence + 1, previous: end.hash };
}
