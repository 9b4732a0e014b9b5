import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WorkstationError } from "../../src/workstation/errors.ts";
import { decodePem, encodePem } from "../../src/workstation/pem.ts";

const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
const block = (body: string) => latin1(`-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`);

describe("PEM in bytes", () => {
  it("encodes as Buffer does, for every length", () => {
    for (let size = 1; size < 200; size++) {
      const der = Uint8Array.from({ length: size }, (_, i) => (i * 89 + size * 7) & 0xff);
      const lines = Buffer.from(der)
        .toString("base64")
        .replace(/.{64}(?!$)/g, "$&\n");
      expect(encodePem(der)).toEqual(block(lines));
      expect(decodePem(block(lines))).toEqual(der);
    }
  });

  it("encodes every pair of bytes", () => {
    const der = Uint8Array.from(
      { length: 3 * 65_536 },
      (_, i) => (i % 3 === 0 ? i / 3 / 256 : i % 3 === 1 ? i / 3 : i / 7) & 0xff,
    );
    expect(decodePem(encodePem(der))).toEqual(der);
    expect(Buffer.from(encodePem(der)).toString().split("\n").slice(1, -2).join("")).toBe(
      Buffer.from(der).toString("base64"),
    );
  });

  it("reads any line ends", () => {
    expect(decodePem(block("AQID\r\n BAU=\r\n"))).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  });

  it.each([
    "A",
    "AQ",
    "AQI",
    "AQ=",
    "AQ==A",
    "AQ===",
    "AR==",
    "AQJ=",
    "AQ=C",
    "A!==",
    "=",
    "A===",
    "AQ==AQ==",
    "AQID\u00ff",
  ])("refuses the body %j", (body) => expect(() => decodePem(block(body))).toThrow(WorkstationError));

  it("knows the base64 digits, and no others", () => {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (let code = 0; code < 256; code++) {
      const char = String.fromCharCode(code);
      const read = () => decodePem(block(`${char}AAA`));
      if (/[ \t-\r]/.test(char) || char === "=" || char === "-") expect(read).toThrow(WorkstationError);
      else if (digits.includes(char)) expect(read()[0]! >> 2).toBe(digits.indexOf(char));
      else expect(read).toThrow(WorkstationError);
    }
  });

  it("throws nothing but WorkstationError, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, framed) => {
        const text = framed ? block(Buffer.from(noise).toString("latin1")) : noise;
        try {
          decodePem(text);
        } catch (error) {
          expect(error).toBeInstanceOf(WorkstationError);
        }
      }),
    );
  });

  it.each(["EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PUBLIC KEY"])("refuses the label %s", (label) =>
    expect(() => decodePem(latin1(`-----BEGIN ${label}-----\nAQID\n-----END ${label}-----\n`))).toThrow(
      WorkstationError,
    ),
  );

  it.each([
    "x-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----x",
    "-----BEGIN PRIVATE KEY-----\nAQID",
    "",
  ])("refuses %j", (text) => expect(() => decodePem(latin1(text))).toThrow(WorkstationError));
});
