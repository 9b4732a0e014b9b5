// Where passwords come from: a file or an open descriptor named on the command line, else the terminal. Never the command line
// itself, never the environment. They are bytes from end to end, wiped when the command ends.

import { closeSync, openSync, readSync } from "node:fs";
import { unmoved } from "../../bytes.ts";
import { UsageError } from "../../errors.ts";
import type { Arguments } from "../command.ts";
import { wholeNumber } from "../command.ts";

/** Bytes of a file of passwords, or with a key part's value. */
const MAX_SECRET = 65_536;
const LF = 0x0a;
const CR = 0x0d;

/** The lines of a password file: one line serves for every prompt, several serve one prompt each, in order. */
export class PasswordLines {
  readonly #content: Uint8Array;
  readonly #lines: readonly Uint8Array[];
  readonly #name: string;
  #next = 0;

  constructor(content: Uint8Array, name: string) {
    this.#content = content;
    this.#lines = linesOf(content);
    this.#name = name;
  }

  /** The password for the next prompt. @throws UsageError if there are not as many. */
  next(): Uint8Array {
    const line = this.#lines.length === 1 ? this.#lines[0] : this.#lines[this.#next++];
    if (line !== undefined) return copyOf(line);
    throw new UsageError(
      `${this.#name}: want a password for each prompt, one a line (or one line for all), got ${this.#lines.length}.`,
    );
  }

  wipe(): void {
    this.#content.fill(0);
  }
}

/** The file or descriptor that the options name, read whole; null if they name none. @throws UsageError */
export function passwordLines(argv: Arguments): PasswordLines | null {
  const content = readSecret(argv, "password");
  return (
    content && new PasswordLines(content, argv["password-file"] === undefined ? "--password-fd" : "--password-file")
  );
}

/** Bytes of the file or descriptor that `--<name>-file` or `--<name>-fd` names; null if neither is given. @throws UsageError */
export function readSecret(argv: Arguments, name: string): Uint8Array | null {
  const [file, descriptor] = [argv[`${name}-file`], argv[`${name}-fd`]];
  if (file === undefined && descriptor === undefined) return null;
  if (file !== undefined && descriptor !== undefined)
    throw new UsageError(`Want --${name}-file or --${name}-fd, not both.`);
  const option = file === undefined ? `${name}-fd` : `${name}-file`;
  const source = file === undefined ? wholeNumber(argv, `${name}-fd`) : `${file}`;
  try {
    return readWhole(source, option);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`--${option}: '${source}' cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}

/** In one buffer, which is all that there is to wipe. @throws UsageError if it is too large */
function readWhole(source: string | number, option: string): Uint8Array {
  const content = unmoved(MAX_SECRET);
  const descriptor = typeof source === "number" ? source : openSync(source, "r");
  try {
    let size = 0;
    for (let got = -1; got !== 0 && size < content.length; size += got)
      got = readSync(descriptor, content, size, content.length - size, null);
    if (size < content.length) return content.subarray(0, size);
  } finally {
    if (descriptor !== source) closeSync(descriptor);
  }
  content.fill(0);
  throw new UsageError(`--${option}: want less than ${MAX_SECRET} bytes, got more.`);
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = unmoved(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Views on the lines, without their ends; a line end at the very end begins no further line. */
function linesOf(content: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(LF, from);
    const to = end < 0 ? content.length : end;
    lines.push(content.subarray(from, to > from && content[to - 1] === CR ? to - 1 : to));
    from = to + 1;
  }
  return lines;
}
