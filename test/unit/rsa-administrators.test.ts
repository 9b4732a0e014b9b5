// Administrators with RSA-2048 keys: certificates (unit-behaviour.md 4.3), X9.31 signatures (ep11-wire.md 7), mixed quorums (4.2).

import { constants, sign as nodeSign, privateEncrypt } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  adminRequest,
  cat,
  certificate,
  ecdsaDer,
  fromHexText,
  rsaPublicKey,
  rsaSignerInfo,
  rsaSpki,
  signerInfo,
  u32,
} from "../support/handmade.ts";
import { big, bytesOf, RSA_NUMBERS, type RsaNumbers, rsaKey } from "../support/rsa-keys.ts";
import { negated, rsaAdmin, rsaSign, rsaSigned } from "../support/rsa-lab.ts";
import { x931Block } from "../support/rsa-x931.ts";
import { attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

const [RSA1, RSA2] = RSA_NUMBERS as [RsaNumbers, RsaNumbers];

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const add = (id: string, input: Uint8Array): string => lab.run(id, Id.AddAdministrator, input).code;

describe("section 4.3: RSA-2048 certificates", () => {
  it("are kept as they were sent, their administrators listed by the SHA-256 of RSAPublicKey", () => {
    const id = lab.pristine();
    const admins = [rsaAdmin(lab, RSA1), lab.admins[0]!, rsaAdmin(lab, RSA2)];
    for (const admin of admins) expect(add(id, admin.certificate)).toBe("0");
    expect(lab.ask(id, Id.QueryAdministrators).output).toEqual(cat(...admins.map(({ ski }) => ski)));
    for (const { ski, certificate: bytes } of admins)
      expect(lab.ask(id, Id.QueryAdministrators, ski)).toMatchObject({ code: "0", output: bytes });
  });

  it("256/38: installed already; remove takes it out again", () => {
    const id = lab.pristine();
    const admin = rsaAdmin(lab, RSA1);
    add(id, admin.certificate);
    expect(add(id, rsaAdmin(lab, RSA1, "another name").certificate)).toBe("256/38");
    expect(lab.run(id, Id.RemoveAdministrator, admin.ski).code).toBe("0");
    expect(add(id, admin.certificate)).toBe("0");
  });

  it("32/40: a SKI that is not the key's", () => {
    const { publicKey } = rsaAdmin(lab, RSA1);
    for (const ski of [rsaAdmin(lab, RSA2).ski, lab.core.sha256(rsaSpki(publicKey)), new Uint8Array(32)])
      expect(add(lab.pristine(), certificate(rsaSpki(publicKey), ski))).toBe("32/40");
  });

  const modulus = fromHexText(RSA1.n);
  it.each([
    ["exponent 3", rsaPublicKey(modulus).with(269, 3)],
    ["a modulus of 2,047 bits", rsaPublicKey(modulus.with(0, 0x40))],
  ])("32/138: %s", (_name, publicKey) => {
    expect(add(lab.pristine(), certificate(rsaSpki(publicKey), lab.core.sha256(publicKey)))).toBe("32/138");
  });
});

/** The code for setting attributes with threshold `s`, signed as told; a refusal leaves the unit as it was. */
function counted(s: number, signatures: (block: Uint8Array) => Uint8Array): string {
  const id = lab.operational({ signatureThreshold: s });
  lab.set(id, { administrators: [...lab.state(id).administrators, rsaAdmin(lab, RSA1), rsaAdmin(lab, RSA2)] });
  const input = attributePairs([4, 1]);
  const block = lab.block(id, Id.SetAttributes, input);
  const before = lab.state(id);
  const { code } = lab.send(id, lab.command(id, Id.SetAttributes, input, { signatures: signatures(block) }));
  if (code !== "0") expect(lab.state(id)).toBe(before);
  return code;
}

const ski = (key: RsaNumbers) => rsaAdmin(lab, key).ski;
const signature = (key: RsaNumbers, message: Uint8Array) => rsaSign(key, x931Block(message));
const signed = (block: Uint8Array, ...keys: RsaNumbers[]) => cat(...keys.map((key) => rsaSigned(lab, key, block)));
const elliptic = (block: Uint8Array, ...admins: number[]) =>
  lab.sign(
    block,
    admins.map((i) => lab.admins[i]!),
  );

describe("section 4.2: RSA signatures", () => {
  it("count: s^e is the block", () => {
    expect(counted(1, (block) => signed(block, RSA1))).toBe("0");
    expect(counted(2, (block) => signed(block, RSA1, RSA2))).toBe("0");
  });

  it("count too where n - s^e is the block, as the smaller of s and n - s is to the standard", () => {
    const other = (block: Uint8Array) => rsaSignerInfo(ski(RSA1), negated(RSA1, signature(RSA1, block)));
    expect(counted(1, other)).toBe("0");
    const values = Array.from({ length: 8 }, (_, i) => big(signature(RSA1, u32(i))));
    expect(values.filter((s) => 2n * s > BigInt(`0x${RSA1.n}`)).length).toBeGreaterThan(0);
  });

  it("are tolerated without the NULL parameters", () => {
    const ids = fromHexText("300b0609608648016503040201 300b06092a864886f70d010101");
    expect(counted(1, (block) => signerInfo(ski(RSA1), signature(RSA1, block), ids))).toBe("0");
  });

  it("of node:crypto's raw private operation are the same", () => {
    const key = rsaKey(RSA1);
    const made = (block: Uint8Array) =>
      new Uint8Array(privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, x931Block(block)));
    expect(counted(1, (block) => rsaSignerInfo(ski(RSA1), made(block)))).toBe("0");
  });

  const pkcs1 = (block: Uint8Array) => new Uint8Array(nodeSign("sha256", block, rsaKey(RSA1)));
  const spoiled = (block: Uint8Array, change: (x931: Uint8Array) => Uint8Array) =>
    rsaSign(RSA1, change(x931Block(block)));
  it.each<[string, (block: Uint8Array) => Uint8Array]>([
    ["a flipped bit", (block) => signature(RSA1, block).with(255, signature(RSA1, block)[255]! ^ 1)],
    ["another message", () => signature(RSA1, u32(1))],
    ["another administrator's key", (block) => signature(RSA2, block)],
    ["PKCS #1 v1.5", pkcs1],
    ["another header", (block) => spoiled(block, (x931) => x931.with(0, 0x4b))],
    ["padding that ends early", (block) => spoiled(block, (x931) => x931.with(220, 0xba))],
    ["another hash id", (block) => spoiled(block, (x931) => x931.with(254, 0x33))],
    ["another trailer", (block) => spoiled(block, (x931) => x931.with(255, 0xbc))],
    ["the block itself", (block) => x931Block(block)],
    ["zeros", () => new Uint8Array(256)],
    ["one", () => new Uint8Array(256).with(255, 1)],
    ["the modulus", () => fromHexText(RSA1.n)],
    ["ones, beyond the modulus", () => new Uint8Array(256).fill(0xff)],
  ])("192/22: %s, even with enough others", (_name, wrong) => {
    const info = (block: Uint8Array) => rsaSignerInfo(ski(RSA1), wrong(block));
    expect(counted(1, info)).toBe("192/22");
    expect(counted(1, (block) => cat(elliptic(block, 0), info(block)))).toBe("192/22");
    expect(counted(1, (block) => cat(info(block), signed(block, RSA2)))).toBe("192/22");
  });

  it("192/22: s + n, where it fits in 256 bytes", () => {
    let tried = 0;
    for (let i = 0; tried < 2 && i < 40; i++) {
      const wrong = (block: Uint8Array) => big(rsaSign(RSA2, x931Block(block))) + BigInt(`0x${RSA2.n}`);
      const code = counted(1, (block) => {
        const sum = wrong(block);
        const fits = sum < 1n << 2048n;
        if (fits) tried++;
        return fits ? rsaSignerInfo(ski(RSA2), bytesOf(sum)) : signed(u32(i), RSA2);
      });
      expect(code).toBe("192/22");
    }
    expect(tried).toBeGreaterThan(0);
  });

  it("192/22: the signature of the other kind of key", () => {
    const ec = (block: Uint8Array) => lab.core.sign([{ key: lab.admins[0]!.key, message: block }])[0]!;
    expect(counted(1, (block) => signerInfo(ski(RSA1), ec(block)))).toBe("192/22");
    expect(counted(1, (block) => rsaSignerInfo(lab.admins[0]!.ski, signature(RSA1, block)))).toBe("192/22");
  });

  it.each([0, 1, 255, 257])("193/22: %i bytes", (size) => {
    expect(counted(1, () => rsaSignerInfo(ski(RSA1), new Uint8Array(size)))).toBe("193/22");
  });

  it("193/22: ECDSA content under RSA's algorithm ids", () => {
    const ec = (block: Uint8Array) => ecdsaDer(lab.core.sign([{ key: lab.admins[0]!.key, message: block }])[0]!);
    expect(counted(1, (block) => rsaSignerInfo(ski(RSA1), ec(block)))).toBe("193/22");
  });

  it("257/22: an RSA key that is no administrator here", () => {
    const id = lab.operational({ signatureThreshold: 1 });
    const block = lab.block(id, Id.SetAttributes, attributePairs([4, 1]));
    const signatures = rsaSigned(lab, RSA1, block);
    expect(lab.send(id, lab.command(id, Id.SetAttributes, attributePairs([4, 1]), { signatures })).code).toBe("257/22");
  });
});

