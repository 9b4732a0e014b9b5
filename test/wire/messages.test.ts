// CPRB headers, HTP texts, answers and signatures: what our units write, and what each layer refuses.
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { TransportError, UnitError, WireError } from "../../src/errors.ts";
import { encodeAdminDomain } from "../../src/wire/admin.ts";
import {
  type AdminResponseBlock,
  encodeAdminResponse,
  encodeAdminResponseBlock,
  encodeXcpInfoResponse,
  reasonCodeOf,
} from "../../src/wire/admin-response.ts";
import { adminBlockOf, cprbOfHtp, infoOf, outputOf, payloadOfCprb } from "../../src/wire/answer.ts";
import {
  decodeCprbRequest,
  decodeCprbResponse,
  encodeCprbError,
  encodeCprbRequest,
  encodeCprbResponse,
} from "../../src/wire/cprb.ts";
import { decodeEcdsaSignature, encodeEcdsaSignature } from "../../src/wire/ecdsa-signature.ts";
import {
  decodeHtpRequest,
  decodeHtpResponse,
  encodeHtpRequest,
  encodeHtpResponse,
  HtpRequestError,
  htpError,
} from "../../src/wire/htp.ts";
import {
  countSignerInfos,
  decodeOaSignature,
  decodeSignerInfos,
  encodeOaSignerInfo,
  encodeSignerInfo,
} from "../../src/wire/signer-info.ts";
import { hex } from "../support/vectors.ts";

/** What `f` throws. */
function thrownBy(f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  throw new Error("want an error, got none");
}

const requestHex = "0020040000805434 00000000 00000016 00000000 0000000000000000 00000003 aabbcc";

describe("CPRB", () => {
  const request = hex(requestHex);

  it("request", () => {
    expect(toHex(encodeCprbRequest(22, hex("aabbcc")))).toBe(toHex(request));
    const decoded = decodeCprbRequest(request);
    expect(decoded.domain).toBe(22);
    expect(toHex(decoded.payload)).toBe("aabbcc");
    expect(toHex(decoded.header)).toBe(toHex(request.subarray(0, 32)));
  });

  it.each<[string, Uint8Array]>([
    ["31 bytes", request.subarray(0, 31)],
    ["header length", request.with(1, 0x21)],
    ["version", request.with(2, 5)],
    ["sub-type", request.with(7, 0x35)],
    ["payload length too small", request.with(31, 2)],
    ["payload length too large", request.with(31, 4)],
    ["payload length far too large", request.with(28, 0xff)],
  ])("request with a wrong %s: refused", (_, bytes) => {
    expect(() => decodeCprbRequest(bytes)).toThrow(WireError);
  });

  it("flags, partition and reserved bytes do not matter, and a response repeats the first two", () => {
    const odd = request.with(5, 0x01).with(11, 0x77).with(25, 0x99).with(16, 0xee);
    const { header } = decodeCprbRequest(odd);
    const answer = "0020040000015434 00000077 00000016 00000000 0000000000000000 00000001 dd";
    expect(toHex(encodeCprbResponse(header, hex("dd")))).toBe(toHex(hex(answer)));
  });

  it("error response", () => {
    const answer = "0020040000805434 00000000 00000016 000c0001 0000000000000000 00000000";
    expect(toHex(encodeCprbError(request, 12, 1))).toBe(toHex(hex(answer)));
    const bare = "0020040000805434 00000000 00000000 000c0001 0000000000000000 00000000";
    expect(toHex(encodeCprbError(request.subarray(0, 31), 12, 1))).toBe(toHex(hex(bare)));
    expect(toHex(encodeCprbError(new Uint8Array(0), 12, 1))).toBe(toHex(hex(bare)));
    expect(decodeCprbResponse(hex(answer))).toMatchObject({ domain: 22, returnCode: 12, reasonCode: 1 });
  });

  it("a response's payload may be followed by bytes, and must not be cut short", () => {
    const answer = encodeCprbResponse(request.subarray(0, 32), hex("aabb"));
    expect(toHex(decodeCprbResponse(concat(answer, hex("ff"))).payload)).toBe("aabb");
    expect(() => decodeCprbResponse(answer.subarray(0, -1))).toThrow("CPRB payload: want 2 bytes, got 1");
    expect(() => decodeCprbResponse(answer.subarray(0, 31))).toThrow("want 32 bytes or more, got 31");
  });

  it.each([
    [12, 1],
    [0, 1],
    [12, 0],
  ])("codes %i and %i are an error", (returnCode, reasonCode) => {
    const error = thrownBy(() => payloadOfCprb(encodeCprbError(request, returnCode, reasonCode)));
    expect(error).toBeInstanceOf(UnitError);
    expect(error).toMatchObject({ source: "cprb", returnCode, reasonCode, codeName: "CPRB_ERROR" });
  });
});

