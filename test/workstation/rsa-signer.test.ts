// RSA administrators: certificates byte for byte as IBM's client makes them, signatures as it makes them.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { WireError } from "../../src/errors.ts";
import { modulusOf } from "../../src/wire/spki.ts";
import { RsaKey, rsaAdministrator, rsaSigner } from "../../src/workstation/rsa-signer.ts";
import { big, bytesOf, power, RSA_NUMBERS, rsaKey } from "../support/rsa-keys.ts";
import { x931Block, x931Verify } from "../support/rsa-x931.ts";
import { hex, readVectors } from "../support/vectors.ts";

const [first, second] = RSA_NUMBERS.map(rsaKey) as [KeyObject, KeyObject];
const keys: Readonly<Record<string, KeyObject>> = { rsa1: first, rsa2: second };

describe("certificates", () => {
  interface Made {
    readonly kind: string;
    readonly key: string;
    readonly adminName: string;
    readonly ski: string;
    readonly certificate: string;
  }
  const made = readVectors<Made>("admin-certs.json").cases.filter(({ kind }) => kind === "rsa2048");

  it("are there", () => expect(made).toHaveLength(8));

  it.each(made)("of $key, '$adminName': byte for byte", ({ key, adminName, ski, certificate }) => {
    const administrator = rsaAdministrator(adminName, keys[key]!);
    expect(toHex(administrator.certificate)).toBe(certificate);
    expect(toHex(administrator.ski)).toBe(ski);
    expect(administrator).toMatchObject(rsaSigner(adminName, keys[key]!));
  });

  it("want a name of 30 bytes at most", () => {
    expect(() => rsaAdministrator("x".repeat(31), first)).toThrow(WireError);
  });
});

describe("signatures", () => {
  interface Signed {
    readonly signedBytes: string;
    readonly signers?: readonly {
      readonly type: string;
      readonly privateKey: { readonly n: string };
      readonly signature: string;
    }[];
  }

  it("of requests are those of IBM's client", async () => {
    let seen = 0;
    for (const { signedBytes, signers = [] } of readVectors<Signed>("htp-requests.json").cases)
      for (const { type, privateKey, signature } of signers) {
        if (type !== "rsa2048") continue;
        const key = new RsaKey(privateKey.n === RSA_NUMBERS[0]!.n ? first : second);
        expect((await key.sign([hex(signedBytes)])).map(toHex)).toEqual([signature]);
        seen++;
      }
    expect(seen).toBe(4);
  });

  it("are block^d mod n, in the order of the messages", async () => {
    const { n, d } = RSA_NUMBERS[0]!;
    const messages = Array.from({ length: 20 }, (_, i) => new Uint8Array(i).fill(i));
    const signatures = await new RsaKey(first).sign(messages);
    for (const [i, message] of messages.entries()) {
      const expected = power(big(x931Block(message)), BigInt(`0x${d}`), BigInt(`0x${n}`));
      expect(toHex(signatures[i]!)).toBe(toHex(bytesOf(expected)));
      expect(x931Verify(hex(n), message, signatures[i]!)).toBe(true);
    }
  });
});

describe("keys", () => {
  it("come from a PKCS #1 PEM as well", () => {
    const pem = first.export({ format: "pem", type: "pkcs1" });
    expect(toHex(modulusOf(new RsaKey(createPrivateKey(pem)).publicKey))).toBe(RSA_NUMBERS[0]!.n);
  });

  it.each([
    ["RSA-1024", () => generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey],
    ["RSA with exponent 3", () => generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }).privateKey],
  ])("%s is refused", (_name, make) => {
    expect(() => new RsaKey(make())).toThrow(WireError);
  });
});