describe("section 4.2: quorums of P-521 and RSA", () => {
  it("count both", () => {
    expect(counted(4, (block) => cat(signed(block, RSA1), elliptic(block, 0, 1), signed(block, RSA2)))).toBe("0");
    expect(counted(5, (block) => cat(signed(block, RSA1), elliptic(block, 0, 1), signed(block, RSA2)))).toBe("208/21");
  });

  it("count an RSA signer once, though s and n - s are two signatures", () => {
    const both = (block: Uint8Array) =>
      cat(signed(block, RSA1), rsaSignerInfo(ski(RSA1), negated(RSA1, signature(RSA1, block))));
    expect(counted(2, both)).toBe("208/21");
    expect(counted(2, (block) => cat(both(block), elliptic(block, 1)))).toBe("0");
  });

  it("are taken in order: the first that is wrong decides", () => {
    const wrong = (block: Uint8Array) => rsaSignerInfo(ski(RSA1), signature(RSA2, block));
    const garbage = fromHexText("3003020103");
    expect(counted(1, (block) => cat(wrong(block), garbage))).toBe("192/22");
    expect(counted(1, (block) => cat(signed(block, RSA2), elliptic(block, 9), wrong(block)))).toBe("257/22");
    expect(counted(1, (block) => cat(signed(block, RSA2), garbage, wrong(block)))).toBe("193/22");
  });

  it("are audited by SKI, each once", () => {
    expect(counted(2, (block) => cat(elliptic(block, 1), signed(block, RSA2, RSA2)))).toBe("0");
    expect(lab.store.commits.at(-1)![0]!.audit[0]!.signers).toEqual([lab.admins[1]!.ski, ski(RSA2)]);
  });

  it("are judged by the card in one call for a whole batch", () => {
    const ids = Array.from({ length: 3 }, () => {
      const id = lab.operational({ signatureThreshold: 2 });
      lab.set(id, { administrators: [...lab.state(id).administrators, rsaAdmin(lab, RSA1)] });
      return id;
    });
    const requests = ids.map((unit, i) => {
      const block = lab.block(unit, Id.SetAttributes, attributePairs([4, 1]));
      const signatures = cat(i === 1 ? signed(u32(7), RSA1) : signed(block, RSA1), elliptic(block, 0));
      return { unit, cprb: lab.command(unit, Id.SetAttributes, attributePairs([4, 1]), { signatures }) };
    });
    lab.watched.reset();
    const answers = lab.host.handleMany(requests) as Uint8Array[];
    expect(answers.map((answer, i) => lab.read(ids[i]!, answer).code)).toEqual(["0", "192/22", "0"]);
    expect(lab.watched.calls.get("verifyQuorum")).toBe(1);
  });

  it("an RSA administrator signs key parts too", () => {
    const id = lab.operational();
    lab.fill(id, { importer: true });
    lab.set(id, { administrators: [rsaAdmin(lab, RSA1)] });
    const { infos, pattern } = lab.parts(id);
    const block = lab.block(id, Id.Import, infos[0]!);
    const { domain } = lab.state(id);
    const part = adminRequest(domain, block, signed(block, RSA1));
    expect(lab.send(id, lab.command(id, Id.Import, part, { signatures: NOTHING }))).toMatchObject({
      code: "0",
      output: pattern,
    });
    const bad = lab.block(id, Id.Import, infos[0]!);
    const wrong = adminRequest(domain, bad, signed(block, RSA1));
    expect(lab.send(id, lab.command(id, Id.Import, wrong, { signatures: NOTHING })).code).toBe("192/22");
  });
});

describe("on a host without node:crypto", () => {
  const without = () => vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);

  it("RSA certificates are refused like other kinds of keys, 32/138; P-521 goes on", () => {
    without();
    const id = lab.pristine();
    expect(add(id, rsaAdmin(lab, RSA1).certificate)).toBe("32/138");
    expect(add(id, lab.admins[0]!.certificate)).toBe("0");
    expect(lab.run(lab.operational(), Id.GenerateImporter, u32(0), lab.signers(1)).code).toBe("32/55");
    expect(lab.run(lab.operational(), Id.GenerateImporter, u32(3), lab.signers(1)).code).toBe("0");
  });

  it("RSA signatures can't be verified, and so are rejected", () => {
    without();
    expect(counted(1, (block) => signed(block, RSA1))).toBe("192/22");
    expect(counted(1, (block) => elliptic(block, 0))).toBe("0");
  });
});