describe("HTPRequest", () => {
  const sound = encodeHtpRequest({ moduleIndex: 3, cprb: hex(requestHex) });

  it("text", () => {
    const cprb = toHex(hex(requestHex)).toUpperCase();
    expect(sound).toBe(`${33 + cprb.length};PCI request;XPNUM   ;3;        ;${cprb}`);
  });

  const recount = (rest: string): string => `${rest.length}${rest}`;
  const body = sound.slice(sound.indexOf(";"));

  it.each<[string, string, number, number]>([
    ["no text", "", 9, 27],
    ["five fields", recount(body.replace(";        ;", ";")), 9, 27],
    ["seven fields", recount(`${body};`), 9, 27],
    ["length not a number", sound.replace(/^\d+/, "abc"), 9, 27],
    ["length one less", sound.replace(/^\d+/, (n) => `${Number(n) - 1}`), 9, 27],
    ["length with a leading zero", `0${sound}`, 9, 27],
    ["other literal", recount(body.replace("PCI", "pci")), 11, 3],
    ["other rule", recount(body.replace("XPNUM   ", "XPNUM  X")), 11, 3],
    ["blanks missing", recount(body.replace(";        ;", ";       ;")), 11, 3],
    ["module index not a number", recount(body.replace(";3;", ";x;")), 9, 40],
    ["no module index", recount(body.replace(";3;", ";;")), 9, 40],
    ["negative module index", recount(body.replace(";3;", ";-3;")), 9, 40],
    ["CPRB not hexadecimal", recount(body.replace("AABBCC", "AABBCX")), 9, 43],
    ["CPRB of odd length", recount(body.slice(0, -1)), 9, 43],
    ["CPRB of 31 bytes", recount(body.slice(0, body.lastIndexOf(";") + 63)), 9, 43],
    ["no CPRB", recount(body.slice(0, body.lastIndexOf(";") + 1)), 9, 43],
  ])("%s: type %i", (_, text, errorType, returnCode) => {
    const error = thrownBy(() => decodeHtpRequest(text));
    expect(error).toBeInstanceOf(HtpRequestError);
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ errorType, returnCode });
  });

  it("leading zeros in the module index and lower case are accepted", () => {
    expect(
      decodeHtpRequest(
        recount(body.replace(";3;", ";003;").toLowerCase().replace("pci", "PCI").replace("xpnum", "XPNUM")),
      ),
    ).toEqual(decodeHtpRequest(sound));
  });
});

