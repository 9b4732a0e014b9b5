// New hardware: roots, modules, chains, pristine units (ep11-wire.md 9; unit-behaviour.md 1, 3, 5, 9). Certificates are taken apart
// by the offsets of 9.2 and verified by node:crypto.

import { createHash, createPublicKey, verify } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createModule, createRoot, createUnit, openRoot, sealRoot } from "../../src/unit/module.ts";
import { ascii, hexOf, spki } from "../support/handmade.ts";
import { Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const skiOf = (publicKey: Uint8Array): string => createHash("sha512").update(publicKey).digest("hex").slice(0, 64);

/** The parts of an OA2 certificate that a client looks at (9.2); n is the OA info's length. */
function takeApart(certificate: Uint8Array) {
  const view = Buffer.from(certificate);
  const [info, metadata, auxiliary, key, signer] = [8, 12, 16, 20, 24].map((at) => view.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const atMetadata = 32 + info + 4;
  const atKey = atMetadata + metadata + 3 + (auxiliary === 0 ? 0 : auxiliary + 5);
  const atSigner = atKey + key + 2;
  return {
    magic: certificate[0],
    byteCount: view.readUInt32BE(4),
    sections: [info, metadata, auxiliary, key, signer],
    n: certificate[atMetadata + 172]!,
    serial: view.subarray(atMetadata + 27, atMetadata + 35).toString(),
    signingTime: view.subarray(atMetadata + 155, atMetadata + 171).toString(),
    subjectSki: hexOf(certificate.slice(atMetadata + 87, atMetadata + 119)),
    signerSki: hexOf(certificate.slice(atMetadata + 121, atMetadata + 153)),
    publicKey: certificate.slice(atKey + 25, atKey + 158),
    body: certificate.slice(0, atSigner),
    namedSigner: hexOf(certificate.slice(atSigner + 8, atSigner + 40)),
    signature: Buffer.concat([
      certificate.slice(atSigner + 73, atSigner + 139),
      certificate.slice(atSigner + 141, atSigner + 207),
    ]),
  };
}

const isSignedBy = (certificate: ReturnType<typeof takeApart>, publicKey: Uint8Array): boolean => {
  const key = createPublicKey({ key: Buffer.from(spki(publicKey)), format: "der", type: "spki" });
  return verify("sha512", certificate.body, { key, dsaEncoding: "ieee-p1363" }, certificate.signature);
};

describe("a module", () => {
  it("has a chain of two: epoch key, module key, root", () => {
    const { certificates, oaPublicKey } = lab.module;
    const [epoch, module] = certificates.map(takeApart);
    expect(certificates.map((certificate) => certificate.length)).toEqual([752, 584]);
    expect(epoch).toMatchObject({
      magic: 0x45,
      byteCount: 752,
      sections: [4, 253, 83, 158, 207],
      n: 80,
      serial: "93AABD1X",
    });
    expect(module).toMatchObject({
      magic: 0x45,
      byteCount: 584,
      sections: [4, 173, 0, 158, 207],
      n: 0,
      serial: "93AABD1X",
    });
    expect(epoch!.publicKey).toEqual(oaPublicKey);
    expect([epoch!.subjectSki, epoch!.signerSki]).toEqual([skiOf(oaPublicKey), skiOf(module!.publicKey)]);
    expect([module!.subjectSki, module!.signerSki]).toEqual([skiOf(module!.publicKey), skiOf(lab.root.publicKey)]);
    expect([epoch!.namedSigner, module!.namedSigner]).toEqual([epoch!.signerSki, module!.signerSki]);
    expect(isSignedBy(epoch!, module!.publicKey)).toBe(true);
    expect(isSignedBy(module!, lab.root.publicKey)).toBe(true);
    expect(isSignedBy(epoch!, lab.root.publicKey)).toBe(false);
  });

  it("may have a chain of one, signed by the root", () => {
    const { certificates, oaPublicKey } = createModule(lab.core, lab.root, {
      serial: "DEPTHONE",
      instance: new Uint8Array(8),
      depth: 1,
    });
    expect(certificates).toHaveLength(1);
    const epoch = takeApart(certificates[0]!);
    expect([epoch.subjectSki, epoch.signerSki]).toEqual([skiOf(oaPublicKey), skiOf(lab.root.publicKey)]);
    expect(isSignedBy(epoch, lab.root.publicKey)).toBe(true);
  });

  it("signs what its units answer with the key of certificate 0", () => {
    const id = lab.pristine();
    const { block, signature } = lab.ask(id, Id.QueryAttributes);
    const { publicKey } = takeApart(lab.ask(id, Id.QueryDeviceCertificate, new Uint8Array(4)).output);
    const key = createPublicKey({ key: Buffer.from(spki(publicKey)), format: "der", type: "spki" });
    expect(verify("sha512", block, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
  });

  it("leaves no key in the card's slots but sealed ones", () => {
    const before = lab.watched.keys.size;
    createModule(lab.core, lab.root, { serial: "NOKEYSUP", instance: new Uint8Array(8) });
    expect(lab.watched.keys.size).toBe(before);
    const restore = lab.watched.fail("keySeal", new Error("the card is out of order"));
    expect(() => createModule(lab.core, lab.root, { serial: "NOKEYSUP", instance: new Uint8Array(8) })).toThrow(
      /out of order/,
    );
    restore();
    expect(lab.watched.keys.size).toBe(before);
  });

  it("has keys of its own each time, and the signing time it is given", () => {
    const make = () =>
      createModule(lab.core, lab.root, {
        serial: "TIMED001",
        instance: new Uint8Array(8),
        time: new Date("2031-12-24T18:00:59Z"),
      });
    const [a, b] = [make(), make()];
    expect(a.oaPublicKey).not.toEqual(b.oaPublicKey);
    for (const certificate of a.certificates) expect(takeApart(certificate).signingTime).toBe("20311224180059Z ");
  });

  it.each(["short", "nine char", "with a ü", "with spc"])("refuses the serial number '%s'", (serial) => {
    expect(() => createModule(lab.core, lab.root, { serial, instance: new Uint8Array(8) })).toThrow(RangeError);
  });

  it("refuses an instance that is not 8 bytes", () => {
    expect(() => createModule(lab.core, lab.root, { serial: "93AABD1X", instance: new Uint8Array(7) })).toThrow(
      /8 bytes, got 7/,
    );
  });
});

describe("a root", () => {
  it("survives sealing, and signs as before", () => {
    const root = createRoot(lab.core);
    const sealed = sealRoot(lab.core, root);
    lab.core.keyFree(root.key);
    const opened = openRoot(lab.core, sealed)!;
    expect({ ...opened, key: root.key }).toEqual(root);
    expect(hexOf(opened.ski)).toBe(skiOf(root.publicKey));
    const { certificates } = createModule(lab.core, opened, { serial: "93AABD1X", instance: new Uint8Array(8) });
    expect(isSignedBy(takeApart(certificates[1]!), root.publicKey)).toBe(true);
    expect(openRoot(lab.core, sealed.with(sealed.length - 1, sealed[sealed.length - 1]! ^ 1))).toBeNull();
    expect(openRoot(lab.core, lab.module.sealedOaKey)).toBeNull();
    lab.core.keyFree(opened.key);
  });
});

describe("a pristine unit", () => {
  const options = { id: "a", serial: "93AABD1X", domain: 5, counterSeed: ascii("12345678") };

  it("is in imprint mode and holds nothing", () => {
    expect(createUnit(options)).toMatchObject({
      id: "a",
      serial: "93AABD1X",
      domain: 5,
      domainInstance: 1,
      administrators: [],
      attributes: {
        signatureThreshold: 0,
        revocationThreshold: 0,
        permissions: 0x81ff0011,
        operationalMode: 0,
        standardsCompliance: 1,
      },
      registers: { current: null, next: null },
      importer: null,
      sealed: null,
    });
    expect(hexOf(createUnit(options).counter)).toBe(`${"00".repeat(8)}3132333435363738`);
  });

  it("of earlier firmware lacks the do-not-disturb bits and new control points", () => {
    const [now, old] = [createUnit(options), createUnit({ ...options, old: true })];
    expect(old.attributes).toEqual({ ...now.attributes, permissions: 0x01ff0011 });
    expect(old.controlPoints).not.toEqual(now.controlPoints);
  });

  it.each([
    { id: "" },
    { id: "x".repeat(257) },
    { domain: -1 },
    { domain: 256 },
    { domain: 0.5 },
    { counterSeed: new Uint8Array(7) },
  ])("is refused with %o", (wrong) => {
    expect(() => createUnit({ ...options, ...wrong })).toThrow(RangeError);
  });

  it("takes an id of 256 bytes", () => {
    const id = "x".repeat(256);
    lab.store.units.set(id, createUnit({ ...options, id }));
    lab.set(id, { administrators: lab.admins.slice(0, 3), attributes: lab.state(lab.operational()).attributes });
    lab.fill(id, { current: true });
    expect(lab.run(id, Id.ClearCurrent, NOTHING, lab.signers(1)).code).toBe("0");
  });
});
