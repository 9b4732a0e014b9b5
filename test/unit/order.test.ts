// The order of checks: a request with everything wrong is mended step by step, and each mend lets the next check speak
// (unit-behaviour.md 8).

import { beforeAll, describe, expect, it } from "vitest";
import {
  adminBlock,
  adminRequest,
  cat,
  certificate,
  cprb,
  fromHexText,
  kphCertificate,
  parameterMap,
  seq,
  spki,
  u32,
} from "../support/handmade.ts";
import { type Admin, ALL_PERMISSIONS, attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

interface Parts {
  command: number;
  adminDomain: Uint8Array;
  moduleId: Uint8Array;
  counter: Uint8Array;
  input: Uint8Array;
  signers: readonly Admin[];
  signatures: Uint8Array | undefined;
}

/** What is answered, what to mend then, and whether the command was accepted, its counter consumed, before it was refused. */
type Mend = readonly [code: string, mend: (parts: Parts) => Partial<Parts>, consumed?: true];

/** Sends the request as it is, expects the code, mends it; and so on. All but the last leave the unit as it was. */
function walk(id: string, parts: Parts, mends: readonly Mend[]): void {
  const { domain } = lab.state(id);
  for (const [code, mend, consumed] of mends) {
    const before = lab.state(id);
    const block = adminBlock(parts);
    const request = cprb(domain, adminRequest(domain, block, parts.signatures ?? lab.sign(block, parts.signers)));
    const answer = lab.send(id, request);
    expect(answer.code).toBe(code);
    if (code !== "0") expect(lab.state(id)).toEqual(consumed ? { ...before, counter: parts.counter } : before);
    expect(answer.counter).toEqual(lab.state(id).counter);
    Object.assign(parts, mend(parts));
  }
}

const done: Mend = ["0", () => ({})];

/** Mends the unit, not the request. */
const unit = (change: () => void) => (): Partial<Parts> => {
  change();
  return {};
};

/** A refusal after the signatures: mending it takes a new counter too. */
const consumed = (id: string, code: string, mend: (parts: Parts) => Partial<Parts>): Mend => [
  code,
  (parts) => ({ ...mend(parts), counter: lab.counter(id) }),
  true,
];

/** Steps 8 to 10, the same for all commands. */
function addressing(id: string): Mend[] {
  const instance = (parts: Parts) => parts.moduleId.slice(8);
  return [
    ["3/13", () => ({ adminDomain: u32(99, 99) })],
    ["3/12", () => ({ adminDomain: u32(lab.state(id).domain, 99) })],
    ["3/14", () => ({ adminDomain: lab.adminDomain(id) })],
    ["7/15", () => ({ moduleId: fromHexText("39".repeat(16)) })],
    ["7/16", (p) => ({ moduleId: cat(p.moduleId.slice(0, 8), lab.moduleId(id).slice(8)) })],
    ["7/17", (p) => ({ moduleId: cat(lab.moduleId(id).slice(0, 8), instance(p)) })],
    ["163/18", () => ({ counter: lab.counter(id, 0) })],
    ["163/19", () => ({ counter: lab.counter(id) })],
  ];
}

const allWrong = (command: number, input: Uint8Array): Parts => ({
  command,
  adminDomain: u32(99),
  moduleId: u32(1),
  counter: u32(1),
  input,
  signers: [],
  signatures: u32(0xdeadbeef),
});

/** Step 14 with a threshold of 2: from garbage to two signers. */
const signing: Mend[] = [
  ["193/22", () => ({ signatures: undefined })],
  ["208/21", () => ({ signers: lab.signers(1) })],
  ["208/21", () => ({ signers: [lab.admins[0]!, lab.admins[9]!] })],
  ["257/22", () => ({ signers: lab.signers(2) })],
];

describe("section 8: each step beats the following", () => {
  it("step 6: 84 before everything in the block", () => {
    const id = lab.operational();
    walk(id, allWrong(0x06, NOTHING), [["84", () => ({})]]);
  });

  it("commands without input: 8, 9, 10, 11, 12, 14, then execution", () => {
    const id = lab.operational();
    const { attributes } = lab.state(id);
    lab.set(id, { attributes: { ...attributes, signatureThreshold: 0, revocationThreshold: 0 } });
    walk(id, allWrong(Id.ClearPending, u32(0)), [
      ...addressing(id),
      ["179/34", unit(() => lab.set(id, { attributes }))],
      ["33", () => ({ input: NOTHING })],
      ["193/22", () => ({ signatures: undefined })],
      ["208/21", () => ({ signers: lab.signers(1) })],
      done,
    ]);
  });

  it("commit: 12, 14, 16 with 102/50 before 101/48", () => {
    const id = lab.operational();
    walk(id, allWrong(Id.Commit, u32(0)), [
      ...addressing(id),
      ["33/48", () => ({ input: new Uint8Array(32) })],
      ...signing,
      consumed(
        id,
        "102/50",
        unit(() => lab.fill(id, { next: "uncommitted" })),
      ),
      consumed(id, "101/48", () => ({ input: lab.state(id).registers.next!.pattern })),
      done,
    ]);
  });

  it("finalize: 102/50 before 102/64 before 101/48", () => {
    const id = lab.operational();
    walk(id, allWrong(Id.Finalize, u32(0)), [
      ...addressing(id),
      ["33/48", () => ({ input: new Uint8Array(32) })],
      ["193/22", () => ({ signatures: undefined })],
      ["208/21", () => ({ signers: lab.signers(1) })],
      consumed(
        id,
        "102/50",
        unit(() => lab.fill(id, { next: "uncommitted" })),
      ),
      consumed(
        id,
        "102/64",
        unit(() => lab.fill(id, { next: "committed" })),
      ),
      consumed(id, "101/48", () => ({ input: lab.state(id).registers.next!.pattern })),
      done,
    ]);
  });

  it("set attributes out of imprint mode: 12, 13, 14", () => {
    const id = lab.operational();
    const { attributes } = lab.state(id);
    lab.set(id, { attributes: { ...attributes, signatureThreshold: 0, revocationThreshold: 0 } });
    walk(id, allWrong(Id.SetAttributes, u32(6, 0, 6, 0, 1)), [
      ...addressing(id),
      ["33/41", () => ({ input: attributePairs([6, 0], [6, 0]) })],
      ["32/42", () => ({ input: attributePairs([1, 4], [1, 4]) })],
      ["32/43", () => ({ input: attributePairs([1, 4]) })],
      ["209/56", () => ({ input: attributePairs([1, 4], [2, 4]) })],
      ["209/57", () => ({ input: attributePairs([1, 2], [2, 1]) })],
      ...signing,
      done,
    ]);
  });

  it("set attributes after imprint mode: 12, 14, 16", () => {
    const id = lab.operational();
    walk(id, allWrong(Id.SetAttributes, u32(6, 0, 6, 0, 1)), [
      ...addressing(id),
      ["33/41", () => ({ input: attributePairs([6, 0], [6, 0]) })],
      ["32/42", () => ({ input: attributePairs([1, 4], [1, 4]) })],
      ["32/43", () => ({ input: attributePairs([1, 4]) })],
      ...signing,
      consumed(id, "209/57", () => ({ input: attributePairs([1, 3]) })),
      done,
    ]);
  });

  it("add administrator: 14 before 32/40 before 32/138 before 256/38", () => {
    const id = lab.operational();
    const admin = lab.admins[5]!;
    const p256 = cat(fromHexText("3059 3013 06072a8648ce3d0201 06082a8648ce3d030107 034200 04"), new Uint8Array(64));
    walk(id, allWrong(Id.AddAdministrator, NOTHING), [
      ...addressing(id),
      ["33", () => ({ input: u32(1) })],
      ...signing,
      consumed(id, "32/40", () => ({ input: certificate(p256, admin.ski) })),
      consumed(id, "32/138", () => ({ input: certificate(spki(admin.publicKey), new Uint8Array(32)) })),
      consumed(id, "32/40", () => ({ input: lab.admins[0]!.certificate })),
      consumed(id, "256/38", () => ({ input: admin.certificate })),
      done,
    ]);
  });

  it("remove administrator: 32/32 before 14 before 32/33 before 209/66", () => {
    const id = lab.operational({}, 2);
    walk(id, allWrong(Id.RemoveAdministrator, u32(1)), [
      ...addressing(id),
      ["32/32", () => ({ input: new Uint8Array(32) })],
      ["193/22", () => ({ signatures: undefined })],
      ["208/21", () => ({ signers: lab.signers(1) })],
      consumed(id, "32/33", () => ({ input: lab.admins[0]!.ski })),
      consumed(
        id,
        "209/66",
        unit(() => lab.set(id, { administrators: [...lab.state(id).administrators, lab.admins[7]!] })),
      ),
      done,
    ]);
  });

  it("importer key: 33/54 before 14 before 32/55", () => {
    const id = lab.operational();
    walk(id, allWrong(Id.GenerateImporter, fromHexText("000003")), [
      ...addressing(id),
      ["33/54", () => ({ input: u32(9) })],
      ["193/22", () => ({ signatures: undefined })],
      ["208/21", () => ({ signers: lab.signers(1) })],
      consumed(id, "32/55", () => ({ input: u32(3) })),
      done,
    ]);
  });

  it("random key: 33, 14, 15 with 80/52 before 80/53", () => {
    const id = lab.operational({ permissions: ALL_PERMISSIONS & ~8 });
    lab.fill(id, { current: true, next: "uncommitted" });
    walk(id, allWrong(Id.GenerateRandom, u32(0)), [
      ...addressing(id),
      ["33", () => ({ input: NOTHING })],
      ["193/22", () => ({ signatures: undefined })],
      ["208/21", () => ({ signers: lab.signers(1) })],
      consumed(
        id,
        "80/52",
        unit(() => lab.permissions(id, ALL_PERMISSIONS)),
      ),
      consumed(
        id,
        "80/53",
        unit(() => lab.fill(id, { current: true })),
      ),
      done,
    ]);
  });

  it("export: 14, 15, then 3/102 before 32/101 before 32/96 before 102/49", () => {
    const id = lab.operational({ permissions: ALL_PERMISSIONS & ~6 });
    const holder = kphCertificate(lab.admins[0]!.publicKey);
    walk(id, allWrong(Id.Export, u32(0)), [
      ...addressing(id),
      ["32/137", () => ({ input: parameterMap([0x1c, 1], [0x1d, 1, holder], [0x1d, 0, NOTHING]) })],
      ...signing,
      consumed(
        id,
        "80/131",
        unit(() => lab.permissions(id, ALL_PERMISSIONS & ~4)),
      ),
      consumed(
        id,
        "80/110",
        unit(() => lab.permissions(id, ALL_PERMISSIONS)),
      ),
      consumed(id, "3/102", () => ({ input: parameterMap([0x1c, 3], [0x1d, 2, holder], [0x1d, 0, holder]) })),
      consumed(id, "32/101", () => ({ input: parameterMap([0x1c, 3], [0x1d, 1, holder], [0x1d, 0, holder]) })),
      consumed(id, "32/96", () => ({ input: parameterMap([0x1c, 2], [0x1d, 1, holder], [0x1d, 0, holder]) })),
      consumed(
        id,
        "102/49",
        unit(() => lab.fill(id, { current: true })),
      ),
      done,
    ]);
  });

  it("control points: 33/44, 14, then 209/45 before 80/46 before 80/47", () => {
    const id = lab.operational();
    const points = fromHexText("00 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    lab.set(id, { controlPoints: points });
    walk(id, allWrong(Id.SetControlPoints, seq()), [
      ...addressing(id),
      ["33/44", () => ({ input: fromHexText(`${"20".repeat(15)}01`) })],
      ...signing,
      consumed(id, "209/45", () => ({ input: fromHexText(`20${"00".repeat(15)}`) })),
      consumed(
        id,
        "80/46",
        unit(() => lab.set(id, { controlPoints: fromHexText(`80 80 ${"00".repeat(14)}`) })),
      ),
      consumed(
        id,
        "80/47",
        unit(() => lab.set(id, { controlPoints: fromHexText(`c0 80 ${"00".repeat(14)}`) })),
      ),
      done,
    ]);
  });
});

describe("section 8, step 7: queries", () => {
  const queries = [
    ["domain attributes", Id.QueryAttributes],
    ["administrators", Id.QueryAdministrators],
    ["control points", Id.QueryControlPoints],
  ] as const;

  it.each(queries)("%s: 3/12 for another domain or a wrong size, before the input", (_name, command) => {
    const id = lab.pristine();
    for (const wrong of [u32(200, 0), u32(lab.state(id).domain), NOTHING]) {
      expect(lab.send(id, lab.query(id, command, u32(1), wrong)).code).toBe("3/12");
    }
  });

  it.each(queries)("%s: ignores instance, module, counter and signatures", (_name, command) => {
    const id = lab.pristine();
    const { domain } = lab.state(id);
    const request = lab.command(id, command, NOTHING, {
      adminDomain: u32(domain, 0xffffffff),
      moduleId: u32(7),
      counter: u32(7, 7),
      signatures: u32(0xdeadbeef),
    });
    const before = lab.state(id);
    expect(lab.send(id, request).code).toBe("0");
    expect(lab.state(id)).toBe(before);
  });
});
