// RSA-2048 importer keys: generated, used, replaced, forgotten (unit-behaviour.md 6.3, 6.4; ep11-wire.md 10.10, 11.4).

import { createPublicKey, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { verificationPattern } from "../../bench/backends/host-units.ts";
import { nodePrimitives } from "../../bench/backends/node.ts";
import { fromHexText, hexOf, rsaPublicKey, u32 } from "../support/handmade.ts";
import { wrongBlocks } from "../support/rsa-blocks.ts";
import { RSA_NUMBERS } from "../support/rsa-keys.ts";
import { encryptBlock, encryptPart, rsaRecipientInfo, xorParts } from "../support/rsa-lab.ts";
import { Id, Lab, NOTHING } from "../support/unit-lab.ts";

const INTERNAL_ERROR = "2147549186";

let lab: Lab;
/** A unit with an RSA importer key, and its public key as the unit gave it. */
let unit: string;
let publicKey: Uint8Array;

beforeAll(async () => {
  lab = await Lab.open();
  unit = lab.operational();
  publicKey = generate(unit);
});

/** RSAPublicKey out of the SubjectPublicKeyInfo. */
function generate(id: string): Uint8Array {
  const { code, output } = lab.run(id, Id.GenerateImporter, u32(0), lab.signers(1));
  expect([code, output.length]).toEqual(["0", 294]);
  return output.slice(24);
}

const partOf = () => new Uint8Array(randomBytes(32));
const patternOf = (key: Uint8Array) => verificationPattern(nodePrimitives, key);
const ski = (key = publicKey) => lab.core.sha256(key);
const infoOf = (part: Uint8Array, key = publicKey) => rsaRecipientInfo(ski(key), encryptPart(key, part));

/** Sends RecipientInfos; the code. A refusal changes the counter alone. */
function load(id: string, ...infos: readonly Uint8Array[]): string {
  const before = lab.state(id);
  const { code, counter, output } = lab.send(
    id,
    lab.import(
      id,
      infos.map((info) => ({ info, signers: lab.signers(1) })),
    ),
  );
  if (code !== "0") expect(lab.state(id)).toEqual({ ...before, counter });
  else expect(output).toEqual(lab.state(id).registers.next!.pattern);
  return code;
}

const pending = (id: string) => lab.state(id).registers.next?.pattern;

describe("section 6.3: generate", () => {
  it("answers with the SubjectPublicKeyInfo of a fresh key: 2,048 bits, exponent 65537", () => {
    expect(publicKey).toEqual(rsaPublicKey(publicKey.slice(9, 265)));
    const { asymmetricKeyDetails } = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "pkcs1" });
    expect(asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n });
    const other = lab.operational();
    expect(generate(other)).not.toEqual(publicKey);
  });

  it("keeps the private key sealed by the card alone", () => {
    const { importer, sealed } = lab.state(unit);
    expect(importer).toMatchObject({ type: 0, publicKey });
    expect(importer!.sealedKey).toHaveLength(1346);
    expect(sealed).not.toBeNull();
    // rsaEncryption, as in any PKCS #8 of such a key.
    expect(hexOf(importer!.sealedKey!)).not.toContain("06092a864886f70d010101");
  });

  it("takes the place of a P-521 key, and the other way round", () => {
    const id = lab.operational();
    lab.fill(id, { importer: true });
    const old = lab.parts(id).infos[0]!;
    const key = generate(id);
    expect(load(id, old)).toBe("102/1");
    const part = infoOf(partOf(), key);
    expect(load(id, part)).toBe("0");
    expect(lab.run(id, Id.GenerateImporter, u32(3), lab.signers(1)).code).toBe("0");
    expect(lab.state(id).importer!.sealedKey).toBeNull();
    expect(load(id, part)).toBe("102/1");
    expect(load(id, lab.parts(id).infos[0]!)).toBe("0");
  });

  it("replaces the RSA key before, and zeroize forgets it", () => {
    const id = lab.operational({ signatureThreshold: 1 });
    const first = generate(id);
    const second = generate(id);
    expect(load(id, infoOf(partOf(), first))).toBe("102/1");
    expect(load(id, infoOf(partOf(), second))).toBe("0");
    expect(lab.run(id, Id.Zeroize, NOTHING, lab.signers(1)).code).toBe("0");
    expect(lab.state(id)).toMatchObject({ importer: null, sealed: null });
  });

  it("does not happen if the commit fails", () => {
    const before = lab.state(unit);
    lab.store.failure = new Error("disk full");
    expect(() => lab.run(unit, Id.GenerateImporter, u32(0), lab.signers(1))).toThrow("disk full");
    lab.store.failure = null;
    expect(lab.state(unit)).toBe(before);
    expect(load(unit, infoOf(partOf()))).toBe("0");
  });
});

