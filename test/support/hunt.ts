// Looks for secrets where they should not be: in bytes, files, and the memory of other processes. A secret is found in pieces of 16
// bytes, as it is, backwards, and as hexadecimal or base64 text.

import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

export interface Secret {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Finding {
  readonly secret: string;
  readonly form: string;
  /** File, kind of memory, or what else was searched. */
  readonly where: string;
  readonly at: number;
}

interface Pattern {
  readonly secret: string;
  readonly form: string;
  readonly bytes: Uint8Array;
}

/** Bytes of a secret that are looked for at once, and how far the next ones begin: 23 bytes in a row are found. */
const PIECE = 16;
const STEP = 8;
/** Bytes that are searched at once; more than a piece of text overlaps. */
const CHUNK = 4 * 1024 * 1024;
const OVERLAP = 128;
/** The card's memory, and nothing else of a process, has this size. */
const CARD_SIZE = 0x8000000;
const ZEROS = Buffer.alloc(CHUNK);

export class Hunt {
  readonly #patterns = new Map<number, Pattern[]>();
  /** Whether a pattern begins with these two bytes. */
  readonly #begins = new Uint8Array(0x10000);

  constructor(secrets: readonly Secret[]) {
    for (const secret of secrets) for (const pattern of patternsOf(secret)) this.#add(pattern);
  }

  /** Each pattern is found once at most. */
  inBytes(bytes: Uint8Array, where: string, base = 0): Finding[] {
    const found = new Map<Pattern, Finding>();
    const begins = this.#begins;
    for (let at = 0, last = bytes.length - 1; at < last; at++) {
      const two = bytes[at]! | (bytes[at + 1]! << 8);
      if (begins[two] === 0) continue;
      for (const pattern of this.#patterns.get(two)!)
        if (!found.has(pattern) && isAt(bytes, at, pattern.bytes))
          found.set(pattern, { secret: pattern.secret, form: pattern.form, where, at: base + at });
    }
    return [...found.values()];
  }

  inText(text: string, where: string): Finding[] {
    return this.inBytes(Buffer.from(text), where);
  }

  /** All files below a folder but those that `skips` says. */
  inFiles(folder: string, skips: (path: string) => boolean): Finding[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isFile() && !skips(path) ? this.inBytes(readFileSync(path), path) : [];
    });
  }

  /** What a process was started with, and all of its memory that it can write. */
  inProcess(pid: number): Finding[] {
    const started = ["cmdline", "environ"].flatMap((name) => this.inBytes(readFileSync(`/proc/${pid}/${name}`), name));
    const memory = openSync(`/proc/${pid}/mem`, "r");
    try {
      return [...started, ...mappingsOf(pid).flatMap((mapping) => this.#inMapping(memory, mapping))];
    } finally {
      closeSync(memory);
    }
  }

  #inMapping(memory: number, { from, to, name }: Mapping): Finding[] {
    const found: Finding[] = [];
    const buffer = Buffer.allocUnsafeSlow(CHUNK);
    for (let at = from; at < to; at += CHUNK - OVERLAP) {
      const size = readAt(memory, buffer, at, Math.min(CHUNK, to - at));
      if (size === 0) break;
      const chunk = buffer.subarray(0, size);
      if (!chunk.equals(ZEROS.subarray(0, size))) found.push(...this.inBytes(chunk, name, at));
    }
    return found;
  }

  #add(pattern: Pattern): void {
    const two = pattern.bytes[0]! | (pattern.bytes[1]! << 8);
    this.#begins[two] = 1;
    this.#patterns.set(two, [...(this.#patterns.get(two) ?? []), pattern]);
  }
}

function isAt(bytes: Uint8Array, at: number, pattern: Uint8Array): boolean {
  if (at + pattern.length > bytes.length) return false;
  for (let k = 2; k < pattern.length; k++) if (bytes[at + k] !== pattern[k]) return false;
  return true;
}

function patternsOf({ name, bytes }: Secret): Pattern[] {
  const forms: [string, Uint8Array][] = [];
  const whole = Buffer.from(bytes);
  // Zeros in front tell nothing: they are found everywhere.
  const first = Math.max(
    0,
    whole.findIndex((byte) => byte > 1),
  );
  for (let from = first; from + PIECE <= whole.length; from += STEP) {
    const piece = whole.subarray(from, from + PIECE);
    const hex = piece.toString("hex");
    forms.push(["as it is", piece], ["backwards", Buffer.from(piece).reverse()]);
    forms.push(["hexadecimal", Buffer.from(hex)], ["HEXADECIMAL", Buffer.from(hex.toUpperCase())]);
    forms.push(["UTF-16 of hexadecimal", Buffer.from(hex, "utf16le")], ["UTF-16", utf16(piece)]);
  }
  for (const skip of [0, 1, 2]) {
    const text = whole
      .subarray(first + skip)
      .toString("base64")
      .replace(/=+$/, "")
      .slice(0, -1);
    for (let from = 0; from + PIECE <= text.length; from += PIECE)
      forms.push(["base64", Buffer.from(text.slice(from, from + PIECE))]);
  }
  return forms.map(([form, pattern]) => ({ secret: name, form, bytes: pattern }));
}

/** As V8 keeps a string with characters beyond Latin-1. */
function utf16(bytes: Uint8Array): Buffer {
  return Buffer.from(String.fromCharCode(...bytes), "utf16le");
}

interface Mapping {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** The memory that a process can write, and anonymous memory that it can read. */
function mappingsOf(pid: number): Mapping[] {
  const lines = readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n");
  return lines.flatMap((line) => {
    const [, from, to, access, path] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line)!;
    const mapping = { from: Number.parseInt(from!, 16), to: Number.parseInt(to!, 16), name: path || "memory" };
    const isOwn = access![0] === "r" && (access![1] === "w" || path === "") && !path!.startsWith("[v");
    if (!isOwn) return [];
    return mapping.to - mapping.from === CARD_SIZE ? [{ ...mapping, name: "card" }] : [mapping];
  });
}

/** Bytes that could be read: none where there is nothing behind a mapping. */
function readAt(file: number, into: Buffer, at: number, size: number): number {
  try {
    return readSync(file, into, 0, size, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EIO") return 0;
    throw error;
  }
}
