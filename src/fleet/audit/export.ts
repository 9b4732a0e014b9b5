// The audit log as a file of lines, and back.

import type { AuditHead } from "./records.ts";
import { AuditError, decodeHead, encodeHead } from "./records.ts";

/** What a log can be exported from. */
export interface AuditSource {
  auditLines(): Iterable<string>;
  head(): AuditHead;
}

/** The lines of an export, each with its newline: the log as it stands, then its head. */
export function* exportAudit(source: AuditSource): Generator<string> {
  const head = source.head();
  for (const line of source.auditLines()) yield `${line}\n`;
  yield `${encodeHead(head)}\n`;
}

const NEWLINE = 0x0a;

/**
 * The lines of a file that is read in pieces, without their newlines.
 * @throws AuditError if the text is not UTF-8, or the last line has no newline
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array(0);
  let position = 1;
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield decode(bytes.subarray(start, end), position++);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) throw new AuditError(position, "want a newline at the end of the line, got the end of the file");
}

function decode(bytes: Uint8Array, position: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AuditError(position, "want UTF-8, got other bytes", { cause });
  }
}

/** Reads a head that was kept. @throws AuditError */
export function parseHead(text: string): AuditHead {
  return decodeHead(text.replace(/\n$/, ""), 1);
}
