// Control points (unit-behaviour.md 9).

import { beforeAll, describe, expect, it } from "vitest";
import { hexOf } from "../support/handmade.ts";
import { ALL_PERMISSIONS, Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const NEVER_ON = [15, 19, 21, 22, 23];
const NEW = [55, 66, 67];
const DEFINED = Array.from({ length: 128 }, (_, b) => b).filter(
  (b) => b <= 48 || b === 55 || b === 60 || b === 61 || (b >= 64 && b <= 80),
);

const bits = (...on: number[]): Uint8Array => {
  const set = new Uint8Array(16);
  for (const b of on) set[b >> 3]! |= 0x80 >> (b & 7);
  return set;
};
const listed = (set: Uint8Array): number[] =>
  Array.from({ length: 128 }, (_, b) => b).filter((b) => (set[b >> 3]! & (0x80 >> (b & 7))) !== 0);

/** An operational unit with these control points. */
function unit(...on: number[]): string {
  const id = lab.operational({ permissions: ALL_PERMISSIONS });
  lab.set(id, { controlPoints: bits(...on) });
  return id;
}

/** Runs a command with one signature (CP_1SIGN is on); the code. A refusal changes at most the counter. */
function run(id: string, command: number, mask: Uint8Array): string {
  const before = lab.state(id);
  const { code } = lab.run(id, command, mask, lab.signers(1));
  if (code !== "0") expect({ ...lab.state(id), counter: before.counter }).toEqual(before);
  return code;
}

const points = (id: string): number[] => listed(lab.ask(id, Id.QueryControlPoints).output);
const without = (...off: number[]): number[] => DEFINED.filter((b) => !off.includes(b));

describe("section 9", () => {
  it("has all on in a new unit that can be, and the new features off in an old one", () => {
    expect(points(lab.pristine())).toEqual(without(...NEVER_ON));
    expect(points(lab.pristine({ old: true }))).toEqual(without(...NEVER_ON, ...NEW));
  });

  it("numbers bits from the top of byte 0", () => {
    expect(hexOf(bits(0, 8, 127))).toBe("80800000000000000000000000000001");
    const id = unit(0, 1);
    expect(run(id, Id.AddControlPoints, bits(66))).toBe("0");
    expect(hexOf(lab.ask(id, Id.QueryControlPoints).output)).toBe("c0000000000000002000000000000000");
  });

  it("set replaces, add is OR, delete is AND NOT", () => {
    const id = unit(0, 1, 5);
    expect(run(id, Id.AddControlPoints, bits(5, 66, 67))).toBe("0");
    expect(points(id)).toEqual([0, 1, 5, 66, 67]);
    expect(run(id, Id.DeleteControlPoints, bits(5, 6, 66))).toBe("0");
    expect(points(id)).toEqual([0, 1, 67]);
    expect(run(id, Id.SetControlPoints, bits(0, 1, 2, 3))).toBe("0");
    expect(points(id)).toEqual([0, 1, 2, 3]);
  });

  it.each([0, 15, 17])("33/44 for a mask of %i bytes", (length) => {
    const id = unit(0, 1);
    const before = lab.state(id);
    for (const command of [Id.SetControlPoints, Id.AddControlPoints, Id.DeleteControlPoints]) {
      expect(run(id, command, new Uint8Array(length))).toBe("33/44");
    }
    expect(lab.state(id)).toBe(before);
  });

  it.each([49, 54, 56, 59, 62, 63, 81, 126, 127])("209/45 for undefined bit %i, first of all", (b) => {
    const id = unit();
    for (const command of [Id.SetControlPoints, Id.AddControlPoints, Id.DeleteControlPoints]) {
      expect(run(id, command, bits(b, 15, 66))).toBe("209/45");
    }
  });

  it.each(NEVER_ON)("80/46 for enabling bit %i, which can't be", (b) => {
    expect(run(unit(0, 1), Id.AddControlPoints, bits(b))).toBe("80/46");
    expect(run(unit(0, 1), Id.SetControlPoints, bits(0, 1, b))).toBe("80/46");
    expect(run(unit(0, 1), Id.DeleteControlPoints, bits(b))).toBe("0");
  });

  it("80/46 for enabling while bit 0 is off, bit 0 itself included", () => {
    expect(run(unit(1), Id.AddControlPoints, bits(66))).toBe("80/46");
    expect(run(unit(1), Id.AddControlPoints, bits(0))).toBe("80/46");
    expect(run(unit(1), Id.SetControlPoints, bits(1, 66))).toBe("80/46");
  });

  it("80/47 for disabling while bit 1 is off", () => {
    expect(run(unit(0, 66), Id.DeleteControlPoints, bits(66))).toBe("80/47");
    expect(run(unit(0, 66), Id.SetControlPoints, bits(0))).toBe("80/47");
  });

  it("set: 80/46 before 80/47, and both bits for what it changes both ways", () => {
    expect(run(unit(5), Id.SetControlPoints, bits(6))).toBe("80/46");
    expect(run(unit(0, 5), Id.SetControlPoints, bits(0, 6))).toBe("80/47");
    expect(run(unit(0, 1, 5), Id.SetControlPoints, bits(6))).toBe("0");
  });

  it("what changes nothing needs no permission", () => {
    const id = unit(66);
    expect(run(id, Id.AddControlPoints, bits(66))).toBe("0");
    expect(run(id, Id.DeleteControlPoints, bits(67))).toBe("0");
    expect(run(id, Id.SetControlPoints, bits(66))).toBe("0");
    expect(points(id)).toEqual([66]);
  });

  it("keeps a copy of the mask: the request's bytes may change afterwards", () => {
    const id = unit(0, 1);
    const request = lab.command(id, Id.SetControlPoints, bits(0, 1, 66), { signers: lab.signers(1) });
    expect(lab.send(id, request).code).toBe("0");
    request.fill(0);
    expect(points(id)).toEqual([0, 1, 66]);
  });

  it("may switch itself off for good", () => {
    const id = unit(0, 1, 66);
    expect(run(id, Id.DeleteControlPoints, bits(0, 1))).toBe("0");
    expect(run(id, Id.AddControlPoints, bits(1))).toBe("80/46");
    expect(run(id, Id.DeleteControlPoints, bits(66))).toBe("80/47");
  });

  it("takes no input for the query", () => {
    expect(lab.ask(unit(0), Id.QueryControlPoints, NOTHING).code).toBe("0");
    expect(lab.ask(unit(0), Id.QueryControlPoints, bits(0)).code).toBe("33");
  });
});
