// Signature key files against those that IBM's SDK reads, in both directions.
import { createDecipheriv, createPrivateKey, createPublicKey, pbkdf2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { KeyType } from "../../src/wire/ids.ts";
import { WorkstationError, WrongPasswordError } from "../../src/workstation/errors.ts";
import { rsaPublicKey } from "../../src/workstation/rsa-signer.ts";
import {
  createSignatureKey,
  formatSignatureKeyFile,
  openSignatureKey,
  parseSignatureKeyFile,
  sealKey,
} from "../../src/workstation/signature-key-file.ts";
import { testCore } from "../support/core.ts";
import { readVectors } from "../support/vectors.ts";

interface Case {
  readonly kind: "valid" | "invalid";
  readonly name: string;
  readonly file: string;
  readonly password: string;
  readonly ski?: string;
  readonly pem?: string;
  readonly privateKey?: { readonly d: string; readonly x: string; readonly y: string; readonly n: string };
  readonly readSki: { readonly accept: boolean; readonly value?: string };
}

const { cases } = readVectors<Case>("sigkey-files.json");
const valid = cases.filter(({ kind }) => kind === "valid");
const invalid = cases.filter(({ kind }) => kind === "invalid");
const bytes = (text: string) => new TextEncoder().encode(text);
const core = await testCore();
const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

describe("signature key files of the SDK", () => {
  it("are 21", () => expect([valid.length, invalid.length]).toEqual([7, 14]));

  it.each(valid)(
    "$name: opens, and the key is the one that was sealed",
    async ({ file, password, ski, privateKey }) => {
      const parsed = parseSignatureKeyFile(file);
      expect(toHex(parsed.ski)).toBe(ski);
      const opened = await openSignatureKey(core, parsed, bytes(password));
      if (opened.keyType === KeyType.P521) {
        expect(toHex(opened.pair.publicKey)).toBe(`04${privateKey!.x}${privateKey!.y}`);
        core.keyFree(opened.pair.slot);
      } else {
        expect(toHex(core.sha256(rsaPublicKey(opened.privateKey)))).toBe(ski);
        expect(opened.privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
      }
    },
  );

  it.each(invalid)("$name: is refused", async ({ file, password, readSki, name }) => {
    const read = async () => {
      const opened = await openSignatureKey(core, parseSignatureKeyFile(file), bytes(password));
      return opened;
    };
    const error: unknown = await read().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(WorkstationError);
    const ofPassword = /wrong password|shorter than a nonce|tag changed/.test(name);
    expect(error instanceof WrongPasswordError).toBe(ofPassword);
    if (readSki.accept) expect(toHex(parseSignatureKeyFile(file).ski)).toBe(readSki.value);
    else expect(() => parseSignatureKeyFile(file)).toThrow(WorkstationError);
  });

  it.each(valid.filter(({ pem, privateKey }) => pem && privateKey?.d && !privateKey.n))(
    "$name: what we write of the same key decrypts to the same PEM",
    async ({ password, pem, privateKey, ski }) => {
      const scalar = hex(privateKey!.d);
      const pair = core.keyImport(scalar);
      const { members } = await sealKey(core, scalar, pair, "Alice", bytes(password));
      core.keyFree(pair.slot);
      expect([members["keyType"], members["ski"], members["description"]]).toEqual(["p521ec", ski, "Alice"]);
      expect(Object.values(members).every((value) => typeof value === "string")).toBe(true);
      expect(decryptAsTheSdk(members, password)).toBe(pem);
    },
  );
});

/** What the SDK does to a file, on node:crypto. */
function decryptAsTheSdk(members: Readonly<Record<string, string>>, password: string): string {
  const key = pbkdf2Sync(password, Buffer.from(members["seaSalt"]!, "hex"), 4096, 32, "sha256");
  const sealed = Buffer.from(members["enckey"]!, "hex");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString("latin1");
}

describe("new signature keys", () => {
  it.each(["sdk", "opentke"] as const)("%s: are in the card, and come back from their file", async (format) => {
    const password = bytes("päss");
    const { file, pair } = await createSignatureKey(core, "John Smith", password, format);
    const again = parseSignatureKeyFile(formatSignatureKeyFile(file));
    expect([again.description, toHex(again.ski)]).toEqual(["John Smith", toHex(core.sha256(pair.publicKey))]);
    const opened = await openSignatureKey(core, again, password);
    if (opened.keyType !== KeyType.P521) throw new Error("want P-521");
    const message = bytes("word");
    const [signature] = core.sign([{ key: opened.pair.slot, message }]);
    expect(core.verify([{ publicKey: pair.publicKey, message, signature: signature! }])).toEqual([true]);
    await expect(openSignatureKey(core, again, bytes("pass"))).rejects.toThrow(WrongPasswordError);
    for (const { slot } of [pair, opened.pair]) core.keyFree(slot);
  });

  it("can be read by OpenSSL", async () => {
    const { file, pair } = await createSignatureKey(core, "x", bytes("pw"));
    const pem = decryptAsTheSdk(file.members, "pw").replaceAll("PRIVATE KEY", "EC PRIVATE KEY");
    const jwk = createPublicKey(createPrivateKey(pem)).export({ format: "jwk" });
    const coordinates = [jwk.x!, jwk.y!].map((each) => Buffer.from(each, "base64url").toString("hex"));
    expect(`04${coordinates.join("")}`).toBe(toHex(pair.publicKey));
    core.keyFree(pair.slot);
  });

  it("authenticate the name, in our own format", async () => {
    const { file, pair } = await createSignatureKey(core, "Alice", bytes("pw"), "opentke");
    core.keyFree(pair.slot);
    const renamed = parseSignatureKeyFile(JSON.stringify({ ...file.members, description: "Mallory" }));
    await expect(openSignatureKey(core, renamed, bytes("pw"))).rejects.toThrow(WrongPasswordError);
    const newer = parseSignatureKeyFile(JSON.stringify({ ...file.members, format: "opentke-2" }));
    await expect(openSignatureKey(core, newer, bytes("pw"))).rejects.toThrow(/want opentke-1 or none/);
  });

  it("leave no slot taken where a file holds another key than it says", async () => {
    const { file, pair } = await createSignatureKey(core, "x", bytes("pw"));
    const wrong = parseSignatureKeyFile(JSON.stringify({ ...file.members, ski: "00".repeat(32) }));
    const [before] = core.keyGenerate(1);
    core.keyFree(before!.slot);
    await expect(openSignatureKey(core, wrong, bytes("pw"))).rejects.toThrow(/subject key identifier/);
    const [after] = core.keyGenerate(1);
    expect(after!.slot).toBe(before!.slot);
    for (const { slot } of [pair, after!]) core.keyFree(slot);
  });
});
