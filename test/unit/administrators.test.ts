// Administrators: adding, removing, asking (unit-behaviour.md 4.3; ep11-wire.md 10.5, 12).

import { beforeAll, describe, expect, it } from "vitest";
import { cat, certificate, fieldsOf, fromHexText, seq, spki, u32 } from "../support/handmade.ts";
import { Id, Lab, NOTHING } from "../support/unit-lab.ts";
import { readVectors } from "../support/vectors.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

/** Runs a command in imprint mode, where nobody needs to sign; its code, and that a refusal changes nothing but the counter. */
function unsigned(id: string, command: number, input: Uint8Array): string {
  const before = lab.state(id);
  const { code, counter } = lab.run(id, command, input);
  if (code !== "0") expect(lab.state(id)).toEqual({ ...before, counter });
  return code;
}

const add = (id: string, input: Uint8Array): string => unsigned(id, Id.AddAdministrator, input);

describe("section 4.3: add", () => {
  it("keeps the certificate as it was sent, in the order of installation", () => {
    const id = lab.pristine();
    for (const admin of [lab.admins[2]!, lab.admins[0]!]) expect(add(id, admin.certificate)).toBe("0");
    expect(lab.ask(id, Id.QueryAdministrators).output).toEqual(cat(lab.admins[2]!.ski, lab.admins[0]!.ski));
    for (const admin of [lab.admins[0]!, lab.admins[2]!]) {
      expect(lab.ask(id, Id.QueryAdministrators, admin.ski)).toMatchObject({ code: "0", output: admin.certificate });
    }
  });

  it("keeps copies: the request's bytes may change afterwards", () => {
    const id = lab.pristine();
    const request = lab.command(id, Id.AddAdministrator, lab.admins[0]!.certificate);
    lab.send(id, request);
    request.fill(0);
    expect(lab.ask(id, Id.QueryAdministrators, lab.admins[0]!.ski).output).toEqual(lab.admins[0]!.certificate);
    expect(lab.state(id).counter).not.toEqual(new Uint8Array(16));
  });

  it("32/40: not DER X.509, or without what a query's reader needs", () => {
    const { publicKey, ski, certificate: good } = lab.admins[0]!;
    const id = lab.pristine();
    const [tbs, algorithm, signature] = [good.slice(4, 413), good.slice(413, 425), good.slice(425)];
    expect(seq(tbs, algorithm, signature)).toEqual(good);
    const noExtension = seq(tbs.slice(4, 362));
    const otherExtension = cat(tbs.slice(0, 368), fromHexText("0603551d11"), tbs.slice(373));
    for (const wrong of [
      u32(0xdeadbeef),
      good.slice(0, -1),
      cat(good, fromHexText("00")),
      seq(tbs, algorithm),
      seq(noExtension, algorithm, signature),
      seq(otherExtension, algorithm, signature),
      certificate(spki(publicKey), ski.slice(0, 31)),
      tbs,
    ]) {
      expect(add(id, wrong)).toBe("32/40");
    }
    expect(add(id, good)).toBe("0");
  });

  it("32/40: SKI of another key", () => {
    const [a, b] = lab.admins;
    expect(add(lab.pristine(), certificate(spki(a!.publicKey), b!.ski))).toBe("32/40");
  });

  it("32/40: a P-521 key that is no point of the curve", () => {
    const publicKey = lab.admins[0]!.publicKey.with(132, lab.admins[0]!.publicKey[132]! ^ 1);
    expect(add(lab.pristine(), certificate(spki(publicKey), lab.core.sha256(publicKey)))).toBe("32/40");
  });

  const rsa1024 = cat(
    fromHexText("30819f 300d06092a864886f70d0101010500 03818d00 308189 028181 00"),
    new Uint8Array(128).fill(0xc1),
    fromHexText("0203010001"),
  );
  const p256 = cat(
    fromHexText("3059 3013 06072a8648ce3d0201 06082a8648ce3d030107 034200 04"),
    new Uint8Array(64).fill(7),
  );
  const compressed = cat(
    fromHexText("3058 3010 06072a8648ce3d0201 06052b81040023 034400 02"),
    new Uint8Array(66).fill(1),
  );

  it.each([
    ["RSA-1024", rsa1024],
    ["P-256", p256],
    ["compressed P-521", compressed],
  ])("32/138: a key of another kind, %s", (_name, key) => {
    expect(add(lab.pristine(), certificate(key, new Uint8Array(32)))).toBe("32/138");
  });

  it("33: no certificate at all, or more than 12,288 bytes", () => {
    const id = lab.pristine();
    const before = lab.state(id);
    expect(add(id, NOTHING)).toBe("33");
    expect(add(id, new Uint8Array(12289))).toBe("33");
    expect(lab.state(id)).toBe(before);
  });

  it("256/38: installed already, before 261/39: eight are", () => {
    const id = lab.pristine();
    for (const admin of lab.admins.slice(0, 8)) expect(add(id, admin.certificate)).toBe("0");
    expect(add(id, lab.admins[3]!.certificate)).toBe("256/38");
    expect(add(id, lab.admins[8]!.certificate)).toBe("261/39");
  });

  it("256/38: the same key under another name", () => {
    const id = lab.pristine();
    const { publicKey, ski } = lab.admins[0]!;
    expect(add(id, certificate(spki(publicKey), ski, "one name"))).toBe("0");
    expect(add(id, certificate(spki(publicKey), ski, "another"))).toBe("256/38");
  });

  it("takes every certificate of IBM's client, P-521 and RSA-2048, whatever its self-signature", () => {
    const { cases } = readVectors<{ kind: string; certificate?: string }>("admin-certs.json");
    const codes = cases.flatMap(({ kind, certificate: text }) =>
      text === undefined ? [] : [[kind, add(lab.pristine(), fromHexText(text))]],
    );
    expect(codes).toEqual([
      ...Array.from({ length: 9 }, () => ["p521ec", "0"]),
      ...Array.from({ length: 8 }, () => ["rsa2048", "0"]),
      ["p521ec-signing-service", "0"],
    ]);
  });
});

