// What carries key parts: RecipientInfo, KPH certificates, parameter maps.
import { createDecipheriv, createECDH, createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { exportParameters } from "../../src/commands/export-wk.ts";
import { WireError } from "../../src/errors.ts";
import { decodeKphCertificate, encodeKphCertificate } from "../../src/wire/kph-certificate.ts";
import { decodeParameterMap, encodeParameterMap, findParameter, type Parameter } from "../../src/wire/parameter-map.ts";
import {
  decodeRecipientInfo,
  type EcRecipientInfo,
  encodeRecipientInfo,
  encodeSharedInfo,
  parseRecipientInfo,
} from "../../src/wire/recipient-info.ts";
import { hex, readVectors } from "../support/vectors.ts";

const BASE_POINT_KPH_SHA256 = "5339481930218a436263ce91998e0e5ffcb5d18039ba32042e34500378fd270d";

interface RecipientCase {
  readonly kind: "encode" | "rejected" | "transfer-not-from-sdk";
  readonly originatorPublicKey: string;
  readonly ukm: string;
  readonly recipientSki: string;
  readonly encryptedKey: string;
  readonly recipientInfo: string;
  readonly lengths: readonly [number, number, number, number];
  readonly importerPrivateKey: { readonly d: string; readonly x: string; readonly y: string };
  readonly ephemeralPrivateKey: { readonly x: string; readonly y: string };
  readonly masterKey: string;
  readonly importerSki: string;
  readonly sharedSecretZ: string;
  readonly sharedInfoDer: string;
  readonly kek: string;
}

describe("RecipientInfo", () => {
  const { cases } = readVectors<RecipientCase>("recipient-info.json");
  const of = (kind: RecipientCase["kind"]) => cases.filter((c) => c.kind === kind);
  const encoded = of("encode");
  const transfers = of("transfer-not-from-sdk");
  const rejected = of("rejected");

  it("covers every case", () => {
    expect([cases.length, encoded.length, rejected.length, transfers.length]).toEqual([11, 3, 6, 2]);
  });

  it.each(encoded)("encode $#", (c) => {
    const info: EcRecipientInfo = {
      keyType: "p521ec",
      originator: hex(c.originatorPublicKey),
      ukm: hex(c.ukm),
      recipientSki: hex(c.recipientSki),
      encryptedKey: hex(c.encryptedKey),
    };
    expect(toHex(encodeRecipientInfo(info))).toBe(c.recipientInfo);
    expect(decodeRecipientInfo(hex(c.recipientInfo))).toEqual(info);
  });

  it.each(rejected)("rejected: sizes $lengths", ({ lengths }) => {
    const [originator, ukm, recipientSki, encryptedKey] = lengths.map((n) => new Uint8Array(n)) as Four;
    expect(() => encodeRecipientInfo({ keyType: "p521ec", originator, ukm, recipientSki, encryptedKey })).toThrow(
      WireError,
    );
  });

  it.each(transfers)("transfer $#: the fields rebuild the key", (c) => {
    const info = decodeRecipientInfo(hex(c.recipientInfo)) as EcRecipientInfo;
    expect(toHex(info.originator)).toBe(`04${c.ephemeralPrivateKey.x}${c.ephemeralPrivateKey.y}`);
    expect(toHex(info.recipientSki)).toBe(c.importerSki);
    expect(toHex(encodeSharedInfo(info.ukm))).toBe(c.sharedInfoDer);
    const importer = createECDH("secp521r1");
    importer.setPrivateKey(c.importerPrivateKey.d, "hex");
    const z = importer.computeSecret(info.originator);
    expect(toHex(z)).toBe(c.sharedSecretZ);
    const kek = createHash("sha256")
      .update(concat(z, hex("00000001"), encodeSharedInfo(info.ukm)))
      .digest();
    expect(toHex(kek)).toBe(c.kek);
    const unwrap = createDecipheriv("id-aes256-wrap", kek, Buffer.alloc(8, 0xa6));
    expect(toHex(concat(unwrap.update(info.encryptedKey), unwrap.final()))).toBe(c.masterKey);
    expect(toHex(encodeRecipientInfo(info))).toBe(c.recipientInfo);
  });

  // ep11-wire.md 11.4, by hand.
  const rsa = `30820138 020102 8020${"a1".repeat(32)} 300D06092A864886F70D0101010500 04820100${"c5".repeat(256)}`;
  it("RSA, 316 bytes", () => {
    const bytes = hex(rsa);
    expect(bytes.length).toBe(316);
    const info = decodeRecipientInfo(bytes);
    expect(info).toEqual({ keyType: "rsa2048", recipientSki: bytes.subarray(9, 41), encryptedKey: bytes.subarray(60) });
    expect(toHex(encodeRecipientInfo(info))).toBe(toHex(bytes));
  });

  it("an encrypted key of another size has a sound structure", () => {
    const bytes = hex("3081ca 020102".concat("")); // header alone: not sound
    expect(() => parseRecipientInfo(bytes)).toThrow(WireError);
    const short = hex(
      `30820137 020102 8020${"a1".repeat(32)} 300D06092A864886F70D0101010500 0481ff${"c5".repeat(255)}`,
    );
    const sound = hex(`30820136${toHex(short).slice(8)}`);
    expect(() => parseRecipientInfo(short)).toThrow(WireError);
    expect(parseRecipientInfo(sound).encryptedKey.length).toBe(255);
    expect(() => decodeRecipientInfo(sound)).toThrow("encryptedKey: want 256 bytes, got 255");
  });

  const ec = encoded[0]?.recipientInfo as string;
  it.each<[string, string]>([
    ["version", ec.replace("020103", "020104")],
    ["another key agreement", ec.replace("06062b8104010b01", "06062b8104010b02")],
    ["key wrap without NULL", ec.replace("012d0500", "012d0501")],
    ["a byte too many", `${ec}00`],
    ["cut short", ec.slice(0, -2)],
    ["an identifier of 31 bytes", ec.replace("a0220420", "a022041f")],
  ])("%s: refused", (_, text) => {
    expect(text).not.toBe(ec);
    expect(() => parseRecipientInfo(hex(text))).toThrow(WireError);
  });
});

type Four = [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

interface KphCase {
  readonly name: string;
  readonly x: string;
  readonly y: string;
  readonly certificate: string;
}

describe("KPH certificate", () => {
  const { cases } = readVectors<KphCase>("kph-cert.json");
  it("covers every case", () => expect(cases.length).toBe(5));

  it.each(cases)("$name", ({ x, y, certificate }) => {
    const kph = { m: 1, n: 1, publicKey: hex(`04${x}${y}`) };
    expect(toHex(encodeKphCertificate(kph))).toBe(certificate);
    expect(decodeKphCertificate(hex(certificate))).toEqual(kph);
  });

  it("of the base point has the hash of ep11-wire.md 10.12", () => {
    const base = cases.find(({ name }) => name.includes("base point")) as KphCase;
    expect(createHash("sha256").update(hex(base.certificate)).digest("hex")).toBe(BASE_POINT_KPH_SHA256);
  });

  const bytes = hex(cases[0]?.certificate as string);
  it.each<[string, Uint8Array]>([
    ["cut short", bytes.subarray(1)],
    ["first byte", bytes.with(0, 1)],
    ["magic", bytes.with(36, 0x4c)],
    ["byte 39", bytes.with(39, 1)],
    ["curve type", bytes.with(40, 1)],
    ["key length", bytes.with(41, 0x41)],
    ["curve bits, high", bytes.with(42, 1)],
    ["curve bits, low", bytes.with(43, 0)],
    ["point form", bytes.with(44, 3)],
    ["first byte after the key", bytes.with(177, 1)],
    ["last byte", bytes.with(308, 1)],
  ])("%s: refused", (_, damaged) => {
    expect(() => decodeKphCertificate(damaged)).toThrow(WireError);
  });

  it("a key that is not a point is not encoded", () => {
    expect(() => encodeKphCertificate({ m: 1, n: 1, publicKey: new Uint8Array(133) })).toThrow(WireError);
    expect(() => encodeKphCertificate({ m: 1, n: 1, publicKey: new Uint8Array(132).fill(4) })).toThrow(WireError);
  });
});

interface MapEntry {
  readonly tag: string;
  readonly index: number;
  readonly data: string;
  readonly found?: boolean;
}

interface MapCase {
  readonly kind: "export-parameters" | "encode" | "load";
  readonly name?: string;
  readonly entries: readonly MapEntry[];
  readonly anyOf: readonly string[];
  readonly bytes: string;
  readonly accept: boolean;
  readonly parsed: readonly MapEntry[];
  readonly kphCertificate: string;
}

describe("parameter map", () => {
  const { cases } = readVectors<MapCase>("parameter-map.json");
  const written = cases.filter((c) => c.kind !== "load");
  const loaded = cases.filter((c) => c.kind === "load" && c.accept);
  const rejected = cases.filter((c) => c.kind === "load" && !c.accept);
  const parameterOf = ({ tag, index, data }: MapEntry): Parameter => ({
    tag: Number(`0x${tag}`),
    index,
    data: hex(data),
  });
  const keyOf = ({ tag, index, data }: Parameter): string => `${tag}/${index}/${toHex(data)}`;

  it("covers every case", () => {
    expect([cases.length, written.length, loaded.length, rejected.length]).toEqual([20, 8, 7, 5]);
    expect(written.flatMap((c) => c.anyOf).length).toBe(14);
  });

  it.each(written)("$kind $#", ({ entries, anyOf }) => {
    const parameters = entries.map(parameterOf);
    expect(anyOf).toContain(toHex(encodeParameterMap(parameters)));
    for (const text of anyOf) {
      const decoded = decodeParameterMap(hex(text));
      expect(decoded.map(keyOf).sort()).toEqual(parameters.map(keyOf).sort());
      expect(toHex(encodeParameterMap(decoded))).toBe(text);
    }
  });

  it("export parameters are those of IBM's client", () => {
    const c = cases.find(({ kind }) => kind === "export-parameters") as MapCase;
    const { publicKey } = decodeKphCertificate(hex(c.kphCertificate));
    expect(exportParameters([publicKey])).toEqual(c.entries.map(parameterOf));
    expect(encodeParameterMap(exportParameters([publicKey])).length).toBe(339);
  });

  // IBM's client never finds tags with a letter in their hexadecimal; here every entry is found.
  const FINDABLE = new Set(["0011", "0015", "0017", "0019"]);
  it.each(loaded)("load: $name", ({ bytes, parsed }) => {
    const parameters = decodeParameterMap(hex(bytes), "ber");
    for (const { tag, index, found, data } of parsed) {
      const got = findParameter(parameters, Number(`0x${tag}`), index);
      if (FINDABLE.has(tag)) expect(got === undefined ? undefined : toHex(got)).toBe(found ? data : undefined);
      else expect(found).toBe(false);
    }
  });

  it("entries that IBM's client cannot find are there", () => {
    const all = loaded.find(({ name }) => name === "all tags the SDK names") as MapCase;
    const parameters = decodeParameterMap(hex(all.bytes));
    expect(all.parsed.map(({ tag }) => toHex(findParameter(parameters, Number(`0x${tag}`), 0) as Uint8Array))).toEqual(
      all.parsed.map((_, i) => (i + 1).toString(16).padStart(2, "0")),
    );
  });

  it.each(rejected)("load: $name: refused", ({ bytes }) => {
    expect(() => decodeParameterMap(hex(bytes), "ber")).toThrow(WireError);
    expect(() => decodeParameterMap(hex(bytes), "der")).toThrow(WireError);
  });

  it.each(["bytes after the sequence ignored"])("a unit does not take: %s", (name) => {
    const { bytes } = loaded.find((c) => c.name === name) as MapCase;
    expect(() => decodeParameterMap(hex(bytes), "der")).toThrow(WireError);
  });

  it("a unit does not take lengths that are not minimal", () => {
    expect(decodeParameterMap(hex("3009 048106 001c 00000001"), "ber")).toHaveLength(1);
    expect(() => decodeParameterMap(hex("3009 048106 001c 00000001"), "der")).toThrow("want a minimal length");
  });
});
