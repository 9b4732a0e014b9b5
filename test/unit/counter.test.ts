// The transaction counter (unit-behaviour.md 5).

import { beforeAll, describe, expect, it } from "vitest";
import { fromHexText, hexOf, u32 } from "../support/handmade.ts";
import { attributePairs, counterPlus, Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const noChange = attributePairs([4, 1]);

describe("section 5", () => {
  it("reports the current value in every answer, refused or not", () => {
    const id = lab.operational();
    const { counter } = lab.state(id);
    expect(lab.ask(id, Id.QueryAttributes).counter).toEqual(counter);
    expect(lab.ask(id, Id.QueryAttributes, u32(1)).counter).toEqual(counter);
    expect(lab.run(id, 0x99, NOTHING).counter).toEqual(counter);
    expect(lab.run(id, Id.SetAttributes, noChange, lab.signers(1)).counter).toEqual(counter);
    expect(lab.run(id, Id.SetAttributes, noChange, lab.signers(2)).counter).toEqual(counterPlus(counter, 1));
    expect(lab.ask(id, Id.QueryAttributes).counter).toEqual(counterPlus(counter, 1));
  });

  it.each([0, -1, -1000])("163/19 for the current value and %i", (ahead) => {
    const id = lab.operational();
    const before = lab.state(id);
    const request = lab.command(id, Id.SetAttributes, noChange, { ahead, signers: lab.signers(2) });
    expect(lab.send(id, request).code).toBe("163/19");
    expect(lab.state(id)).toBe(before);
  });

  it("163/19 for a request that is sent again", () => {
    const id = lab.operational();
    const request = lab.command(id, Id.SetAttributes, noChange, { signers: lab.signers(2) });
    expect(lab.send(id, request).code).toBe("0");
    const before = lab.state(id);
    expect(lab.send(id, request).code).toBe("163/19");
    expect(lab.state(id)).toBe(before);
  });

  it.each([15, 17, 0])("163/18 for %i bytes", (length) => {
    const id = lab.operational();
    const before = lab.state(id);
    const request = lab.command(id, Id.SetAttributes, noChange, { counter: new Uint8Array(length).fill(0xff) });
    expect(lab.send(id, request).code).toBe("163/18");
    expect(lab.state(id)).toBe(before);
  });

  it.each([2, 255, 256, 2 ** 40])("allows a jump of %i", (ahead) => {
    const id = lab.operational();
    const counter = lab.counter(id, ahead);
    const request = lab.command(id, Id.SetAttributes, noChange, { ahead, signers: lab.signers(2) });
    expect(lab.send(id, request).code).toBe("0");
    expect(lab.state(id).counter).toEqual(counter);
  });

  it("compares all 16 bytes as one unsigned number", () => {
    const id = lab.operational();
    lab.set(id, { counter: fromHexText("00000000000000ff ffffffffffffffff") });
    const lower = fromHexText("00000000000000fe ffffffffffffffff");
    const higher = fromHexText("8000000000000000 0000000000000000");
    const send = (counter: Uint8Array) =>
      lab.send(id, lab.command(id, Id.SetAttributes, noChange, { counter, signers: lab.signers(2) })).code;
    expect(send(lower)).toBe("163/19");
    expect(send(higher)).toBe("0");
  });

  it("does not wrap: after FF..FF every command fails", () => {
    const id = lab.operational();
    const last = new Uint8Array(16).fill(0xff);
    const send = (counter: Uint8Array) =>
      lab.send(id, lab.command(id, Id.SetAttributes, noChange, { counter, signers: lab.signers(2) })).code;
    expect(send(last)).toBe("0");
    expect(send(last)).toBe("163/19");
    expect(send(new Uint8Array(16))).toBe("163/19");
  });

  it("is consumed once the signatures are good, even if a later check fails", () => {
    const id = lab.operational();
    const before = lab.state(id);
    const counter = lab.counter(id);
    expect(lab.run(id, Id.Commit, new Uint8Array(32), lab.signers(2)).code).toBe("102/50");
    expect(lab.state(id)).toEqual({ ...before, counter });
    expect(lab.store.commits.at(-1)).toMatchObject([{ audit: [{ returnCode: 102, reasonCode: 50, counter }] }]);
  });

  it("is consumed in imprint mode by unsigned commands too", () => {
    const id = lab.pristine();
    const counter = lab.counter(id);
    expect(lab.run(id, Id.RemoveAdministrator, new Uint8Array(32)).code).toBe("32/33");
    expect(lab.state(id).counter).toEqual(counter);
  });

  it("is consumed once by an import, whose parts carry the same value", () => {
    const id = lab.operational();
    lab.fill(id, { importer: true });
    const { infos } = lab.parts(id, 3, true);
    const counter = lab.counter(id);
    expect(
      lab.send(
        id,
        lab.import(
          id,
          infos.map((info) => ({ info, signers: lab.signers(1) })),
        ),
      ).code,
    ).toBe("0");
    expect(lab.state(id).counter).toEqual(counter);
  });

  it("begins with zeros in the high half and is kept by zeroize", () => {
    const id = lab.pristine();
    expect(hexOf(lab.state(id).counter)).toMatch(/^0{16}01020304/);
    const counter = lab.counter(id);
    expect(lab.run(id, Id.Zeroize, NOTHING).counter).toEqual(counter);
    expect(lab.state(id).counter).toEqual(counter);
  });
});
