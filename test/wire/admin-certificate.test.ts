// Administrator certificates as IBM's client makes them, both directions.
import { createHash, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { WireError } from "../../src/errors.ts";
import {
  adminKeyOf,
  adminNameOf,
  attachAdminSignature,
  attachDerSignature,
  decodeAdminCertificate,
  encodeAdminCertificate,
  encodeAdminTbs,
  isTkeCertificate,
} from "../../src/wire/admin-certificate.ts";
import { decodeEcdsaSignature } from "../../src/wire/ecdsa-signature.ts";
import { encodeRsaPublicKey, type PublicKey } from "../../src/wire/spki.ts";
import { p521Verify } from "../support/p521-verify.ts";
import { x931Verify } from "../support/rsa-x931.ts";
import { hex, readVectors } from "../support/vectors.ts";

interface Made {
  readonly kind: "p521ec" | "rsa2048" | "p521ec-signing-service";
  readonly key: string;
  readonly adminName: string;
  readonly privateKey: { readonly x: string; readonly y: string; readonly n: string };
  readonly ski: string;
  readonly certificate: string;
  readonly tbsDer: string;
  readonly signatureAlgorithmDer: string;
  readonly signature: string;
  readonly parsed: {
    readonly name: string;
    readonly paddedNameHex: string;
    readonly publicKey: string;
    readonly isTke: boolean;
  };
}

interface Rejected {
  readonly kind: "rejected";
  readonly type: "p521ec" | "rsa2048";
  readonly adminName: string;
}

const { cases } = readVectors<Made | Rejected>("admin-certs.json");
const made = cases.filter((c): c is Made => c.kind !== "rejected");
const rejected = cases.filter((c): c is Rejected => c.kind === "rejected");
const [plain] = made as [Made];
const rsa = made.find((c) => c.kind === "rsa2048") as Made;

it("covers every case", () => {
  expect([cases.length, made.length, rejected.length]).toEqual([20, 18, 2]);
});

function keyOf(c: Made): PublicKey {
  if (c.kind === "rsa2048") return { keyType: "rsa2048", publicKey: encodeRsaPublicKey(hex(c.privateKey.n)) };
  return { keyType: "p521ec", publicKey: hex(`04${c.privateKey.x}${c.privateKey.y}`) };
}

const sha512 = (bytes: Uint8Array): Uint8Array => createHash("sha512").update(bytes).digest();

describe.each(made)("$kind, key $key, name '$adminName'", (c) => {
  const key = keyOf(c);
  const bytes = hex(c.certificate);

  it("is built", () => {
    const tbs = encodeAdminTbs(c.adminName, key, hex(c.ski));
    expect(toHex(tbs)).toBe(c.tbsDer);
    const signature = hex(c.signature);
    const raw = key.keyType === "p521ec" ? decodeEcdsaSignature(signature) : signature;
    expect(toHex(attachAdminSignature(tbs, key.keyType, raw))).toBe(c.certificate);
    if (key.keyType === "p521ec") expect(toHex(attachDerSignature(tbs, signature))).toBe(c.certificate);
  });

  it("is read", () => {
    const certificate = decodeAdminCertificate(bytes);
    expect(adminNameOf(certificate)).toBe(c.parsed.name);
    expect(toHex(certificate.tbs.issuer.commonName)).toBe(c.parsed.paddedNameHex);
    expect(certificate.tbs.subject).toEqual(certificate.tbs.issuer);
    expect(isTkeCertificate(certificate)).toBe(c.parsed.isTke);
    expect(toHex(certificate.tbs.ski)).toBe(c.ski);
    expect(toHex(certificate.algorithm)).toBe(c.signatureAlgorithmDer);
    expect(toHex(certificate.signature)).toBe(c.signature);
    expect(adminKeyOf(certificate)).toEqual({ keyType: key.keyType, publicKey: hex(c.parsed.publicKey) });
    expect(createHash("sha256").update(key.publicKey).digest("hex")).toBe(c.ski);
    expect(toHex(encodeAdminCertificate(certificate))).toBe(c.certificate);
  });

  it("has the self-signature that its kind has", () => {
    const { signature } = decodeAdminCertificate(bytes);
    const tbs = hex(c.tbsDer);
    if (c.kind === "rsa2048") {
      expect(x931Verify(hex(c.privateKey.n), new Uint8Array(0), signature)).toBe(true);
      expect(x931Verify(hex(c.privateKey.n), tbs, signature)).toBe(false);
      return;
    }
    const twice = c.kind === "p521ec-signing-service";
    const raw = decodeEcdsaSignature(signature);
    expect(p521Verify(key.publicKey, tbs, raw)).toBe(!twice);
    expect(p521Verify(key.publicKey, sha512(tbs), raw)).toBe(twice);
  });

  it("is X.509 to node:crypto", () => {
    const certificate = new X509Certificate(bytes);
    expect(certificate.issuer).toContain("OU=TKE Administration");
    expect(Number(`0x${certificate.serialNumber}`)).toBe(0);
    expect(certificate.publicKey.asymmetricKeyType).toBe(key.keyType === "p521ec" ? "ec" : "rsa");
  });
});

describe("names", () => {
  it.each(rejected)("longer than 30 bytes: refused for $type", ({ type, adminName }) => {
    const c = made.find(({ kind }) => kind === type) as Made;
    expect(() => encodeAdminTbs(adminName, keyOf(c), hex(c.ski))).toThrow(WireError);
  });

  it("count bytes, not characters", () => {
    const build = (name: string) => encodeAdminTbs(name, keyOf(plain), hex(plain.ski));
    expect(build("ä".repeat(15)).length).toBe(409);
    expect(() => build("ä".repeat(16))).toThrow("want 30 bytes or fewer, got 32");
  });
});

describe("what is not a certificate of this shape", () => {
  const bytes = hex(plain.certificate);
  const changed = (from: string, to: string): Uint8Array => {
    expect(plain.certificate).toContain(from);
    return hex(plain.certificate.replace(from, to));
  };

  it.each<[string, () => Uint8Array]>([
    ["no bytes", () => new Uint8Array(0)],
    ["cut short", () => bytes.subarray(0, -1)],
    ["a byte too many", () => hex(`${plain.certificate}00`)],
    ["version 1", () => changed("a003020102", "a003020100")],
    ["negative serial", () => changed("a003020102020100", "a003020102020180")],
    ["another name first", () => changed("060355040b", "0603550403")],
    ["UTCTime", () => changed("180f32303030", "170f32303030")],
    ["UTF8String", () => changed("1312544b45", "0c12544b45")],
    ["another extension", () => changed("0603551d0e", "0603551d23")],
    ["extension of another size", () => changed("04220420", "0422041f")],
    ["unused bits", () => changed("04030403818b00", "04030403818b01")],
  ])("%s", (_, make) => {
    expect(() => decodeAdminCertificate(make())).toThrow(WireError);
  });

  it.each(["80", "7f", "ff00", "0102030405060708", "ffffffffffffffff"])(
    "serial %s comes out as it went in",
    (serial) => {
      const { tbs, algorithm, signature } = decodeAdminCertificate(bytes);
      const encoded = encodeAdminCertificate({ tbs: { ...tbs, serial: hex(serial) }, algorithm, signature });
      expect(toHex(decodeAdminCertificate(encoded).tbs.serial)).toBe(serial);
      expect(BigInt(`0x${new X509Certificate(encoded).serialNumber}`)).toBe(BigInt(`0x${serial}`));
    },
  );

  it("a third element in the subject's public key", () => {
    const { tbs, algorithm, signature } = decodeAdminCertificate(bytes);
    const spki = hex(`30819d${toHex(tbs.spki).slice(6)}0500`);
    const encoded = encodeAdminCertificate({ tbs: { ...tbs, spki }, algorithm, signature });
    expect(() => decodeAdminCertificate(encoded)).toThrow("subjectPublicKeyInfo: want the end, got 2 more bytes");
  });

  it("a serial of more than 64 bits", () => {
    const { tbs, algorithm, signature } = decodeAdminCertificate(bytes);
    const encoded = encodeAdminCertificate({
      tbs: { ...tbs, serial: hex("010203040506070809") },
      algorithm,
      signature,
    });
    expect(() => decodeAdminCertificate(encoded)).toThrow("serial: want 64 bits or fewer, got 9 bytes");
  });

  it("a key of another kind is read and has no type", () => {
    const p256 = decodeAdminCertificate(changed("06052b81040023", "06052b81040022"));
    expect(adminKeyOf(p256)).toBeUndefined();
    const compressed = decodeAdminCertificate(changed("0381860004", "0381860003"));
    expect(adminKeyOf(compressed)).toBeUndefined();
    const exponent = decodeAdminCertificate(hex(rsa.certificate.replace("0203010001", "0203010003")));
    expect(adminKeyOf(exponent)).toBeUndefined();
  });

  it("an old TKE's unit is not ours", () => {
    const other = decodeAdminCertificate(changed("544b452041646d", "544b452042646d"));
    expect(isTkeCertificate(other)).toBe(false);
  });
});
