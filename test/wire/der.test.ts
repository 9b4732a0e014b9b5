// The DER reader and writer, against asn1js and by hand.
import * as asn1js from "asn1js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { WireError } from "../../src/errors.ts";
import { elementSize, headerSize, integerLength, Reader, type Rules, Tag, Writer } from "../../src/wire/der.ts";
import { FUZZ_RUNS, mutationsOf } from "../support/mutations.ts";
import { hex, readVectors } from "../support/vectors.ts";

const runs = { numRuns: FUZZ_RUNS };
const octets = (text: string, rules: Rules = "der"): Uint8Array => new Reader(hex(text), rules).octets("field");

describe("lengths", () => {
  it.each<[number, string]>([
    [0, "0400"],
    [1, "0401"],
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65535, "0482ffff"],
    [65536, "0483010000"],
  ])("%i bytes: %s", (length, header) => {
    const content = new Uint8Array(length).fill(0x5a);
    const encoded = new Writer(elementSize(length)).octets(content).finish();
    expect(toHex(encoded.subarray(0, header.length / 2))).toBe(header);
    expect(headerSize(length)).toBe(header.length / 2);
    expect(toHex(encoded)).toBe(toHex(new Uint8Array(new asn1js.OctetString({ valueHex: content }).toBER())));
    for (const rules of ["der", "ber"] as const) {
      expect(new Reader(encoded, rules).octets("field", length)).toEqual(content);
    }
  });

  it.each([
    "04810100",
    "048200 01 aa",
    "0484 00000001 aa",
    "0483 000080".concat("aa".repeat(128)),
    "04820080".concat("aa".repeat(128)),
  ])("not minimal, in BER alone: %#", (text) => {
    expect(octets(text, "ber").length).toBeGreaterThan(0);
    expect(() => octets(text)).toThrow("want a minimal length");
  });

  it.each<[string, string]>([
    ["no length", "04"],
    ["nothing at all", ""],
    ["another tag", "0200"],
    ["indefinite", "0480aa0000"],
    ["five length octets", "04850000000001aa"],
    ["reserved form", "04ff".concat("00".repeat(127))],
    ["length octets cut off", "048201"],
    ["content cut off", "0402aa"],
    ["a length of 4 GiB", "0484ffffffff"],
    ["a length above 2^31", "048480000001aa"],
  ])("%s: refused", (_, text) => {
    for (const rules of ["der", "ber"] as const) expect(() => octets(text, rules)).toThrow(WireError);
  });

  it("reports what, where, and sizes", () => {
    const fields = new Reader(hex("3008 0401aa 0403bbbbbb")).sequence("outer");
    fields.octets("first", 1);
    let error: unknown;
    try {
      fields.octets("second", 4);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ code: "ERR_WIRE", field: "second", offset: 7 });
    expect((error as Error).message).toBe("second: want 4 bytes, got 3 (offset 7)");
  });
});

describe("INTEGERs", () => {
  const read = (text: string, rules: Rules = "der"): string => toHex(new Reader(hex(text), rules).unsigned("n"));

  it.each<[string, string]>([
    ["020100", ""],
    ["020101", "01"],
    ["02017f", "7f"],
    ["02020080", "80"],
    ["02020100", "0100"],
    ["020300ffff", "ffff"],
  ])("%s is %s", (der, magnitude) => {
    expect(read(der)).toBe(magnitude);
    const bytes = hex(magnitude);
    expect(toHex(new Writer(elementSize(integerLength(bytes))).unsigned(bytes).finish())).toBe(der);
    const padded = concat(new Uint8Array(3), bytes);
    expect(toHex(new Writer(elementSize(integerLength(padded))).unsigned(padded).finish())).toBe(der);
  });

  it.each<[string, string]>([
    ["02020001", "01"],
    ["0203000080", "80"],
    ["02020000", ""],
  ])("leading zeros, in BER alone: %s", (text, magnitude) => {
    expect(() => read(text)).toThrow("want a minimal INTEGER");
    expect(read(text, "ber")).toBe(magnitude);
  });

  it.each(["020180", "0202ff01", "0200"])("%s: refused", (text) => {
    for (const rules of ["der", "ber"] as const) expect(() => read(text, rules)).toThrow(WireError);
  });

  it("agree with asn1js for any magnitude", () => {
    const property = fc.property(fc.bigInt({ min: 0n, max: (1n << 528n) - 1n }), (n) => {
      const digits = n.toString(16);
      const bytes = hex(digits.padStart(digits.length + (digits.length % 2), "0"));
      const encoded = new Writer(elementSize(integerLength(bytes))).unsigned(bytes).finish();
      expect(toHex(encoded)).toBe(toHex(new Uint8Array(asn1js.Integer.fromBigInt(n).toBER())));
      expect(BigInt(`0x0${toHex(new Reader(encoded).unsigned("n"))}`)).toBe(n);
    });
    fc.assert(property, runs);
  });
});

