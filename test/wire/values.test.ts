// Small values: counters, attributes, control points, states of registers, locations, keys, bodies, codes.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { settableAttributes } from "../../src/commands/set-domain-attributes.ts";
import { WireError } from "../../src/errors.ts";
import {
  attributesOfPairs,
  ChangeControl,
  decodeAttributePairs,
  Permission,
  pairsOfAttributes,
} from "../../src/wire/attributes.ts";
import { describeCodes, ReturnCode, unitError } from "../../src/wire/codes.ts";
import {
  addControlPoints,
  controlPointName,
  controlPointSet,
  controlPointsIn,
  definedControlPoints,
  hasControlPoint,
  NEVER_ON,
  removeControlPoints,
} from "../../src/wire/control-points.ts";
import { addToCounter, compareCounters, incrementCounter } from "../../src/wire/counter.ts";
import { currentRegisterStatus, type DomainInfo, newRegisterStatus } from "../../src/wire/domain-info.ts";
import { decodeHsmList, encodeHsmList, type HsmEntry } from "../../src/wire/hsm-list.ts";
import { htpErrorMeaning } from "../../src/wire/htp-codes.ts";
import {
  decodeRequestBody,
  decodeResponseBody,
  encodeRequestBody,
  encodeResponseBody,
} from "../../src/wire/http-body.ts";
import { formatLocation, parseLocation } from "../../src/wire/location.ts";
import { REASONS } from "../../src/wire/reasons.ts";
import { decodeSpki, encodeRsaPublicKey, encodeSpki, keyTypeOfSpki, modulusOf } from "../../src/wire/spki.ts";
import { hex, readVectors } from "../support/vectors.ts";

