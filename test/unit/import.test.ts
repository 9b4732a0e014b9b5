// Import WK: the checks of unit-behaviour.md 6.4 in their order, and what the parts come to.

import { beforeAll, describe, expect, it } from "vitest";
import {
  ADMIN,
  adminBlock,
  adminRequest,
  cat,
  fromHexText,
  octets,
  readRecipientInfo,
  recipientInfo,
  seq,
  signerInfo,
  u32,
} from "../support/handmade.ts";
import { ALL_PERMISSIONS, Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

function withImporter(permissions = ALL_PERMISSIONS): string {
  const id = lab.operational({ permissions });
  lab.fill(id, { importer: true });
  return id;
}

/** Fields of a part, each to be replaced by something wrong. */
interface Fields {
  functionId: Uint8Array;
  domain: Uint8Array;
  block: Uint8Array | null;
  signatures: Uint8Array | null;
  command: Uint8Array;
  adminDomain: Uint8Array;
  moduleId: Uint8Array;
  counter: Uint8Array;
  info: Uint8Array;
}

/** The encoded part, signed by administrator 0 unless told otherwise. */
function part(id: string, wrong: Partial<Fields> = {}): Uint8Array {
  const fields: Fields = {
    functionId: ADMIN,
    domain: u32(lab.state(id).domain),
    block: null,
    signatures: null,
    command: u32(Id.Import),
    adminDomain: lab.adminDomain(id),
    moduleId: lab.moduleId(id),
    counter: lab.counter(id),
    info: lab.state(id).importer ? lab.parts(id).infos[0]! : u32(1),
    ...wrong,
  };
  const inner = [fields.command, fields.adminDomain, fields.moduleId, fields.counter, fields.info];
  const block = fields.block ?? seq(...inner.map((field) => octets(field)));
  const signatures = fields.signatures ?? lab.sign(block, lab.signers(1));
  return seq(octets(fields.functionId), octets(fields.domain), octets(block), octets(signatures));
}

/** Sends parts; the code. A refusal changes at most the counter. */
function send(id: string, ...parts: Uint8Array[]): string {
  const before = lab.state(id);
  const { code, counter } = lab.send(id, lab.command(id, Id.Import, cat(...parts), { signatures: NOTHING }));
  if (code !== "0") expect(lab.state(id)).toEqual({ ...before, counter });
  return code;
}

/** As send, for what is refused before the signatures: the counter too stays. */
function sendUncounted(id: string, ...parts: Uint8Array[]): string {
  const before = lab.state(id);
  const code = send(id, ...parts);
  expect(lab.state(id)).toBe(before);
  return code;
}

describe("section 6.4: envelopes, before the signatures", () => {
  it("32/2: no parts", () => {
    expect(sendUncounted(withImporter())).toBe("32/2");
  });

  it.each([
    ["garbage", (p: Uint8Array) => cat(p, u32(0xdeadbeef))],
    ["a part cut short", (p: Uint8Array) => p.slice(0, -1)],
    ["a SET", (p: Uint8Array) => p.with(0, 0x31)],
    ["a field that is no OCTET STRING", () => seq(octets(ADMIN), fromHexText("020101"))],
  ])("32/3: %s", (_name, spoil) => {
    const id = withImporter();
    expect(sendUncounted(id, spoil(part(id)))).toBe("32/3");
  });

  it.each([
    ["three fields", seq(octets(), octets(), octets())],
    ["five fields", seq(octets(), octets(), octets(), octets(), octets())],
  ])("32/4: %s", (_name, wrong) => {
    expect(sendUncounted(withImporter(), wrong)).toBe("32/4");
  });

  const fields = (n: number) => seq(...Array.from({ length: n }, () => octets()));

  const rows: readonly (readonly [string, string, (id: string) => Partial<Fields>])[] = [
    ["32/8", "an empty block", () => ({ block: NOTHING })],
    ["32/5", "a block of four fields", () => ({ block: fields(4) })],
    ["32/5", "a block of six fields", () => ({ block: fields(6) })],
    ["32/65", "a function id of three bytes", () => ({ functionId: ADMIN.slice(1) })],
    ["32/6", "another function", () => ({ functionId: fromHexText("00010026") })],
    ["32/7", "another domain", (id) => ({ domain: u32(lab.state(id).domain + 1) })],
    ["32/7", "a domain of eight bytes", (id) => ({ domain: lab.adminDomain(id) })],
    ["32/9", "no signature", () => ({ signatures: NOTHING })],
    ["32/10", "a block that is not BER", () => ({ block: u32(0xdeadbeef) })],
    ["32/11", "another command", () => ({ command: u32(Id.Commit) })],
    ["32/11", "a command id of three bytes", () => ({ command: fromHexText("00000c") })],
    ["32/20", "another domain instance", (id) => ({ adminDomain: u32(lab.state(id).domain, 77) })],
    ["32/17", "another module", (id) => ({ moduleId: lab.moduleId(id).with(15, 0) })],
    ["32/19", "another counter", (id) => ({ counter: lab.counter(id, 2) })],
  ];

  it.each(rows)("%s: %s", (code, _name, wrong) => {
    const id = withImporter();
    expect(sendUncounted(id, part(id, wrong(id)))).toBe(code);
    expect(sendUncounted(id, part(id), part(id, wrong(id)))).toBe(code);
  });

  it("takes them in this order", () => {
    const id = withImporter();
    const wrong: Partial<Fields> = { block: NOTHING, functionId: ADMIN.slice(1), domain: NOTHING, signatures: NOTHING };
    const mends: readonly (readonly [string, Partial<Fields>])[] = [
      ["32/8", { block: fields(4) }],
      ["32/5", { block: u32(1) }],
      ["32/65", { functionId: u32(1) }],
      ["32/6", { functionId: ADMIN }],
      ["32/7", { domain: u32(lab.state(id).domain) }],
      ["32/9", { signatures: u32(1) }],
      ["32/10", { block: null, command: NOTHING, adminDomain: NOTHING, moduleId: NOTHING, counter: NOTHING }],
      ["32/11", { command: u32(Id.Import) }],
      ["32/20", { adminDomain: lab.adminDomain(id) }],
      ["32/17", { moduleId: lab.moduleId(id) }],
      ["32/19", { counter: lab.counter(id) }],
      ["193/22", { signatures: null }],
      ["0", {}],
    ];
    for (const [code, mend] of mends) {
      expect(send(id, part(id, wrong))).toBe(code);
      Object.assign(wrong, mend);
    }
  });

  it("32/75: more than 20 parts", () => {
    const id = withImporter();
    const one = part(id);
    expect(sendUncounted(id, ...Array.from({ length: 21 }, () => one))).toBe("32/75");
  });

  it("takes 20 parts", () => {
    const id = withImporter();
    const { infos, pattern } = lab.parts(id, 20, true);
    expect(send(id, ...infos.map((info) => part(id, { info })))).toBe("0");
    expect(lab.state(id).registers.next!.pattern).toEqual(pattern);
  });
});

describe("section 6.4: signatures of every part", () => {
  it("each part needs one of its own", () => {
    const id = withImporter();
    const bad = (signatures: Uint8Array) => sendUncounted(id, part(id), part(id, { signatures }));
    expect(bad(u32(0xdeadbeef))).toBe("193/22");
    expect(bad(lab.sign(NOTHING, [lab.admins[9]!]))).toBe("257/22");
    expect(bad(lab.sign(NOTHING, lab.signers(1)))).toBe("192/22");
    expect(bad(signerInfo(lab.admins[0]!.ski, new Uint8Array(132)))).toBe("192/22");
    expect(send(id, part(id), part(id))).toBe("0");
  });

  it("does not look at the outer request's", () => {
    const id = withImporter();
    const input = part(id);
    const request = lab.command(id, Id.Import, input, { signatures: u32(0xdeadbeef) });
    expect(lab.send(id, request).code).toBe("0");
  });
});

describe("section 6.4: after the signatures", () => {
  const order = ["80/80", "80/81", "102/1", "32/23", "102/1", "32/24", "32/25", "0"];

  it(`takes policy and parts in order: ${order.join(", ")}`, () => {
    const id = lab.operational({ permissions: ALL_PERMISSIONS & ~5 });
    const got: string[] = [];
    const attempt = (info: Uint8Array) => got.push(send(id, part(id, { info })));
    attempt(u32(1));
    lab.permissions(id, ALL_PERMISSIONS & ~4);
    attempt(u32(1));
    lab.permissions(id, ALL_PERMISSIONS);
    attempt(u32(1));
    lab.fill(id, { importer: true });
    attempt(u32(1));
    const good = readRecipientInfo(lab.parts(id).infos[0]!);
    const offCurve = good.originator.with(132, good.originator[132]! ^ 1);
    const wrong = { ...good, ski: new Uint8Array(32), wrapped: new Uint8Array(48), originator: offCurve };
    attempt(recipientInfo(wrong));
    attempt(recipientInfo({ ...wrong, ski: good.ski }));
    attempt(recipientInfo({ ...wrong, ski: good.ski, wrapped: good.wrapped }));
    attempt(recipientInfo(good));
    expect(got).toEqual(order);
  });

  it("80/81 is for a single part: two do without WK_1PART", () => {
    const id = withImporter(ALL_PERMISSIONS & ~4);
    expect(send(id, part(id))).toBe("80/81");
    expect(send(id, part(id), part(id))).toBe("0");
  });

  it.each([
    [
      "wrapped key",
      (p: ReturnType<typeof readRecipientInfo>) => ({ ...p, wrapped: p.wrapped.with(39, p.wrapped[39]! ^ 1) }),
    ],
    ["ukm", (p: ReturnType<typeof readRecipientInfo>) => ({ ...p, ukm: p.ukm.with(0, p.ukm[0]! ^ 1) })],
    ["originator", (p: ReturnType<typeof readRecipientInfo>) => ({ ...p, originator: lab.admins[0]!.publicKey })],
  ])("32/28: a changed %s", (_name, spoil) => {
    const id = withImporter();
    const info = recipientInfo(spoil(readRecipientInfo(lab.parts(id).infos[0]!)));
    expect(send(id, part(id, { info }))).toBe("32/28");
    expect(send(id, part(id), part(id, { info }))).toBe("32/28");
  });

  it.each([
    ["cut short", (info: Uint8Array) => info.slice(0, -1)],
    ["longer", (info: Uint8Array) => cat(info, NOTHING, fromHexText("00"))],
    ["of another version", (info: Uint8Array) => info.with(6, 2)],
    ["with another key derivation", (info: Uint8Array) => info.with(215, 2)],
    ["with another key wrap", (info: Uint8Array) => info.with(228, 5)],
    ["empty", () => NOTHING],
  ])("32/23: a RecipientInfo %s", (_name, spoil) => {
    const id = withImporter();
    expect(send(id, part(id, { info: spoil(lab.parts(id).infos[0]!) }))).toBe("32/23");
  });

  it("takes the importer's SKI over 04 || X || Y and over X || Y (ep11-wire.md 11.3), no other", () => {
    const id = withImporter();
    const { publicKey } = lab.state(id).importer!;
    const good = readRecipientInfo(lab.parts(id).infos[0]!);
    const withSki = (ski: Uint8Array) => send(id, part(id, { info: recipientInfo({ ...good, ski }) }));
    expect(withSki(lab.core.sha256(publicKey))).toBe("0");
    expect(withSki(lab.core.sha256(publicKey.slice(1)))).toBe("0");
    expect(withSki(lab.core.sha256(publicKey.slice(0, 132)))).toBe("102/1");
  });

  it("102/1: an RSA RecipientInfo, which no importer key here is for", () => {
    const id = withImporter();
    const ski = lab.core.sha256(lab.state(id).importer!.publicKey);
    const rsa = cat(
      fromHexText("30820138 020102 8020"),
      ski,
      fromHexText("300d06092a864886f70d0101010500 04820100"),
      new Uint8Array(256),
    );
    expect(send(id, part(id, { info: rsa }))).toBe("102/1");
  });

  it("209 without a reason: the key that is current already", () => {
    const id = withImporter();
    const { infos, pattern } = lab.parts(id);
    expect(send(id, part(id, { info: infos[0]! }))).toBe("0");
    lab.run(id, Id.Commit, pattern, lab.signers(2));
    lab.run(id, Id.Finalize, pattern, lab.signers(1));
    expect(send(id, part(id, { info: infos[0]! }))).toBe("209");
  });

  it("combines parts by XOR: a part twice cancels out", () => {
    const id = withImporter();
    const [a, b] = [lab.parts(id), lab.parts(id)];
    const info = (p: typeof a) => part(id, { info: p.infos[0]! });
    expect(send(id, info(a), info(b), info(a))).toBe("0");
    expect(lab.state(id).registers.next!.pattern).toEqual(b.pattern);
  });

  it("loads parts that several administrators brought", () => {
    const id = withImporter();
    const { infos, pattern } = lab.parts(id, 3, true);
    const parts = infos.map((info, i) => ({ info, signers: [lab.admins[i]!] }));
    expect(lab.send(id, lab.import(id, parts))).toMatchObject({ code: "0", output: pattern });
    const [change] = lab.store.commits.at(-1)!;
    expect(change!.audit[0]!.signers).toEqual(lab.signers(3).map(({ ski }) => ski));
  });
});

describe("requests by hand", () => {
  it("have parts that are whole requests", () => {
    const id = withImporter();
    const info = u32(1);
    const block = adminBlock({
      command: Id.Import,
      adminDomain: lab.adminDomain(id),
      moduleId: lab.moduleId(id),
      counter: lab.counter(id),
      input: info,
    });
    const signatures = u32(9);
    expect(part(id, { info, signatures })).toEqual(adminRequest(lab.state(id).domain, block, signatures));
  });
});
