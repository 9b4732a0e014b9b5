// Who must sign what, and how signatures are counted (unit-behaviour.md 4.1, 4.2).

import { beforeAll, describe, expect, it } from "vitest";
import {
  cat,
  ECDSA_ID,
  fromHexText,
  kphCertificate,
  parameterMap,
  rsaSignerInfo,
  SHA512_ID,
  seq,
  signerInfo,
  u32,
} from "../support/handmade.ts";
import { type Admin, ALL_PERMISSIONS, attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const ZERO_1SIGN = 0x40;
const CP_1SIGN = 0x20;
const bits = (bit: number): Uint8Array => new Uint8Array(16).with(bit >> 3, 0x80 >> (bit & 7));

interface Row {
  readonly name: string;
  readonly command: number;
  readonly required: (s: number, r: number) => number;
  readonly permissions?: number;
  readonly prepare?: (id: string) => void;
  readonly input: (id: string) => Uint8Array;
}

const S = (s: number): number => s;
const R = (_s: number, r: number): number => r;
const one = (): number => 1;
const pending = (id: string): Uint8Array => lab.state(id).registers.next!.pattern;
const holder = (): Uint8Array => parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(lab.admins[0]!.publicKey)]);
const none = (): Uint8Array => NOTHING;
const plain = ALL_PERMISSIONS & ~(ZERO_1SIGN | CP_1SIGN);

const uncommitted = (id: string) => lab.fill(id, { current: true, next: "uncommitted" });
const committed = (id: string) => lab.fill(id, { current: true, next: "committed" });
const current = (id: string) => lab.fill(id, { current: true });

const TABLE: readonly Row[] = [
  { name: "add administrator", command: Id.AddAdministrator, required: S, input: () => lab.admins[7]!.certificate },
  { name: "remove administrator", command: Id.RemoveAdministrator, required: R, input: () => lab.admins[3]!.ski },
  { name: "set attributes", command: Id.SetAttributes, required: S, input: () => attributePairs([4, 1]) },
  { name: "set R alone", command: Id.SetAttributes, required: S, input: () => attributePairs([2, 4]) },
  { name: "zeroize", command: Id.Zeroize, required: S, input: none },
  { name: "zeroize with ZERO_1SIGN", command: Id.Zeroize, required: one, permissions: plain | ZERO_1SIGN, input: none },
  { name: "generate importer key", command: Id.GenerateImporter, required: one, input: () => u32(3) },
  { name: "generate random WK", command: Id.GenerateRandom, required: one, input: none },
  { name: "commit", command: Id.Commit, required: S, prepare: uncommitted, input: pending },
  { name: "finalize", command: Id.Finalize, required: one, prepare: committed, input: pending },
  { name: "clear current", command: Id.ClearCurrent, required: one, prepare: current, input: none },
  { name: "clear pending", command: Id.ClearPending, required: one, prepare: uncommitted, input: none },
  { name: "export", command: Id.Export, required: S, prepare: current, input: holder },
  { name: "export next", command: Id.ExportNext, required: S, prepare: uncommitted, input: holder },
  { name: "set control points", command: Id.SetControlPoints, required: S, input: (id) => lab.state(id).controlPoints },
  { name: "add control points", command: Id.AddControlPoints, required: S, input: () => bits(66) },
  { name: "delete control points", command: Id.DeleteControlPoints, required: S, input: () => bits(66) },
  ...[Id.SetControlPoints, Id.AddControlPoints, Id.DeleteControlPoints].map((command) => ({
    name: `control points (${command.toString(16)}) with CP_1SIGN`,
    command,
    required: one,
    permissions: plain | CP_1SIGN,
    input: (id: string) => (command === Id.SetControlPoints ? lab.state(id).controlPoints : bits(66)),
  })),
];

function prepared({ permissions = plain, prepare }: Row, s: number, r: number): string {
  const id = lab.operational({ signatureThreshold: s, revocationThreshold: r, permissions }, 4);
  prepare?.(id);
  return id;
}

