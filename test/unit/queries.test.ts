// Queries and get_xcp_info (ep11-wire.md 5.6, 10.1, 10.5, 10.6, 10.8).

import { beforeAll, describe, expect, it } from "vitest";
import { ascii, cat, fromHexText, hexOf, u32 } from "../support/handmade.ts";
import { Id, Lab, NOTHING, type Secrets } from "../support/unit-lab.ts";

const CLOCK = new Date("2026-03-04T05:06:07.890Z");
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ clock: () => CLOCK });
});

describe("queries have no effect", () => {
  it.each([
    ["domain attributes", Id.QueryAttributes, "33"],
    ["administrators", Id.QueryAdministrators, "32/32"],
    ["device certificate", Id.QueryDeviceCertificate, "33/59"],
    ["control points", Id.QueryControlPoints, "33"],
  ] as const)("%s: no commit, not even for a wrong input", (_name, command, wrong) => {
    const id = lab.operational();
    const before = lab.state(id);
    const commits = lab.store.commits.length;
    expect(lab.ask(id, command).code).toBe("0");
    expect(lab.ask(id, command, u32(1, 2)).code).toBe(wrong);
    expect(lab.state(id)).toBe(before);
    expect(lab.store.commits.length).toBe(commits);
  });
});

describe("answers", () => {
  it("carry command, domain and instance, module and counter of the unit (5.4)", () => {
    const id = lab.operational();
    lab.set(id, { domainInstance: 0x01020304 });
    const { domain, counter } = lab.state(id);
    expect(lab.ask(id, Id.QueryAttributes)).toMatchObject({
      command: Id.QueryAttributes,
      adminDomain: u32(domain, 0x01020304),
      moduleId: cat(ascii("93AABD1X"), ascii("INSTANCE")),
      counter,
    });
  });

  it("84 without a reason, signed, for any other command id (step 6)", () => {
    const id = lab.operational();
    const served = new Set<number>(Object.values(Id));
    const every = [0, 0x10000].flatMap((base) => Array.from({ length: 0x40 }, (_, i) => base + i));
    const other = [...every, 0x100, 0x20002, 0x80000002, 0xffffffff].filter((command) => !served.has(command));
    expect(other).toHaveLength(128 + 4 - 20);
    for (const command of other) {
      expect(lab.ask(id, command)).toMatchObject({ code: "84", output: NOTHING, command });
    }
  });
});

describe("10.6: device certificates", () => {
  it("answers the number without input, a certificate by index, 96/60 past the end", () => {
    const id = lab.pristine();
    const { certificates } = lab.module;
    expect(lab.ask(id, Id.QueryDeviceCertificate).output).toEqual(u32(2));
    certificates.forEach((certificate, i) => {
      expect(lab.ask(id, Id.QueryDeviceCertificate, u32(i)).output).toEqual(certificate);
    });
    for (const index of [2, 3, 0xffffffff]) {
      expect(lab.ask(id, Id.QueryDeviceCertificate, u32(index)).code).toBe("96/60");
    }
  });

  it.each([1, 3, 5, 8])("33/59 for an index of %i bytes", (length) => {
    expect(lab.ask(lab.pristine(), Id.QueryDeviceCertificate, new Uint8Array(length)).code).toBe("33/59");
  });

  it("ignores the administrative domain", () => {
    const id = lab.pristine();
    for (const domain of [u32(0, 0), u32(99, 99), NOTHING, u32(1)]) {
      expect(lab.send(id, lab.query(id, Id.QueryDeviceCertificate, NOTHING, domain)).code).toBe("0");
    }
  });
});

describe("5.6: domain info", () => {
  const states: readonly (readonly [string, Secrets, number])[] = [
    ["nothing", {}, 0],
    ["a current key", { current: true }, 2],
    ["a pending key", { next: "uncommitted" }, 4],
    ["a committed key", { next: "committed" }, 0xc],
    ["both", { current: true, next: "committed" }, 0xe],
  ];

  it.each(states)("tells of %s", (_name, secrets, flags) => {
    const id = lab.pristine();
    const { domain } = lab.state(id);
    lab.fill(id, secrets);
    const { current, next } = lab.state(id).registers;
    const info = lab.info(id, 3);
    expect(info.length).toBe(80);
    expect(info.slice(0, 4)).toEqual(u32(domain));
    expect(info.slice(4, 36)).toEqual(current ?? new Uint8Array(32));
    expect(info.slice(36, 68)).toEqual(next?.pattern ?? new Uint8Array(32));
    expect(info.slice(68)).toEqual(u32(flags, 0, 1));
  });

  it("tells of administrators, of imprint mode left, and the operational mode", () => {
    const id = lab.pristine();
    lab.set(id, { administrators: lab.admins.slice(0, 1) });
    expect(lab.info(id, 3)[71]).toBe(0x01);
    expect(lab.info(lab.operational(), 3).slice(68)).toEqual(u32(0x11, 1, 1));
  });
});

describe("5.6: module info", () => {
  it("has 196 bytes, with serial number, instance, time and number of control points in their places", () => {
    const info = lab.info(lab.pristine(), 1);
    expect(info.length).toBe(196);
    expect(info.slice(108, 124)).toEqual(cat(ascii("93AABD1X"), ascii("INSTANCE")));
    expect(Buffer.from(info.slice(124, 140)).toString()).toBe("2026030405060700");
    expect(info.slice(156, 160)).toEqual(u32(85));
    expect(info.slice(188)).toEqual(u32(16, 80));
  });

  it("claims no firmware of IBM's: hashes are zeros", () => {
    expect(hexOf(lab.info(lab.pristine(), 1).slice(12, 108))).toBe("00".repeat(96));
  });
});

describe("outputs are DER: a long one has the length it needs", () => {
  it("returns an administrator's certificate of 566 to 568 bytes whole", () => {
    const id = lab.operational();
    const { output } = lab.ask(id, Id.QueryAdministrators, lab.admins[1]!.ski);
    expect(output).toEqual(lab.admins[1]!.certificate);
    expect(output.slice(0, 2)).toEqual(fromHexText("3082"));
  });
});
