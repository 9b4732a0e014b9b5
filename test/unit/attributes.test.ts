// Set domain attributes (unit-behaviour.md 3, 10): a test for each row of 3.2, in imprint mode and after it where it differs.

import { beforeAll, describe, expect, it } from "vitest";
import { CONTROL_BITS, DOMAIN_PERMISSIONS } from "../../src/unit/attributes.ts";
import { hexOf, u32 } from "../support/handmade.ts";
import { ALL_PERMISSIONS, attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const DEFAULT = 0x81ff0011;
const OLD = 0x01ff0011;
const ONE_SIGN = 0x10;
const S_CONTROL = 0x00100000;
const R_CONTROL = 0x00200000;

type Pairs = readonly (readonly [number, number])[];

/** Imprint mode, three administrators. */
function imprint(permissions = DEFAULT): string {
  const id = lab.pristine();
  lab.set(id, { administrators: lab.admins.slice(0, 3) });
  lab.permissions(id, permissions);
  return id;
}

/** Sets pairs with three signers, more than ever needed here; the code. A refusal changes at most the counter. */
function set(id: string, ...pairs: Pairs): string {
  const before = lab.state(id);
  const { code } = lab.run(id, Id.SetAttributes, attributePairs(...pairs), lab.signers(3));
  if (code !== "0") expect({ ...lab.state(id), counter: before.counter }).toEqual(before);
  return code;
}

const attributesOf = (id: string): Record<number, number> => {
  const { output } = lab.ask(id, Id.QueryAttributes);
  const words = Array.from({ length: output.length / 4 }, (_, i) => Buffer.from(output).readUInt32BE(4 * i));
  return Object.fromEntries(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1]!]] : [])));
};

describe("section 3: defaults", () => {
  it("reports attributes 1 to 5 of a pristine unit", () => {
    expect(attributesOf(lab.pristine())).toEqual({ 1: 0, 2: 0, 3: DEFAULT, 4: 0, 5: 1 });
  });

  it("reports an old unit without the do-not-disturb bits", () => {
    expect(attributesOf(lab.pristine({ old: true }))).toEqual({ 1: 0, 2: 0, 3: OLD, 4: 0, 5: 1 });
  });

  it("knows the change-control bits of a domain", () => {
    expect(CONTROL_BITS >>> 0).toBe(0x81ff0000);
    expect(DOMAIN_PERMISSIONS >>> 0).toBe(ALL_PERMISSIONS);
  });
});