describe("section 4.1: signatures wanted after imprint mode", () => {
  const thresholds = [
    [1, 1],
    [3, 2],
    [2, 3],
  ] as const;

  it.each(TABLE)("$name", (row) => {
    for (const [s, r] of thresholds) {
      const id = prepared(row, s, r);
      const required = row.required(s, r);
      const before = lab.state(id);
      expect(lab.run(id, row.command, row.input(id), lab.signers(required - 1)).code).toBe("208/21");
      expect(lab.state(id)).toBe(before);
      expect(lab.run(id, row.command, row.input(id), lab.signers(required)).code).toBe("0");
    }
  });

  it("covers every command but import WK", () => {
    const covered = new Set(TABLE.map(({ command }) => command));
    const commands = Object.values(Id).filter((id) => (id & 0x10000) === 0 && id !== Id.Import);
    expect([...covered].sort()).toEqual([...commands].sort());
  });

  it("import WK: one on each part, none on the outer request; one administrator may sign all", () => {
    const id = lab.operational({ signatureThreshold: 3 });
    lab.fill(id, { importer: true });
    const { infos, pattern } = lab.parts(id, 2, true);
    const signed = (...signers: (readonly Admin[])[]) => infos.map((info, i) => ({ info, signers: signers[i]! }));
    const before = lab.state(id);
    const stranger = [lab.admins[9]!];
    expect(lab.send(id, lab.import(id, signed(lab.signers(1), stranger))).code).toBe("257/22");
    expect(lab.state(id)).toBe(before);
    const imported = lab.send(id, lab.import(id, signed(lab.signers(1), lab.signers(1))));
    expect(imported).toMatchObject({ code: "0", output: pattern });
  });
});

describe("section 4.1: signatures wanted in imprint mode", () => {
  it.each([
    ["add administrator", Id.AddAdministrator, () => lab.admins[5]!.certificate],
    ["remove administrator", Id.RemoveAdministrator, () => lab.admins[0]!.ski],
    ["set attributes without leaving", Id.SetAttributes, () => attributePairs([1, 0], [2, 0])],
    ["zeroize", Id.Zeroize, none],
  ])("%s: none, and what is in the field does not matter", (_name, command, input) => {
    for (const signatures of [NOTHING, u32(0xdeadbeef), lab.sign(NOTHING, [lab.admins[9]!])]) {
      const id = lab.pristine();
      lab.set(id, { administrators: lab.admins.slice(0, 3) });
      expect(lab.send(id, lab.command(id, command, input(), { signatures })).code).toBe("0");
    }
  });

  it("set attributes out of it: the new signature threshold", () => {
    const id = lab.pristine();
    lab.set(id, { administrators: lab.admins.slice(0, 3) });
    const before = lab.state(id);
    const input = attributePairs([1, 3], [2, 1]);
    expect(lab.run(id, Id.SetAttributes, input, lab.signers(2)).code).toBe("208/21");
    expect(lab.state(id)).toBe(before);
    expect(lab.run(id, Id.SetAttributes, input, lab.signers(3)).code).toBe("0");
  });
});