describe("HTPResponse", () => {
  it("success", () => {
    const text = encodeHtpResponse({ success: true, cprb: hex(requestHex) });
    const cprb = toHex(hex(requestHex)).toUpperCase();
    expect(text).toBe(`${158 + cprb.length};00${"0".repeat(16)}${" ".repeat(138)};${cprb}`);
    expect(toHex(cprbOfHtp(text))).toBe(toHex(hex(requestHex)));
  });

  it("error: codes padded with blanks", () => {
    const text = encodeHtpResponse({ success: false, error: htpError(9, 43, 0, "CPRB is not hexadecimal") });
    const want = ` 9      43       0OPENTKE ${" ".repeat(30)}CPRB is not hexadecimal${" ".repeat(77)}`;
    expect(want.length).toBe(156);
    expect(text).toBe(`157;${want}`);
    expect(decodeHtpResponse(text)).toEqual({
      success: false,
      error: {
        errorType: "9",
        returnCode: "43",
        reasonCode: "0",
        programId: "OPENTKE",
        errorLocation: "",
        errorText: "CPRB is not hexadecimal",
      },
    });
  });

  it("error text keeps to its field and has no separators", () => {
    const text = encodeHtpResponse({ success: false, error: htpError(11, 3, 0, `a;b${"c".repeat(200)}`) });
    expect(text.length).toBe(160);
    expect(text.split(";").length).toBe(2);
    expect(text).toContain("a,bccc");
  });

  it.each([
    [9, false],
    [11, false],
    [15, true],
    [23, true],
  ])("error of type %i: can be tried again: %s", (errorType, retryable) => {
    const text = encodeHtpResponse({ success: false, error: htpError(errorType, 2, 60, "") });
    const error = thrownBy(() => cprbOfHtp(text));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ retryable, code: "ERR_TRANSPORT" });
    expect((error as Error).message).toContain(`type ${errorType}, return code 2, reason 60`);
  });
});

describe("xcpAdminRsp", () => {
  const block: AdminResponseBlock = {
    commandId: 8,
    adminDomain: encodeAdminDomain(0x15, 1),
    moduleId: hex("39334141424431585a10b0f463cd828f"),
    counter: hex("000102030405060708090a0b0c0d0e0f"),
    returnCode: 209,
    output: hex("00000039"),
  };
  // The block of the vector "EP11 return code 209, reason 57", by hand.
  const blockHex =
    "3040 0404 00000008 0408 0000001500000001 0410 39334141424431585a10b0f463cd828f 0410 000102030405060708090a0b0c0d0e0f 0404 000000d1 0404 00000039";

  it("block", () => {
    expect(toHex(encodeAdminResponseBlock(block))).toBe(toHex(hex(blockHex)));
    expect(reasonCodeOf(block.output)).toBe(57);
    expect(reasonCodeOf(hex("000039"))).toBeUndefined();
    expect(thrownBy(() => outputOf(block))).toMatchObject({ source: "unit", returnCode: 209, reasonCode: 57 });
    expect(outputOf({ ...block, returnCode: 0 })).toBe(block.output);
  });

  it("full and short form", () => {
    const full = encodeAdminResponse({
      form: "full",
      domain: 21,
      returnCode: 0,
      block: hex("aa"),
      signatures: hex("bb"),
    });
    expect(toHex(full)).toBe(toHex(hex("3018 0404 00010029 0404 00000015 0404 00000000 0401 aa 0401 bb")));
    expect(toHex(adminBlockOf(full).block)).toBe("aa");
    const short = encodeAdminResponse({ form: "short", domain: 21, returnCode: 3 });
    expect(toHex(short)).toBe(toHex(hex("3012 0404 00010029 0404 00000015 0404 00000003")));
    expect(thrownBy(() => adminBlockOf(short))).toMatchObject({ source: "rsp", returnCode: 3, reasonCode: undefined });
    const failed = encodeAdminResponse({
      form: "full",
      domain: 21,
      returnCode: 7,
      block: hex("aa"),
      signatures: hex(""),
    });
    expect(thrownBy(() => adminBlockOf(failed))).toMatchObject({ source: "rsp", returnCode: 7 });
  });

  it.each([
    ["four fields", "3015 0404 00010029 0404 00000015 0404 00000000 0401 aa"],
    ["two fields", "300c 0404 00010029 0404 00000015"],
    ["six fields", "301a 0404 00010029 0404 00000015 0404 00000000 0401 aa 0401 bb 0400"],
    ["another function", "3012 0404 00010026 0404 00000015 0404 00000003"],
    ["short, return code 0", "3012 0404 00010029 0404 00000015 0404 00000000"],
  ])("%s: refused", (_, text) => {
    expect(() => adminBlockOf(hex(text))).toThrow(WireError);
  });

  it("get_xcp_info: the return code is not looked at", () => {
    const payload = encodeXcpInfoResponse({ domain: 21, returnCode: 7, payload: hex("aabb") });
    expect(toHex(payload)).toBe(toHex(hex("3016 0404 00010026 0404 00000015 0404 00000007 0402 aabb")));
    expect(toHex(infoOf(payload))).toBe("aabb");
  });
});

