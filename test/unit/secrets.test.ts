// Secrets at rest and in the card: seals bound to their unit and state, hot slots bounded, nothing that leaks.

import { beforeAll, describe, expect, it } from "vitest";
import type { Core } from "../../src/core/api.ts";
import { unitContext } from "../../src/unit/contexts.ts";
import { UnitHost } from "../../src/unit/host.ts";
import { createModule, createUnit } from "../../src/unit/module.ts";
import type { UnitState } from "../../src/unit/state.ts";
import { ascii, kphCertificate, parameterMap, shortCode, u32 } from "../support/handmade.ts";
import { ALL_PERMISSIONS, Id, Lab, NOTHING } from "../support/unit-lab.ts";

const INTERNAL = "2147549186";
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ hotUnits: 4, hotModules: 2 });
});

function filled(): string {
  const id = lab.operational({ permissions: ALL_PERMISSIONS });
  lab.fill(id, { current: true, next: "committed", importer: true });
  return id;
}

const flip = (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 1, bytes[bytes.length - 1]! ^ 1);
const holder = () => parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(lab.admins[0]!.publicKey)]);

describe("a seal that does not open", () => {
  const commands = [
    ["generate importer key", Id.GenerateImporter, () => u32(3)],
    ["export", Id.Export, holder],
    ["finalize", Id.Finalize, (id: string) => lab.state(id).registers.next!.pattern],
    ["clear current", Id.ClearCurrent, () => NOTHING],
  ] as const;

  it.each(commands)("answers 2147549186 to %s, the counter consumed, all else as it was", (_name, command, input) => {
    const id = filled();
    lab.set(id, { sealed: flip(lab.state(id).sealed!) });
    const before = lab.state(id);
    const answer = lab.run(id, command, input(id), lab.signers(2));
    expect(answer).toMatchObject({ code: INTERNAL, output: NOTHING });
    expect(lab.state(id)).toEqual({ ...before, counter: answer.counter });
  });

  it("does not keep a unit from answering queries, changing attributes and being zeroized", () => {
    const id = filled();
    lab.set(id, { sealed: flip(lab.state(id).sealed!) });
    expect(lab.ask(id, Id.QueryAttributes).code).toBe("0");
    expect(lab.run(id, Id.AddAdministrator, lab.admins[7]!.certificate, lab.signers(2)).code).toBe("0");
    expect(lab.run(id, Id.Zeroize, NOTHING, lab.signers(2)).code).toBe("0");
    expect(lab.state(id).sealed).toBeNull();
  });

  it("breaks nothing else in the batch", () => {
    const ids = [filled(), filled(), filled()];
    lab.set(ids[1]!, { sealed: flip(lab.state(ids[1]!).sealed!) });
    const requests = ids.map((id) => ({
      unit: id,
      cprb: lab.command(id, Id.ClearPending, NOTHING, { signers: lab.signers(1) }),
    }));
    const codes = lab.host.handleMany(requests).map((response, i) => lab.read(ids[i]!, response as Uint8Array).code);
    expect(codes).toEqual(["0", INTERNAL, "0"]);
  });

  it("has no root keys: none made, none unwrapped", () => {
    const id = filled();
    const [key] = lab.host.rootKeyGenerate(id, 1)!;
    lab.set(id, { sealed: flip(lab.state(id).sealed!) });
    expect(lab.host.rootKeyGenerate(id, 1)).toBeNull();
    expect(lab.host.rootKeyPatterns(id, [key!.blob, key!.blob])).toEqual([null, null]);
  });

  it("of an OA key: 2147549186 without a signature, and nothing is done; get_xcp_info still answers", () => {
    const module = lab.addModule("BROKEN01");
    lab.store.modules.set(module.serial, { ...module, sealedOaKey: flip(module.sealedOaKey) });
    const id = lab.pristine({ serial: module.serial });
    const before = lab.state(id);
    expect(shortCode(lab.host.handle(id, lab.command(id, Id.Zeroize, NOTHING)))).toBe(Number(INTERNAL));
    expect(shortCode(lab.host.handle(id, lab.query(id, Id.QueryAttributes)))).toBe(Number(INTERNAL));
    expect(lab.state(id)).toBe(before);
    expect(lab.info(id, 3)).toHaveLength(80);
    const good = lab.pristine();
    const answers = lab.host.handleMany(
      [id, good].map((unit) => ({ unit, cprb: lab.query(unit, Id.QueryAttributes) })),
    );
    expect(shortCode(answers[0] as Uint8Array)).toBe(Number(INTERNAL));
    expect(lab.read(good, answers[1] as Uint8Array).code).toBe("0");
  });
});