describe("section 4.3: remove", () => {
  it("32/32: a SKI that is not 32 bytes; 32/33: one that is not installed", () => {
    const id = lab.pristine();
    const before = lab.state(id);
    expect(unsigned(id, Id.RemoveAdministrator, new Uint8Array(31))).toBe("32/32");
    expect(unsigned(id, Id.RemoveAdministrator, NOTHING)).toBe("32/32");
    expect(lab.state(id)).toBe(before);
    expect(unsigned(id, Id.RemoveAdministrator, lab.admins[0]!.ski)).toBe("32/33");
  });

  it("takes the last one in imprint mode", () => {
    const id = lab.pristine();
    add(id, lab.admins[0]!.certificate);
    expect(unsigned(id, Id.RemoveAdministrator, lab.admins[0]!.ski)).toBe("0");
    expect(lab.state(id).administrators).toEqual([]);
  });

  it.each([
    [3, 1],
    [1, 3],
  ])("209/66: fewer than S = %i or R = %i would be left", (signatureThreshold, revocationThreshold) => {
    const id = lab.operational({ signatureThreshold, revocationThreshold }, 4);
    const remove = (i: number) =>
      lab.run(id, Id.RemoveAdministrator, lab.admins[i]!.ski, lab.signers(revocationThreshold)).code;
    expect(remove(3)).toBe("0");
    const before = lab.state(id);
    const counter = lab.counter(id);
    expect(remove(2)).toBe("209/66");
    expect(lab.state(id)).toEqual({ ...before, counter });
  });
});

describe("section 4.3: query", () => {
  it("32/33 for a SKI that is not installed, 32/32 for an input that is no SKI", () => {
    const id = lab.operational();
    expect(lab.ask(id, Id.QueryAdministrators, lab.admins[9]!.ski).code).toBe("32/33");
    expect(lab.ask(id, Id.QueryAdministrators, u32(1)).code).toBe("32/32");
    expect(lab.ask(id, Id.QueryAdministrators, new Uint8Array(64)).code).toBe("32/32");
  });

  it("answers nothing where there are none", () => {
    expect(lab.ask(lab.pristine(), Id.QueryAdministrators)).toMatchObject({ code: "0", output: NOTHING });
  });
});

describe("certificates made by hand", () => {
  it("have the shape of ep11-wire.md 12.1", () => {
    const bytes = lab.admins[0]!.certificate;
    const tbs = bytes.subarray(4);
    expect(fieldsOf(bytes)).toHaveLength(3);
    expect(tbs.slice(0, 4)).toEqual(fromHexText("30820195"));
    expect(tbs.slice(229, 362)).toEqual(lab.admins[0]!.publicKey);
    expect(tbs.slice(377, 409)).toEqual(lab.admins[0]!.ski);
  });
});
