// Bodies of a signing service: fixtures of other hands both ways, and the law of decoders.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { WireError } from "../../src/errors.ts";
import { decodeBase64, encodeBase64 } from "../../src/wire/base64.ts";
import {
  decodeKeyAnswer,
  decodeSignAnswer,
  decodeSignRequest,
  encodeKeyAnswer,
  encodeSignAnswer,
  encodeSignRequest,
  isKeyId,
} from "../../src/wire/signing-service.ts";
import { cat, ecdsaDer } from "../support/handmade.ts";
import { base64 } from "../support/signing-service.ts";

const pair = fc.uint8Array({ minLength: 132, maxLength: 132 });
const sparse = fc
  .array(fc.constantFrom(0, 1, 127, 128, 255), { minLength: 132, maxLength: 132 })
  .map((bytes) => Uint8Array.from(bytes));

describe("base64", () => {
  it("is that of node:buffer, both ways", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(base64(bytes));
        expect(toHex(decodeBase64(base64(bytes), "x"))).toBe(toHex(bytes));
      }),
    );
  });

  it("has one text for one value: whatever is read is written the same", () => {
    const character = fc.constantFrom(..."ABQgwxyz0189+/=-_ \n");
    fc.assert(
      fc.property(fc.array(character, { maxLength: 12 }), (characters) => {
        const text = characters.join("");
        try {
          expect(encodeBase64(decodeBase64(text, "x"))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("answers", () => {
  it("are what other hands make, byte for byte, also of numbers with leading zeros", () => {
    fc.assert(
      fc.property(fc.oneof(pair, sparse), (raw) => {
        const text = base64(ecdsaDer(raw));
        const point = cat(Uint8Array.of(4), raw);
        expect(encodeKeyAnswer(point)).toBe(`{"publickey":"${text}"}`);
        expect(encodeSignAnswer(raw)).toBe(`{"signature":"${text}"}`);
        expect(toHex(decodeKeyAnswer(`{"publickey":"${text}"}`))).toBe(toHex(point));
        expect(toHex(decodeSignAnswer(`{"x":1, "signature":"${text}"}`))).toBe(toHex(raw));
      }),
    );
  });

  it.each([132, 134, 0])("hold no key of %i bytes", (size) => {
    expect(() => encodeKeyAnswer(new Uint8Array(size).fill(4))).toThrow(WireError);
  });

  it("hold no key of another form than 04 || X || Y", () => {
    expect(() => encodeKeyAnswer(new Uint8Array(133).fill(2))).toThrow(WireError);
  });
});

describe("requests", () => {
  it("are what other hands make", () => {
    expect(encodeSignRequest(Uint8Array.of(255, 0, 62))).toBe('{"hash_algorithm":"sha2-512","input":"/wA+"}');
    expect([...decodeSignRequest('{ "input": "/wA+", "hash_algorithm": "sha2-512", "more": [] }')]).toEqual([
      255, 0, 62,
    ]);
    expect(decodeSignRequest('{"hash_algorithm":"sha2-512","input":""}')).toHaveLength(0);
  });

  it.each([
    ["", "an empty body"],
    ["[]", "a JSON object"],
    ['{"input":"AA=="}', "hash_algorithm: want a text, got none"],
    ['{"hash_algorithm":"sha2-256","input":"AA=="}', "hash_algorithm: want 'sha2-512', got another"],
    ['{"hash_algorithm":"sha2-512"}', "input: want a text, got none"],
    ['{"hash_algorithm":"sha2-512","input":null}', "input: want a text, got null"],
    ['{"hash_algorithm":"sha2-512","input":"AA"}', "input: want base64, got other text"],
  ])("are not %s", (text, why) => {
    expect(() => decodeSignRequest(text)).toThrow(WireError);
    expect(() => decodeSignRequest(text)).toThrow(why);
  });
});

describe("ids of keys", () => {
  it("are RFC 3986's unreserved characters, and nothing that a path loses", () => {
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code);
      expect(isKeyId(`a${character}`), character).toBe(
        encodeURIComponent(`a${character}`) === `a${character}` && !/[!'()*]/.test(character),
      );
    }
    expect(["", ".", "..", "...", "a".repeat(255), "a".repeat(256)].map(isKeyId)).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});