describe("what a seal is bound to", () => {
  const opens = (state: UnitState): boolean => {
    lab.reopen();
    lab.store.units.set(state.id, state);
    return lab.host.rootKeyGenerate(state.id, 1) !== null;
  };

  it("opens in its own state, whatever counter, attributes and administrators there are", () => {
    const id = filled();
    const state = lab.state(id);
    expect(opens(state)).toBe(true);
    expect(
      opens({ ...state, counter: lab.counter(id, 5), administrators: [], controlPoints: new Uint8Array(16) }),
    ).toBe(true);
  });

  const changes: readonly (readonly [string, (state: UnitState) => Partial<UnitState>])[] = [
    ["another unit", () => ({ id: "another" })],
    ["another module", () => ({ serial: "93AABD2X" })],
    ["another domain", (state) => ({ domain: state.domain ^ 1 })],
    ["another domain instance", (state) => ({ domainInstance: state.domainInstance + 1 })],
    ["another current pattern", (s) => ({ registers: { ...s.registers, current: new Uint8Array(32) } })],
    ["no pending key", (s) => ({ registers: { ...s.registers, next: null } })],
    [
      "another pending pattern",
      (s) => ({ registers: { ...s.registers, next: { pattern: new Uint8Array(32), committed: true } } }),
    ],
    [
      "a pending key that is not committed",
      (s) => ({ registers: { ...s.registers, next: { ...s.registers.next!, committed: false } } }),
    ],
    ["no importer key", () => ({ importer: null })],
    ["another importer key", () => ({ importer: { type: 3, publicKey: lab.admins[0]!.publicKey, sealedKey: null } })],
    ["another type of importer key", (state) => ({ importer: { ...state.importer!, type: 0 } })],
  ];

  it.each(changes)("does not open in %s", (_name, change) => {
    lab.store.modules.set("93AABD2X", { ...lab.module, serial: "93AABD2X" });
    const state = lab.state(filled());
    expect(opens({ ...state, ...change(state) })).toBe(false);
  });

  it("tells the fields apart: contexts are all different", () => {
    const state = lab.state(filled());
    const contexts = [state, ...changes.map(([, change]) => ({ ...state, ...change(state) }))].map((s) =>
      Buffer.from(unitContext(s)).toString("hex"),
    );
    expect(new Set(contexts).size).toBe(contexts.length);
    expect(unitContext({ ...state, id: "x".repeat(256) }).length).toBeLessThanOrEqual(1024);
  });

  it("an OA key's is bound to its module", () => {
    const other = lab.addModule("OTHEROA1");
    lab.store.modules.set(other.serial, { ...other, sealedOaKey: lab.module.sealedOaKey });
    const id = lab.pristine({ serial: other.serial });
    expect(shortCode(lab.host.handle(id, lab.query(id, Id.QueryAttributes)))).toBe(Number(INTERNAL));
  });

  it("an old seal does not come back: the state before is not the unit's any more", () => {
    const id = filled();
    const before = lab.state(id);
    lab.run(id, Id.Finalize, before.registers.next!.pattern, lab.signers(1));
    lab.set(id, { sealed: before.sealed });
    expect(lab.host.rootKeyGenerate(id, 1)).toBeNull();
  });
});