describe("section 3.2", () => {
  it.each([
    ["nothing", NOTHING],
    ["7 bytes", new Uint8Array(7)],
    ["a pair and a half", u32(1, 2, 3)],
  ])("row 1: 33/41 for %s", (_name, input) => {
    const id = imprint();
    const before = lab.state(id);
    expect(lab.run(id, Id.SetAttributes, input).code).toBe("33/41");
    expect(lab.state(id)).toBe(before);
  });

  it.each([0, 6, 10, 0xffffffff])("row 2: 32/42 for index %i", (index) => {
    expect(set(imprint(), [1, 2], [index, 0])).toBe("32/42");
  });

  it("row 3: 32/43 for a repeated index, even with the same value", () => {
    expect(set(imprint(), [1, 2], [2, 1], [1, 2])).toBe("32/43");
  });

  it("row 4: 209/56 for leaving imprint mode without a revocation threshold", () => {
    expect(set(imprint(), [1, 2])).toBe("209/56");
    expect(set(imprint(), [1, 2], [2, 0])).toBe("209/56");
  });

  it("row 5: 209/36 for a revocation threshold alone", () => {
    expect(set(imprint(), [2, 1])).toBe("209/36");
    expect(set(imprint(), [1, 0], [2, 9])).toBe("209/36");
  });

  it("row 6: 209/76 and 209/77 for going back to 0", () => {
    const id = lab.operational();
    expect(set(id, [1, 0])).toBe("209/76");
    expect(set(id, [2, 0])).toBe("209/77");
    expect(set(id, [1, 0], [2, 0])).toBe("209/76");
  });

  it.each([4, 9, 0xffffffff])("row 7: 209/57 and 209/58 for a threshold of %i with 3 administrators", (n) => {
    expect(set(imprint(), [1, n], [2, 1])).toBe("209/57");
    expect(set(imprint(), [1, 1], [2, n])).toBe("209/58");
    expect(set(lab.operational(), [1, n])).toBe("209/57");
    expect(set(lab.operational(), [2, n])).toBe("209/58");
    expect(set(lab.operational(), [1, n], [2, n])).toBe("209/57");
  });

  it("row 8: 209/71 for a protected threshold, but not if it stays", () => {
    const signature = lab.operational({ permissions: ALL_PERMISSIONS & ~S_CONTROL });
    expect(set(signature, [1, 3])).toBe("209/71");
    expect(set(signature, [1, 2], [2, 2])).toBe("0");
    const revocation = lab.operational({ permissions: ALL_PERMISSIONS & ~R_CONTROL });
    expect(set(revocation, [2, 2])).toBe("209/71");
    expect(set(revocation, [1, 3], [2, 1])).toBe("0");
  });

  it("row 8: the bit before the command counts: a threshold and its protection may be set at once", () => {
    const id = lab.operational();
    expect(set(id, [1, 3], [3, ALL_PERMISSIONS & ~S_CONTROL & ~0x60])).not.toBe("209/71");
    const raised = lab.operational({ permissions: ALL_PERMISSIONS & ~S_CONTROL });
    expect(set(raised, [1, 3], [3, ALL_PERMISSIONS])).toBe("209/71");
  });

  it("row 9: 209/78 and 209/79 for a threshold of 1 without 1SIGN in the new permissions", () => {
    const without = ALL_PERMISSIONS & ~ONE_SIGN;
    const id = lab.operational({ signatureThreshold: 2, revocationThreshold: 2, permissions: without });
    expect(set(id, [1, 1])).toBe("209/78");
    expect(set(id, [2, 1])).toBe("209/79");
    expect(set(id, [1, 1], [2, 1])).toBe("209/78");
    expect(set(id, [1, 1], [3, ALL_PERMISSIONS])).toBe("0");
    const both = lab.operational({ signatureThreshold: 2, revocationThreshold: 2 });
    expect(set(both, [1, 1], [3, without & ~0x60])).toBe("209/78");
  });

  it("row 10: 209/74 for dropping 1SIGN while a threshold is 1", () => {
    const without = ALL_PERMISSIONS & ~ONE_SIGN;
    const permissions = ALL_PERMISSIONS;
    expect(set(lab.operational({ signatureThreshold: 1, revocationThreshold: 2, permissions }), [3, without])).toBe(
      "209/74",
    );
    expect(set(lab.operational({ signatureThreshold: 2, revocationThreshold: 1, permissions }), [3, without])).toBe(
      "209/74",
    );
    expect(set(lab.operational({ signatureThreshold: 2, revocationThreshold: 2, permissions }), [3, without])).toBe(
      "0",
    );
    const raising = lab.operational({ signatureThreshold: 1, revocationThreshold: 2, permissions });
    expect(set(raising, [1, 2], [3, without])).toBe("0");
  });

  it("row 10: nothing is dropped where 1SIGN was off before", () => {
    const permissions = ALL_PERMISSIONS & ~ONE_SIGN;
    expect(set(lab.operational({ signatureThreshold: 2, revocationThreshold: 1, permissions }), [3, permissions])).toBe(
      "0",
    );
  });

  const controlBits = Array.from({ length: 32 }, (_, i) => 2 ** i).filter((bit) => (CONTROL_BITS & bit) !== 0);

  it.each(controlBits)("row 11: 209/69 for raising change-control bit %i", (bit) => {
    const id = lab.operational({ permissions: ALL_PERMISSIONS & ~bit });
    expect(set(id, [3, ALL_PERMISSIONS])).toBe("209/69");
    expect(set(id, [3, ALL_PERMISSIONS & ~bit])).toBe("0");
  });

  const controlled: Pairs = [
    [0x1, 0x10000],
    [0x2, 0x20000],
    [0x4, 0x40000],
    [0x8, 0x80000],
    [0x10, 0x400000],
    [0x20, 0x800000],
    [0x40, 0x1000000],
    [0x2000, 0x80000000],
  ];

  it.each(controlled)("row 12: 209/70 for changing permission %i without control bit %i", (bit, control) => {
    const without = ALL_PERMISSIONS & ~control;
    const thresholds = { signatureThreshold: 2, revocationThreshold: 2 };
    expect(set(lab.operational({ ...thresholds, permissions: without }), [3, without & ~bit])).toBe("209/70");
    expect(set(lab.operational({ ...thresholds, permissions: without & ~bit }), [3, without])).toBe("209/70");
  });

  it.each(controlled)("row 12: permission %i and its control bit %i may change at once", (bit, control) => {
    const thresholds = { signatureThreshold: 2, revocationThreshold: 2 };
    const id = lab.operational({ ...thresholds, permissions: ALL_PERMISSIONS & ~bit });
    expect(set(id, [3, ALL_PERMISSIONS & ~control])).toBe("0");
    expect(attributesOf(id)[3]).toBe((ALL_PERMISSIONS & ~control) >>> 0);
  });

  it("row 14: 209/72 for another mode or another compliance", () => {
    for (const mode of [0x2, 0x4, 0x200, 0x40000, 0x80000000]) expect(set(lab.operational(), [4, mode])).toBe("209/72");
    expect(set(lab.operational(), [5, 2])).toBe("209/72");
    expect(set(imprint(), [1, 2], [2, 1], [5, 0])).toBe("209/72");
  });

  it("row 14: ignores the read-only mode bits, keeps battery low and sets authenticated", () => {
    const id = imprint();
    expect(set(id, [1, 2], [2, 1], [4, 0])).toBe("0");
    expect(attributesOf(id)[4]).toBe(1);
    for (const mode of [0, 1, 0x100, 0x101]) expect(set(id, [4, mode])).toBe("0");
    expect(attributesOf(id)[4]).toBe(1);
    lab.set(id, { attributes: { ...lab.state(id).attributes, operationalMode: 0x101 } });
    expect(set(id, [4, 0])).toBe("0");
    expect(attributesOf(id)[4]).toBe(0x101);
  });

  it("row 14: authenticated stays off for as long as imprint mode is not left", () => {
    const id = imprint();
    expect(set(id, [1, 0], [2, 0], [4, 1])).toBe("0");
    expect(attributesOf(id)[4]).toBe(0);
  });

  it("takes the rows in order", () => {
    const permissions = ALL_PERMISSIONS & ~S_CONTROL & ~ONE_SIGN & ~0x10000;
    const id = lab.operational({ signatureThreshold: 2, revocationThreshold: 2, permissions });
    const wrong = (ALL_PERMISSIONS & ~ONE_SIGN & ~1) >>> 0;
    expect(set(id, [1, 0], [2, 9], [3, wrong], [4, 2])).toBe("209/76");
    expect(set(id, [1, 9], [2, 1], [3, wrong], [4, 2])).toBe("209/57");
    expect(set(id, [1, 1], [2, 9], [3, wrong], [4, 2])).toBe("209/58");
    expect(set(id, [1, 1], [2, 2], [3, wrong], [4, 2])).toBe("209/71");
    expect(set(id, [2, 1], [3, wrong], [4, 2])).toBe("209/79");
    expect(set(id, [3, wrong], [4, 2])).toBe("209/69");
    expect(set(id, [3, (permissions & ~1) >>> 0], [4, 2])).toBe("209/70");
    expect(set(id, [4, 2])).toBe("209/72");
    expect(set(id, [4, 0])).toBe("0");
  });

  it("is atomic: one pair that breaks a rule undoes all", () => {
    const id = lab.operational();
    const before = lab.state(id).attributes;
    expect(set(id, [1, 3], [2, 2], [4, 2])).toBe("209/72");
    expect(lab.state(id).attributes).toEqual(before);
  });

  it("drops bits that mean nothing in a domain, silently", () => {
    const id = lab.operational({ permissions: 0x81ff001f });
    expect(set(id, [3, 0xffff_ff9f & ~0x2000])).toBe("0");
    expect(attributesOf(id)[3]).toBe(0x81ff001f);
  });

  it("keeps what is not mentioned", () => {
    const id = lab.operational();
    const before = attributesOf(id);
    expect(set(id, [2, 2])).toBe("0");
    expect(attributesOf(id)).toEqual({ ...before, 2: 2 });
  });
});

describe("section 10: what the client sets", () => {
  const client = (permissions: number): Pairs => [
    [1, 2],
    [2, 1],
    [3, permissions],
    [4, 0],
  ];

  it.each([
    ["recovery", 0x01ff205f],
    ["operational and failover", 0x01ff2055],
  ])("%s units, from 81FF0011", (_name, permissions) => {
    const id = imprint();
    expect(set(id, ...client(permissions))).toBe("0");
    expect(attributesOf(id)).toEqual({ 1: 2, 2: 1, 3: permissions, 4: 1, 5: 1 });
  });

  it("an old unit refuses do-not-disturb with 209/70, and goes without", () => {
    const id = imprint(OLD);
    expect(set(id, ...client(0x01ff205f))).toBe("209/70");
    expect(set(id, ...client(0x01ff0055))).toBe("0");
    expect(hexOf(u32(attributesOf(id)[3]!))).toBe("01ff0055");
  });

  it("zeroize brings an old unit to the current firmware's defaults", () => {
    const id = lab.pristine({ old: true });
    expect(lab.run(id, Id.Zeroize, NOTHING).code).toBe("0");
    expect(attributesOf(id)[3]).toBe(DEFAULT);
  });
});
