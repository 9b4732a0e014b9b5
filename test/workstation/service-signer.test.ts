// Signers whose keys are in a signing service: how units know them, their certificates, and services that lie.

import { createHash, X509Certificate } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import type { Core } from "../../src/core/api.ts";
import { WireError } from "../../src/errors.ts";
import { KeyType } from "../../src/wire/ids.ts";
import { SigningServiceError } from "../../src/workstation/errors.ts";
import { serviceAdministrator, serviceSigner } from "../../src/workstation/service-signer.ts";
import { SigningService } from "../../src/workstation/signing-service.ts";
import { testCore } from "../support/core.ts";
import { derSignature } from "../support/der-signature.ts";
import { ecdsaDer } from "../support/handmade.ts";
import { p521Verify } from "../support/p521-verify.ts";
import { base64, failure, type HandmadeKey, HandmadeService } from "../support/signing-service.ts";
import { hex, readVectors } from "../support/vectors.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const sha512 = (data: Uint8Array): Uint8Array => Uint8Array.from(createHash("sha512").update(data).digest());
const MESSAGE = bytes("what is to be signed");

let core: Core;
let server: HandmadeService;
let service: SigningService;
let alice: HandmadeKey;
const access = { id: "alice", token: bytes("token-of-alice") };

beforeAll(async () => {
  core = await testCore();
});
beforeEach(async () => {
  server = await new HandmadeService().open();
  alice = server.add("alice");
  service = new SigningService({ url: server.url });
});
afterEach(async () => {
  await service.close();
  await server.close();
});

const answer = (body: unknown, status = 200) => server.say(body, status);

describe("signers", () => {
  it("are known by SHA-256 of their point, and sign many messages in order, several at a time", async () => {
    const signer = await serviceSigner(core, service, "Alice", access);
    expect(signer.name).toBe("Alice");
    expect(signer.key.keyType).toBe(KeyType.P521);
    expect(toHex(signer.ski)).toBe(createHash("sha256").update(alice.publicKey).digest("hex"));
    const messages = Array.from({ length: 40 }, (_, i) => new Uint8Array(i).fill(i));
    let now = 0;
    let most = 0;
    server.lie = (_, response) => {
      most = Math.max(most, ++now);
      response.on("close", () => now--);
      return null;
    };
    const signatures = await signer.key.sign(messages);
    expect(signatures.map((one, i) => p521Verify(alice.publicKey, messages[i]!, one))).toEqual(Array(40).fill(true));
    expect(most).toBeLessThanOrEqual(8);
    expect(await signer.key.sign([])).toEqual([]);
  });

  it("have certificates that are signed over the hash of the hash", async () => {
    const { certificate, ski } = await serviceAdministrator(core, await serviceSigner(core, service, "Alice", access));
    const { input } = JSON.parse(server.asked.at(-1)!.body) as { input: string };
    const tbs = certificate.subarray(4, 4 + 409);
    expect(input).toBe(base64(sha512(tbs)));
    expect(new X509Certificate(certificate).issuer).toMatch(/^OU=TKE Administration\nCN=Alice/);
    expect(toHex(certificate)).toContain(toHex(ski));
    expect(p521Verify(alice.publicKey, sha512(tbs), derSignature(signatureIn(certificate))!)).toBe(true);
  });

  it("want a name of 30 bytes at most", async () => {
    const signer = await serviceSigner(core, service, "x".repeat(31), access);
    await expect(serviceAdministrator(core, signer)).rejects.toThrow(WireError);
  });
});

/** What is in the certificate's last element, its BIT STRING, after the unused-bits octet. */
function signatureIn(certificate: Uint8Array): Uint8Array {
  const bits = certificate.subarray(4 + 409 + 12);
  return bits.subarray(bits[1] === 0x81 ? 4 : 3);
}

describe("a certificate of IBM's client", () => {
  interface Made {
    readonly kind: string;
    readonly adminName: string;
    readonly privateKey: { readonly x: string; readonly y: string };
    readonly ski: string;
    readonly certificate: string;
    readonly signature: string;
  }
  const made = readVectors<Made>("admin-certs.json").cases.filter(({ kind }) => kind === "p521ec-signing-service");

  it("is made again from the signature that its service gave, byte for byte", async () => {
    expect(made).toHaveLength(1);
    const [{ adminName, privateKey, ski, certificate, signature }] = made as [Made];
    const point = hex(privateKey.x.padStart(132, "0") + privateKey.y.padStart(132, "0"));
    server.lie = ({ method }) => ({
      status: 200,
      body: JSON.stringify(
        method === "GET" ? { publickey: base64(ecdsaDer(point)) } : { signature: base64(hex(signature)) },
      ),
    });
    const administrator = await serviceAdministrator(core, await serviceSigner(core, service, adminName, access));
    expect(toHex(administrator.ski)).toBe(ski);
    expect(toHex(administrator.certificate)).toBe(certificate);
  });
});

describe("a service that lies", () => {
  it("is found when it signs with another key", async () => {
    const signer = await serviceSigner(core, service, "Alice", access);
    const { privateKey, publicKey } = server.add("alice");
    expect(toHex(publicKey)).not.toBe(toHex(alice.publicKey));
    expect(privateKey).not.toBe(alice.privateKey);
    const error = await failure(signer.key.sign([MESSAGE]));
    expect(error).toBeInstanceOf(SigningServiceError);
    expect(error.message).toMatch(/^key 'alice': the signing service returned a signature that does not verify/);
  });

  it("is found when it signs something else", async () => {
    const signer = await serviceSigner(core, service, "Alice", access);
    const [elsewhere] = await service.sign(access, [bytes("another")]);
    answer({ signature: base64(ecdsaDer(elsewhere!)) });
    expect((await failure(signer.key.sign([MESSAGE]))).message).toContain("does not verify");
  });

  it("is found when one signature of many is not good", async () => {
    const signer = await serviceSigner(core, service, "Alice", access);
    const [elsewhere] = await service.sign(access, [bytes("another")]);
    const lie = { status: 200, body: JSON.stringify({ signature: base64(ecdsaDer(elsewhere!)) }) };
    server.lie = ({ body }) => (body.includes(base64(MESSAGE)) ? lie : null);
    const others = Array.from({ length: 20 }, (_, i) => bytes(`message ${i}`));
    expect(await signer.key.sign(others)).toHaveLength(20);
    expect((await failure(signer.key.sign([...others, MESSAGE]))).message).toContain("does not verify");
  });

  it.each([
    ["r = s = 0", new Uint8Array(132)],
    ["r = s = 2^528 - 1", new Uint8Array(132).fill(255)],
  ])("is found with %s", async (_name, raw) => {
    const signer = await serviceSigner(core, service, "Alice", access);
    answer({ signature: base64(ecdsaDer(raw)) });
    expect((await failure(signer.key.sign([MESSAGE]))).message).toContain("does not verify");
  });

  it.each([
    ["another point", () => ecdsaDer(alice.publicKey.map((byte, i) => (i === 132 ? byte ^ 1 : byte)).subarray(1))],
    ["zero", () => ecdsaDer(new Uint8Array(132))],
    ["coordinates that are too large", () => ecdsaDer(new Uint8Array(132).fill(255))],
  ])("is found with a key that is no point of the curve: %s", async (_name, make) => {
    answer({ publickey: base64(make()) });
    const error = await failure(serviceSigner(core, service, "Alice", access));
    expect(error.message).toBe("key 'alice': the signing service's public key is no point of the curve P-521");
  });
});
