// Imprint mode and zeroize (unit-behaviour.md 2).

import { beforeAll, describe, expect, it } from "vitest";
import { fromHexText, u32 } from "../support/handmade.ts";
import { attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const keyCommands = Object.entries(Id).filter(
  ([, id]) =>
    (id & 0x10000) === 0 &&
    id !== Id.AddAdministrator &&
    id !== Id.RemoveAdministrator &&
    id !== Id.SetAttributes &&
    id !== Id.Zeroize,
);

describe("section 2: imprint mode", () => {
  it.each(keyCommands)("refuses %s with 179/34, whatever its input and signatures", (_name, command) => {
    const id = lab.pristine();
    lab.set(id, { administrators: lab.admins.slice(0, 3) });
    const before = lab.state(id);
    for (const input of [NOTHING, u32(3), new Uint8Array(32)]) {
      expect(lab.run(id, command, input, lab.signers(3)).code).toBe("179/34");
    }
    expect(lab.state(id)).toBe(before);
  });

  it("covers all key and control-point commands", () => {
    expect(keyCommands).toHaveLength(12);
  });

  it("answers queries", () => {
    const id = lab.pristine();
    for (const query of [
      Id.QueryAttributes,
      Id.QueryAdministrators,
      Id.QueryControlPoints,
      Id.QueryDeviceCertificate,
    ]) {
      expect(lab.ask(id, query).code).toBe("0");
    }
  });

  it("is left by set domain attributes alone, and then reported so", () => {
    const id = lab.pristine();
    for (const { certificate } of lab.admins.slice(0, 2)) lab.run(id, Id.AddAdministrator, certificate);
    expect(lab.info(id, 3)[71]! & 0x10).toBe(0);
    expect(lab.run(id, Id.SetAttributes, attributePairs([1, 0], [2, 0])).code).toBe("0");
    expect(lab.info(id, 3)[71]! & 0x10).toBe(0);
    expect(lab.run(id, Id.SetAttributes, attributePairs([1, 2], [2, 2]), lab.signers(2)).code).toBe("0");
    expect(lab.info(id, 3)[71]! & 0x10).toBe(0x10);
    expect(lab.state(id).attributes.operationalMode & 1).toBe(1);
  });
});

describe("section 2: zeroize", () => {
  const PRISTINE = { administrators: [], registers: { current: null, next: null }, importer: null, sealed: null };

  it("empties everything but who the unit is and its counter", () => {
    const id = lab.operational({ permissions: 0x01ff205f });
    lab.fill(id, { current: true, next: "committed", importer: true });
    lab.set(id, { controlPoints: new Uint8Array(16), domainInstance: 1 });
    const { domain, serial } = lab.state(id);
    const fresh = lab.state(lab.pristine());
    const counter = lab.counter(id);
    const answer = lab.run(id, Id.Zeroize, NOTHING, lab.signers(1));
    expect(answer).toMatchObject({ code: "0", counter, adminDomain: u32(domain, 2) });
    expect(lab.state(id)).toEqual({
      ...PRISTINE,
      id,
      serial,
      domain,
      domainInstance: 2,
      counter,
      attributes: fresh.attributes,
      controlPoints: fresh.controlPoints,
    });
  });

  it("wipes the unit's slot in the card", () => {
    const id = lab.operational();
    lab.fill(id, { current: true });
    expect(lab.host.rootKeyGenerate(id, 1)).toHaveLength(1);
    const open = lab.watched.units.size;
    lab.run(id, Id.Zeroize, NOTHING, lab.signers(2));
    expect(lab.watched.units.size).toBe(open - 1);
    expect(lab.host.rootKeyGenerate(id, 1)).toBeNull();
  });

  it("succeeds unsigned on a pristine unit, again and again", () => {
    const id = lab.pristine();
    for (let instance = 2; instance < 5; instance++) {
      expect(lab.run(id, Id.Zeroize, NOTHING).code).toBe("0");
      expect(lab.state(id).domainInstance).toBe(instance);
    }
  });

  it("invalidates requests made for the instance before: 3/14", () => {
    const id = lab.operational({ permissions: 0x01ff205f });
    const old = lab.command(id, Id.Zeroize, NOTHING, { ahead: 5, signers: lab.signers(1) });
    expect(lab.run(id, Id.Zeroize, NOTHING, lab.signers(1)).code).toBe("0");
    const before = lab.state(id);
    expect(lab.send(id, old).code).toBe("3/14");
    expect(lab.state(id)).toBe(before);
  });

  it("never makes the domain instance 0", () => {
    const id = lab.pristine();
    lab.set(id, { domainInstance: 0xffffffff });
    expect(lab.run(id, Id.Zeroize, NOTHING).adminDomain).toEqual(u32(lab.state(id).domain, 1));
  });

  it("takes no input", () => {
    const id = lab.pristine();
    expect(lab.run(id, Id.Zeroize, fromHexText("00")).code).toBe("33");
  });

  it("gives administrators of the unit before no say in the one after", () => {
    const id = lab.operational({ permissions: 0x01ff205f });
    lab.run(id, Id.Zeroize, NOTHING, lab.signers(1));
    expect(lab.run(id, Id.AddAdministrator, lab.admins[8]!.certificate).code).toBe("0");
    expect(lab.run(id, Id.SetAttributes, attributePairs([1, 1], [2, 1]), lab.signers(1)).code).toBe("257/22");
  });
});
