// DER (ITU-T X.690), the subset the protocol uses: definite lengths of at most four octets, low tag numbers.
//
//   element = tag (1) length (1, or 81..84 and as many octets) content
//   04 02 AB CD     OCTET STRING of two bytes
//
// "der" wants minimal lengths and minimal INTEGERs, so a value has one encoding. "ber" is for answers read by a client: units
// write 82 00 66 where 66 would do, and pad INTEGERs (ep11-wire.md 4 and 8). Indefinite lengths are never accepted.

import { WireError } from "../errors.ts";

/** Which encodings a reader accepts: minimal ones alone, or any definite length too. */
export type Rules = "der" | "ber";

/** Identifier octets. */
export const Tag = {
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  Oid: 0x06,
  PrintableString: 0x13,
  GeneralizedTime: 0x18,
  Sequence: 0x30,
  Set: 0x31,
  /** Primitive [0]. */
  Context0: 0x80,
  /** Constructed [0] to [3]. */
  Explicit0: 0xa0,
  Explicit1: 0xa1,
  Explicit2: 0xa2,
  Explicit3: 0xa3,
} as const;

const hexByte = (byte: number): string => byte.toString(16).padStart(2, "0");

/**
 * Reads elements one after the other from a part of an array. Whatever it returns is a view on that array, not a copy.
 * Every method throws WireError with the offset in that array.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #minimal: boolean;
  #at: number;

  constructor(bytes: Uint8Array, rules: Rules = "der", start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#minimal = rules === "der";
    this.#at = start;
    this.#end = end;
  }

  /** Offset of the next element. */
  get offset(): number {
    return this.#at;
  }

  /** Whether there is another element. */
  get more(): boolean {
    return this.#at < this.#end;
  }

  /** Whether the next element has this tag. */
  nextIs(tag: number): boolean {
    return this.#at < this.#end && this.#bytes[this.#at] === tag;
  }

  /** The elements inside the next one, which must have this tag. */
  enter(tag: number, field: string): Reader {
    const end = this.#header(tag, field);
    const inside = new Reader(this.#bytes, this.#minimal ? "der" : "ber", this.#at, end);
    this.#at = end;
    return inside;
  }

  /** The elements of the next element, a SEQUENCE. */
  sequence(field: string): Reader {
    return this.enter(Tag.Sequence, field);
  }

  /** Content of the next element, which must have this tag and, where `length` is given, this many bytes. */
  take(tag: number, field: string, length = -1): Uint8Array {
    const end = this.#header(tag, field);
    const start = this.#at;
    if (length >= 0 && end - start !== length) throw new WireError(field, start, `${length} bytes`, `${end - start}`);
    this.#at = end;
    return this.#bytes.subarray(start, end);
  }

  /** Content of the next element, an OCTET STRING. */
  octets(field: string, length = -1): Uint8Array {
    return this.take(Tag.OctetString, field, length);
  }

  /** The next element, an OCTET STRING of 4 bytes, as a big-endian number. */
  u32(field: string): number {
    const end = this.#header(Tag.OctetString, field);
    const at = this.#at;
    if (end - at !== 4) throw new WireError(field, at, "4 bytes", `${end - at}`);
    this.#at = end;
    const b = this.#bytes;
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
  }

  /** The next element, a non-negative INTEGER: its big-endian magnitude without leading zeros (empty for 0). */
  unsigned(field: string): Uint8Array {
    const end = this.#header(Tag.Integer, field);
    const start = this.#at;
    const bytes = this.#bytes;
    if (end === start) throw new WireError(field, start, "an INTEGER", "no content");
    if (bytes[start]! >= 0x80) throw new WireError(field, start, "a non-negative INTEGER", "a negative one");
    if (this.#minimal && bytes[start] === 0 && end - start > 1 && bytes[start + 1]! < 0x80) {
      throw new WireError(field, start, "a minimal INTEGER", "leading zeros");
    }
    let first = start;
    while (first < end && bytes[first] === 0) first++;
    this.#at = end;
    return bytes.subarray(first, end);
  }

  /** The next element whole, header included, which must have this tag. Its content is not looked at. */
  raw(tag: number, field: string): Uint8Array {
    const start = this.#at;
    this.#at = this.#header(tag, field);
    return this.#bytes.subarray(start, this.#at);
  }

  /** The next `length` bytes, whatever they are. */
  view(length: number, field: string): Uint8Array {
    const start = this.#at;
    if (length > this.#end - start) throw new WireError(field, start, `${length} bytes`, `${this.#end - start}`);
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** Steps over whichever of `forms` comes next, compared literally; returns its number. */
  literal(forms: readonly Uint8Array[], field: string): number {
    for (let n = 0; n < forms.length; n++) {
      if (this.#matches(forms[n]!)) {
        this.#at += forms[n]!.length;
        return n;
      }
    }
    throw new WireError(field, this.#at, `one of ${forms.length} known encodings`, "another");
  }

  /** Checks that nothing follows. */
  end(field: string): void {
    if (this.#at !== this.#end) throw new WireError(field, this.#at, "the end", `${this.#end - this.#at} more bytes`);
  }

  #matches(form: Uint8Array): boolean {
    if (form.length > this.#end - this.#at) return false;
    for (let i = 0; i < form.length; i++) if (this.#bytes[this.#at + i] !== form[i]) return false;
    return true;
  }

  /** Steps over tag and length; returns the offset after the content. */
  #header(tag: number, field: string): number {
    const bytes = this.#bytes;
    const start = this.#at;
    if (start + 2 > this.#end) throw new WireError(field, start, `tag ${hexByte(tag)}`, "the end");
    if (bytes[start] !== tag) {
      throw new WireError(field, start, `tag ${hexByte(tag)}`, `tag ${hexByte(bytes[start]!)}`);
    }
    let at = start + 2;
    let length = bytes[start + 1]!;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4) throw new WireError(field, start + 1, "a definite length", hexByte(length));
      if (count > this.#end - at) throw new WireError(field, start + 1, `${count} length octets`, "the end");
      const first = bytes[at]!;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + bytes[at++]!;
      if (this.#minimal && (length < 0x80 || first === 0)) {
        throw new WireError(field, start + 1, "a minimal length", `${count} octets for ${length}`);
      }
    }
    if (length > this.#end - at) throw new WireError(field, at, `${length} bytes`, `${this.#end - at}`);
    this.#at = at;
    return at + length;
  }
}

/** Bytes of an element with `length` bytes of content. */
export function elementSize(length: number): number {
  return headerSize(length) + length;
}

/** Bytes of the tag and the minimal length in front of `length` bytes of content. */
export function headerSize(length: number): number {
  if (length < 0x80) return 2;
  if (length < 0x100) return 3;
  return length < 0x10000 ? 4 : 5;
}

/** Content bytes of the INTEGER for a big-endian magnitude, leading zeros or not. */
export function integerLength(magnitude: Uint8Array): number {
  const first = leadingZeros(magnitude);
  if (first === magnitude.length) return 1;
  return magnitude.length - first + (magnitude[first]! >>> 7);
}

function leadingZeros(magnitude: Uint8Array): number {
  let first = 0;
  while (first < magnitude.length && magnitude[first] === 0) first++;
  return first;
}

/** Fills an array of a size known beforehand with DER, front to back. Contents below 2^24 bytes. */
export class Writer {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  /** Tag and minimal length. */
  header(tag: number, length: number): this {
    const bytes = this.#bytes;
    bytes[this.#at++] = tag;
    if (length >= 0x80) {
      bytes[this.#at++] = 0x80 + headerSize(length) - 2;
      if (length >= 0x10000) bytes[this.#at++] = length >>> 16;
      if (length >= 0x100) bytes[this.#at++] = length >>> 8;
    }
    bytes[this.#at++] = length;
    return this;
  }

  /** An element with this content. */
  element(tag: number, content: Uint8Array): this {
    return this.header(tag, content.length).raw(content);
  }

  /** An OCTET STRING. */
  octets(content: Uint8Array): this {
    return this.element(Tag.OctetString, content);
  }

  /** An OCTET STRING of the 4 bytes of a big-endian number. */
  u32(value: number): this {
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = Tag.OctetString;
    bytes[at + 1] = 4;
    bytes[at + 2] = value >>> 24;
    bytes[at + 3] = value >>> 16;
    bytes[at + 4] = value >>> 8;
    bytes[at + 5] = value;
    this.#at = at + 6;
    return this;
  }

  /** The minimal INTEGER of a big-endian magnitude. */
  unsigned(magnitude: Uint8Array): this {
    const length = integerLength(magnitude);
    const significant = magnitude.subarray(leadingZeros(magnitude));
    this.header(Tag.Integer, length);
    this.#at += length - significant.length;
    return this.raw(significant);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** One byte as it is. */
  byte(value: number): this {
    this.#bytes[this.#at++] = value;
    return this;
  }

  /** The array, which must be full: a wrong size is a defect of the caller. */
  finish(): Uint8Array {
    if (this.#at !== this.#bytes.length) throw new Error(`der: want ${this.#bytes.length} bytes, got ${this.#at}`);
    return this.#bytes;
  }
}
