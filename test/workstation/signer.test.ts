import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { adminKeyOf, adminNameOf, decodeAdminCertificate } from "../../src/wire/admin-certificate.ts";
import { administratorsOf, generateSigners, signerOf } from "../../src/workstation/signer.ts";
import { testCore } from "../support/core.ts";

const core = await testCore();

describe("signers", () => {
  it("are named by the hash of their public keys", () => {
    const signers = generateSigners(core, ["one", "two"]);
    expect(signers.map(({ name }) => name)).toEqual(["one", "two"]);
    for (const { ski, publicKey } of signers) expect(ski).toEqual(core.sha256(publicKey));
    expect(signers[0]!.ski).not.toEqual(signers[1]!.ski);
    const [pair] = core.keyGenerate(1);
    expect(signerOf(core, "three", pair!)).toEqual({
      name: "three",
      ski: core.sha256(pair!.publicKey),
      publicKey: pair!.publicKey,
      key: pair!.slot,
    });
  });

  it("get certificates that others can read, and that verify with their own keys", () => {
    const administrators = administratorsOf(core, generateSigners(core, ["Ada Lovelace", "Äda"]));
    for (const { name, certificate, publicKey, ski, key: slot } of administrators) {
      const decoded = decodeAdminCertificate(certificate);
      expect(adminNameOf(decoded)).toBe(name);
      expect(adminKeyOf(decoded)?.publicKey).toEqual(publicKey);
      expect(decoded.tbs.ski).toEqual(ski);
      const x509 = new X509Certificate(certificate);
      expect(x509.verify(x509.publicKey)).toBe(true);
      const key = createPublicKey({ key: Buffer.from(certificate.subarray(208, 366)), format: "der", type: "spki" });
      const message = new Uint8Array(8).fill(3);
      const [signature] = core.sign([{ key: slot, message }]);
      expect(verify("sha512", message, { key, dsaEncoding: "ieee-p1363" }, signature!)).toBe(true);
    }
  });

  it("with names longer than 30 bytes get none", () => {
    const [long] = generateSigners(core, ["é".repeat(16)]);
    expect(() => administratorsOf(core, [long!])).toThrow(/30 bytes or fewer, got 32/);
  });
});