describe("SignerInfo", () => {
  const ski = hex("a1".repeat(32));
  const r = `01${"11".repeat(65)}`;
  const s = `00${"22".repeat(65)}`;
  const ec = { keyType: "p521ec", ski, signature: hex(r + s) } as const;
  const rsa = { keyType: "rsa2048", ski, signature: hex("c5".repeat(256)) } as const;
  const version = "020103";
  const key = `8020${"a1".repeat(32)}`;
  const sha512 = "300d06096086480165030402030500";
  const sha256 = "300d06096086480165030402010500";
  const ecdsa = "300c06082a8648ce3d0403040500";
  const rsaEncryption = "300d06092a864886f70d0101010500";
  const der = `308187 0242 ${r} 0241 ${"22".repeat(65)}`;
  const ecHex = `3081cf ${version} ${key} ${sha512} ${ecdsa} 04818a ${der}`;
  const rsaHex = `30820147 ${version} ${key} ${sha256} ${rsaEncryption} 04820100 ${"c5".repeat(256)}`;

  it("both forms, by hand", () => {
    expect(toHex(encodeSignerInfo(ec))).toBe(toHex(hex(ecHex)));
    expect(toHex(encodeSignerInfo(rsa))).toBe(toHex(hex(rsaHex)));
    expect(hex(rsaHex).length).toBe(331);
    expect(decodeSignerInfos(hex(ecHex + rsaHex + ecHex))).toEqual([ec, rsa, ec]);
    expect(decodeSignerInfos(new Uint8Array(0))).toEqual([]);
  });

  it("parameters may be missing", () => {
    const without = (text: string): string =>
      text.replace(/^300d/, "300b").replace(/^300c/, "300a").replace(/0500$/, "");
    const first = `3081cd ${version} ${key} ${without(sha512)} ${ecdsa} 04818a ${der}`;
    const both = `3081cb ${version} ${key} ${without(sha512)} ${without(ecdsa)} 04818a ${der}`;
    const rsaBoth = `30820143 ${version} ${key} ${without(sha256)} ${without(rsaEncryption)} 04820100 ${"c5".repeat(256)}`;
    expect(decodeSignerInfos(hex(first))).toEqual([ec]);
    expect(decodeSignerInfos(hex(both))).toEqual([ec]);
    expect(decodeSignerInfos(hex(rsaBoth))).toEqual([rsa]);
  });

  it.each([
    ["version 4", ecHex.replace("020103", "020104")],
    ["SKI with tag A0", ecHex.replace("8020", "a020")],
    ["SKI of 31 bytes", ecHex.replace("3081cf", "3081ce").replace("8020a1", "801f")],
    ["SHA-512 with RSA", rsaHex.replace(sha256, sha512)],
    ["SHA-256 with ECDSA", ecHex.replace(sha512, sha256)],
    ["ecdsa-with-SHA256", ecHex.replace("2a8648ce3d040304", "2a8648ce3d040302")],
    ["RSA signature of 255 bytes", rsaHex.replace("30820147", "30820145").replace("04820100 c5", "0481ff ")],
    ["SHA-512, rsaEncryption and an ECDSA signature", ecHex.replace("3081cf", "3081d0").replace(ecdsa, rsaEncryption)],
    ["SHA-256, ECDSA and an RSA signature", rsaHex.replace("30820147", "30820146").replace(rsaEncryption, ecdsa)],
    ["a byte after it", `${ecHex}00`],
    ["cut short", ecHex.slice(0, -2)],
    ["lengths not minimal", ecHex.replace("3081cf", "308200cf")],
    ["negative r", ecHex.replace("0242 01", "0242 81")],
    ["second one malformed", `${ecHex}3000`],
  ])("%s: refused", (_, text) => {
    expect(text).not.toBe(ecHex);
    expect(() => decodeSignerInfos(hex(text))).toThrow(WireError);
  });

  it("counting needs outermost headers alone", () => {
    expect(countSignerInfos(new Uint8Array(0))).toBe(0);
    expect(countSignerInfos(hex(ecHex + rsaHex + "3000".repeat(7)))).toBe(9);
    expect(countSignerInfos(hex(`${ecHex}04`))).toBeUndefined();
  });

  it("sizes are checked before encoding", () => {
    expect(() => encodeSignerInfo({ ...ec, ski: new Uint8Array(31) })).toThrow(WireError);
    expect(() => encodeSignerInfo({ ...ec, signature: new Uint8Array(131) })).toThrow(WireError);
    expect(() => encodeSignerInfo({ ...rsa, signature: new Uint8Array(255) })).toThrow(WireError);
    expect(() => encodeOaSignerInfo(new Uint8Array(20), ec.signature)).toThrow(WireError);
  });

  it("a module writes two-byte lengths, and a client reads them", () => {
    const oa = `308200d0 ${version} ${key} ${sha512} ${ecdsa} 0482008a ${der}`;
    expect(toHex(encodeOaSignerInfo(ski, ec.signature))).toBe(toHex(hex(oa)));
    expect(decodeOaSignature(hex(oa))).toEqual({ ski, signature: ec.signature });
    expect(decodeOaSignature(hex(`${oa}3000`))).toEqual({ ski, signature: ec.signature });
    const longer = oa.replace("308200d0", "308200d2");
    expect(() => decodeOaSignature(hex(`${longer}0500`))).toThrow("OA SignerInfo: want the end, got 2 more bytes");
  });
});