describe("counters", () => {
  const wide = (n: bigint): Uint8Array => hex((n & ((1n << 128n) - 1n)).toString(16).padStart(32, "0"));
  const edges = [0n, 1n, 254n, 255n, 256n, 0xffffn, 0xffffffffn, (1n << 64n) - 1n, 1n << 64n, (1n << 128n) - 1n];

  it("addition is that of integers mod 2^128", () => {
    for (const a of edges) {
      for (const n of [0, 1, 255, 256, 0xffff, 0xffffffff]) {
        expect(toHex(addToCounter(wide(a), n))).toBe(toHex(wide(a + BigInt(n))));
      }
    }
  });

  it("order is that of integers", () => {
    for (const a of edges) {
      for (const b of edges) expect(Math.sign(compareCounters(wide(a), wide(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }
  });

  it("the operand stays as it is", () => {
    const counter = wide(255n);
    incrementCounter(counter);
    expect(toHex(counter)).toBe(toHex(wide(255n)));
  });
});

describe("attributes", () => {
  it("permissions and their change control fill the domain mask", () => {
    const sum = (bits: object): number => Object.values(bits).reduce((all, bit) => (all | bit) >>> 0, 0);
    expect(sum(Permission)).toBe(0x000027ff);
    expect(sum(ChangeControl)).toBe(0x8fff0000);
    expect(Permission.WkImport | Permission.OneSign).toBe(0x11);
  });

  it("round trip, and what a client sends", () => {
    const attributes = {
      signatureThreshold: 2,
      revocationThreshold: 1,
      permissions: 0x81ff0011,
      operationalMode: 3,
      standardsCompliance: 1,
    };
    expect(attributesOfPairs(pairsOfAttributes(attributes))).toEqual(attributes);
    expect(settableAttributes(attributes).map(({ index }) => index)).toEqual([1, 2, 3, 4]);
  });

  it("what a unit does not report", () => {
    expect(attributesOfPairs([])).toEqual({
      signatureThreshold: 999,
      revocationThreshold: 999,
      permissions: 0,
      operationalMode: 0,
      standardsCompliance: 0,
    });
  });

  it("fragments are ignored by clients and refused by units", () => {
    expect(decodeAttributePairs(hex("0000000100000002 00"), "ber")).toEqual([{ index: 1, value: 2 }]);
    expect(() => decodeAttributePairs(hex("0000000100000002 00"))).toThrow("want a multiple of 8 bytes, got 9");
  });
});

describe("control points", () => {
  it.each<[number, string]>([
    [0, "80000000000000000000000000000000"],
    [7, "01000000000000000000000000000000"],
    [8, "00800000000000000000000000000000"],
    [55, "00000000000001000000000000000000"],
    [66, "00000000000000002000000000000000"],
    [67, "00000000000000001000000000000000"],
    [127, "00000000000000000000000000000001"],
  ])("bit %i", (bit, text) => {
    expect(toHex(controlPointSet([bit]))).toBe(text);
    expect(controlPointsIn(hex(text))).toEqual([bit]);
    expect(hasControlPoint(hex(text), bit)).toBe(true);
    expect(hasControlPoint(hex(text), (bit + 1) % 128)).toBe(false);
  });

  it("names", () => {
    expect([0, 55, 66, 67, 80].map(controlPointName)).toEqual([
      "ADD_CPBS",
      "ALG_EC_25519",
      "BTC",
      "ECDSA_OTHER",
      "ALG_ML_KEM",
    ]);
    expect([49, 54, 63, 81, 127].map(controlPointName)).toEqual(Array(5).fill(undefined));
    expect(NEVER_ON).toEqual([15, 19, 21, 22, 23]);
  });

  it("69 are defined: 0 to 48, 55, 60, 61, 64 to 80", () => {
    const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(controlPointsIn(definedControlPoints())).toEqual([...range(0, 48), 55, 60, 61, ...range(64, 80)]);
  });

  it("add and remove", () => {
    const [a, b] = [controlPointSet([1, 2, 99]), controlPointSet([2, 3])];
    expect(controlPointsIn(addControlPoints(a, b))).toEqual([1, 2, 3, 99]);
    expect(controlPointsIn(removeControlPoints(a, b))).toEqual([1, 99]);
    expect(controlPointsIn(a)).toEqual([1, 2, 99]);
  });
});

describe("registers", () => {
  const info = (flags: number): DomainInfo => ({
    domain: 0,
    currentPattern: new Uint8Array(32),
    newPattern: new Uint8Array(32),
    flags,
    mode: [0, 0],
  });

  it.each<[number, string, string]>([
    [0x00, "Empty", "Empty"],
    [0x02, "Valid", "Empty"],
    [0x04, "Empty", "Full Uncommitted"],
    [0x0c, "Empty", "Full Committed"],
    [0x0e, "Valid", "Full Committed"],
    [0x0a, "Valid", "Empty"],
    [0x80000031, "Empty", "Empty"],
  ])("flags %i", (flags, current, next) => {
    expect([currentRegisterStatus(info(flags)), newRegisterStatus(info(flags))]).toEqual([current, next]);
  });
});

describe("locations", () => {
  it("round trip", () => {
    const text = "[us-south].[AZ3-CS3].[02].[03]";
    const parsed = parseLocation(text);
    expect(parsed).toEqual({
      zone: "us-south",
      host: "AZ3-CS3",
      moduleIndex: 2,
      domainIndex: 3,
      module: "[us-south].[AZ3-CS3].[02]",
    });
    expect(formatLocation(parsed)).toBe(text);
    expect(formatLocation({ ...parsed, domainIndex: 255 })).toBe("[us-south].[AZ3-CS3].[02].[255]");
  });

  it.each([
    "",
    "a",
    "[a].[b].[c].[1]",
    "[a].[b].[1].[]",
    "[a].[b].[1].[2].[3]",
    "[a].[b].[-1].[2]",
    "[a].[b].[1].[2 ]",
  ])('"%s": refused', (text) => expect(() => parseLocation(text)).toThrow(WireError));
});

describe("HTTP bodies", () => {
  it("lists keep the order of the protocol", () => {
    const entry = (hsmId: string, type: HsmEntry["type"]): HsmEntry => ({
      hsmId,
      location: `[z].[h].[01].[0${hsmId}]`,
      serialNumber: "93AABD1X",
      type,
    });
    const mixed = [
      entry("1", "failover"),
      entry("2", "operational"),
      entry("3", "recovery"),
      entry("4", "operational"),
    ];
    const types = decodeHsmList(encodeHsmList(mixed));
    expect(types.map(({ hsmId }) => hsmId)).toEqual(["2", "4", "3", "1"]);
    expect(types.toSorted((a, b) => a.hsmId.localeCompare(b.hsmId))).toEqual(mixed);
    expect(decodeHsmList(encodeHsmList([]))).toEqual([]);
  });

  it("requests and responses", () => {
    expect(encodeRequestBody("1;x")).toBe('{"request":"1;x"}');
    expect(decodeRequestBody('{"request":"1;x","more":1}')).toBe("1;x");
    expect(encodeResponseBody("1;x")).toBe('{"response":"1;x"}');
    expect(decodeResponseBody('{"response":"1;x"}')).toBe("1;x");
  });

  it.each(["", "{", "null", "[]", '"request"', "{}", '{"request":""}', '{"request":1}'])(
    "request %s: refused",
    (body) => {
      expect(() => decodeRequestBody(body)).toThrow(WireError);
    },
  );

  it.each(['{"hsms":[null]}', '{"hsms":["a"]}', '{"hsms":[],"source_hsms":{}}', "[]", '{"hsms":[{}]}'])(
    "list %s: refused",
    (body) => expect(() => decodeHsmList(body)).toThrow(WireError),
  );
});

describe("public keys", () => {
  const modulus = hex("80".padEnd(512, "5"));
  const point = hex(`04${"11".repeat(132)}`);

  it("RSA", () => {
    const publicKey = encodeRsaPublicKey(modulus);
    const spki = encodeSpki({ keyType: "rsa2048", publicKey });
    const bytes = `30820122 300d06092a864886f70d0101010500 0382010f00 3082010a 0282010100 ${toHex(modulus)} 0203010001`;
    expect(toHex(spki)).toBe(toHex(hex(bytes)));
    expect(decodeSpki(spki)).toEqual({ keyType: "rsa2048", publicKey });
    expect(toHex(modulusOf(publicKey))).toBe(toHex(modulus));
  });

  it("a modulus of another size, or below 2^2047, is refused", () => {
    expect(() => encodeRsaPublicKey(modulus.subarray(1))).toThrow(WireError);
    expect(() => encodeRsaPublicKey(modulus.with(0, 0x7f))).toThrow(WireError);
  });

  it("keys of other forms have no type", () => {
    const p521 = encodeSpki({ keyType: "p521ec", publicKey: point });
    const rsa = encodeSpki({ keyType: "rsa2048", publicKey: encodeRsaPublicKey(modulus) });
    expect([p521, rsa].map(keyTypeOfSpki)).toEqual(["p521ec", "rsa2048"]);
    for (const odd of [p521.with(25, 2), p521.subarray(1), rsa.with(17, 6), rsa.with(293, 3), new Uint8Array(0)]) {
      expect(keyTypeOfSpki(odd)).toBeUndefined();
      expect(() => decodeSpki(odd)).toThrow(WireError);
    }
    expect(() => encodeSpki({ keyType: "p521ec", publicKey: point.with(0, 3) })).toThrow(WireError);
  });
});

interface CodeCase {
  readonly kind: "ep11" | "htp" | "ep11-unreachable";
  readonly errorType: number;
  readonly returnCode: number;
  readonly reasonCode: number | null;
}

describe("codes", () => {
  const { cases } = readVectors<CodeCase>("error-messages.json");
  const ep11 = cases.filter(({ kind }) => kind === "ep11");
  const htp = cases.filter(({ kind }) => kind === "htp");

  it("covers every case", () => {
    expect([cases.length, ep11.length, htp.length]).toEqual([169, 50, 118]);
    expect(cases.filter(({ kind }) => kind === "ep11-unreachable").map(({ returnCode }) => returnCode >>> 0)).toEqual([
      ReturnCode.IBM_INTERNAL_ERROR,
    ]);
  });

  it.each(ep11)("$returnCode/$reasonCode has a meaning", ({ returnCode, reasonCode }) => {
    const { name, meaning } = describeCodes(returnCode, reasonCode ?? undefined);
    expect(name).toMatch(/^[A-Z_]+$/);
    expect(meaning).toBeTypeOf("string");
  });

  it.each(htp)("catcher $errorType-$returnCode-$reasonCode has a meaning", ({ errorType, returnCode, reasonCode }) => {
    expect(htpErrorMeaning(`${errorType}`, `${returnCode}`, `${reasonCode ?? 0}`)).toBeTypeOf("string");
  });

  it("exact pair first, then the return code", () => {
    expect(describeCodes(209, 57).meaning).toContain("signature threshold is above");
    expect(describeCodes(209, 12345).meaning).toBe(describeCodes(209).meaning);
    expect(describeCodes(209, 57).meaning).not.toBe(describeCodes(209).meaning);
    expect(describeCodes(101).meaning).toBeUndefined();
    expect(describeCodes(145).meaning).toBeUndefined();
    expect(describeCodes(101, 48).meaning).toContain("verification pattern");
    expect(describeCodes(0x80010030)).toEqual({ name: "0x80010030", meaning: undefined, reason: undefined });
  });

  it("reason codes 1 to 148 all have a meaning", () => {
    expect([...REASONS.keys()]).toEqual(Array.from({ length: 148 }, (_, i) => i + 1));
  });

  it("errors say who, what, why", () => {
    const error = unitError("unit", 209, 57);
    expect(error).toMatchObject({
      code: "ERR_UNIT",
      codeName: "TEMPLATE_INCONSISTENT",
      returnCode: 209,
      reasonCode: 57,
    });
    expect(error.message).toMatch(
      /^the unit answered with return code 209 TEMPLATE_INCONSISTENT, reason 57 \(.+\): .+administrators/,
    );
    expect(unitError("rsp", 3).message).toBe(
      "the module answered, unsigned, with return code 3 SLOT_ID_INVALID: the domain is not valid here",
    );
    expect(unitError("cprb", 12, 1).message).toBe("the CPRB carries return code 12 CPRB_ERROR, reason 1");
  });
});