describe("section 4.2: counting", () => {
  /** The code for a clear command, threshold `s`, with signatures made from the block. */
  function counted(s: number, signatures: (block: Uint8Array) => Uint8Array): string {
    const id = lab.operational({ signatureThreshold: s }, 4);
    const input = attributePairs([4, 1]);
    const block = lab.block(id, Id.SetAttributes, input);
    const before = lab.state(id);
    const answer = lab.send(id, lab.command(id, Id.SetAttributes, input, { signatures: signatures(block) }));
    if (answer.code !== "0") expect(lab.state(id)).toBe(before);
    return answer.code;
  }

  const signed = (block: Uint8Array, ...admins: number[]) =>
    lab.sign(
      block,
      admins.map((i) => lab.admins[i]!),
    );
  const raw = (block: Uint8Array, i: number) => lab.core.sign([{ key: lab.admins[i]!.key, message: block }])[0]!;
  const flipped = (block: Uint8Array, i: number) => {
    const signature = raw(block, i);
    return signerInfo(lab.admins[i]!.ski, signature.with(131, signature[131]! ^ 1));
  };
  const garbage = fromHexText("3003020103");

  describe("row 1: 193/22", () => {
    const malformed: readonly (readonly [string, (block: Uint8Array) => Uint8Array])[] = [
      ["garbage", () => u32(0xdeadbeef)],
      ["one cut short", (block) => signed(block, 0).slice(0, -1)],
      ["a byte after the last", (block) => cat(signed(block, 0), fromHexText("00"))],
      ["another digest", (block) => infoWith(block, cat(fromHexText("300d06096086480165030402010500"), ECDSA_ID))],
      [
        "another signature algorithm",
        (block) => infoWith(block, cat(SHA512_ID, fromHexText("300a06082a8648ce3d040303"))),
      ],
      ["a SKI of 31 bytes", (block) => signerInfo(lab.admins[0]!.ski.slice(1), raw(block, 0))],
      [
        "r of 67 bytes",
        () => signerInfo(lab.admins[0]!.ski, seq(fromHexText(`0243${"01".repeat(67)}`), fromHexText("020101"))),
      ],
      ["a negative s", () => signerInfo(lab.admins[0]!.ski, seq(fromHexText("020101"), fromHexText("020180")))],
      ["an RSA signature of 255 bytes", () => rsaSignerInfo(lab.admins[0]!.ski, new Uint8Array(255))],
    ];
    const infoWith = (block: Uint8Array, ids: Uint8Array) => signerInfo(lab.admins[0]!.ski, raw(block, 0), ids);

    it.each(malformed)("%s", (_name, signatures) => {
      expect(counted(1, signatures)).toBe("193/22");
    });
  });

  it("accepts algorithm ids without NULL", () => {
    const ids = fromHexText("300b0609608648016503040203 300a06082a8648ce3d040304");
    expect(counted(1, (block) => signerInfo(lab.admins[0]!.ski, raw(block, 0), ids))).toBe("0");
  });

  it("row 1: 193/87 for a ninth signature, 0 for an eighth", () => {
    expect(counted(1, (block) => signed(block, 0, 0, 0, 0, 0, 0, 0, 0))).toBe("0");
    expect(counted(1, (block) => signed(block, 0, 0, 0, 0, 0, 0, 0, 0, 0))).toBe("193/87");
  });

  it("row 2: 257/22 for a signer who is no administrator here, even with enough others", () => {
    expect(counted(1, (block) => signed(block, 9))).toBe("257/22");
    expect(counted(1, (block) => signed(block, 0, 9))).toBe("257/22");
  });

  it.each([
    ["a flipped bit", flipped],
    ["a signature of another block", () => signed(u32(1), 0)],
    ["another administrator's signature", (block: Uint8Array) => signerInfo(lab.admins[0]!.ski, raw(block, 1))],
    ["r = 0", (block: Uint8Array) => signerInfo(lab.admins[0]!.ski, raw(block, 0).fill(0, 0, 66))],
    ["s above the order", (block: Uint8Array) => signerInfo(lab.admins[0]!.ski, raw(block, 0).fill(0xff, 67))],
    ["an RSA signature for a P-521 key", () => rsaSignerInfo(lab.admins[0]!.ski, new Uint8Array(256).fill(1))],
  ])("row 3: 192/22 for %s, even with enough others", (_name, wrong) => {
    expect(counted(1, (block) => wrong(block, 0))).toBe("192/22");
    expect(counted(1, (block) => cat(signed(block, 1), wrong(block, 0)))).toBe("192/22");
  });

  it("row 3: 192/22 when the block was changed after signing", () => {
    const id = lab.operational({ signatureThreshold: 1 });
    const signatures = lab.sign(lab.block(id, Id.SetAttributes, attributePairs([2, 2])), lab.signers(1));
    const before = lab.state(id);
    const changed = lab.command(id, Id.SetAttributes, attributePairs([2, 3]), { signatures });
    expect(lab.send(id, changed).code).toBe("192/22");
    expect(lab.state(id)).toBe(before);
  });

  it("row 4: a signer counts once, however often", () => {
    expect(counted(2, (block) => signed(block, 0, 0, 0))).toBe("208/21");
    expect(counted(2, (block) => signed(block, 0, 0, 1))).toBe("0");
  });

  it("row 5: 208/21 for too few, 0 for more than needed", () => {
    expect(counted(2, () => NOTHING)).toBe("208/21");
    expect(counted(2, (block) => signed(block, 0))).toBe("208/21");
    expect(counted(2, (block) => signed(block, 0, 1, 2, 3))).toBe("0");
  });

  it("takes signatures in order: the first that is wrong decides", () => {
    expect(counted(1, (block) => cat(flipped(block, 0), signed(block, 9), garbage))).toBe("192/22");
    expect(counted(1, (block) => cat(signed(block, 9), flipped(block, 0), garbage))).toBe("257/22");
    expect(counted(1, (block) => cat(garbage, flipped(block, 0), signed(block, 9)))).toBe("193/22");
    expect(counted(2, (block) => cat(signed(block, 0), garbage))).toBe("193/22");
  });

  it("lets the one who is removed sign", () => {
    const id = lab.operational({ revocationThreshold: 1 });
    expect(lab.run(id, Id.RemoveAdministrator, lab.admins[0]!.ski, lab.signers(1)).code).toBe("0");
  });

  it("does not let the one who is added sign", () => {
    const id = lab.operational({ signatureThreshold: 1 });
    const added = lab.admins[5]!;
    expect(lab.run(id, Id.AddAdministrator, added.certificate, [added]).code).toBe("257/22");
    expect(lab.run(id, Id.AddAdministrator, added.certificate, [lab.admins[0]!, added]).code).toBe("257/22");
  });
});
