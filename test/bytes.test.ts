// The leaves: bytes and errors.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  concat,
  EMPTY,
  equal,
  fromHex,
  isZero,
  readU16,
  readU32,
  toHex,
  u32,
  writeU16,
  writeU32,
} from "../src/bytes.ts";
import {
  CheckError,
  OpenTkeError,
  PreconditionError,
  TransportError,
  UnitError,
  UsageError,
  WireError,
} from "../src/errors.ts";

describe("hexadecimal", () => {
  it("is that of Buffer, both ways", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString("hex");
        expect(toHex(bytes)).toBe(text);
        expect(fromHex(text)).toEqual(bytes);
        expect(fromHex(text.toUpperCase())).toEqual(bytes);
      }),
    );
  });

  it.each(["0", "0g", "g0", " 00", "0x00", "00 ", "é0", "0\u0130", "--", "\ud83d\ude00"])('"%s": refused', (text) => {
    expect(() => fromHex(text, "field")).toThrow(WireError);
  });

  it("every character that is not a digit is refused", () => {
    const digits = new Set("0123456789abcdefABCDEF");
    for (let code = 0; code < 300; code++) {
      const character = String.fromCharCode(code);
      if (digits.has(character)) continue;
      expect(() => fromHex(`0${character}`)).toThrow(WireError);
      expect(() => fromHex(`${character}0`)).toThrow(WireError);
    }
  });
});

describe("integers", () => {
  it("big-endian, as DataView has them", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(6), (value, at) => {
        const bytes = new Uint8Array(10).fill(0xee);
        writeU32(bytes, at, value);
        expect(new DataView(bytes.buffer).getUint32(at)).toBe(value);
        expect(readU32(bytes, at)).toBe(value);
        writeU16(bytes, at, value & 0xffff);
        expect(new DataView(bytes.buffer).getUint16(at)).toBe(value & 0xffff);
        expect(readU16(bytes, at)).toBe(value & 0xffff);
      }),
    );
    expect(toHex(u32(0x80010002))).toBe("80010002");
  });
});

describe("strings of bytes", () => {
  it("concat makes a new array", () => {
    const a = Uint8Array.of(1, 2);
    const joined = concat(a, EMPTY, Uint8Array.of(3));
    expect(joined).toEqual(Uint8Array.of(1, 2, 3));
    joined[0] = 9;
    expect(a[0]).toBe(1);
    expect(concat()).toEqual(EMPTY);
  });

  it("equal and isZero", () => {
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
    expect(equal(EMPTY, EMPTY)).toBe(true);
    expect([isZero(EMPTY), isZero(new Uint8Array(3)), isZero(Uint8Array.of(0, 0, 1))]).toEqual([true, true, false]);
  });
});

describe("errors", () => {
  const details = { source: "unit", returnCode: 3, reasonCode: undefined, codeName: "SLOT_ID_INVALID" } as const;
  it.each<[OpenTkeError, string, string]>([
    [new WireError("field", 4, "1 byte", "2"), "WireError", "ERR_WIRE"],
    [new UnitError("no", details), "UnitError", "ERR_UNIT"],
    [new TransportError("no", { retryable: true, status: 500 }), "TransportError", "ERR_TRANSPORT"],
    [new UsageError("no"), "UsageError", "ERR_USAGE"],
    [new PreconditionError([]), "PreconditionError", "ERR_PRECONDITION"],
    [new CheckError("answer", "no"), "CheckError", "ERR_CHECK"],
  ])("%s", (error, name, code) => {
    expect(error).toBeInstanceOf(OpenTkeError);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code]).toEqual([name, code]);
  });

  it("keep their cause", () => {
    const cause = new Error("below");
    expect(new WireError("field", 0, "a", "b", { cause }).cause).toBe(cause);
  });

  it("a precondition names each unit and what to do", () => {
    const problem = { unit: "[z].[h].[01].[02]", problem: "in imprint mode", nextStep: "set the thresholds" };
    expect(new PreconditionError([problem, { ...problem, unit: "other" }]).message).toBe(
      "[z].[h].[01].[02]: in imprint mode; set the thresholds\nother: in imprint mode; set the thresholds",
    );
  });
});