describe("hot slots", () => {
  it("are bounded: the card holds no more units and OA keys than it is told to", () => {
    const ids = Array.from({ length: 12 }, filled);
    for (const id of ids) expect(lab.run(id, Id.ClearPending, NOTHING, lab.signers(1)).code).toBe("0");
    expect(lab.watched.units.size).toBe(4);
    const requests = ids.map((id) => ({
      unit: id,
      cprb: lab.command(id, Id.ClearCurrent, NOTHING, { signers: lab.signers(1) }),
    }));
    const codes = lab.host.handleMany(requests).map((response, i) => lab.read(ids[i]!, response as Uint8Array).code);
    expect(codes).toEqual(ids.map(() => "0"));
    expect(lab.watched.units.size).toBeLessThanOrEqual(4);
  });

  it("are not taken from a unit of the batch to make room for another", () => {
    const [a, b, c, d, e, f, g] = Array.from({ length: 7 }, filled) as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const clear = (ids: readonly string[]) => {
      const requests = ids.map((id) => ({
        unit: id,
        cprb: lab.command(id, Id.ClearPending, NOTHING, { signers: lab.signers(1) }),
      }));
      return lab.host.handleMany(requests).map((response, i) => lab.read(ids[i]!, response as Uint8Array).code);
    };
    expect(clear([a, b, c, d])).toEqual(["0", "0", "0", "0"]);
    // a is the one that was opened first; it must not go when e, f and g come.
    expect(clear([a, e, f, g])).toEqual(["0", "0", "0", "0"]);
    expect(lab.watched.units.size).toBe(4);
  });

  it("serve a batch over more modules than keys can be open", () => {
    const serials = ["MODULE01", "MODULE02", "MODULE03", "MODULE04", "MODULE05"];
    const before = lab.watched.keys.size;
    const ids = serials.map((serial) => lab.pristine({ serial: lab.addModule(serial).serial }));
    const requests = [...ids, ...ids].map((id) => ({ unit: id, cprb: lab.query(id, Id.QueryAttributes) }));
    const answers = lab.host
      .handleMany(requests)
      .map((response, i) => lab.read(requests[i]!.unit, response as Uint8Array));
    expect(answers.map(({ code }) => code)).toEqual(requests.map(() => "0"));
    expect(lab.watched.keys.size).toBeLessThanOrEqual(before + 2);
  });

  it("are not opened twice for a unit that stays hot, and are reopened when it was cold", () => {
    const id = filled();
    lab.watched.reset();
    for (let i = 0; i < 3; i++) lab.host.rootKeyGenerate(id, 1);
    expect(lab.watched.calls.get("unitUnseal")).toBe(1);
    lab.reopen();
    expect(lab.host.rootKeyGenerate(id, 1)).toHaveLength(1);
    expect(lab.watched.calls.get("unitUnseal")).toBe(2);
  });

  it("are given up when somebody else changed the unit: replaced hardware has no old keys", () => {
    const id = filled();
    const [key] = lab.host.rootKeyGenerate(id, 1)!;
    const replacement = lab.addModule("REPLACED", ascii("ANOTHER1"));
    lab.store.units.set(
      id,
      createUnit({ id, serial: replacement.serial, domain: lab.state(id).domain, counterSeed: new Uint8Array(8) }),
    );
    expect(lab.host.rootKeyPatterns(id, [key!.blob])).toEqual([null]);
    expect(lab.ask(id, Id.QueryAttributes).code).toBe("0");
  });

  it("of an OA key are given up when a module was made anew under its serial number", () => {
    const old = lab.addModule("ANEW0001", ascii("BEFORE01"));
    const id = lab.pristine({ serial: old.serial });
    expect(lab.ask(id, Id.QueryAttributes).code).toBe("0");
    lab.store.modules.set(
      old.serial,
      createModule(lab.core, lab.root, { serial: old.serial, instance: ascii("AFTER001") }),
    );
    expect(Buffer.from(lab.ask(id, Id.QueryAttributes).moduleId).toString()).toBe("ANEW0001AFTER001");
  });

  it("are all wiped by close, and come back", () => {
    const id = filled();
    lab.ask(id, Id.QueryAttributes);
    const [key] = lab.host.rootKeyGenerate(id, 1)!;
    lab.host.close();
    expect(lab.watched.units.size).toBe(0);
    expect(lab.host.rootKeyPatterns(id, [key!.blob, key!.blob.map((b) => b ^ 1)])).toEqual([key!.pattern, null]);
  });

  it("nothing to keep, nothing sealed: a unit without secrets has no blob", () => {
    const id = lab.operational({ permissions: ALL_PERMISSIONS });
    lab.fill(id, { current: true });
    expect(lab.run(id, Id.ClearCurrent, NOTHING, lab.signers(1)).code).toBe("0");
    expect(lab.state(id).sealed).toBeNull();
    const before = lab.state(id);
    const answer = lab.run(id, Id.ClearCurrent, NOTHING, lab.signers(1));
    expect(lab.state(id)).toEqual({ ...before, counter: answer.counter });
  });

  it("seals anew at every change of secrets, and not for a step that changes none", () => {
    const id = filled();
    const { sealed, registers: before } = lab.state(id);
    expect(lab.run(id, Id.Commit, before.next!.pattern, lab.signers(2)).code).toBe("0");
    expect(lab.state(id).sealed).toBe(sealed);
    expect(lab.run(id, Id.Finalize, before.next!.pattern, lab.signers(1)).code).toBe("0");
    expect(lab.state(id).sealed).not.toEqual(sealed);
  });
});

describe("root keys", () => {
  it("unwrap under the key that wrapped them alone", () => {
    const id = filled();
    const keys = lab.host.rootKeyGenerate(id, 3)!;
    const blobs = keys.map(({ blob }) => blob);
    const patterns = keys.map(({ pattern }) => pattern);
    expect(lab.host.rootKeyPatterns(id, blobs)).toEqual(patterns);
    expect(lab.host.rootKeyPatterns(filled(), blobs)).toEqual([null, null, null]);
    lab.run(id, Id.Finalize, lab.state(id).registers.next!.pattern, lab.signers(1));
    expect(lab.host.rootKeyPatterns(id, blobs)).toEqual([null, null, null]);
  });

  it("are none without a current key, and an error for an unknown unit", () => {
    expect(lab.host.rootKeyGenerate(lab.pristine(), 1)).toBeNull();
    expect(() => lab.host.rootKeyGenerate("nobody", 1)).toThrow(/nobody/);
    expect(() => lab.host.rootKeyPatterns("nobody", [])).toThrow(/nobody/);
  });
});

describe("options", () => {
  const host = (options: object, core: Partial<Core> = {}) => {
    const target = new Proxy(lab.core, { get: (c, name) => Reflect.get(core, name) ?? Reflect.get(c, name) });
    return new UnitHost(target, lab.store, options);
  };

  it.each([{ hotUnits: 0 }, { hotUnits: 1.5 }, { hotUnits: 1e9 }, { hotModules: 0 }, { hotModules: 1e9 }])(
    "%o is refused",
    (options) => {
      expect(() => host(options)).toThrow(RangeError);
    },
  );

  it("defaults fit a small card", () => {
    expect(() => host({}, { unitSlots: 4, keySlots: 2 })).not.toThrow();
    expect(() => host({}, { unitSlots: 3, keySlots: 2 })).toThrow(RangeError);
  });
});