describe("ECDSA signatures", () => {
  const one = hex(`${"00".repeat(65)}01`);

  it.each<[string, string]>([
    ["3006 020101 020101", toHex(concat(one, one))],
    ["3006 020100 020101", toHex(concat(new Uint8Array(66), one))],
    [`3008 02020080 02020100`, `${"00".repeat(65)}80${"00".repeat(64)}0100`],
    [`308188 0242 01${"ff".repeat(65)} 0242 01${"ff".repeat(65)}`, `01${"ff".repeat(65)}`.repeat(2)],
  ])("%s", (der, raw) => {
    expect(toHex(decodeEcdsaSignature(hex(der)))).toBe(raw);
    expect(toHex(encodeEcdsaSignature(hex(raw)))).toBe(toHex(hex(der)));
  });

  it.each([
    ["negative", "3006 020181 020101"],
    ["no s", "3003 020101"],
    ["three integers", "3009 020101 020101 020101"],
    ["bytes after it", "3006 020101 020101 00"],
    ["67 bytes", `304a 0245 02${"00".repeat(68)} 020101`],
  ])("%s: refused", (_, der) => {
    for (const rules of ["der", "ber"] as const) expect(() => decodeEcdsaSignature(hex(der), rules)).toThrow(WireError);
  });

  it("leading zeros under BER alone", () => {
    const padded = hex("3008 02020001 02020001");
    expect(toHex(decodeEcdsaSignature(padded, "ber"))).toBe(toHex(concat(one, one)));
    expect(() => decodeEcdsaSignature(padded)).toThrow(WireError);
  });
});