describe("section 6.4: import with an RSA importer key", () => {
  it.each([1, 2, 3, 20])("%i parts are combined by XOR", (count) => {
    const parts = Array.from({ length: count }, partOf);
    expect(load(unit, ...parts.map((part) => infoOf(part)))).toBe("0");
    expect(pending(unit)).toEqual(patternOf(xorParts(...parts)));
  });

  it("any number of times, also with the unit's secrets sealed in between and other registers", () => {
    for (let i = 0; i < 3; i++) {
      const part = partOf();
      expect(load(unit, infoOf(part))).toBe("0");
      const pattern = patternOf(part);
      expect(lab.run(unit, Id.Commit, pattern, lab.signers(2)).code).toBe("0");
      expect(lab.run(unit, Id.Finalize, pattern, lab.signers(1)).code).toBe("0");
      expect(load(unit, infoOf(part))).toBe("209");
      lab.reopen();
    }
  });

  it("beside units with P-521 importer keys in one batch", () => {
    const [other, bad] = [lab.operational(), lab.operational()];
    lab.fill(other, { importer: true });
    lab.fill(bad, { importer: true });
    const { infos, pattern } = lab.parts(other);
    const part = partOf();
    const units = [other, unit, bad];
    const requests = [infos[0]!, infoOf(part), infoOf(part)].map((info, i) => {
      return { unit: units[i]!, cprb: lab.import(units[i]!, [{ info, signers: lab.signers(1) }]) };
    });
    lab.watched.reset();
    const answers = lab.host.handleMany(requests).map((answer, i) => lab.read(units[i]!, answer as Uint8Array));
    expect(answers.map(({ code }) => code)).toEqual(["0", "0", "102/1"]);
    expect(answers[0]!.output).toEqual(pattern);
    expect(answers[1]!.output).toEqual(patternOf(part));
    expect([lab.watched.calls.get("wkImport"), lab.watched.calls.get("wkImportBlocks")]).toEqual([1, 1]);
  });

  it.each(wrongBlocks(new Uint8Array(32).fill(7)))(
    "32/28: wrong padding or size, alone or among others: %s",
    (_, block) => {
      // A block is a number below the modulus only if its first byte is small.
      const encrypted = block[0]! < 0x80 ? encryptBlock(publicKey, block) : block;
      const wrong = rsaRecipientInfo(ski(), encrypted);
      expect(load(unit, wrong)).toBe("32/28");
      expect(load(unit, infoOf(partOf()), wrong)).toBe("32/28");
      expect(load(unit, wrong, infoOf(partOf()))).toBe("32/28");
    },
  );

  it("32/28: for another key, a flipped bit, a number beyond the modulus, 0 and 1", () => {
    const encrypted = encryptPart(publicKey, partOf());
    const stranger = rsaPublicKey(fromHexText(RSA_NUMBERS[0]!.n));
    for (const wrong of [
      encryptPart(stranger, partOf()).with(0, 0),
      encrypted.with(255, encrypted[255]! ^ 1),
      publicKey.slice(9, 265),
      new Uint8Array(256).fill(0xff),
      new Uint8Array(256),
      new Uint8Array(256).with(255, 1),
    ])
      expect(load(unit, rsaRecipientInfo(ski(), wrong))).toBe("32/28");
  });

  it.each([0, 40, 255, 257])("32/24: an encrypted part of %i bytes", (size) => {
    expect(load(unit, rsaRecipientInfo(ski(), new Uint8Array(size)))).toBe("32/24");
  });

  it("102/1: an SKI that is not SHA-256 of the importer's RSAPublicKey", () => {
    const encrypted = encryptPart(publicKey, partOf());
    for (const other of [new Uint8Array(32), ski(publicKey.slice(1)), ski(publicKey.slice(9, 265))])
      expect(load(unit, rsaRecipientInfo(other, encrypted))).toBe("102/1");
  });

  it("102/1: a part for a P-521 key, also beside parts that fit", () => {
    const other = lab.operational();
    lab.fill(other, { importer: true });
    const elliptic = lab.parts(other).infos[0]!;
    expect(load(unit, elliptic)).toBe("102/1");
    expect(load(unit, infoOf(partOf()), elliptic)).toBe("102/1");
  });

  it.each([
    ["cut short", (info: Uint8Array) => info.slice(0, -1)],
    ["of version 3", (info: Uint8Array) => info.with(6, 3)],
    ["for another algorithm", (info: Uint8Array) => info.with(53, 7)],
  ])("32/23: a RecipientInfo %s", (_name, spoil) => {
    expect(load(unit, spoil(infoOf(partOf())))).toBe("32/23");
  });

  it("checks in order: 32/23, 102/1, 32/24, 32/28", () => {
    const wrongSize = rsaRecipientInfo(ski(), new Uint8Array(255));
    const wrongSki = rsaRecipientInfo(new Uint8Array(32), new Uint8Array(255));
    const wrongPadding = rsaRecipientInfo(ski(), new Uint8Array(256));
    expect(load(unit, wrongPadding, wrongSize, wrongSki, u32(1))).toBe("32/23");
    expect(load(unit, wrongPadding, wrongSize, wrongSki)).toBe("102/1");
    expect(load(unit, wrongPadding, wrongSize)).toBe("32/24");
    expect(load(unit, wrongPadding, infoOf(partOf()))).toBe("32/28");
  });
});

describe("the sealed RSA importer key", () => {
  const spoiled = (change: (sealedKey: Uint8Array) => Uint8Array | null): string => {
    const before = lab.state(unit);
    const importer = before.importer!;
    lab.set(unit, { importer: { ...importer, sealedKey: change(importer.sealedKey!) } });
    const code = load(unit, infoOf(partOf()));
    lab.set(unit, { importer });
    return code;
  };

  it("opens for its unit and its public key alone", () => {
    expect(spoiled((key) => key.with(100, key[100]! ^ 1))).toBe(INTERNAL_ERROR);
    expect(spoiled(() => null)).toBe(INTERNAL_ERROR);
    const other = lab.operational();
    generate(other);
    expect(spoiled(() => lab.state(other).importer!.sealedKey)).toBe(INTERNAL_ERROR);
    expect(load(unit, infoOf(partOf()))).toBe("0");
  });

  it("is of no use on a host without node:crypto", () => {
    const without = vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    const code = spoiled((key) => key);
    without.mockRestore();
    expect(code).toBe(INTERNAL_ERROR);
  });
});