describe("the other readers", () => {
  it("literal: which form came", () => {
    const forms = [hex("0500"), hex("020101")];
    const reader = new Reader(hex("020101 0500 0501"));
    expect([reader.literal(forms, "f"), reader.literal(forms, "f")]).toEqual([1, 0]);
    expect(() => reader.literal(forms, "f")).toThrow("f: want one of 2 known encodings");
  });

  it("literal: not past the end", () => {
    const inside = new Reader(hex("3001 05 00")).sequence("outer");
    expect(() => inside.literal([hex("0500")], "null")).toThrow(WireError);
  });

  it("view and raw", () => {
    const reader = new Reader(hex("aabb 3003020101 cc"));
    expect(toHex(reader.view(2, "head"))).toBe("aabb");
    expect(toHex(reader.raw(Tag.Sequence, "element"))).toBe("3003020101");
    expect(() => reader.view(2, "tail")).toThrow("tail: want 2 bytes, got 1 (offset 7)");
    expect(reader.offset).toBe(7);
  });

  it("inner elements end with their parent", () => {
    const inner = new Reader(hex("3003 0402aa bb")).sequence("outer");
    expect(() => inner.octets("field")).toThrow(WireError);
  });

  it("end", () => {
    const reader = new Reader(hex("0400 0400"));
    reader.octets("field");
    expect(() => reader.end("message")).toThrow("message: want the end, got 2 more bytes (offset 2)");
    reader.octets("field");
    reader.end("message");
    expect(reader.more).toBe(false);
  });

  it("u32", () => {
    expect(new Reader(hex("0404 ffffffff")).u32("n")).toBe(0xffffffff);
    expect(() => new Reader(hex("0403 ffffff")).u32("n")).toThrow("n: want 4 bytes, got 3");
    expect(toHex(new Writer(6).u32(0x80010002).finish())).toBe("040480010002");
  });

  it("a writer of a wrong size is a defect", () => {
    expect(() => new Writer(3).octets(new Uint8Array(0)).finish()).toThrow("want 3 bytes, got 2");
  });
});

/** Walks all elements, constructed ones included, as the strict reader sees them; returns the bytes it would write. */
function rewrite(reader: Reader): Uint8Array {
  const parts: Uint8Array[] = [];
  while (reader.more) {
    if (reader.nextIs(Tag.Sequence)) {
      const content = rewrite(reader.sequence("sequence"));
      parts.push(new Writer(elementSize(content.length)).element(Tag.Sequence, content).finish());
    } else {
      const content = reader.octets("octets");
      parts.push(new Writer(elementSize(content.length)).octets(content).finish());
    }
  }
  return concat(...parts);
}

describe("asn1js as oracle", () => {
  const seeds = readVectors<{ requestDer?: string }>("htp-requests.json").cases.flatMap(({ requestDer }) =>
    requestDer === undefined ? [] : [hex(requestDer)],
  );

  const accepts = (bytes: Uint8Array): boolean => {
    try {
      new Reader(bytes).sequence("message");
      rewrite(new Reader(bytes));
      return true;
    } catch (error) {
      if (error instanceof WireError) return false;
      throw error;
    }
  };

  it("every request is what asn1js writes of it", () => {
    expect(seeds.length).toBe(67);
    for (const seed of seeds) {
      const parsed = asn1js.fromBER(seed);
      expect(parsed.offset).toBe(seed.length);
      expect(toHex(new Uint8Array(parsed.result.toBER()))).toBe(toHex(seed));
    }
  });

  it("what the strict reader accepts, asn1js reads alike", () => {
    let accepted = 0;
    const property = fc.property(mutationsOf(seeds), (bytes) => {
      if (!accepts(bytes)) return;
      accepted++;
      expect(toHex(rewrite(new Reader(bytes)))).toBe(toHex(bytes));
      let at = 0;
      while (at < bytes.length) {
        const parsed = asn1js.fromBER(bytes.subarray(at));
        expect(parsed.offset).toBeGreaterThan(0);
        expect(toHex(new Uint8Array(parsed.result.toBER()))).toBe(toHex(bytes.subarray(at, at + parsed.offset)));
        at += parsed.offset;
      }
    });
    fc.assert(property, runs);
    expect(accepted).toBeGreaterThan(FUZZ_RUNS / 20);
  });
});
